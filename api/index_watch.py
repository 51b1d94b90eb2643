"""Keeps this process's snapshot of the index no older than 45 ms while anybody asks.

Promises: `snapshot()` answers checkpoints read from the database at most `MAX_AGE` ago (or they
are being read by another caller right now, who shares the result). A read asks for the checkpoint
documents alone; only if a history changed does it ask for the new events and tell the observers
which rooms changed, before anybody sees the new snapshot. A reorg (the last event known is no
longer there) or too many events at once tell them that anything may have changed. While people ask,
a background thread reads every `INTERVAL`, so that requests do not wait for the database, even
when a read takes it 20 ms; a quiet process reads nothing.
Assumes: events, then rooms, then the checkpoint are written, in this order.
On restart: the first request reads.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from api.awake_thread import AwakeThread
from api.index_position import IndexPosition
from api.index_source import Document, IndexSource, IndexUnavailable
from common.clock import SystemClock
from common.task_keeper import TaskKeeper
from indexer.documents import why_unreadable

MAX_AGE = 0.045  # seconds; with a request's own time this stays under the promised 50 ms
INTERVAL = 0.020  # from the beginning of a read to the beginning of the next
BREATH = 0.002  # between two reads when the database is slow
PAUSE = 0.2  # after a failure
AWAKE = 2.0  # seconds that the background thread goes on after the last question
PATIENCE = 5.0  # seconds that a caller waits for another caller's read
MOST_EVENTS = 1000  # more new events than this at once: everything is read afresh


@dataclass(frozen=True, slots=True)
class IndexSnapshot:
    """The checkpoints. `read_at`: monotonic seconds, taken before the database was asked."""

    read_at: float
    positions: Mapping[str, IndexPosition]
    main: IndexPosition

    @property
    def room_numbers(self) -> range:
        """From the first room's number to the last one's."""
        positions = self.positions.values()
        first = min(position.first_room_id for position in positions)
        return range(first, max(position.first_room_id + position.rooms for position in positions))


@dataclass(frozen=True, slots=True)
class IndexChange:
    """What became different in a contract's history. `events`: the new ones in their order; None
    when they are too many or a reorg took some away (`rollback`): then anything may differ.
    `newest`: the event at the position's `seq`, None if there is none or it was gone again."""

    position: IndexPosition
    events: Sequence[Document] | None
    rollback: bool
    newest: Document | None = None


