"""A certctl installation in a directory: configuration, profiles, settings file; run, copied, restored and judged."""
import base64
import json
import os
import pathlib
import resource
import shutil
import subprocess
import time

CHALLENGE = "canary-challenge-7f3a"


class Ran:
    """What a run of the program left: exit code (negative: the signal), output, seconds, MiB."""

    def __init__(self, code, out, err, seconds, memory):
        self.code, self.out, self.err, self.seconds, self.memory = code, out, err, seconds, memory

    def json(self):
        return json.loads(self.out)

    def profile(self):
        return self.json()["profiles"][0]

    def text(self):
        return (self.out + self.err).strip()


def run_measured(command, seconds=120, environment=None, limits=None, **more):
    """Runs a program to its end, or kills it after so many seconds (code -9)."""
    def prepare():
        for name, value in (limits or {}).items():
            resource.setrlimit(name, (value, value))
    began = time.monotonic()
    with subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, env=environment, preexec_fn=prepare if limits else None,
                          **more) as process:
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
        code = process.returncode
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return Ran(code, out.decode(errors="replace"), err.decode(errors="replace"), time.monotonic() - began, memory)


class Installation:
    def __init__(self, tools, directory, authority):
        self.tools, self.root, self.authority = tools, pathlib.Path(directory), authority
        self.root.mkdir(mode=0o700)
        (self.root / "profiles.d").mkdir()
        (self.root / "etc").mkdir()
        self.configuration = self.root / "certctl.yaml"
        self.write_configuration()

    def write_configuration(self, more=""):
        self.configuration.write_text(f"""schema: 1
state: {self.root}/state
locks: {self.root}/locks
profiles: profiles.d
plugins: [ {self.tools.plugins} ]
allow_volatile: true
{more}""")

    # The settings file has two variables for each target: tunnel NUMBER.
    def settings(self, name="ipsec"):
        path = self.root / "etc" / f"settings.{name}"
        if not path.exists():
            path.write_text("# made by hand, keep\nIPSEC_ENABLED=1\nIPSEC_LOCAL_KEY=\nIPSEC_LOCAL_CERT=\nIPSEC2_KEY=untouched\n")
        return path

    def profile(self, name="ipsec", url=None, targets=None, key="type: ec, curve: P-256, rotate: always", more="", keep=3,
                issuer="allow_ec: true", pinned=True):
        """Without `targets` it is delivered into the settings file of its name. pinned: `issuer` does not say the pin."""
        secret = self.root / f"challenge-{name}"
        with open(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
            stream.write(CHALLENGE + "\n")
        if targets is None:
            targets = self.target(name)
        path = self.root / "profiles.d" / f"{name}.yaml"
        path.write_text(f"""profile: {name}
issuer:
  scep:
    url: {url or self.authority.url}
    {f"ca_fingerprint: {self.authority.pin}" if pinned else "# trusted:"}
    challenge: {{ file: {secret} }}
    {issuer}
key: {{ file: {{}}, {key} }}
subject: /C=NZ/O=Test Org/CN={name}.example.test
san: [ "DNS:{name}.example.test" ]
renew: 30% left
store: {{ scepclient: {{ path: {self.store(name)}, keep: {keep} }} }}
{("deliver:" + chr(10) + targets) if targets else ""}{more}""")
        path.chmod(0o600)
        return path

    def target(self, name="ipsec", extra=""):
        return (f"  - settings: {{ file: {self.settings(name)}, set: {{ IPSEC_LOCAL_KEY: pkey, IPSEC_LOCAL_CERT: cert }} }}\n"
                f"    name: {name}\n{extra}")

    def store(self, name="ipsec"):
        return self.root / f"store-{name}"

    def state(self, name="ipsec"):
        return self.root / "state" / name

    def command(self, *words):
        return [self.tools.certctl, "--config", self.configuration, *words]

    def run(self, *words, **more):
        ran = run_measured(self.command(*words), **more)
        self.tools.tally.ran(ran)
        return ran

    def active(self, name="ipsec"):
        """The serial that latest.crt leads to; empty: none."""
        link = self.store(name) / "latest.crt"
        return link.resolve().stem if link.exists() else ""

    def delivered(self, name="ipsec", file=None):
        """Whether the settings file holds the very pair of the store."""
        values = {}
        for line in (file or self.settings(name)).read_text().splitlines():
            if line.startswith("IPSEC_LOCAL_"):
                words, value = line.split("=", 1)
                values[words] = base64.b64decode(value).decode()
        there = [(self.store(name) / f"latest.{end}").read_text() for end in ("key", "crt")]
        return [values.get("IPSEC_LOCAL_KEY"), values.get("IPSEC_LOCAL_CERT")] == there

    def copy_to(self, place):
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.root, place, symlinks=True)

    def restore(self, place):
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(place, self.root, symlinks=True)

    def judge(self, name="ipsec", clean=False, issued=(), pair=True, settings=None):
        """The lines of certctl-invariants."""
        command = [self.tools.invariants, "--state", self.state(name)]
        for file in (settings if settings is not None else [self.settings(name)]):
            command += ["--settings", f"{file}:IPSEC_LOCAL_KEY:IPSEC_LOCAL_CERT"]
        for certificate in issued:
            command += ["--issued", certificate]
        command += ["--clean"] * clean + ["--no-pair"] * (not pair)
        done = subprocess.run([str(word) for word in [*command, self.store(name)]], stdout=subprocess.PIPE, text=True,
                              check=False)
        return done.stdout.splitlines()
