"""What the indexer needs of a database, and stored events read back in order.

Promises of an implementation: each call is durable once it returned; a call that failed may or may
not have taken effect, wholly or in part, and can be repeated; a document is written whole. Nothing
else is assumed: no transactions, no order between two calls but the order they are made in.
Promises of `stored_events` and `stored_history`: memory holds one group of events at a time; a
missing event is `IncompleteIndex`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from chain.events import ChainEvent
from chain.history import genesis, step
from indexer.documents import Checkpoint, EventDoc
from indexer.event_pages import event_of_doc

READ_GROUP = 500  # events read back at once


class StoreError(Exception):
    """The database could not be reached, or refused; worth another try."""


class LostWriter(Exception):
    """Another process writes this index now, or the checkpoint was removed under us."""


class UnreadableIndex(Exception):
    """The documents are another version's, or another contract's; the text says what to do."""


class IncompleteIndex(Exception):
    """An event that should be stored is not, or the whole index is gone."""


class IndexStore(Protocol):
    """The database of the index. Raises `StoreError`."""

    async def checkpoint(self, contract: str) -> Checkpoint | None:
        """Where the index of `contract` stands; None: nowhere yet. Raises `UnreadableIndex`."""
        ...

    async def save_checkpoint(self, checkpoint: Checkpoint, *, fresh: bool = False) -> None:
        """Replace the checkpoint. Raises `LostWriter` unless it is there and this writer's.

        `fresh`: there is none yet (or another writer's); put this one there.
        """
        ...

    async def insert_events(self, docs: Sequence[EventDoc]) -> None:
        """Add one contract's events, in order and without gaps, in the place of any that are
        there already."""
        ...

    async def events(self, contract: str, seqs: Iterable[int]) -> list[EventDoc]:
        """Those of the events that exist, in the order of `seq`."""
        ...

    async def delete_events(self, contract: str, first: int, last: int) -> None:
        """Remove events from `first` on; none is above `last`. Missing ones do not matter."""
        ...

    async def load(self, kind: str, contract: str, names: Iterable[int | str]) -> list[Any]:
        """Documents of a folded collection, by number or address; those that exist."""
        ...

    async def insert(self, kind: str, docs: Sequence[Mapping[str, Any]]) -> None:
        """Add documents that should be new; one that is there already is replaced."""
        ...

    async def replace(self, kind: str, docs: Sequence[Mapping[str, Any]]) -> None:
        """Put documents in the place of their former versions, or in."""
        ...

    async def delete(self, kind: str, contract: str, names: Iterable[int | str]) -> None:
        """Remove documents of a folded collection."""
        ...

    async def clear(self, contract: str) -> None:
        """Remove everything of a contract, the checkpoint last."""
        ...


async def stored_events(
    store: IndexStore, contract: str, first: int, last: int
) -> AsyncIterator[ChainEvent]:
    """Events `first` to `last`, none missing."""
    expected = first
    for start in range(first, last + 1, READ_GROUP):
        for doc in await store.events(
            contract, range(start, min(last, start + READ_GROUP - 1) + 1)
        ):
            if doc["seq"] != expected:
                raise IncompleteIndex(f"event {expected} of {contract} is missing")
            yield event_of_doc(doc)
            expected += 1
    if expected != last + 1:
        raise IncompleteIndex(f"event {expected} of {contract} is missing")


async def stored_history(
    store: IndexStore,
    checkpoint: Checkpoint,
    last: int,
    note: Callable[[ChainEvent], None] = lambda _: None,
) -> bytes:
    """The history hash after event `last`, from the stored events; `note` is called with each.

    Raises `IncompleteIndex`.
    """
    contract = checkpoint["_id"]
    digest = genesis(checkpoint["chain_id"], contract)
    async for event in stored_events(store, contract, 1, last):
        digest = step(digest, event)
        note(event)
    return digest
