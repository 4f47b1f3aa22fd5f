# SPDX-License-Identifier: Apache-2.0
"""docs/compat.md is the table of differences as it is."""

import pathlib

import differences
from test_conformance import collected


def test_the_document_is_up_to_date():
    document = pathlib.Path(__file__).resolve().parent.parent.parent / "docs" / "compat.md"
    assert document.read_text() == "".join(differences.document()), "tests/differences.py > docs/compat.md"


def test_every_row_is_of_a_test_that_exists():
    rows = [row for groups in differences.DIFFERENCES.values() for rows in groups.values() for row in rows]
    assert not [row for row in rows if not any(differences.matches(row, name) for name in collected())]
