"""Rolling the index back: to a block (`rollback_to`: a reorg, an operator's `rewind`), or from a
write that a crash left open (`recover`).

Promises: afterwards every document is what a fresh fold up to the block makes, and no event above
it is left. The checkpoint goes back first and says in `pending` what is to go; accounts are
restored by taking their differences back, then rooms, operators and moderators by folding what is
left of their events; then the events are removed, then `pending`.
Assumes: commits write events before documents and rooms before accounts, so documents were changed
only if all events up to `pending` are there, and accounts only if all rooms are; accounts carry the
number of the write that changed them. At most `UNANNOUNCED` events are written without `pending`:
they are found by their numbers, and if some of them are missing there is nothing to restore.
Memory: one group of documents at a time, and the numbers of what is affected.
On restart: each step can be repeated; `recover` finishes what a crash interrupted.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from chain import events as t
from chain.follow.window import BlockPosition, Window
from indexer.affected import Affected
from indexer.checkpoint import move_checkpoint, totals_of, window_entry, window_of
from indexer.documents import (
    ACCOUNTS,
    MODERATORS,
    OPERATORS,
    ROOMS,
    TERMS,
    AccountDoc,
    AsOf,
    Checkpoint,
    Pending,
)
from indexer.event_pages import event_of_doc
from indexer.projection.contract import (
    account_changes,
    apply,
    apply_contract_event,
    change_account,
    event_position,
)
from indexer.projection.ledger import FoldError, Ledger, Totals
from indexer.store import IndexStore

GROUP = 200
UNANNOUNCED = 16  # so many events may be written without a word in `pending`: one look finds them
T = TypeVar("T")


async def rollback_to(store: IndexStore, checkpoint: Checkpoint, target: BlockPosition) -> None:
    """Make `target` the index's tip, in the database and in `checkpoint`.

    A write that is still open ends first; then `target` must not be above the checkpoint.
    Raises `StoreError`, `LostWriter`, and `FoldError` if documents are missing.
    """
    await recover(store, checkpoint)
    if target.seq > checkpoint["seq"]:
        raise ValueError("cannot cut above the checkpoint")
    top = checkpoint["seq"]
    checkpoint["writes"] += 1
    pending = Pending(kind="cut", through=top, write=checkpoint["writes"])
    await _go_back(store, checkpoint, target, pending)
    await _finish(store, checkpoint, pending)


async def recover(store: IndexStore, checkpoint: Checkpoint) -> None:
    """Take back what a write that a crash or an error left open has written.

    Raises as `rollback_to`.
    """
    pending = checkpoint["pending"] or await _unannounced(store, checkpoint)
    if pending is None:
        return
    if pending["kind"] == "commit":
        checkpoint["writes"] = pending["write"] + 1
        pending = Pending(kind="undo", through=pending["through"], write=checkpoint["writes"])
        checkpoint["pending"] = pending
        await store.save_checkpoint(checkpoint)
    await _finish(store, checkpoint, pending)


async def _unannounced(store: IndexStore, checkpoint: Checkpoint) -> Pending | None:
    """The write that left events above the checkpoint without having said so."""
    first = checkpoint["seq"] + 1
    left = await store.events(checkpoint["_id"], range(first, first + UNANNOUNCED))
    if not left:
        return None
    return Pending(kind="commit", through=left[-1]["seq"], write=checkpoint["writes"] + 1)


async def _finish(store: IndexStore, checkpoint: Checkpoint, pending: Pending) -> None:
    """Remove everything between the checkpoint and `pending`."""
    contract, seq, top = checkpoint["_id"], checkpoint["seq"], pending["through"]
    removed = Affected()
    async for event in _stored(store, contract, range(seq + 1, top + 1)):
        removed.add(event)
    if removed.count == top - seq:
        await _restore_accounts(store, checkpoint, removed, pending)
        await _refold(store, contract, ROOMS, removed.rooms | removed.made, seq)
        await _refold(store, contract, OPERATORS, removed.operators, seq)
        await _refold(store, contract, MODERATORS, removed.moderators, seq)
        await store.delete(TERMS, contract, sorted(removed.terms))
    await store.delete_events(contract, seq + 1, top)
    checkpoint["pending"] = None
    await store.save_checkpoint(checkpoint)


async def _go_back(
    store: IndexStore, checkpoint: Checkpoint, target: BlockPosition, pending: Pending
) -> None:
    """Move the checkpoint below the events that are to go."""
    window = Window(window_of(checkpoint))
    window.cut(target)
    totals, gone = totals_of(checkpoint), Affected()
    contract, seqs = checkpoint["_id"], range(target.seq + 1, checkpoint["seq"] + 1)
    async for event in _stored(store, contract, seqs):
        gone.add(event)
    kept = [seq for seq in totals.contract_seqs if seq <= target.seq]
    if kept != totals.contract_seqs:
        totals = Totals(rooms=totals.rooms, ended_rooms=totals.ended_rooms)
        async for event in _stored(store, contract, kept):
            apply_contract_event(totals, event)
    totals.rooms -= len(gone.made)
    totals.ended_rooms -= gone.ended
    move_checkpoint(checkpoint, totals, window, pending)
    if checkpoint["proven"][0] > target.number:
        checkpoint["proven"] = window_entry(target)
    await store.save_checkpoint(checkpoint)


async def _restore_accounts(
    store: IndexStore, checkpoint: Checkpoint, removed: Affected, pending: Pending
) -> None:
    """Take the removed events' differences back, once, where they were put in."""
    contract, write = checkpoint["_id"], pending["write"]
    places = await _last_places(store, checkpoint, removed.accounts) if removed.accounts else {}
    for addresses in _groups(sorted(removed.accounts)):
        kept: list[AccountDoc] = []
        gone: list[int | str] = []
        for doc in await store.load(ACCOUNTS, contract, addresses):
            if doc["write"] == write or (pending["kind"] == "undo" and doc["write"] != write - 1):
                continue
            credit, open_rooms, rooms, events = removed.accounts[doc["account"]]
            change_account(doc, -credit, -open_rooms, -rooms, -events)
            doc["write"] = write
            doc["as_of"] = places[doc["account"]]
            if doc["events"]:
                kept.append(doc)
            else:
                gone.append(doc["account"])
        await store.replace(ACCOUNTS, kept)
        await store.delete(ACCOUNTS, contract, gone)


async def _last_places(
    store: IndexStore, checkpoint: Checkpoint, addresses: Iterable[str]
) -> dict[str, AsOf]:
    """Where each account last changed; the oldest block of the window, if nowhere since."""
    contract, oldest = checkpoint["_id"], window_of(checkpoint)[0]
    since = AsOf(block=oldest.number, block_hash=oldest.hash, seq=oldest.seq)
    found = dict.fromkeys(addresses, since)
    async for event in _stored(store, contract, range(oldest.seq + 1, checkpoint["seq"] + 1)):
        for address, *_ in account_changes(event):
            if address in found:
                found[address] = event_position(event)
    return found


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
            yield event_of_doc(doc)


def _groups(names: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(names)
    while group := list(islice(iterator, GROUP)):
        yield group
