"""Programs that a test starts, ends by their process ids, and finds missing with words."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

os.environ["PATH"] += ":/usr/sbin:/sbin"


def needs(program, package):
    """The path of a program; without it the test ends with what installs it."""
    found = shutil.which(program)
    if not found:
        sys.exit(f"{program} is missing: apt-get install --no-install-recommends {package}")
    return found


def wait_until(condition, seconds=60):
    end = time.monotonic() + seconds
    while True:
        if condition():
            return True
        if time.monotonic() > end:
            return False
        time.sleep(0.05)


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def output_of(*command, seconds=30, **more):
    """What a program says, with its exit status; it never hangs the test."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                              timeout=seconds, check=False, **more)
        return done.returncode, done.stdout
    except subprocess.TimeoutExpired:
        return -1, "no answer"


class Service:
    """One real service with its files in a directory of its own."""
    name = ""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True)
        self.process = None

    def command(self):
        raise NotImplementedError

    def environment(self):
        return dict(os.environ)

    def ready(self):
        raise NotImplementedError

    def serving(self):
        """The serial that a client is shown, upper-case hex; empty: none."""
        raise NotImplementedError

    def start(self):
        log = open(self.directory / "log", "ab")
        self.process = subprocess.Popen(self.command(), stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                        env=self.environment(), cwd=self.directory)
        if not wait_until(self.ready, 60):
            sys.exit(f"{self.name} does not start:\n" + (self.directory / "log").read_text(errors="replace")[-3000:])

    def stop(self):
        if self.process is None:
            return
        self.resume()
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def suspend(self):
        os.kill(self.process.pid, signal.SIGSTOP)

    def resume(self):
        if self.alive():
            os.kill(self.process.pid, signal.SIGCONT)
