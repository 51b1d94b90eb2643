"""A thread that works while somebody asks, for what a worker keeps fresh in its memory.

Promises: `turn` is called over and over, from `wake` on, as long as somebody holds or has asked in
the last `seconds`; then the thread rests until the next `wake`. If `turn` dies of a bug, the keeper
starts it again; if the thread was killed, the next `wake` starts another.
Assumes: `turn` pauses by itself.
On restart: started by the first `wake`, since a thread does not outlive the fork of a worker.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from common.task_keeper import TaskKeeper


class AwakeThread:
    """`name`: of the task, for the keeper. `asked_at`: when somebody asked last, monotonic, which
    who is asked sets."""

    def __init__(
        self,
        name: str,
        turn: Callable[[], None],
        seconds: float,
        *,
        keeper: TaskKeeper,
        monotonic: Callable[[], float],
    ) -> None:
        self._name = name
        self._turn = turn
        self._seconds = seconds
        self._keeper = keeper
        self._monotonic = monotonic
        self.asked_at = float("-inf")
        self._holders = 0
        self._lock = threading.Lock()
        self._awake = threading.Event()
        self._thread: threading.Thread | None = None
        self._closed = False

    @property
    def awake(self) -> bool:
        """Whether it works now."""
        return self._awake.is_set()

    def wake(self) -> None:
        """Work, if it rests."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._keep_working, daemon=True)
                self._thread.start()
            self._awake.set()

    def hold(self) -> None:
        """Do not rest until `release`."""
        with self._lock:
            self._holders += 1

    def release(self) -> None:
        with self._lock:
            self._holders -= 1

    def close(self) -> None:
        """End the thread."""
        self._closed = True
        self._awake.set()
        thread = self._thread
        if thread is not None:
            thread.join(timeout=5)

    def _keep_working(self) -> None:
        try:
            self._keeper.keep_here(self._name, self._work_on, time.sleep, over=lambda: self._closed)
        finally:
            with self._lock:
                self._thread = None
                self._awake.clear()

    def _work_on(self) -> None:
        while not self._closed:
            if self._holders == 0 and self._monotonic() - self.asked_at > self._seconds:
                self._awake.clear()
                self._awake.wait()
            else:
                self._turn()
