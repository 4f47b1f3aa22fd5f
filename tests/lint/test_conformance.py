# SPDX-License-Identifier: Apache-2.0
"""docs/conformance.md: what its rows name is there."""

import collections
import functools
import pathlib
import subprocess
import sys

import conformance
import pytest

TREE = pathlib.Path(__file__).resolve().parent.parent.parent


@functools.cache
def collected():
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--collect-only", "--machine",
                           "short", "tests"], cwd=TREE, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:]
    return {name for line in done.stdout.splitlines() if "::" in line for name in conformance.names(line)}


def exists(test):
    """Of the longer runs of the machine it is enough that the suite has the test: asking each takes long, too."""
    run = conformance.long_run(test)
    return (run[1] if run else test) in collected()


def test_every_test_named_exists():
    assert not [f"{row.id} {test}" for row in conformance.rows() for test in row.tests if not exists(test)]


def test_every_file_named_exists():
    assert not [f"{row.id} {file}" for row in conformance.rows() for file in row.files
                if not (TREE / "src" / file).exists()]


def test_no_row_is_empty_and_no_id_there_twice():
    rows = list(conformance.rows())
    assert not [row.id for row in rows if not (row.text and row.source and row.files and row.tests)]
    assert not [id for id, n in collections.Counter(row.id for row in rows).items() if n > 1]
    assert len(rows) > 350


NORMAL, LONG = ("test_x", "tests/a.py::test_x[1]@group"), ("systemd: test_x", "tests/vm/runs.py::systemd::tests/a.py::test_x[1]")


@pytest.mark.parametrize("test, outcome, needs, wrong", [
    (NORMAL, "passed", "", False), (NORMAL, "failed", "", True), (NORMAL, "skipped", "", True),
    (NORMAL, "skipped", "a machine", False), (NORMAL, None, "", True), (LONG, "failed", "", True), (LONG, None, "", False)])
def test_a_run_is_held_against_the_table(monkeypatch, test, outcome, needs, wrong):
    name, nodeid = test
    row = conformance.Row("A1", "text", "source", ["base/arena.c"], [name], needs)
    monkeypatch.setattr(conformance, "rows", lambda: [row])
    plugin, session = conformance.Conformance(), type("Session", (), {"exitstatus": 0})
    if outcome:
        plugin.pytest_runtest_logreport(type("Report", (), {"nodeid": nodeid, "when": "call",
                                                            "outcome": outcome}))
    plugin.pytest_sessionfinish(session)
    assert bool(plugin.wrong) == bool(session.exitstatus) == wrong
