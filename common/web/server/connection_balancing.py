"""New connections go to the worker that has few.

All workers wait on one listening socket; the kernel wakes each, and on a machine with time to spare
the same one is always the quickest: with keep-alive it would end up with every viewer while the
other cores idle.

Promises: a worker that has more connections than another leaves a new one to it for `TURN`, and
only then takes it, so that a worker that hangs or has died holds nobody up for longer.
Assumes: `ConnectionCounts` is made before the fork; the master calls `gone` for a worker that has
ended.
On restart: all counts begin at zero.
"""

from __future__ import annotations

import mmap
import time
from collections.abc import Callable, Collection
from typing import Any

import gevent
from gevent.server import StreamServer

SLOTS = 64  # workers beyond these do not take part
TURN = 0.001  # seconds
LEEWAY = 2  # connections more than the other that still count as even
_GONE = -1


class ConnectionCounts:
    """How many connections each worker has, in memory that all of them see."""

    def __init__(self) -> None:
        self._counts = memoryview(mmap.mmap(-1, 4 * SLOTS)).cast("i")
        for slot in range(SLOTS):
            self._counts[slot] = _GONE

    def slot(self, taken: Collection[int | None]) -> int | None:
        """A place for a new worker, beside those that are taken."""
        return next((slot for slot in range(SLOTS) if slot not in taken), None)

    def set(self, slot: int | None, connections: int) -> None:
        if slot is not None:
            self._counts[slot] = connections

    def gone(self, slot: int | None) -> None:
        """Its worker takes no connections any more."""
        self.set(slot, _GONE)

    def others_have_fewer(self, slot: int | None) -> bool:
        """Whether another worker should rather take the next connection."""
        if slot is None:
            return False
        least = min(count for count in self._counts if count != _GONE)
        return self._counts[slot] > least + LEEWAY + least // 16


class BalancingServer(StreamServer):  # type: ignore[misc]  # gevent ships no types for it
    """Accepts one connection at a time. `leave()`: whether another worker should take it."""

    max_accept = 1

    def __init__(self, *args: Any, leave: Callable[[], bool], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._leave = leave
        self._left_at = float("-inf")

    def do_read(self) -> Any:
        now = time.monotonic()
        if self._leave() and now - self._left_at > 4 * TURN:
            self._left_at = now  # if it is still there after `TURN`, nobody else wants it
            self.stop_accepting()
            gevent.spawn_later(TURN, self._go_on)
            return None
        self._left_at = float("-inf")
        return super().do_read()

    def _go_on(self) -> None:
        if self.started:
            self.start_accepting()
