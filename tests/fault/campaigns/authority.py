"""The development CA of a campaign: started, faulted, and asked what it has seen and issued."""
import json
import pathlib
import subprocess
import sys
import time


class Authority:
    def __init__(self, program, directory, *switches):
        self.program, self.directory, self.switches = str(program), pathlib.Path(directory), switches
        self.log = open(str(directory) + ".log", "ab")
        self.process = None
        self.start("0")

    def start(self, port, *more):
        self.process = subprocess.Popen([self.program, "serve", "--state", str(self.directory), "--port", port, *self.switches, *more],
                                        stdout=self.log, stderr=self.log)
        end = time.monotonic() + 60
        while not (self.directory / "url").is_file() or not (self.directory / "url").read_text().strip():
            if self.process.poll() is not None or time.monotonic() > end:
                sys.exit("the development CA does not start:\n" + pathlib.Path(str(self.directory) + ".log").read_text())
            time.sleep(0.05)
        self.url = (self.directory / "url").read_text().strip()
        self.pin = (self.directory / "fingerprint").read_text().strip()

    def end(self):
        self.process.terminate()
        self.process.wait(20)

    def stop(self):
        if not self.log.closed:
            self.end()
            self.log.close()

    def restart(self, *switches, rollover=None):
        """At the same address, with these switches instead of the ones that are changed. rollover: what `rollover` is told
        in between; None: nothing."""
        port = self.url.split(":")[2].split("/")[0]
        self.end()
        if rollover is not None:
            self.command("rollover", *rollover)
        changed = [word for word in switches if word.startswith("--")]
        kept, words = [], iter(self.switches)
        for word in words:
            if word in changed:
                next(words)
            else:
                kept.append(word)
        self.switches = kept
        (self.directory / "url").unlink(missing_ok=True)
        self.start(port, *switches)

    def fault(self, *faults):
        subprocess.run([self.program, "fault", "--state", str(self.directory), *faults], check=True)

    def command(self, *words):
        return subprocess.run([self.program, words[0], "--state", str(self.directory), *words[1:]], check=True,
                              stdout=subprocess.PIPE, text=True).stdout

    def messages(self):
        """All that arrived and is a SCEP message, as objects."""
        path = self.directory / "requests.log"
        if not path.exists():
            return []
        lines = [json.loads(line) for line in path.read_text().splitlines() if line]
        return [line for line in lines if line.get("operation") == "PKIOperation"]

    def issued(self):
        """The files of the certificates that it issued."""
        return {str(path) for path in (self.directory / "issued").glob("*.pem")}
