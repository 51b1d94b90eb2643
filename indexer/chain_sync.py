"""Keeping the index of one contract at the chain's head.

Promises:
1. `catch_up` brings the index to the head of the node that is asked: backlog, then block by block;
   a reorg is rolled back and corrected in the same call.
2. Nothing is written that does not continue the history: numbers without gaps, and, wherever the
   node can prove it, the hash that the contract itself names at that very block.
3. A node whose answers cannot be true is asked once more, then left out (`indexer.node_trust`).
4. With more blocks to read that are not final than may be (`chain.finality.MOST_UNFINAL`) it reads
   what is final and raises `TooMuchUnfinal`: the next `catch_up` goes on as finality advances.
5. A reorg past finality, confirmed by another node where there is one, stops the index: it writes
   why, and goes on only after `rewind` (or once the chain agrees again).
Assumes: the lease is held (`may_write`), and nothing else writes this contract's index.
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
from chain.history import NO_CONTRACT, HistoryView
from chain.rpc.errors import RpcError
from chain.rpc.pool import Node, Nodes
from chain.start_block import find_earlier_events
from common.clock import Clock
from indexer.checkpoint import Origin, entry_position, window_entry
from indexer.documents import Checkpoint, HeadRef
from indexer.node_trust import NodeTrust
from indexer.operator_messages import damaged, deep_reorg, doubtful_start, too_much_unfinal
from indexer.projection.ledger import FoldError
from indexer.store import IndexStore, LostWriter
from indexer.validation import Contradiction, agrees, by_block, check_history, decoded_events
from indexer.writer import IndexWriter

log = structlog.get_logger(__name__)

FLUSH_EVENTS = 40_000


class Stopped(Exception):
    """The index stands still until a person acts; the text says what to do."""


class DoubtfulStart(Stopped):
    """No node shows the contract's first events; it is tried again, and nobody is accused."""


class TooMuchUnfinal(Exception):
    """The index waits for finality to advance; the text names the setting."""


@dataclass
class _Reading:
    """How far a backlog is folded; `proven`: the last place that the contract confirmed."""

    place: BlockPosition
    proven: BlockPosition | None = None


