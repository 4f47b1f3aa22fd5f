# SPDX-License-Identifier: Apache-2.0
"""docs/security.md: the tests and files that it names are there, and its peers are those of tests/differences.py."""

import pathlib
import re
from typing import NamedTuple

import pytest
from differences import ATTACK, CHOICE, DIFFERENCES
from test_conformance import collected

TREE = pathlib.Path(__file__).resolve().parent.parent.parent


class Row(NamedTuple):
    text: str
    files: list
    attacks: list
    peers: list
    twins: list


def rows():
    for line in (TREE / "docs" / "security.md").read_text().splitlines():
        if line.startswith("| ") and not line.startswith(("| class |", "| --- |")):
            text, how, attacks, peers, twins = line.strip("| ").split(" | ")
            names = lambda cell: re.findall(r"`([^`]+)`", cell)
            yield Row(text, names(how), names(attacks), re.findall("runc|crun", peers), names(twins))


def differing(peer, groups):
    """The tests that differ with @peer, without their parameters."""
    return {key.split("[")[0] for group, keys in DIFFERENCES[peer].items() if group in groups for key in keys}


def test_every_test_and_file_named_exists():
    assert not [(row.text, name) for row in rows() for name in row.attacks + row.twins if name not in collected()]
    assert not [(row.text, file) for row in rows() for file in row.files if not (TREE / "src" / file).exists()]


def test_no_cell_is_empty():
    assert len(list(rows())) > 20
    assert not [row.text for row in rows() if not (row.text and row.files and row.attacks and row.twins)]


@pytest.mark.parametrize("peer", DIFFERENCES)
def test_an_attack_works_on_the_peers_that_the_table_names(peer):
    known = differing(peer, set(DIFFERENCES[peer]) - {CHOICE})
    assert not [row.text for row in rows() if peer in row.peers and not known & set(row.attacks)]


@pytest.mark.parametrize("peer", DIFFERENCES)
def test_every_attack_that_works_on_a_peer_is_in_the_table(peer):
    named = {attack for row in rows() if peer in row.peers for attack in row.attacks}
    assert differing(peer, {ATTACK}) <= named
