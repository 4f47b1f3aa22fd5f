# SPDX-License-Identifier: Apache-2.0
"""The rows of tests/vm/runs.py: no file of the suite is forgotten."""

import collections
import pathlib
import sys

TREE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TREE / "tests" / "vm"))
import machine  # noqa: E402
from runs import NOT_HERE, PARTS, RUNS  # noqa: E402


def test_each_file_of_the_suite_is_in_one_part_or_has_a_reason():
    named = collections.Counter([*" ".join(PARTS.values()).split(), *NOT_HERE])
    there = {file.stem.removeprefix("test_") for file in TREE.glob("tests/integration/test_*.py")}
    assert named == dict.fromkeys(there, 1)


def test_the_suite_is_run_with_the_newest_kernel_and_the_oldest_and_on_another_architecture():
    for kernel, without in ("new", ()), ("old", ()), ("arm64", ("systemd",)):
        run = {test for row in RUNS if row.kernel == kernel and row.runtime == "yacr" for test in row.tests}
        assert {f"tests/integration/test_{name}.py" for part in PARTS.values() for name in part.split()
                if name not in without} <= run


def test_a_test_has_the_same_name_inside_and_outside(tmp_path):
    """There xdist runs those of a group in one worker, and says so in their names."""
    file = tmp_path / "junit.xml"
    file.write_text('<testsuite><testcase classname="tests.a.test_b" name="test_c[1]@group"><skipped message="why"/></testcase>'
                    '<testcase classname="tests.a.test_b" name="test_d"/></testsuite>')
    assert machine.read_junit(file) == {"tests/a/test_b.py::test_c[1]": [("skipped", "why", None)], "tests/a/test_b.py::test_d": []}
