"""strongSwan's IKE daemon with a vici socket of its own, without systemd."""
import os
import re

import pair
from process import Service, needs, output_of


class Charon(Service):
    name = "swanctl"

    def __init__(self, directory):
        super().__init__(directory)
        needs("charon-systemd", "charon-systemd")
        self.swanctl = needs("swanctl", "strongswan-swanctl")
        self.uri = f"unix://{self.directory}/vici"
        self.tree = self.directory / "swanctl"
        for part in ("x509", "x509ca", "private", "conf.d"):
            (self.tree / part).mkdir(parents=True)
        (self.tree / "private").chmod(0o700)
        self.certificate = self.tree / "x509/gateway.pem"
        self.key = self.tree / "private/gateway.pem"
        self.configuration = self.tree / "swanctl.conf"
        self.configure()
        (self.directory / "strongswan.conf").write_text(f"""
charon-systemd {{
  load = random nonce x509 pubkey pkcs1 pkcs8 pem openssl revocation constraints kernel-netlink socket-default vici
  port = 0
  port_nat_t = 0
  filelog {{ one {{ path = {self.directory}/charon.log
    default = 1
    flush_line = yes }} }}
  plugins {{ vici {{ socket = unix://{self.directory}/vici }} }}
}}
swanctl {{ load = random x509 pubkey pkcs1 pkcs8 pem openssl }}
""")

    def configure(self, broken=False):
        self.configuration.write_text("connections {\n" if broken else f"""
connections {{
  gateway {{
    local_addrs = 127.0.0.1
    remote_addrs = 127.0.0.2
    local {{ auth = pubkey
      certs = gateway.pem }}
    remote {{ auth = pubkey }}
    children {{ net {{ local_ts = 10.1.0.0/24
      remote_ts = 10.2.0.0/24 }} }}
  }}
}}
""")

    def environment(self):
        return dict(os.environ, STRONGSWAN_CONF=str(self.directory / "strongswan.conf"), SWANCTL_DIR=str(self.tree))

    def command(self):
        return [needs("charon-systemd", "charon-systemd")]

    def _swanctl(self, *words):
        return output_of(self.swanctl, *words, "--uri", self.uri, env=self.environment(), seconds=20)

    def ready(self):
        if not os.path.exists(f"{self.directory}/vici"):
            return False
        return self._swanctl("--stats")[0] == 0

    def start(self):
        super().start()
        self._swanctl("--load-creds", "--clear", "--noprompt")
        self._swanctl("--load-conns")

    def serving(self):
        """The serial of the one certificate that is loaded with its private key."""
        text = self._swanctl("--list-certs", "--type", "x509")[1]
        for block in text.split("subject:")[1:]:
            found = re.search(r"serial:\s*([0-9a-f:]+)", block)
            if found and "has private key" in block:
                return found.group(1).replace(":", "").upper().lstrip("0")
        return ""

    def whole(self):
        return pair.matches(self.certificate, self.key)
