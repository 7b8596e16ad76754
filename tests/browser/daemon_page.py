"""A site with a development CA, the daemon `certctl serve`, and its page as a process without rights."""
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request

from checks import wait_until

PASSWORD = "correct horse battery"
PAGE_USER = "daemon"  # a user of Debian's base system that owns nothing of ours


if os.geteuid() != 0:  # the page is started as another user
    AS_ROOT = str(pathlib.Path(__file__).resolve().parents[1] / "interop" / "as_root")
    os.execv(AS_ROOT, [AS_ROOT, sys.executable, *sys.argv])


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        self.text = body.decode("utf-8", "replace")


class Site:
    """start_ca(), add_profile(), start() in this order; close() at the end."""

    def __init__(self, programs, plugins):
        pwd.getpwnam(PAGE_USER)
        self.programs, self.plugins = pathlib.Path(programs).resolve(), pathlib.Path(plugins).resolve()
        self.work = pathlib.Path(tempfile.mkdtemp())
        self.work.chmod(0o711)  # the page's socket is below, and its user has to get there
        os.umask(0o022)
        self.run_directory = self.work / "run"
        self.run_directory.mkdir(mode=0o755)
        self.etc = self.work / "etc"
        (self.etc / "profiles.d").mkdir(parents=True)
        self.etc.chmod(0o700)
        (self.etc / "certctl.yaml").write_text(
            f"schema: 1\nstate: {self.work}/state\nlocks: {self.work}/locks\nprofiles: profiles.d\n"
            f"plugins: [ {self.plugins} ]\nallow_volatile: true\n")
        self.processes = {}
        self.cas = {}
        self.engine_socket = self.run_directory / "engine.sock"
        self.log = open(self.work / "engine.log", "ab")

    # --- the CA

    def start_ca(self, name, *options):
        state = self.work / name
        process = subprocess.Popen(
            [self.programs / "certctl-devca", "serve", "--state", state, "--port", "0", *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.log)
        self.processes[name] = process
        url = state / "url"
        if not wait_until(lambda: url.exists() and url.read_text().strip(), 60):
            sys.exit(f"the development CA does not start; see {self.work}/engine.log")
        self.cas[name] = state
        return url.read_text().strip()

    def ca(self, name, verb, *options):
        return subprocess.run([self.programs / "certctl-devca", verb, "--state", self.cas[name], *options], check=True,
                              stdout=subprocess.PIPE, text=True).stdout

    def fingerprint(self, name):
        return (self.cas[name] / "fingerprint").read_text().strip()

    # --- profiles

    def profile_text(self, name, ca, url, more=""):
        return (f"profile: {name}\nissuer:\n  scep:\n    url: {url}\n    ca_fingerprint: {self.fingerprint(ca)}\n"
                f"subject: /CN={name}.example\npending: {{ poll: 2s, give_up: 1d }}\n"
                f"store: {{ scepclient: {{ path: {self.work}/store-{name} }} }}\n{more}")

    def add_profile(self, name, ca, url, more=""):
        path = self.etc / "profiles.d" / f"{name}.yaml"
        path.write_text(self.profile_text(name, ca, url, more))
        path.chmod(0o600)
        return path

    def certctl(self, *words, **options):
        return subprocess.run([self.programs / "certctl", "--config", self.etc / "certctl.yaml", *words],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)

    def set_password(self, password=PASSWORD):
        return self.certctl("serve", "--set-password", input=password + "\n")

    # --- the daemon and its page

    def start_engine(self, *options):
        self.processes["engine"] = subprocess.Popen(
            [self.programs / "certctl", "--config", self.etc / "certctl.yaml", "serve", "--socket", self.engine_socket,
             "--page-user", PAGE_USER, "--spread", "0s", *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.log)
        if not wait_until(lambda: self.engine_socket.exists(), 60):
            sys.exit(f"the daemon does not start:\n{(self.work / 'engine.log').read_text()}")

    def start_page(self, *options, listen="127.0.0.1:0"):
        log = open(self.work / "page.log", "w+b")
        self.processes["page"] = subprocess.Popen(
            [self.programs / "certctl-web", "--listen", listen, "--socket", self.engine_socket, "--user", PAGE_USER, *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)
        found = []

        def listening():
            text = (self.work / "page.log").read_text()
            match = re.search(r"listening at (\S+)", text)
            if match:
                found.append(match.group(1))
            return match or self.processes["page"].poll() is not None
        wait_until(listening, 60)
        if not found:
            sys.exit(f"the page does not start:\n{(self.work / 'page.log').read_text()}")
        self.where = found[-1]
        self.base = "http://" + self.where
        self.port = int(self.where.rsplit(":", 1)[1]) if not self.where.startswith("unix:") else 0

    def stop(self, name, how=signal.SIGTERM):
        process = self.processes.pop(name, None)
        if process is None:
            return None
        process.send_signal(how)
        return process.wait(120)

    def restart_engine(self, *options):
        self.stop("engine")
        self.start_engine(*options)

    def log_text(self):
        return (self.work / "engine.log").read_text(errors="replace")

    def close(self):
        for name in list(self.processes):
            self.stop(name)
        self.log.close()
        shutil.rmtree(self.work, ignore_errors=True)

    # --- requests as a program makes them

    def ask(self, path, data=None, headers=None, cookie=None, method=None):
        """data: a dict is posted as a form of this page, bytes as they are."""
        headers = dict(headers or {})
        if isinstance(data, dict):
            data = urllib.parse.urlencode(data).encode()
            headers.setdefault("Origin", self.base)
        if cookie:
            headers.setdefault("Cookie", cookie)
        request = urllib.request.Request(self.base + path, data=data, headers=headers, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)
        try:
            with opener.open(request, timeout=90) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())

    def raw(self, request, wait=10):
        """The octets as they are; what came back until the end."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait) as connection:
            try:
                connection.sendall(request)
                answer = b""
                while True:
                    chunk = connection.recv(65536)
                    if not chunk:
                        return answer
                    answer += chunk
            except (ConnectionError, socket.timeout):
                return answer if "answer" in locals() else b""

    def log_in(self, password=PASSWORD):
        answer = self.ask("/login", {"password": password})
        cookie = answer.headers.get("Set-Cookie", "")
        return cookie.split(";")[0] if answer.status == 303 else None

    def token(self, cookie):
        page = self.ask("/licenses", cookie=cookie).text
        match = re.search(r'name="token" value="([0-9a-f]{64})"', page)
        return match.group(1) if match else ""

    def engine(self, question):
        """Asks the engine itself, as root may."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.engine_socket))
            connection.sendall(json.dumps(question).encode() + b"\n")
            for line in connection.makefile("r"):
                answer = json.loads(line)
                if "result" in answer:
                    return answer["result"]
        return None
