"""The web server of a router as far as a module's page needs one: Basic authentication, then CGI."""
import base64
import http.server
import os
import subprocess
import threading


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"

    def log_message(self, *_):
        pass

    def _user(self):
        sent = self.headers.get("Authorization", "")
        try:
            user, password = base64.b64decode(sent.removeprefix("Basic ")).decode().split(":", 1)
        except ValueError:
            return None
        return user if (user, password) == self.server.login else None

    def _answer(self):
        user = self._user()
        if user is None:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="router"')
            self.end_headers()
            return
        path, _, query = self.path.partition("?")
        if not path.endswith("/index.cgi"):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(self.server.other_pages.get(path, b"<title>Router</title>the router's own page"))
            return
        environment = dict(self.server.environment, GATEWAY_INTERFACE="CGI/1.1", REQUEST_METHOD=self.command,
                           QUERY_STRING=query, REMOTE_USER=user, SCRIPT_NAME=path,
                           CONTENT_TYPE=self.headers.get("Content-Type", ""),
                           CONTENT_LENGTH=self.headers.get("Content-Length", ""))
        for name, value in self.headers.items():
            if name.lower() not in ("authorization", "content-type", "content-length"):
                environment["HTTP_" + name.upper().replace("-", "_")] = value
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        done = subprocess.run([self.server.program], input=body, env=environment, stdout=subprocess.PIPE, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        self.send_response(int(lines[0].split()[1]))
        for line in lines[1:]:
            name, _, value = line.partition(": ")
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_HEAD = _answer


class Router(http.server.ThreadingHTTPServer):
    """program: the CGI program; environment: what it gets besides the request."""

    def __init__(self, program, environment, login=("root", "secret")):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.program = program
        self.environment = dict(environment, PATH=os.environ["PATH"])
        self.login = login
        self.other_pages = {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, page="", host="127.0.0.1", login=True):
        prefix = f"{self.login[0]}:{self.login[1]}@" if login else ""
        return f"http://{prefix}{host}:{self.server_port}/module/scepClient/index.cgi{page}"
