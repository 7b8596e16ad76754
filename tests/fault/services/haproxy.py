"""HAProxy with one TLS listener and its runtime socket, in the foreground."""
import pair
from process import Service, free_port, needs, output_of


class HAProxy(Service):
    name = "haproxy"

    def __init__(self, directory):
        super().__init__(directory)
        self.binary = needs("haproxy", "haproxy")
        self.port = free_port()
        self.combined = self.directory / "tls/www.pem"
        self.combined.parent.mkdir()
        self.certificate = self.key = self.combined
        self.socket = self.directory / "admin.sock"
        self.configuration = self.directory / "haproxy.cfg"
        self.configuration.write_text(f"""
global
  stats socket {self.socket} mode 600 level admin
  ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend www
  bind 127.0.0.1:{self.port} ssl crt {self.combined}
  http-request return status 200 content-type text/plain string hello
""")

    def command(self):
        return [self.binary, "-db", "-f", str(self.configuration)]

    def ready(self):
        return bool(self.serving())

    def serving(self):
        return pair.served_serial(self.port)

    def whole(self):
        return output_of(self.binary, "-c", "-f", str(self.configuration))[0] == 0