class IndexWatch:
    """One per process. Observers and `on_read` (after every read, changed or not) are called in the
    reading thread and must be quick."""

    def __init__(
        self,
        source: IndexSource,
        contracts: Sequence[str],
        *,
        monotonic: Callable[[], float] = time.monotonic,
        background: bool = True,
        on_read: Callable[[IndexSnapshot], None] = lambda snapshot: None,
        keeper: TaskKeeper | None = None,
    ) -> None:
        self._source = source
        self._contracts = tuple(contracts)
        self._monotonic = monotonic
        self._background = background
        self._on_read = on_read
        self._observers: list[Callable[[IndexChange], None]] = []
        self._lock = threading.Lock()
        self._pending_read: Future[IndexSnapshot] | None = None
        self._snapshot: IndexSnapshot | None = None
        self._last_events: dict[str, Document | None] = {}
        self._reader = AwakeThread(
            "index_watch", self._read_on, AWAKE,
            keeper=keeper or TaskKeeper(SystemClock(), random.Random()),  # noqa: S311  (jitter)
            monotonic=monotonic,
        )  # fmt: skip

    def observe(self, observer: Callable[[IndexChange], None]) -> None:
        """Call `observer` with every change; the first one has no events."""
        self._observers.append(observer)

    def snapshot(self) -> IndexSnapshot:
        """The checkpoints, at most `MAX_AGE` old. Raises `IndexUnavailable`."""
        now = self._reader.asked_at = self._monotonic()
        known = self._snapshot
        if self._background and not self._reader.awake:
            self._reader.wake()
        if known is not None and now - known.read_at <= MAX_AGE:
            return known
        return self._refresh()

    def known(self) -> IndexSnapshot | None:
        """The last snapshot, however old: for answers that need no fresh one."""
        return self._snapshot

    def hold(self) -> None:
        """Keep reading in the background until `release`: somebody waits for changes."""
        self._reader.hold()
        self._reader.wake()

    def release(self) -> None:
        self._reader.release()

    def close(self) -> None:
        """End the background thread."""
        self._reader.close()

    def _refresh(self) -> IndexSnapshot:
        asked_at = self._monotonic()
        while True:
            with self._lock:
                pending = self._pending_read
                mine = pending is None
                if pending is None:
                    pending = self._pending_read = Future()
            if mine:
                return self._read_and_share(pending)
            try:
                snapshot = pending.result(timeout=PATIENCE)
            except TimeoutError:
                raise IndexUnavailable("the database takes too long to answer") from None
            if snapshot.read_at >= asked_at - MAX_AGE:
                return snapshot  # else the database was slow, and the read began too long ago

    def _read_and_share(self, pending: Future[IndexSnapshot]) -> IndexSnapshot:
        try:
            snapshot = self._read()
            self._on_read(snapshot)
        except BaseException as error:
            with self._lock:
                self._pending_read = None
            pending.set_exception(error)
            raise
        self._snapshot = snapshot
        with self._lock:
            self._pending_read = None
        pending.set_result(snapshot)
        return snapshot

    def _read(self) -> IndexSnapshot:
        read_at = self._monotonic()
        docs = self._source.checkpoints(self._contracts)
        missing = [address for address in self._contracts if address not in docs]
        if missing:
            raise IndexUnavailable(f"contract {missing[-1]} is not indexed yet")
        for doc in docs.values():
            if (why := why_unreadable(doc)) is not None:
                raise IndexUnavailable(why)
        positions = {address: IndexPosition.of(docs[address]) for address in self._contracts}
        before = self._snapshot
        last_events = dict(self._last_events)
        changes = []
        for address, position in positions.items():
            known = before.positions[address] if before is not None else None
            if known is None or (known.seq, known.history) != (position.seq, position.history):
                change = self._change(known, position)
                last_events[address] = change.newest
                changes.append(change)
        # Only now that nothing can fail any more: each change is announced once.
        self._last_events = last_events
        for change in changes:
            self._announce(change)
        return IndexSnapshot(read_at, positions, positions[self._contracts[-1]])

    def _change(self, known: IndexPosition | None, position: IndexPosition) -> IndexChange:
        if known is not None and position.seq - known.seq > MOST_EVENTS:
            first = position.seq
        else:
            first = min(position.seq, known.seq if known is not None else position.seq)
        # The last event known is asked for again: if it is gone or moved, a reorg took it away.
        events = self._source.events(position.contract, first, position.seq)
        newest = events[-1] if events and events[-1]["seq"] == position.seq else None
        if known is None or first > known.seq:
            return IndexChange(position, None, rollback=False, newest=newest)
        last = self._last_events.get(position.contract)
        if position.seq < known.seq or last is None or not events or not _same(events[0], last):
            return IndexChange(position, None, rollback=True, newest=newest)
        return IndexChange(position, events[1:], rollback=False, newest=newest)

    def _announce(self, change: IndexChange) -> None:
        for observer in self._observers:
            observer(change)

    def _read_on(self) -> None:
        began = self._monotonic()
        try:
            self._refresh()
            time.sleep(pause_after(self._monotonic() - began))
        except IndexUnavailable:
            time.sleep(PAUSE)  # the next caller gets the error


def pause_after(took: float) -> float:
    """How long to rest after a read that took so many seconds: reads begin evenly, so that a slow
    one does not age the snapshot twice."""
    return max(BREATH, INTERVAL - took)


def _same(event: Document, other: Document) -> bool:
    return (event["seq"], event["block_hash"]) == (other["seq"], other["block_hash"])