class ChainSync:
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
        block_seconds: Callable[[], float | None] = lambda: None,
    ) -> None:
        """`block_seconds`: the chain's block time, for who reads the checkpoint."""
        self._show = show
        self._block_seconds = block_seconds
        self._store = store
        self._nodes = nodes
        self._follower = follower
        self._backfill = backfill
        self._clock = clock
        self._may_write = may_write
        self._verify_seconds = verify_seconds
        self._verified_at: float | None = None
        self._trust = NodeTrust(nodes)
        self.writer: IndexWriter | None = None
        self.final = -1

    async def open(self, origin: Origin) -> IndexWriter:
        """Read the index as stored and repair it. Raises `StoreError`, `UnreadableIndex`."""
        self.writer = None
        writer = await IndexWriter.open(self._store, origin)
        self.final = writer.checkpoint["finalized"]["block"]
        self.writer = writer
        return writer

    async def catch_up(self) -> None:
        """To the head. Raises `RpcError`, `StoreError`, `LostWriter`, `Stopped`, `FinalityUnknown`,
        `TooMuchUnfinal`, and `WrongChain` where the start block is too late.

        After `StoreError` and `LostWriter` the index must be opened again.
        """
        writer = self._opened()
        if writer.dirty:
            await writer.discard()
        while True:
            self._check_lease()
            step = await self._look(writer)
            if step is None:
                continue
            try:
                if await self._act(writer, step):
                    return
            except (Contradiction, Inconsistent) as error:
                await self._handle_contradiction(writer, error)
            except FoldError as error:
                await self._damaged(writer, error)

    def _opened(self) -> IndexWriter:
        if self.writer is None:
            raise RuntimeError("open the index first")
        return self.writer

    def _check_lease(self) -> None:
        if not self._may_write():
            raise LostWriter("another indexer holds the lease")

    async def _look(self, writer: IndexWriter) -> FollowStep | None:
        """The follower's answer; None if it did not fit together (then look again)."""
        node = self._trust.node()
        blooms = self._trust.believes_blooms(node.name)
        try:
            return await self._follower.look(writer.window, self.final, node=node, blooms=blooms)
        except Inconsistent as error:
            await self._handle_contradiction(writer, error)
            return None

    async def _act(self, writer: IndexWriter, step: FollowStep) -> bool:
        """True: the index is at the head."""
        if isinstance(step, Nothing):
            await self._at_head(writer, step)
            return True
        if isinstance(step, Extension):
            self.final = max(self.final, step.final)
            await self._extend(writer, step)
        elif isinstance(step, Backlog):
            await self._read_backlog(writer, step)
        elif isinstance(step, Unfinal):
            await self._wait_for_finality(writer, step)
        elif isinstance(step, Fork):
            log.warning(
                "reorg",
                contract=writer.checkpoint["_id"],
                blocks=writer.tip.number - step.ancestor.number,
                ancestor=step.ancestor.number,
                events=writer.seq - step.ancestor.seq,
                endpoint=step.node,
            )
            await writer.rollback_to(step.ancestor)
        else:
            await self._handle_deep_reorg(writer, step)
        return False

    # --- forward ------------------------------------------------------------------------------

    async def _extend(self, writer: IndexWriter, step: Extension) -> None:
        """Fold blocks near the head and write them."""
        blocks = step.blocks
        events, _ = self._checked(writer, blocks)
        positions = []
        for header, own in by_block(blocks, events):
            await self._add(writer, own, writer.hash(own), blocks)
            positions.append(BlockPosition(header.number, header.hash, writer.seq, writer.history))
        self._check_lease()
        self._note_head(writer, step.head.number, step.head.timestamp)
        proven = positions[-1] if blocks.proof is not None else None
        await writer.commit(positions, self.final, proven=proven)
        self._show(writer.checkpoint)
        self._trust.served(blocks.node, proven=blocks.proof is not None)

    def _checked(
        self, writer: IndexWriter, blocks: Fetched
    ) -> tuple[list[ChainEvent], tuple[int, bytes]]:
        """The blocks' events, which follow; number and hash after them. Raises `Contradiction`."""
        if blocks.unasked:
            self._trust.unasked(blocks.node)
        if blocks.denied is not None:
            reason = f"the bloom of block {blocks.denied} excludes its log"
            self._trust.doubt_blooms(blocks.node, reason)
        events = decoded_events(blocks)
        return events, check_history(writer, blocks, events)

    async def _add(
        self,
        writer: IndexWriter,
        events: list[ChainEvent],
        after: tuple[int, bytes],
        blocks: Fetched,
    ) -> None:
        """Fold events whose numbers follow; `after`: number and hash after them."""
        try:
            await writer.add(events, *after)
        except FoldError as error:
            if blocks.proof is not None:
                # The contract itself confirms the events: the documents are at fault.
                await self._damaged(writer, error)
            await self._require_ours(writer)
            raise Contradiction(blocks.node, str(error)) from None

    async def _damaged(self, writer: IndexWriter, error: FoldError) -> NoReturn:
        """The documents do not fit the checkpoint, or are gone with it."""
        await self._require_ours(writer)
        raise Stopped(damaged(str(error))) from None

    async def _require_ours(self, writer: IndexWriter) -> None:
        """Nobody dropped or moved the index: else it, and no node, is why events do not fit."""
        stored = await self._store.checkpoint(writer.checkpoint["_id"])
        if stored is None or stored["seq"] != writer.checkpoint["seq"]:
            raise LostWriter("the index was dropped or changed by another process") from None

    async def _read_backlog(self, writer: IndexWriter, step: Backlog) -> None:
        """Fold final blocks in wide ranges, writing rooms and checkpoint now and then."""
        self._note_head(writer, step.head.number, step.head.timestamp)
        writer.checkpoint["state"] = "syncing"
        self.final = max(self.final, step.last)
        reading = _Reading(writer.tip)
        try:
            ranges = self._backfill.ranges(writer.tip, step.last, self._trust.node)
            async with aclosing(ranges):
                async for fetched in ranges:
                    self._check_lease()
                    await self._fold_range(writer, fetched, reading)
                    if writer.events_held >= FLUSH_EVENTS:
                        await self._flush(writer, reading)
        except (RpcError, Inconsistent):
            # The nodes failed; what they answered so far stands.
            await self._flush(writer, reading)
            raise
        finally:
            await writer.wait_idle()
        await self._flush(writer, reading)

    async def _fold_range(self, writer: IndexWriter, fetched: Fetched, reading: _Reading) -> None:
        """Fold one range while the events of the one before are still being written."""
        events, after = self._checked(writer, fetched)
        await self._add(writer, events, after, fetched)
        await writer.stage()
        last = fetched.last
        reading.place = BlockPosition(last.number, last.hash, writer.seq, writer.history)
        self._trust.served(fetched.node, proven=fetched.proof is not None)
        if fetched.proof is not None:
            reading.proven = reading.place

    async def _flush(self, writer: IndexWriter, reading: _Reading) -> None:
        if reading.place.number == writer.tip.number:
            return
        writer.checkpoint["updated_at"] = self._clock.now()
        await writer.commit([reading.place], reading.place.number, proven=reading.proven)
        self._show(writer.checkpoint)

    async def _wait_for_finality(self, writer: IndexWriter, step: Unfinal) -> NoReturn:
        """Nothing above what is final is read: note how far the chain is, and say so."""
        self.final = max(self.final, step.final)
        self._note_head(writer, step.head.number, step.head.timestamp)
        writer.checkpoint["state"] = "syncing"
        await writer.save()
        raise TooMuchUnfinal(too_much_unfinal(step.final))

    # --- at rest ------------------------------------------------------------------------------

    async def _at_head(self, writer: IndexWriter, step: Nothing) -> None:
        """At the head: note it, and compare the history with the contract's when it is time."""
        self.final = max(self.final, step.final)
        writer.settle(self.final)
        point = writer.checkpoint
        at_head = step.head.hash == writer.tip.hash
        if at_head:
            point["state"], point["stop_reason"] = "following", None
        self._note_head(writer, step.head.number, step.head.timestamp)
        unproven = point["proven"][2] != writer.seq
        if at_head:
            now = self._clock.monotonic()
            due = self._verified_at is None or now - self._verified_at >= self._verify_seconds
            if unproven or due:
                await self._verify(writer, step.node)
                self._verified_at = now
        await writer.save()

    async def _verify(self, writer: IndexWriter, node_name: str) -> None:
        """Ask for the history: another node than the one that served, if there is one."""
        tip = writer.tip
        node, proof = await self._second_opinion(writer, node_name)
        if proof == NO_CONTRACT and tip.seq == 0:
            return  # nothing to compare yet
        if proof is not None and not agrees(proof, tip.seq, tip.history):
            raise Contradiction(
                node.name,
                f"at block {tip.number} it reports {proof.count} events, the index has {tip.seq}"
                if proof.count != tip.seq
                else f"at block {tip.number} it reports a different history hash than the index",
                missing=proof.count > tip.seq,
            )
        writer.checkpoint["proven"] = window_entry(tip)
        self._trust.served(node.name, proven=True)

    async def _second_opinion(
        self, writer: IndexWriter, node_name: str
    ) -> tuple[Node, HistoryView | None]:
        """The history at the tip, by a node other than `node_name` that has the tip, if any."""
        contract, tip = writer.checkpoint["_id"], writer.tip.hash
        other = self._nodes.other_than(node_name)
        if other is not None:
            # One that is behind, or stands still, has no opinion.
            told = await history_at(other, contract, tip, must_prove=False)
            if told is not None:
                return other, told
        node = self._nodes.pick()
        return node, await history_at(node, contract, tip, must_prove=True)

    def _note_head(self, writer: IndexWriter, number: int, timestamp: int) -> None:
        head = HeadRef(block=number, timestamp=timestamp)
        if (seconds := self._block_seconds()) is not None:
            head["block_seconds"] = seconds
        writer.checkpoint["head"] = head
        writer.checkpoint["updated_at"] = self._clock.now()
        self._show(writer.checkpoint)

    # --- trouble ------------------------------------------------------------------------------

    async def _handle_contradiction(
        self, writer: IndexWriter, error: Contradiction | Inconsistent
    ) -> None:
        """A node's answer cannot be true, or the index's unproven blocks are not."""
        await writer.discard()
        missing = isinstance(error, Contradiction) and error.missing
        if missing and writer.seq == 0:
            await self._check_start(writer, error)
        no_lie = missing and self._trust.blames_blooms(str(error))
        if no_lie or self._trust.strike(error.node, str(error)):
            proven = entry_position(writer.checkpoint["proven"])
            if proven.number < writer.tip.number:
                log.warning("rolling back to the last proven block", block=proven.number)
                await writer.rollback_to(proven)
        await self._clock.sleep(self._trust.pause())

    async def _check_start(self, writer: IndexWriter, error: Contradiction | Inconsistent) -> None:
        """The index holds no event, and some are missing: the start block may be too late."""
        contract, start = writer.checkpoint["_id"], writer.checkpoint["start_block"]
        late = await find_earlier_events(self._trust.node(), contract, start)
        if late is not None:
            raise late
        first = error.begins_with if isinstance(error, Contradiction) else None
        if first is None or not self._trust.last_chance(error.node):
            return
        # A node without the first events' logs is no liar; perhaps another one has them.
        if not self._trust.set_aside(error.node):
            raise DoubtfulStart(doubtful_start(contract, start, first))

    async def _handle_deep_reorg(self, writer: IndexWriter, step: Deep) -> None:
        """Believe a reorg past finality only if another node confirms it."""
        other = self._nodes.other_than(step.node)
        if other is not None:
            second = await self._follower.look(writer.window, self.final, node=other)
            if not isinstance(second, Deep):
                self._nodes.quarantine(step.node, "its chain differs from ours below finality")
                return
        reason = deep_reorg(writer.checkpoint["_id"], writer.tip.number, self.final)
        writer.checkpoint["state"] = "stopped"
        writer.checkpoint["stop_reason"] = reason
        await writer.save()
        raise Stopped(reason)
