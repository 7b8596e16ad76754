"""What all campaigns share: their switches, the count of what they find, the planted bug, and the last line.

A campaign is a program in this folder. It first runs against a bug that was put in on purpose, and fails when it does not
find that; then against the real program. Switches of all: --build DIR (programs; default build/dev), --directory DIR (where
to work: the file system under test), --short (a sample, for the daily tests), --seed N.
"""
import argparse
import os
import pathlib
import random
import shutil
import sys
import tempfile
import time

sys.dont_write_bytecode = True
from authority import Authority
from installation import CHALLENGE, Installation

HERE = pathlib.Path(__file__).resolve().parent
KINDS = ("lost-key", "mismatched", "readable", "leftover", "broken")


class Tally:
    """Of one pass: every violation by its kind, and the worst of time and memory."""

    def __init__(self):
        self.tried = self.survived = 0
        self.loud = False  # what is found is printed at once
        self.longest = self.memory = 0.0
        self.kinds = dict.fromkeys(KINDS, 0)
        self.lines = []

    def ran(self, ran):
        self.longest, self.memory = max(self.longest, ran.seconds), max(self.memory, ran.memory)

    def case(self, name, problems):
        """One case, with what was wrong: lines that begin with a kind, or others."""
        self.tried += 1
        self.survived += not problems
        for problem in problems:
            kind = problem.split(":", 1)[0]
            self.kinds[kind if kind in self.kinds else "broken"] += 1
            self.lines.append(f"{name}: {problem}")
            if self.loud and len(self.lines) <= 40:
                print("not ok - " + self.lines[-1], flush=True)

    def bad(self):
        return self.tried - self.survived

    def summary(self):
        return (f"tried {self.tried}, survived {self.survived}, lost keys {self.kinds['lost-key']}, mismatched pairs "
                f"{self.kinds['mismatched']}, readable by others {self.kinds['readable']}, leftover files "
                f"{self.kinds['leftover']}, longest run {self.longest:.1f} s, peak memory {self.memory:.0f} MiB")


class Campaign:
    def __init__(self, description, **switches):
        """switches: NAME=(default in the long form, in the short form, help), all numbers."""
        self.name = pathlib.Path(sys.argv[0]).name
        parser = argparse.ArgumentParser(prog=f"scripts/campaign {self.name}", description=description)
        parser.add_argument("--build", default=str(HERE.parents[2] / "build" / "dev"), help="the build directory")
        parser.add_argument("--directory", help="work below this directory (default: $TMPDIR)")
        parser.add_argument("--short", action="store_true", help="a sample")
        parser.add_argument("--seed", type=int, default=20261130)
        for switch, (long, short, text) in switches.items():
            parser.add_argument("--" + switch.replace("_", "-"), type=int, help=f"{text} (default {long}; short form {short})")
        self.options = parser.parse_args()
        for switch, (long, short, _) in switches.items():
            if getattr(self.options, switch) is None:
                setattr(self.options, switch, short if self.options.short else long)
        build = pathlib.Path(self.options.build).resolve()
        self.certctl, self.devca, self.plugins = build / "bin" / "certctl", build / "bin" / "certctl-devca", build / "plugins"
        fault = build / "tests" / "fault"
        self.invariants, self.call_fault, self.kill_at = (fault / f"certctl-{end}" for end in ("invariants", "call-fault", "kill-at"))
        self.planted_bug = fault / "libcertctl_planted_bug.so"
        for program in (self.certctl, self.devca, self.invariants, self.call_fault, self.kill_at):
            if not program.exists():
                sys.exit(f"{self.name}: there is no {program}; build it (scripts/campaign does)")
        self.chance = random.Random(self.options.seed)
        self.work = pathlib.Path(tempfile.mkdtemp(prefix=f"certctl-{self.name}-", dir=self.options.directory))
        self.work.chmod(0o700)
        self.tally = Tally()
        self.authorities = []
        self.number = 0

    # --- what is under test ---
    def authority(self, *switches):
        self.number += 1
        made = Authority(self.devca, self.work / f"ca{self.number}", "--challenge", CHALLENGE, *switches)
        self.authorities.append(made)
        return made

    def installation(self, authority):
        self.number += 1
        return Installation(self, self.work / f"site{self.number}", authority)

    def with_bug(self, bug):
        """The environment in which the program has a bug."""
        return dict(os.environ, LD_PRELOAD=str(self.planted_bug), CERTCTL_PLANTED_BUG=bug)

    # --- the two passes ---
    def run(self, body, planted):
        """body(): all cases, counted in self.tally. planted: {name: function of no argument that counts in self.tally}, each
        of which must find something."""
        began = time.monotonic()
        missed = []
        try:
            for bug, search in planted.items():
                self.tally = Tally()
                search()
                found = self.tally.lines
                print(f"planted bug {bug}: {'found' if found else 'NOT FOUND'} in {self.tally.tried} cases"
                      + (f" ({found[0][:150]})" if found else ""), flush=True)
                if not found:
                    missed.append(bug)
            self.tally = Tally()
            self.tally.loud = True
            body()
        finally:
            for one in self.authorities:
                one.stop()
            shutil.rmtree(self.work, ignore_errors=True)
        if len(self.tally.lines) > 40:
            print(f"… and {len(self.tally.lines) - 40} more")
        print(f"{self.name}: {self.tally.summary()}; whole campaign {time.monotonic() - began:.0f} s")
        if self.tally.tried == 0:
            print("not ok - nothing was tried")
        sys.exit(1 if missed or self.tally.bad() or not self.tally.tried else 0)

    def sample(self, count, many):
        """`many` of the numbers below `count`, spread evenly with a chance in each part; 0: all."""
        if many <= 0 or many >= count:
            return list(range(count))
        width = count / many
        return [min(count - 1, int(i * width + self.chance.random() * width)) for i in range(many)]
