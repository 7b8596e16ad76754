"""A key and a certificate on disk, judged with the openssl program."""
import re
import subprocess

from process import output_of


def serial_of(text):
    found = re.search(r"serial=([0-9A-Fa-f]+)", text)
    return found.group(1).upper().lstrip("0") if found else ""


def fingerprint(path):
    """As status has it."""
    text = output_of("openssl", "x509", "-in", str(path), "-noout", "-fingerprint", "-sha256")[1]
    return "sha256:" + text.strip().split("=")[-1].replace(":", "").lower()


def certificate_serial(path):
    return serial_of(output_of("openssl", "x509", "-in", str(path), "-noout", "-serial")[1])


def matches(certificate, key):
    """Whether two files belong together."""
    one = output_of("openssl", "x509", "-in", str(certificate), "-noout", "-pubkey")
    two = output_of("openssl", "pkey", "-in", str(key), "-pubout")
    return one[0] == 0 and one == two


def served_serial(port, name=None):
    """What a TLS listener on loopback shows."""
    extra = ["-servername", name] if name else ["-noservername"]
    text = output_of("openssl", "s_client", "-connect", f"127.0.0.1:{port}", *extra, stdin=subprocess.DEVNULL, seconds=15)[1]
    begin = text.find("-----BEGIN CERTIFICATE-----")
    if begin < 0:
        return ""
    end = text.index("-----END CERTIFICATE-----") + len("-----END CERTIFICATE-----")
    done = subprocess.run(["openssl", "x509", "-noout", "-serial"], input=text[begin:end], text=True,
                          stdout=subprocess.PIPE, check=False)
    return serial_of(done.stdout)
