# SPDX-License-Identifier: Apache-2.0
"""docs/compat.md is the table of differences as it is."""

import pathlib

import differences


def test_the_document_is_up_to_date():
    document = pathlib.Path(__file__).resolve().parent.parent.parent / "docs" / "compat.md"
    assert document.read_text() == "".join(differences.document()), "tests/differences.py > docs/compat.md"


def test_a_row_has_a_reason():
    for runtime, groups in differences.DIFFERENCES.items():
        for rows in groups.values():
            assert all(test.startswith("test_") and why for test, why in rows.items()), runtime
