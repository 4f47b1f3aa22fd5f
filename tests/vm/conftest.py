# SPDX-License-Identifier: Apache-2.0
"""The tests that run in the machine (runs.py) as items of pytest's: one each, machine by machine.

Which there are is asked here, how they went is in the junit file that comes out of the machine.
"""

import functools
import pathlib
import subprocess
import sys

import pytest

import peers

HERE = pathlib.Path(__file__).resolve().parent
TREE = HERE.parent.parent
sys.path.insert(0, str(HERE))
import machine  # noqa: E402
from runs import RUNS  # noqa: E402


def pytest_collect_file(file_path, parent):
    which = parent.config.getoption("--machine")
    if file_path == HERE / "runs.py" and which:
        return Runs.from_parent(parent, path=file_path)


class Runs(pytest.File):
    def collect(self):
        which = self.config.getoption("--machine")
        for run in RUNS:
            if which in ("all", run.name) or which == "short" and run.short:
                yield Machine.from_parent(self, name=run.name, run=run)


class Machine(pytest.Collector):
    """One boot of the machine and the tests in it."""

    def __init__(self, run, **kw):
        super().__init__(**kw)
        self.run = run

    def collect(self):
        listed = subprocess.run([sys.executable, *machine.PYTEST, "--collect-only", "-p", "no:xdist", *self.run.tests], cwd=TREE,
                                text=True, capture_output=True)
        for line in listed.stdout.splitlines():
            if "::" in line:
                item = Test.from_parent(self, name=line)
                item.add_marker(pytest.mark.timeout(self.run.seconds + 600))  # the first one waits for all
                item.add_marker(pytest.mark.xdist_group("machine"))  # one boots at a time: one worker waits, not two
                yield item

    @functools.cached_property
    def outcome(self):
        return machine.run(self.run)


class Failure(Exception):
    pass


class Test(pytest.Item):
    def runtest(self):
        found, lacking, printed = self.parent.outcome
        if lacking:
            pytest.skip(lacking)
        if self.name not in found:
            raise Failure(f"did not come to its end; the machine said:\n{printed[-5000:]}")
        if self.parent.run.runtime != "yacr":
            self.hold_against_the_record(peers.outcome(found[self.name]))
            return
        for tag, message, text in found[self.name]:
            if tag in ("failure", "error"):
                raise Failure(text or message)
            if tag in ("skipped", "xfail"):
                pytest.skip(message)

    def hold_against_the_record(self, outcome):
        runtime, test = self.parent.run.runtime, self.name.split("::", 1)[1]
        recorded = peers.recorded()[runtime][test]
        if outcome != recorded and not (test in peers.SOMETIMES.get(runtime, ()) and {outcome, recorded} == {"yes", "no"}):
            raise Failure(f"{outcome!r}, where tests/data/peers.tsv has {recorded!r}; tests/vm/record makes it anew")

    def repr_failure(self, excinfo):
        if isinstance(excinfo.value, Failure):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self):
        return HERE / "runs.py", None, f"{self.parent.name}: {self.name}"
