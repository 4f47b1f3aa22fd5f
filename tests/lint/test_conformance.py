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


def test_every_test_named_exists():
    assert not [f"{row.id} {test}" for row in conformance.rows() for test in row.tests if test not in collected()]


def test_every_file_named_exists():
    assert not [f"{row.id} {file}" for row in conformance.rows() for file in row.files
                if not (TREE / "src" / file).exists()]


def test_no_row_is_empty_and_no_id_there_twice():
    rows = list(conformance.rows())
    assert not [row.id for row in rows if not (row.text and row.source and row.files and row.tests)]
    assert not [id for id, n in collections.Counter(row.id for row in rows).items() if n > 1]
    assert len(rows) > 350


@pytest.mark.parametrize("outcome, needs, wrong", [("passed", "", False), ("failed", "", True), ("skipped", "", True),
                                                   ("skipped", "a machine", False), (None, "", True)])
def test_a_run_is_held_against_the_table(monkeypatch, outcome, needs, wrong):
    row = conformance.Row("A1", "text", "source", ["base/arena.c"], ["test_x"], needs)
    monkeypatch.setattr(conformance, "rows", lambda: [row])
    plugin, session = conformance.Conformance(), type("Session", (), {"exitstatus": 0})
    if outcome:
        plugin.pytest_runtest_logreport(type("Report", (), {"nodeid": "tests/a.py::test_x[1]@group", "when": "call",
                                                            "outcome": outcome}))
    plugin.pytest_sessionfinish(session)
    assert bool(plugin.wrong) == bool(session.exitstatus) == wrong
