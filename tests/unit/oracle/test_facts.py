"""Whose room a view shows, and whether the index's key is the one on chain."""

from __future__ import annotations

import pytest

from chain.hexes import ZERO_ADDRESS
from chain.history import room_tag
from oracle.facts import Proposal, key_proven, lineage
from tests.unit.oracle.facts_builder import HOST, TAG, TAG2, proposal, view

CHAIN, CONTRACT = 31337, "0x" + "c0" * 20
KEY = b"\x09" * 32
FIRST = room_tag(CHAIN, CONTRACT, 7, HOST, 1, 0, ZERO_ADDRESS, KEY, 1)
SECOND = room_tag(CHAIN, CONTRACT, 7, HOST, 1, 0, FIRST, KEY, 2)


def proven(told: Proposal, version: int) -> bool:
    tag = FIRST if version == 1 else SECOND
    return key_proven(told, view(tag=tag, key_version=version), CHAIN, CONTRACT)


def test_key__fits_the_tag__proven() -> None:
    assert proven(proposal(tag=FIRST), 1)
    assert proven(proposal(tag=SECOND, former_tag=FIRST), 2)


@pytest.mark.parametrize(
    "told",
    [
        proposal(tag=FIRST, ingest_key=b"\x0a" * 32),
        proposal(tag=FIRST, gate="0x" + "01" * 20),
        proposal(tag=TAG),
        proposal(tag=SECOND),
    ],
    ids=["another key", "another gate", "another tag", "a later tag"],
)
def test_key__does_not_fit__not_believed(told: Proposal) -> None:
    assert not proven(told, 1)


def test_key__former_tag_missing_or_made_up__not_believed() -> None:
    assert not proven(proposal(tag=SECOND), 2)
    assert not proven(proposal(tag=SECOND, former_tag=TAG2), 2)


def test_lineage__first_key__the_views_own_tag() -> None:
    assert lineage(view(), 100, None) == TAG


def test_lineage__later_key__told_by_the_index_for_what_is_canonical() -> None:
    later = view(tag=TAG2, key_version=2)
    assert lineage(later, 100, proposal()) == TAG
    assert lineage(later, 100, None) is None
    assert lineage(later, 80, proposal()) is None, "it was created above that block"
    assert lineage(None, 100, proposal()) is None
