"""Taking back what is above a block: after a reorg, a crash, or by an operator's order.

Promises: afterwards every document is what a fresh fold up to the block makes, and no event above
it is left. Each step can be repeated, so a crash in the middle is mended by cutting again: the
checkpoint goes back first and keeps `pending`; accounts are restored by taking their differences
back, then rooms, operators and moderators by folding what is left of their events; then the events
are removed, then `pending`.
Assumes: commits write events before documents and rooms before accounts, so documents were touched
only if all events up to `pending` are there, and accounts only if all rooms are.
Memory: one group of documents at a time, and the numbers of what is touched.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from chain import eventtypes as t
from chain.window import Position, Window
from indexer.checkpoints import entry, move, totals_of, window_of
from indexer.eventdocs import from_doc
from indexer.fold import apply, change_account, contract_event
from indexer.ledger import FoldError, Ledger, Totals
from indexer.model import (
    ACCOUNTS,
    MODERATORS,
    OPERATORS,
    ROOMS,
    TERMS,
    AccountDoc,
    Checkpoint,
)
from indexer.store import IndexStore
from indexer.touched import Touched

GROUP = 200
T = TypeVar("T")


async def cut(store: IndexStore, checkpoint: Checkpoint, target: Position) -> None:
    """Make `target` the index's tip, in the database and in `checkpoint`.

    `target` must not be above the checkpoint. Raises `StoreError`, `LostWriter`.
    """
    contract, former = checkpoint["_id"], checkpoint["seq"]
    top = max(former, checkpoint["pending"] or 0)
    await _go_back(store, checkpoint, target, former, top)
    removed = Touched()
    async for event in _stored(store, contract, range(target.seq + 1, top + 1)):
        removed.add(event)
    if removed.count == top - target.seq:
        await _restore_accounts(store, contract, removed, target.seq)
        await _refold(store, contract, ROOMS, removed.rooms | removed.made, target.seq)
        await _refold(store, contract, OPERATORS, removed.operators, target.seq)
        await _refold(store, contract, MODERATORS, removed.moderators, target.seq)
        await store.delete(TERMS, contract, sorted(removed.terms))
    for group in _groups(range(target.seq + 1, top + 1)):
        await store.delete_events(contract, group)
    checkpoint["pending"] = None
    await store.save_checkpoint(checkpoint)


async def _go_back(
    store: IndexStore, checkpoint: Checkpoint, target: Position, former: int, top: int
) -> None:
    """Move the checkpoint, with `pending` set to what may be above it."""
    if target.seq > former:
        raise ValueError("cannot cut above the checkpoint")
    window = Window(window_of(checkpoint))
    window.cut(target)
    totals = totals_of(checkpoint)
    if target.seq < former:
        gone = Touched()
        async for event in _stored(store, checkpoint["_id"], range(target.seq + 1, former + 1)):
            gone.add(event)
        kept = [seq for seq in totals.contract_seqs if seq <= target.seq]
        totals = Totals(rooms=totals.rooms - len(gone.made), ended_rooms=totals.ended_rooms)
        totals.ended_rooms -= len(gone.ended)
        async for event in _stored(store, checkpoint["_id"], kept):
            contract_event(totals, event)
    move(checkpoint, totals, window, pending=top)
    if checkpoint["proven"][0] > target.number:
        checkpoint["proven"] = entry(target)
    await store.save_checkpoint(checkpoint)


async def _restore_accounts(store: IndexStore, contract: str, removed: Touched, seq: int) -> None:
    for group in _groups(sorted(removed.ended)):
        for room in await store.load(ROOMS, contract, group):
            removed.charge([(room["host"], 0, -1, 0)])
    for addresses in _groups(sorted(removed.accounts)):
        kept: list[AccountDoc] = []
        gone: list[int | str] = []
        for doc in await store.load(ACCOUNTS, contract, addresses):
            if doc["through"] <= seq:
                continue
            credit, open_rooms, rooms, events = removed.accounts[doc["account"]]
            change_account(doc, -credit, -open_rooms, -rooms, -events)
            doc["through"] = seq
            if doc["events"]:
                kept.append(doc)
            else:
                gone.append(doc["account"])
        await store.replace(ACCOUNTS, kept)
        await store.delete(ACCOUNTS, contract, gone)


async def _refold(store: IndexStore, contract: str, kind: str, names: set[Any], seq: int) -> None:
    """Fold documents again from their events up to `seq`; those without any are removed."""
    for group in _groups(sorted(names)):
        kept: list[Any] = []
        gone: list[int | str] = []
        for doc in await store.load(kind, contract, group):
            if doc["last_seq"] <= seq:
                continue
            name = doc["n"] if kind == ROOMS else doc.get("operator_id", doc["account"])
            left = [s for s in doc["seqs"] if s <= seq]
            if left:
                kept.append(await refolded(store, contract, kind, name, left))
            else:
                gone.append(name)
        await store.replace(kind, kept)
        await store.delete(kind, contract, gone)


async def refolded(
    store: IndexStore, contract: str, kind: str, name: int | str, seqs: Sequence[int]
) -> Any:
    """A room, operator or moderator as its events `seqs` make it. Raises `FoldError`."""
    events = [event async for event in _stored(store, contract, seqs)]
    if len(events) != len(seqs):
        raise FoldError(f"events of {kind} {name} are missing from the database")
    ledger = Ledger(contract)
    for event in events:
        if isinstance(event, t.RoomCreated):
            ledger.adopt(OPERATORS, await store.load(OPERATORS, contract, [event.operator_id]))
            ledger.adopt(TERMS, await store.load(TERMS, contract, [event.terms_id]))
        apply(ledger, event)
    return ledger.held(kind)[name]


async def _stored(
    store: IndexStore, contract: str, seqs: Iterable[int]
) -> AsyncIterator[t.ChainEvent]:
    for group in _groups(seqs):
        for doc in await store.events(contract, group):
            yield from_doc(doc)


def _groups(names: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(names)
    while group := list(islice(iterator, GROUP)):
        yield group
