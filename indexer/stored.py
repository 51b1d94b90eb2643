"""Reading a whole index back: events in order, and the history they make.

Promises: memory holds one group of events at a time. A missing event is `Missing`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from chain.events import ChainEvent
from chain.history import genesis, step
from indexer.documents import Checkpoint
from indexer.eventdocs import from_doc
from indexer.store import IndexStore

GROUP = 500


class Missing(Exception):
    """An event that should be stored is not."""


async def stored_events(
    store: IndexStore, contract: str, first: int, last: int
) -> AsyncIterator[ChainEvent]:
    """Events `first` to `last`, none missing."""
    expected = first
    for start in range(first, last + 1, GROUP):
        for doc in await store.events(contract, range(start, min(last, start + GROUP - 1) + 1)):
            if doc["seq"] != expected:
                raise Missing(f"event {expected} of {contract} is missing")
            yield from_doc(doc)
            expected += 1
    if expected != last + 1:
        raise Missing(f"event {expected} of {contract} is missing")


async def history_of(
    store: IndexStore,
    checkpoint: Checkpoint,
    last: int,
    note: Callable[[ChainEvent], None] = lambda _: None,
) -> bytes:
    """The history hash after event `last`, from the stored events; `note` is told each of them.

    Raises `Missing`.
    """
    contract = checkpoint["_id"]
    digest = genesis(checkpoint["chain_id"], contract)
    async for event in stored_events(store, contract, 1, last):
        digest = step(digest, event)
        note(event)
    return digest
