"""What `/readyz` says of the indexer (docs/index.md, "When the service reports a problem")."""

from __future__ import annotations

from typing import Any

import pytest

from chain.head_age import HeadAge
from indexer.readiness import ContractStatus, IndexerStatus


def status_of(item: ContractStatus, now: float = 100.0) -> tuple[bool, str]:
    status = IndexerStatus(lambda: now, list, HeadAge(lambda: now, 15), [item], waiting_for=None)
    ready = status.readiness()
    return ready.ready, " ".join(ready.reasons)


def test_readiness__each_trouble__is_told_in_words() -> None:
    good = ContractStatus("0xc0", good_at=99.0, syncing=False, block=10, head=10)
    assert status_of(good) == (True, "")
    assert (
        "catching up, block 10 of 99"
        in status_of(ContractStatus("0xc0", good_at=99.0, block=10, head=99))[1]
    )
    stuck = ContractStatus(
        "0xc0", good_at=10.0, syncing=False, trouble="no answer", block=1, head=1
    )
    assert status_of(stuck) == (False, "0xc0: no answer")
    passing = ContractStatus(
        "0xc0", good_at=99.0, syncing=False, trouble="no answer", block=1, head=1
    )
    assert status_of(passing)[0] is True
    stopped = ContractStatus("0xc0", good_at=99.0, stopped="run rewind")
    assert status_of(stopped) == (False, "run rewind")
    behind = ContractStatus("0xc0", good_at=99.0, syncing=False, block=10, head=4)
    assert "below the index's block 10" in status_of(behind)[1]


def test_readiness__after_a_success__forgets_what_was_wrong() -> None:
    item = ContractStatus("0xc0", syncing=False, trouble="no answer", stopped="run rewind")
    status = IndexerStatus(lambda: 100.0, list, HeadAge(lambda: 100.0, 15), [item])
    assert status.readiness().reasons == ("starting", "run rewind")
    status.waiting_for = None
    status.note(item)
    assert status.readiness() == (True, ())
    assert (item.good_at, item.trouble, item.stopped) == (100.0, None, None)


@pytest.mark.parametrize(("age", "ready"), [(30.0, True), (30.5, False)])
def test_readiness__trouble__told_after_half_a_minute(age: float, ready: bool) -> None:
    item = ContractStatus("0xc0", good_at=0.0, syncing=False, trouble="no answer")
    assert status_of(item, now=age)[0] is ready


def test_show__a_checkpoint__where_the_index_stands() -> None:
    item = ContractStatus("0xc0")
    point: Any = {"block": 7, "head": {"block": 9}, "seq": 40, "state": "syncing"}
    item.show(point)
    assert (item.block, item.head, item.seq, item.syncing) == (7, 9, 40, True)
    for state, syncing in (("following", False), ("stopped", True)):
        point["state"] = state
        item.show(point)
        assert item.syncing is syncing


def test_readiness__a_chain_that_stands_still__noted_and_ready_all_the_same() -> None:
    age = HeadAge(lambda: 1000.0, 15)
    status = IndexerStatus(lambda: 100.0, list, age, waiting_for=None)
    age.saw(5, 788)
    age.saw(6, 800)
    ready = status.readiness()
    assert ready.ready
    (note,) = ready.reasons
    assert note.startswith("the newest block is 200 s old, 17 block times")
    assert note.endswith("(limit: HEAD_AGE_BLOCKS) (does not affect readiness)")
