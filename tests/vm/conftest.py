# SPDX-License-Identifier: Apache-2.0
"""The tests that run in the machine (runs.py) as items of pytest's: one each, machine by machine.

Which there are is asked here, how they went is in the junit file that comes out of the machine.
"""

import functools
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import pytest

HERE = pathlib.Path(__file__).resolve().parent
TREE = HERE.parent.parent


def pytest_collect_file(file_path, parent):
    which = parent.config.getoption("--machine")
    if file_path == HERE / "runs.py" and which:
        return Runs.from_parent(parent, path=file_path)


PYTEST = ["-m", "pytest", "-q", "-p", "no:cacheprovider"]


class Runs(pytest.File):
    def collect(self):
        sys.path.insert(0, str(HERE))
        from runs import RUNS
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
        listed = subprocess.run([sys.executable, *PYTEST, "--collect-only", "-p", "no:xdist", *self.run.tests], cwd=TREE,
                                text=True, capture_output=True)
        for line in listed.stdout.splitlines():
            if "::" in line:
                item = Test.from_parent(self, name=line)
                item.add_marker(pytest.mark.xdist_group("machine"))  # one boots at a time: one worker waits, not two
                yield item

    @functools.cached_property
    def outcome(self):
        """(how each test went, by its name; why there was no machine or None; what was printed)"""
        with tempfile.TemporaryDirectory() as results:
            tests = ["python3", *PYTEST, "-n", "2", "--dist", "loadgroup", "--junitxml=/results/junit.xml", *self.run.tests]
            done = subprocess.run([HERE / "run", "-k", self.run.kernel, "-t", str(self.run.seconds), "-r", results, *tests],
                                  text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace")
            if done.returncode == 77:
                return {}, done.stdout.strip(), ""
            file = pathlib.Path(results, "junit.xml")
            return read_junit(file) if file.exists() else {}, None, done.stdout


def read_junit(file):
    found = {}
    for case in xml.etree.ElementTree.parse(file).iter("testcase"):
        name = case.get("classname").replace(".", "/") + ".py::" + case.get("name")
        found.setdefault(name, []).extend((what.tag, what.get("message"), what.text) for what in case)
    return found


class Failure(Exception):
    pass


class Test(pytest.Item):
    def runtest(self):
        found, lacking, printed = self.parent.outcome
        if lacking:
            pytest.skip(lacking)
        if self.name not in found:
            raise Failure(f"did not come to its end; the machine said:\n{printed[-5000:]}")
        for tag, message, text in found[self.name]:
            if tag in ("failure", "error"):
                raise Failure(text or message)
            if tag == "skipped":
                pytest.skip(message)

    def repr_failure(self, excinfo):
        if isinstance(excinfo.value, Failure):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self):
        return HERE / "runs.py", None, f"{self.parent.name}: {self.name}"
