# SPDX-License-Identifier: Apache-2.0
"""docs/conformance.md as data, and what a whole run of the tests says of it."""

import pathlib
import re
import sys
from typing import NamedTuple

HERE = pathlib.Path(__file__).resolve().parent
TABLE = HERE.parent / "docs" / "conformance.md"
sys.path.insert(0, str(HERE / "vm"))
from runs import RUNS  # noqa: E402

LONG = {run.name for run in RUNS if not run.short}  # runs of the machine that `make check` leaves out


class Row(NamedTuple):
    id: str
    text: str
    source: str
    files: list
    tests: list
    needs: str


def rows():
    """The rows of all tables of requirements."""
    for line in TABLE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if re.match(r"\| [A-Z]\d+ \|", line):
            id, text, source, files, tests, needs = cells
            yield Row(id, text, source, re.findall(r"`([^`]+)`", files), re.findall(r"`([^`]+)`", tests), needs)


def names(nodeid):
    """A test as a row may name it: with its parameters, or all of them together; "RUN: TEST" in a machine (tests/vm)."""
    if machine := re.match(r"tests/vm/runs\.py::([\w-]+)::(.+)", nodeid, re.S):
        return {f"{machine[1]}: {name}" for name in names(machine[2])}
    name = re.sub(r"@[\w.-]+$", "", nodeid.split("::", 1)[1])  # xdist adds its group
    return {name, name.split("[")[0]}


def long_run(test):
    """(the run, the test's name) of a test in one of the longer runs of the machine, else None."""
    run, _, name = test.partition(": ")
    return (run, name) if run in LONG else None


class Conformance:
    """Plugin of a run of all tests: it fails when a row has a test that did not run, or was skipped without a need."""

    def __init__(self):
        self.outcomes, self.wrong = {}, []

    def pytest_runtest_logreport(self, report):
        if report.when == "call" or report.outcome != "passed":
            for name in names(report.nodeid):
                self.outcomes.setdefault(name, set()).add(report.outcome)

    def pytest_sessionfinish(self, session):
        for row in rows():
            for test in row.tests:
                seen = self.outcomes.get(test, set())
                if not seen and long_run(test):
                    continue
                if not seen or "failed" in seen or ("passed" not in seen and not row.needs):
                    self.wrong.append(f"{row.id} {test}: {', '.join(sorted(seen)) or 'did not run'}")
        if self.wrong and not session.exitstatus:
            session.exitstatus = 1

    def pytest_terminal_summary(self, terminalreporter):
        if self.wrong:
            terminalreporter.section("docs/conformance.md")
        for line in self.wrong:
            terminalreporter.line(line)
