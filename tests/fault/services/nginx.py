"""nginx with one TLS server, in the foreground."""
import pair
from process import Service, free_port, needs, output_of


class Nginx(Service):
    name = "nginx"

    def __init__(self, directory):
        super().__init__(directory)
        self.binary = needs("nginx", "nginx-light")
        self.port = free_port()
        self.certificate = self.directory / "tls/www.crt"
        self.key = self.directory / "tls/www.key"
        self.certificate.parent.mkdir()
        self.configuration = self.directory / "nginx.conf"
        self.configure()

    def configure(self, broken=False):
        self.configuration.write_text(f"""
{"this is no directive" if broken else ""}
daemon off;
master_process on;
worker_processes 1;
pid {self.directory}/nginx.pid;
error_log {self.directory}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {self.directory}/body;
  proxy_temp_path {self.directory}/proxy;
  fastcgi_temp_path {self.directory}/fastcgi;
  uwsgi_temp_path {self.directory}/uwsgi;
  scgi_temp_path {self.directory}/scgi;
  server {{
    listen 127.0.0.1:{self.port} ssl;
    server_name www.example.test;
    ssl_certificate {self.certificate};
    ssl_certificate_key {self.key};
    location / {{ return 200 "hello"; }}
  }}
}}
""")

    def command(self):
        return [self.binary, "-p", str(self.directory), "-c", str(self.configuration)]

    def ready(self):
        return bool(self.serving())

    def serving(self):
        return pair.served_serial(self.port, "www.example.test")

    def whole(self):
        return output_of(self.binary, "-t", "-q", "-p", str(self.directory), "-c", str(self.configuration))[0] == 0
