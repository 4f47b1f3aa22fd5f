# SPDX-License-Identifier: Apache-2.0
"""The rows of tests/vm/runs.py: no file of the suite is forgotten."""

import collections
import pathlib
import sys

TREE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TREE / "tests" / "vm"))
from runs import NOT_HERE, PARTS, RUNS  # noqa: E402


def test_each_file_of_the_suite_is_in_one_part_or_has_a_reason():
    named = collections.Counter([*" ".join(PARTS.values()).split(), *NOT_HERE])
    there = {file.stem.removeprefix("test_") for file in TREE.glob("tests/integration/test_*.py")}
    assert named == dict.fromkeys(there, 1)


def test_the_suite_is_run_with_the_newest_kernel_and_the_oldest():
    for kernel in ("new", "old"):
        run = {test for row in RUNS if row.kernel == kernel and row.runtime == "yacr" for test in row.tests}
        assert {f"tests/integration/test_{name}.py" for part in PARTS.values() for name in part.split()} <= run
