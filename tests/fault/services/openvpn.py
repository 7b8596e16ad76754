"""An OpenVPN server, and a client that looks at its certificate."""
import socket
import subprocess

import pair
from process import Service, free_port, needs, wait_until


class OpenVpn(Service):
    name = "openvpn"

    def __init__(self, directory, authorities):
        super().__init__(directory)
        self.binary = needs("openvpn", "openvpn")
        self.port = free_port()
        self.certificate = self.directory / "tls/server.crt"
        self.key = self.directory / "tls/server.key"
        self.certificate.parent.mkdir()
        self.authorities = authorities
        self.pid = self.directory / "openvpn.pid"
        self.configuration = self.directory / "server.conf"
        self.configuration.write_text(f"""
mode server
dev tun
ifconfig-noexec
proto tcp-server
local 127.0.0.1
lport {self.port}
tls-server
dh none
ca {self.authorities}
cert {self.certificate}
key {self.key}
verify-client-cert none
auth-user-pass-verify /bin/true via-env
script-security 2
writepid {self.pid}
management {self.directory}/management unix
keepalive 2 10
verb 3
""")
        script = self.directory / "seen"
        script.write_text(f"#!/bin/sh\n[ \"$1\" != 0 ] || echo \"serial=$tls_serial_hex_0\" | tr -d : >{self.directory}/seen.out\n")
        script.chmod(0o755)
        (self.directory / "login").write_text("user\npassword\n")
        (self.directory / "login").chmod(0o600)

    def command(self):
        return [self.binary, "--config", str(self.configuration)]

    def ready(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def serving(self):
        """A client connects as far as the handshake and says which certificate came."""
        seen = self.directory / "seen.out"
        seen.unlink(missing_ok=True)
        client = subprocess.Popen(
            [self.binary, "--dev", "null", "--ifconfig-noexec", "--proto", "tcp-client", "--remote", "127.0.0.1",
             str(self.port), "--nobind", "--client", "--auth-user-pass",
             str(self.directory / "login"), "--ca", str(self.authorities), "--script-security", "2",
             "--tls-verify", str(self.directory / "seen"), "--connect-retry-max", "2", "--connect-timeout", "5"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.directory)
        wait_until(lambda: (seen.exists() and seen.stat().st_size > 0) or client.poll() is not None, 30)
        client.kill()
        client.wait()
        return pair.serial_of(seen.read_text()) if seen.exists() else ""

    def whole(self):
        return pair.matches(self.certificate, self.key)
