# SPDX-License-Identifier: Apache-2.0
"""docs/engines.md: its tables have the tests that there are, its snippets are the files that are tested and installed."""

import importlib.util
import pathlib
import re

import pytest

TREE = pathlib.Path(__file__).resolve().parent.parent.parent
DOCUMENT = (TREE / "docs" / "engines.md").read_text()
PACKAGING = sorted((TREE / "packaging").iterdir())

spec = importlib.util.spec_from_file_location("table", TREE / "tests" / "engines" / "table.py")
table = importlib.util.module_from_spec(spec)
spec.loader.exec_module(table)


def test_the_tables_have_each_test_once():
    rows = re.findall(r"^\| `(test_\w+)` \|", DOCUMENT, re.M)
    assert rows == [test for _, _, tests in table.modules() for test in tests], "run `make check-engines` and table.py"


def test_yacr_does_what_the_tables_say():
    """No row without a result, none that failed."""
    wrong = [row for row in re.findall(r"^\| `test_\w+` \|.*", DOCUMENT, re.M) if " of " in row.split("|")[2]
             or not row.split("|")[2].strip()]
    assert not wrong


@pytest.mark.parametrize("file", PACKAGING, ids=lambda file: file.name)
def test_a_snippet_is_the_file(file):
    lines = "".join(f"    {line}".rstrip() + "\n" for line in file.read_text().strip().splitlines())
    assert f"\n\n{lines}\n" in DOCUMENT, file.name


RESULTS = """<testsuites><testsuite>
<testcase classname="tests.engines.test_x" name="test_a[yacr-1]"/><testcase classname="tests.engines.test_x" name="test_a[yacr-2]"/>
<testcase classname="tests.engines.test_x" name="test_a[runc-1]"/>
<testcase classname="tests.engines.test_x" name="test_a[runc-2]"><skipped type="pytest.xfail"/></testcase>
<testcase classname="tests.engines.test_x" name="test_b@group"/>
<testcase classname="tests.engines.test_x" name="test_c[yacr]"><skipped type="pytest.skip"/></testcase>
<testcase classname="tests.engines.test_x" name="test_d[yacr-x@y]@group"><failure/></testcase>
</testsuite></testsuites>"""


def test_the_tables_are_made_of_results(tmp_path, monkeypatch):
    (tmp_path / "results.xml").write_text(RESULTS)
    monkeypatch.setattr(table, "modules", lambda: [("test_x", "An engine.", ["test_a", "test_b", "test_c", "test_d"])])
    rows = [line for line in "".join(table.tables(tmp_path / "results.xml")).splitlines() if line.startswith("| `")]
    assert rows == ["| `test_a` | 2 | 1 of 2 |", "| `test_b` | yes | |", "| `test_c` | skipped | |", "| `test_d` | 0 of 1 | |"]
