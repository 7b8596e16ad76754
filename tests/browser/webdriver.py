"""A browser under test: Chromium without a window, driven over chromedriver's HTTP interface (W3C WebDriver)."""
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Browser:
    """javascript=False: as a user has it who switched scripts off."""

    def __init__(self, javascript=True, width=1100, height=900, dark=False):
        for program, package in (("chromium", "chromium"), ("chromedriver", "chromium-driver")):
            if shutil.which(program) is None:
                sys.exit(f"{program} is missing: apt-get install {package}")
        self.profile = tempfile.mkdtemp()
        self.log = open(os.path.join(self.profile, "driver.log"), "w+", encoding="utf-8")
        self.driver = subprocess.Popen(["chromedriver", "--port=0", "--allowed-ips="], stdout=self.log,
                                       stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{self._port()}"
        options = {"args": ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
                            "--disable-background-networking", "--disable-component-update", "--disable-sync",
                            "--disable-dev-shm-usage", f"--window-size={width},{height}",
                            f"--user-data-dir={self.profile}/data"]}
        if dark:
            options["args"].append("--force-dark-mode")
        if not javascript:
            options["prefs"] = {"profile.managed_default_content_settings.javascript": 2}
        answer = self._call("POST", "/session", {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}})
        self.session = "/session/" + answer["sessionId"]

    def _port(self):
        for _ in range(600):
            self.log.seek(0)
            for line in self.log:
                if "started successfully on port" in line:
                    return int(line.split("port")[1].strip(" .\n"))
            if self.driver.poll() is not None:
                break
            time.sleep(0.1)
        self.log.seek(0)
        sys.exit("chromedriver does not start:\n" + self.log.read())

    def _call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method,
                                         headers={"Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.read().decode()[:600]}") from None

    def open(self, url):
        self._call("POST", self.session + "/url", {"url": url})

    def find(self, css):
        found = self._call("POST", self.session + "/element", {"using": "css selector", "value": css})
        return self.session + "/element/" + found[ELEMENT]

    def count(self, css):
        return len(self._call("POST", self.session + "/elements", {"using": "css selector", "value": css}))

    def click(self, css):
        self._call("POST", self.find(css) + "/click", {})

    def follow(self, css_or_element):
        """Clicks what leads to another page, and waits until that is there."""
        element = css_or_element if css_or_element.startswith("/session/") else self.find(css_or_element)
        old = self.find("html")
        self._call("POST", element + "/click", {})
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                self._call("GET", old + "/name")
            except RuntimeError:
                break
            time.sleep(0.05)
        self.run_ready()

    def run_ready(self):
        end = time.monotonic() + 60
        while time.monotonic() < end and self.count("body") == 0:
            time.sleep(0.05)

    def type(self, css, text):
        element = self.find(css)
        self._call("POST", element + "/clear", {})
        self._call("POST", element + "/value", {"text": text})

    def nth(self, css, index):
        found = self._call("POST", self.session + "/elements", {"using": "css selector", "value": css})
        return self.session + "/element/" + found[index][ELEMENT]

    def element_text(self, element):
        return self._call("GET", element + "/text")

    def keys(self, text):
        """Typed into whatever has the focus."""
        actions = []
        for character in text:
            actions += [{"type": "keyDown", "value": character}, {"type": "keyUp", "value": character}]
        self._call("POST", self.session + "/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def active(self):
        found = self._call("GET", self.session + "/element/active")
        return self._call("GET", self.session + "/element/" + found[ELEMENT] + "/text")

    def set_width(self, width, height=1000):
        """Of what is shown, also narrower than a window can be."""
        self._call("POST", self.session + "/goog/cdp/execute",
                   {"cmd": "Emulation.setDeviceMetricsOverride",
                    "params": {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}})

    def text(self, css):
        return self._call("GET", self.find(css) + "/text")

    def value(self, css):
        return self._call("GET", self.find(css) + "/property/value")

    def checked(self, css):
        return self._call("GET", self.find(css) + "/selected")

    def title(self):
        return self._call("GET", self.session + "/title")

    def source(self):
        return self._call("GET", self.session + "/source")

    def run(self, script):
        return self._call("POST", self.session + "/execute/sync", {"script": script, "args": []})

    def screenshot(self, path, css="body"):
        picture = self._call("GET", self.find(css) + "/screenshot")
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture))

    def close(self):
        try:
            self._call("DELETE", self.session)
        except (RuntimeError, OSError):
            pass
        self.driver.terminate()
        try:
            self.driver.wait(30)
        except subprocess.TimeoutExpired:
            self.driver.kill()
            self.driver.wait()
        self.log.close()
        shutil.rmtree(self.profile, ignore_errors=True)
