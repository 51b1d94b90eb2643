"""Writes one contract's index: its checkpoint, and what is folded but not yet written.

Promises: `hash` checks that events follow, `add` folds them in memory; nothing is written until
`commit`, which writes the intent (`pending`), events, rooms and the other documents, and the
checkpoint last, in this order. A few events, as near the head, need no intent: `indexer.rollback`
looks whether there are any above the checkpoint. `discard` forgets what was added, `rollback_to`
takes back what was committed above a block. Both, and `open`, remove what a crash left above the
checkpoint. So the documents always end up as the fold of the events up to the checkpoint, wherever
a crash fell.
Assumes: it is the only writer (`common.lease`).
On restart: `open` reads the checkpoint and repairs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from chain.events import ChainEvent
from chain.follow.window import BlockPosition, Window
from chain.hexes import to_bytes
from chain.history import genesis, step
from indexer.affected import Affected
from indexer.checkpoint import (
    Origin,
    fresh_checkpoint,
    move_checkpoint,
    totals_of,
    window_entry,
    window_of,
)
from indexer.documents import (
    ACCOUNTS,
    MODERATORS,
    OPERATORS,
    ROOMS,
    TERMS,
    Checkpoint,
    EventDoc,
    Pending,
)
from indexer.event_pages import event_doc
from indexer.projection.contract import apply
from indexer.projection.ledger import Ledger
from indexer.rollback import UNANNOUNCED, recover, rollback_to
from indexer.store import IndexStore

MOST_HELD = 6000


class SequenceGap(Exception):
    """An event does not follow the one before: some are missing, or come twice."""

    def __init__(self, came: int, due: int) -> None:
        super().__init__(f"event {came} came where {due} should")
        self.missing = came > due


class IndexWriter:
    """See the module's promises. Make one with `Book.open`."""

    def __init__(self, store: IndexStore, checkpoint: Checkpoint) -> None:
        self._store = store
        self.checkpoint = checkpoint
        self.window = Window(window_of(checkpoint))
        self._ledger = Ledger(checkpoint["_id"], totals_of(checkpoint))
        self._unstaged: list[EventDoc] = []
        self._staging: asyncio.Task[None] | None = None
        self.seq, self.history = checkpoint["seq"], to_bytes(checkpoint["history"])
        self.events_held = 0

    @classmethod
    async def open(cls, store: IndexStore, origin: Origin) -> IndexWriter:
        """The index as stored, repaired; or a new one that begins at `origin`, also where the
        stored one began elsewhere and holds no event."""
        checkpoint = await store.checkpoint(origin.contract)
        if checkpoint is None or (
            checkpoint["seq"] == 0 and checkpoint["start_block"] != origin.start_block
        ):  # nothing is indexed yet
            await store.clear(origin.contract)
            start = genesis(origin.chain_id, origin.contract)
            checkpoint = fresh_checkpoint(origin, start)
            await store.save_checkpoint(checkpoint, fresh=True)
        else:
            await store.save_checkpoint(checkpoint, fresh=True)
        await recover(store, checkpoint)
        return cls(store, checkpoint)

    @property
    def tip(self) -> BlockPosition:
        """The last block that is in the documents."""
        return self.window.tip

    def hash(self, events: Sequence[ChainEvent]) -> tuple[int, bytes]:
        """Number and history hash after `events`, which must follow. Raises `SequenceGap`."""
        seq, history = self.seq, self.history
        for event in events:
            seq += 1
            if event.seq != seq:
                raise SequenceGap(event.seq, seq)
            history = step(history, event)
        return seq, history

    async def add(self, events: Sequence[ChainEvent], seq: int, history: bytes) -> None:
        """Fold events in memory; `seq` and `history`: what `hash` returned for them.

        Raises `FoldError`, `StoreError`.
        """
        if not events:
            return
        await self._load(events)
        ledger = self._ledger
        apply(ledger, *events)
        self._unstaged += [event_doc(event) for event in events]
        self.events_held += len(events)
        self.seq, self.history = seq, history

    async def _load(self, events: Sequence[ChainEvent]) -> None:
        """Read the documents that `events` affect and that are not in memory yet."""
        ledger, store, contract = self._ledger, self._store, self.checkpoint["_id"]

        async def fetch(kind: str, names: Iterable[Any]) -> None:
            held = ledger.held(kind)
            missing = sorted(name for name in names if name not in held)
            if missing:
                ledger.adopt(kind, await store.load(kind, contract, missing))

        affected = Affected.by(events)
        await fetch(ROOMS, affected.rooms)
        await fetch(ACCOUNTS, affected.accounts)
        await fetch(OPERATORS, affected.operators | affected.serving)
        await fetch(TERMS, affected.offers)
        await fetch(MODERATORS, affected.moderators)

    async def discard(self) -> None:
        """Forget what was added, and remove what of it was written."""
        await self.wait_idle()
        await recover(self._store, self.checkpoint)
        self._forget()

    def _forget(self) -> None:
        self._staging = None
        self._unstaged.clear()
        self.events_held = 0
        self._ledger = Ledger(self.checkpoint["_id"], totals_of(self.checkpoint))
        self.seq = self.checkpoint["seq"]
        self.history = to_bytes(self.checkpoint["history"])

    @property
    def dirty(self) -> bool:
        """Something was added that is not committed."""
        return bool(self.events_held) or self.checkpoint["pending"] is not None

    async def stage(self, *, announce: bool = True) -> None:
        """Begin to write the added events; what was begun before is written first.

        An error shows at the next `stage` or `commit`. `announce`: write the intent before.
        """
        await self._staged()
        if not self._unstaged:
            return
        pending = self.checkpoint["pending"]
        if pending is None:
            self.checkpoint["writes"] += 1
            pending = Pending(kind="commit", through=0, write=self.checkpoint["writes"])
        self.checkpoint["pending"] = Pending(**{**pending, "through": self.seq})
        docs, self._unstaged = self._unstaged, []
        self._staging = asyncio.ensure_future(self._write_events(docs, announce))

    async def _write_events(self, docs: list[EventDoc], announce: bool) -> None:
        """The intent, then the events."""
        if announce:
            await self._store.save_checkpoint(self.checkpoint)
        await self._store.insert_events(docs)

    async def _staged(self) -> None:
        if self._staging is not None:
            task, self._staging = self._staging, None
            await task

    async def wait_idle(self) -> None:
        """Wait until nothing is being written, whatever becomes of it."""
        if self._staging is not None:
            await asyncio.gather(self._staging, return_exceptions=True)

    async def commit(
        self, positions: Sequence[BlockPosition], final: int, *, proven: BlockPosition | None = None
    ) -> None:
        """Write everything added. `positions`: the new blocks to remember, the last one the tip;
        `proven`: the last of them at which the contract gave the same history, if it did."""
        announced = self.checkpoint["pending"] is not None
        await self.stage(announce=announced or len(self._unstaged) > UNANNOUNCED)
        await self._staged()
        ledger, store = self._ledger, self._store
        if self.events_held:
            rooms = ledger.changed[ROOMS]
            made = [ledger.rooms[n] for n in sorted(ledger.made_rooms)]
            await store.insert(ROOMS, made)
            changed = [ledger.rooms[n] for n in sorted(rooms - ledger.made_rooms)]
            await store.replace(ROOMS, changed)
            for address in ledger.changed[ACCOUNTS]:
                ledger.accounts[address]["write"] = self.checkpoint["writes"]
            for kind in (OPERATORS, TERMS, MODERATORS, ACCOUNTS):
                held = ledger.held(kind)
                await store.replace(kind, [held[n] for n in sorted(ledger.changed[kind])])
        for position in positions:
            self.window.push(position)
        self.settle(final)
        move_checkpoint(self.checkpoint, ledger.totals, self.window, pending=None)
        if proven is not None:
            self.checkpoint["proven"] = window_entry(proven)
        await store.save_checkpoint(self.checkpoint)
        self.events_held = 0
        ledger.settle()
        if len(ledger.rooms) + len(ledger.accounts) > MOST_HELD:
            ledger.rooms.clear()
            ledger.accounts.clear()

    def settle(self, final: int) -> None:
        """Note that blocks up to `final` cannot go away."""
        self.window.settle(final)
        oldest = next(iter(self.window))
        if oldest.number <= final and oldest.number > self.checkpoint["finalized"]["block"]:
            self.checkpoint["finalized"] = {"block": oldest.number, "block_hash": oldest.hash}

    async def save(self) -> None:
        """Write the checkpoint as it stands (head, state, finality)."""
        await self._store.save_checkpoint(self.checkpoint)

    async def rollback_to(self, position: BlockPosition) -> None:
        """Take everything above `position` back; it becomes the tip."""
        await self.wait_idle()
        await rollback_to(self._store, self.checkpoint, position)
        self.window = Window(window_of(self.checkpoint))
        self._forget()
