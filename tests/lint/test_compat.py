# SPDX-License-Identifier: Apache-2.0
"""docs/compat.md is the table of differences as it is, docs/compat-cgroup2.md what was recorded in the machine."""

import pathlib
import subprocess
import sys

import differences
import peers
import pytest
from test_conformance import collected

TREE = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TREE / "tests" / "vm"))
from runs import PEERS_TESTS  # noqa: E402


@pytest.mark.parametrize("name, printed", [("compat.md", differences), ("compat-cgroup2.md", peers)])
def test_the_document_is_up_to_date(name, printed):
    assert (TREE / "docs" / name).read_text() == "".join(printed.document()), f"tests/{printed.__name__}.py > docs/{name}"


def test_every_row_is_of_a_test_that_exists():
    rows = [row for groups in differences.DIFFERENCES.values() for rows in groups.values() for row in rows]
    assert not [row for row in rows if not any(differences.matches(row, name) for name in collected())]


def test_the_record_is_of_the_tests_that_there_are():
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--collect-only", *PEERS_TESTS],
                          cwd=TREE, capture_output=True, text=True)
    there = {line.split("::", 1)[1] for line in done.stdout.splitlines() if "::" in line}
    assert there == set(peers.recorded()["yacr"]), "tests/vm/record makes tests/data/peers.tsv anew"


def test_yacr_passes_wherever_it_was_recorded():
    assert set(peers.recorded()["yacr"].values()) <= {"yes", "-"}


@pytest.mark.parametrize("runtime", peers.WHY)
def test_every_failure_in_the_record_has_a_reason_and_every_reason_a_failure(runtime):
    failed = [test for test, outcome in peers.recorded()[runtime].items() if outcome == "no"]
    assert not [test for test in failed if not peers.why(runtime, test)]
    assert not [key for key in peers.WHY[runtime] if not any(differences.matches(key, test) for test in failed)]
