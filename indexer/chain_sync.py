"""Keeping the index of one contract at the chain's head.

Promises:
1. `catch_up` brings the index to the head of the node that is asked: backlog, then block by block;
   a reorg is taken back and corrected in the same call.
2. Nothing is written that does not continue the history: numbers without gaps, and, wherever the
   node can tell, the hash that the contract itself names at that very block.
3. A node whose answers cannot be true is asked once more, then left out (`indexer.node_trust`).
4. With more blocks to read that are not final than may be (`chain.finality.MOST_UNFINAL`) it reads
   what is final and raises `TooMuchUnfinal`: the next `catch_up` goes on as finality advances.
5. A reorg past finality, confirmed by another node where there is one, stops the index: it writes
   why, and goes on only after `rewind` (or once the chain agrees again).
Assumes: the lease is held (`may_write`), and only this engine writes its contract.
On restart: the window is compared with the chain first, so a reorg meanwhile is found.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import NoReturn

import structlog

from chain.events import ChainEvent
from chain.follow.backfill import Backfill
from chain.follow.fetch import Fetched, Inconsistent, history_at
from chain.follow.follower import (
    Backlog,
    Deep,
    Extension,
    Follower,
    FollowStep,
    Fork,
    Nothing,
    Unfinal,
)
from chain.follow.window import BlockPosition
from chain.rpc.errors import RpcError
from chain.rpc.pool import Nodes
from common.clock import Clock
from indexer.checkpoint import Origin, entry, position
from indexer.documents import Checkpoint
from indexer.messages import damaged, deep_reorg, too_much_unfinal
from indexer.node_trust import Suspicion
from indexer.projection.ledger import FoldError
from indexer.store import IndexStore, LostWriter
from indexer.validation import Contradiction, by_block, check, decoded
from indexer.writer import Book

log = structlog.get_logger(__name__)

FLUSH_EVENTS = 40_000


class Stopped(Exception):
    """The index stands still until a person acts; the text says what to do."""


class TooMuchUnfinal(Exception):
    """The index waits for finality to advance; the text names the setting."""


@dataclass
class _Reading:
    """How far a backlog is folded; `proven`: the last place the contract vouched for."""

    place: BlockPosition
    proven: BlockPosition | None = None


class Engine:
    """One contract's index. `open` first."""

    def __init__(
        self,
        store: IndexStore,
        nodes: Nodes,
        follower: Follower,
        backfill: Backfill,
        clock: Clock,
        *,
        may_write: Callable[[], bool] = lambda: True,
        verify_seconds: float = 60.0,
        show: Callable[[Checkpoint], None] = lambda _: None,
    ) -> None:
        self._show = show
        self._store = store
        self._nodes = nodes
        self._follower = follower
        self._backfill = backfill
        self._clock = clock
        self._may_write = may_write
        self._verify_seconds = verify_seconds
        self._verified_at: float | None = None
        self._suspicion = Suspicion(nodes)
        self.book: Book | None = None
        self.final = -1

    async def open(self, origin: Origin) -> Book:
        """Read the index as stored and repair it. Raises `StoreError`."""
        self.book = None
        book = await Book.open(self._store, origin)
        self.final = book.checkpoint["finalized"]["block"]
        self.book = book
        return book

    async def catch_up(self) -> None:
        """To the head. Raises `RpcError`, `StoreError`, `LostWriter`, `Stopped`, `FinalityUnknown`,
        `TooMuchUnfinal`.

        After `StoreError` and `LostWriter` the index must be opened again.
        """
        book = self._opened()
        if book.dirty:
            await book.roll_back()
        while True:
            self._check_lease()
            step = await self._look(book)
            if step is None:
                continue
            try:
                if await self._act(book, step):
                    return
            except (Contradiction, Inconsistent) as error:
                await self._doubt(book, error)
            except FoldError as error:
                await self._damaged(book, error)

    def _opened(self) -> Book:
        if self.book is None:
            raise RuntimeError("open the index first")
        return self.book

    def _check_lease(self) -> None:
        if not self._may_write():
            raise LostWriter("another indexer holds the lease")

    async def _look(self, book: Book) -> FollowStep | None:
        """The follower's answer; None if it did not fit together (then look again)."""
        try:
            return await self._follower.look(book.window, self.final, node=self._suspicion.node())
        except Inconsistent as error:
            await self._doubt(book, error)
            return None

    async def _act(self, book: Book, step: FollowStep) -> bool:
        """True: the index is at the head."""
        if isinstance(step, Nothing):
            await self._rest(book, step)
            return True
        if isinstance(step, Extension):
            self.final = max(self.final, step.final)
            await self._extend(book, step)
        elif isinstance(step, Backlog):
            await self._read_backlog(book, step)
        elif isinstance(step, Unfinal):
            await self._wait_for_finality(book, step)
        elif isinstance(step, Fork):
            log.warning(
                "reorg",
                contract=book.checkpoint["_id"],
                blocks=book.tip.number - step.ancestor.number,
                ancestor=step.ancestor.number,
                events=book.seq - step.ancestor.seq,
                endpoint=step.node,
            )
            await book.cut(step.ancestor)
        else:
            await self._deep(book, step)
        return False

    # --- forward ------------------------------------------------------------------------------

    async def _extend(self, book: Book, step: Extension) -> None:
        """Fold blocks near the head and write them."""
        blocks = step.blocks
        events = decoded(blocks)
        check(book, blocks, events)
        positions = []
        for header, own in by_block(blocks, events):
            await self._add(book, own, book.hash(own), blocks)
            positions.append(BlockPosition(header.number, header.hash, book.seq, book.history))
        self._check_lease()
        self._head(book, step.head.number, step.head.timestamp)
        proven = positions[-1] if blocks.history is not None else None
        await book.commit(positions, self.final, proven=proven)
        self._show(book.checkpoint)
        self._suspicion.served(blocks.node, proven=blocks.history is not None)

    async def _add(
        self, book: Book, events: list[ChainEvent], after: tuple[int, bytes], blocks: Fetched
    ) -> None:
        """Fold events whose numbers follow; `after`: number and hash after them."""
        try:
            await book.add(events, *after)
        except FoldError as error:
            if blocks.history is not None:
                # The contract itself vouches for the events: the documents are at fault.
                await self._damaged(book, error)
            await self._require_ours(book)
            raise Contradiction(blocks.node, str(error)) from None

    async def _damaged(self, book: Book, error: FoldError) -> NoReturn:
        """The documents do not fit the checkpoint, or are gone with it."""
        await self._require_ours(book)
        raise Stopped(damaged(str(error))) from None

    async def _require_ours(self, book: Book) -> None:
        """Nobody dropped or moved the index: else it, and no node, is why events do not fit."""
        stored = await self._store.checkpoint(book.checkpoint["_id"])
        if stored is None or stored["seq"] != book.checkpoint["seq"]:
            raise LostWriter("the index was dropped or changed under us") from None

    async def _read_backlog(self, book: Book, step: Backlog) -> None:
        """Fold final blocks in wide ranges, writing rooms and checkpoint now and then."""
        self._head(book, step.head.number, step.head.timestamp)
        book.checkpoint["state"] = "syncing"
        self.final = max(self.final, step.last)
        reading = _Reading(book.tip)
        try:
            async with aclosing(self._backfill.ranges(book.tip, step.last)) as ranges:
                async for fetched in ranges:
                    self._check_lease()
                    await self._take(book, fetched, reading)
                    if book.events_held >= FLUSH_EVENTS:
                        await self._flush(book, reading)
        except (RpcError, Inconsistent):
            # The nodes failed, not what they told so far.
            await self._flush(book, reading)
            raise
        finally:
            await book.quiet()
        await self._flush(book, reading)

    async def _take(self, book: Book, fetched: Fetched, reading: _Reading) -> None:
        """Fold one range while the events of the one before are still being written."""
        events = decoded(fetched)
        told = check(book, fetched, events)
        await self._add(book, events, told, fetched)
        await book.stage()
        last = fetched.last
        reading.place = BlockPosition(last.number, last.hash, book.seq, book.history)
        self._suspicion.served(fetched.node, proven=fetched.history is not None)
        if fetched.history is not None:
            reading.proven = reading.place

    async def _flush(self, book: Book, reading: _Reading) -> None:
        if reading.place.number == book.tip.number:
            return
        book.checkpoint["updated_at"] = self._clock.now()
        await book.commit([reading.place], reading.place.number, proven=reading.proven)
        self._show(book.checkpoint)

    async def _wait_for_finality(self, book: Book, step: Unfinal) -> NoReturn:
        """Nothing above what is final is read: note how far the chain is, and say so."""
        self.final = max(self.final, step.final)
        self._head(book, step.head.number, step.head.timestamp)
        book.checkpoint["state"] = "syncing"
        await book.save()
        raise TooMuchUnfinal(too_much_unfinal(step.final))

    # --- at rest ------------------------------------------------------------------------------

    async def _rest(self, book: Book, step: Nothing) -> None:
        """At the head: note it, and compare the history with the contract's when it is time."""
        self.final = max(self.final, step.final)
        book.settle(self.final)
        point = book.checkpoint
        at_head = step.head.hash == book.tip.hash
        if at_head:
            point["state"], point["stop_reason"] = "following", None
        self._head(book, step.head.number, step.head.timestamp)
        unproven = point["proven"][2] != book.seq
        if at_head:
            now = self._clock.monotonic()
            due = self._verified_at is None or now - self._verified_at >= self._verify_seconds
            if unproven or due:
                await self._verify(book, step.node)
                self._verified_at = now
        await book.save()

    async def _verify(self, book: Book, node_name: str) -> None:
        """Ask a node, another than the one that served us if there is one, for the history."""
        node = self._nodes.other_than(node_name) or self._nodes.pick()
        tip = book.tip
        told = await history_at(node, book.checkpoint["_id"], tip.hash, must_prove=True)
        if told is not None and (told.count, told.hash) != (tip.seq, tip.history):
            raise Contradiction(
                node.name,
                f"at block {tip.number} it tells {told.count} events, the index holds {tip.seq}"
                if told.count != tip.seq
                else f"at block {tip.number} it tells another history hash than the index",
            )
        book.checkpoint["proven"] = entry(tip)
        self._suspicion.served(node.name, proven=True)

    def _head(self, book: Book, number: int, timestamp: int) -> None:
        book.checkpoint["head"] = {"block": number, "timestamp": timestamp}
        book.checkpoint["updated_at"] = self._clock.now()
        self._show(book.checkpoint)

    # --- trouble ------------------------------------------------------------------------------

    async def _doubt(self, book: Book, error: Contradiction | Inconsistent) -> None:
        """A node's answer cannot be true, or our own unproven blocks are not."""
        await book.roll_back()
        if self._suspicion.against(error.node, str(error)):
            proven = position(book.checkpoint["proven"])
            if proven.number < book.tip.number:
                log.warning("going back to the last proven block", block=proven.number)
                await book.cut(proven)
        await self._clock.sleep(self._suspicion.pause())

    async def _deep(self, book: Book, step: Deep) -> None:
        """Believe a reorg past finality only if another node confirms it."""
        other = self._nodes.other_than(step.node)
        if other is not None:
            second = await self._follower.look(book.window, self.final, node=other)
            if not isinstance(second, Deep):
                self._nodes.quarantine(step.node, "its chain parts from ours below finality")
                return
        reason = deep_reorg(book.checkpoint["_id"], book.tip.number, self.final)
        book.checkpoint["state"] = "stopped"
        book.checkpoint["stop_reason"] = reason
        await book.save()
        raise Stopped(reason)
