"""Fetched logs against our history and the contract's (docs/index.md, "What is promised")."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chain.history import HistoryView
from indexer.validation import Contradiction, by_block, check_history, decoded_events
from tests.support.indexer.fold_tables import ALICE, BOB
from tests.support.indexer.scripted_sync import BlockScript
from tests.support.indexer.written_index import FOUNDATION, START, WrittenIndex, created, renamed

SEQ = len(FOUNDATION)
BLOCKS = ((created(4, ALICE), renamed(4, ALICE, b"x")), (), (renamed(4, ALICE, b"y"),))


def index() -> WrittenIndex:
    return asyncio.run(WrittenIndex.begun())


def test_decoded_events__openzeppelins_ownership_events__left_out() -> None:
    fetched = BlockScript(index()).range(*BLOCKS)
    transferred = "0x8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e0"
    party = "0x" + "00" * 12 + ALICE[2:]
    ownership = {**fetched.logs[0], "topics": [transferred, party, party], "data": "0x"}
    fetched.logs.insert(1, ownership)
    assert [event.seq for event in decoded_events(fetched)] == [SEQ + 1, SEQ + 2, SEQ + 3]


def test_decoded_events__what_the_contract_cannot_have_emitted__names_the_node() -> None:
    fetched = BlockScript(index()).range(*BLOCKS, node="liar")
    fetched.logs[1] = {**fetched.logs[1], "data": "0x"}
    with pytest.raises(Contradiction) as error:
        decoded_events(fetched)
    assert error.value.node == "liar"


@pytest.mark.parametrize("proves", [True, False])
def test_check_history__continues_and_the_contract_agrees_or_cannot_say__number_and_hash(
    proves: bool,
) -> None:
    here = index()
    teller = BlockScript(here)
    fetched = teller.range(*BLOCKS, proves=proves)
    assert check_history(here.writer, fetched, decoded_events(fetched)) == (SEQ + 3, teller.history)
    assert here.writer.seq == SEQ, "nothing is taken in by looking"


def test_check_history__a_quiet_range__as_before() -> None:
    here = index()
    assert check_history(here.writer, BlockScript(here).range(()), []) == (SEQ, here.writer.history)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (lambda h: HistoryView(h.count + 1, h.hash), f"has {SEQ + 4} events, the logs give"),
        (lambda h: HistoryView(h.count - 1, h.hash), f"has {SEQ + 2} events, the logs give"),
        (lambda h: HistoryView(h.count, bytes(23)), "a different history hash than the contract"),
    ],
    ids=["events_missing", "events_made_up", "events_changed"],
)
def test_check_history__the_contract_tells_otherwise__where_and_what(
    told: Callable[[HistoryView], HistoryView], said: str
) -> None:
    here = index()
    fetched = BlockScript(here).range(*BLOCKS)
    assert fetched.history is not None
    false = replace(fetched, history=told(fetched.history))
    with pytest.raises(Contradiction, match=f"at block {START + 3}.*{said}"):
        check_history(here.writer, false, decoded_events(false))


@pytest.mark.parametrize("left_out", [0, 1], ids=["the_first", "one_between"])
def test_check_history__a_gap_in_the_numbers__contradiction_whoever_proves_it(
    left_out: int,
) -> None:
    here = index()
    fetched = BlockScript(here).range(*BLOCKS, proves=False)
    del fetched.logs[left_out]
    number = SEQ + 1 + left_out
    with pytest.raises(Contradiction, match=f"event {number + 1} came where {number} should"):
        check_history(here.writer, fetched, decoded_events(fetched))


def test_by_block__events_and_quiet_blocks__each_header_with_its_own() -> None:
    fetched = BlockScript(index()).range((), *BLOCKS, (), (renamed(4, BOB, b"z"),))
    found: list[tuple[int, list[int]]] = [
        (header.number - START, [event.seq - SEQ for event in events])
        for header, events in by_block(fetched, decoded_events(fetched))
    ]
    assert found == [(1, []), (2, [1, 2]), (3, []), (4, [3]), (5, []), (6, [4])]


def test_by_block__nothing_at_all__every_header_empty() -> None:
    fetched: Any = BlockScript(index()).range((), ())
    assert [events for _, events in by_block(fetched, [])] == [[], []]
