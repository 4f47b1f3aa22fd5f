# SPDX-License-Identifier: Apache-2.0
"""Tests that are neither cmocka's nor pytest's: golden plans, the specification's tables, what init links."""

import json
import pathlib
import subprocess
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parent.parent
BUILD = TESTS.parent / "build" / "test"
CASES = sorted(p.name for p in (TESTS / "golden").iterdir() if (p / "plan.txt").exists() or (p / "error.txt").exists())


def run(*command):
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=BUILD)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("case", CASES)
def test_golden_plan(case):
    run(sys.executable, TESTS / "golden" / "test_golden.py", BUILD / "tests" / "golden" / "plan_of", case)


@pytest.mark.parametrize("name", ["test_schema", "links"])
def test_of_meson(name):
    """As meson would run it, from what it wrote down when it was set up."""
    tests = json.loads((BUILD / "meson-info" / "intro-tests.json").read_text())
    test = next(t for t in tests if t["name"] == name)
    run(*test["cmd"])
