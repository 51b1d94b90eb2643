"""Stored events read back in order, and the history they make."""

from __future__ import annotations

import asyncio

import pytest

from indexer import store as store_module
from indexer.documents import EVENTS
from indexer.store import IncompleteIndex, stored_events, stored_history
from tests.support.indexer.fold_tables import CONTRACT
from tests.support.indexer.memory_store import MemoryStore
from tests.support.indexer.written_index import FOUNDATION, WrittenIndex

SEQS = range(1, len(FOUNDATION) + 1)


def begun() -> WrittenIndex:
    return asyncio.run(WrittenIndex.begun())


async def _seqs(store: MemoryStore, first: int, last: int) -> list[int]:
    return [e.seq async for e in stored_events(store, CONTRACT, first, last)]


@pytest.mark.parametrize(("first", "last"), [(1, 12), (3, 5), (4, 4), (5, 4)])
@pytest.mark.parametrize("group", [1, 4, 500])
def test_stored_events__a_range__in_order_whatever_the_groups(
    first: int, last: int, group: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "READ_GROUP", group)
    assert asyncio.run(_seqs(begun().store, first, last)) == list(range(first, last + 1))


@pytest.mark.parametrize("missing", [1, 4, 5, 12])
@pytest.mark.parametrize("group", [4, 500])
def test_stored_events__one_is_missing__named(
    missing: int, group: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "READ_GROUP", group)
    store = begun().store
    del store.kinds[EVENTS][CONTRACT, missing]
    with pytest.raises(IncompleteIndex, match=f"event {missing} of {CONTRACT}"):
        asyncio.run(_seqs(store, 1, 12))


def test_stored_history__up_to_the_checkpoint__its_history_and_every_event_noted() -> None:
    index = begun()
    noted: list[int] = []
    point = index.writer.checkpoint
    digest = asyncio.run(stored_history(index.store, point, 12, lambda e: noted.append(e.seq)))
    assert "0x" + digest.hex() == point["history"]
    assert noted == list(SEQS)
