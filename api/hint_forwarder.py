"""Hints of pages on their way to `python -m presence`, best effort.

Promises: `give` costs the asker nothing and never fails: a room waits in a bounded queue, once, and
one thread hands up to `MOST_HINTS` on at a time, each try bounded by `PATIENCE`. What does not fit,
or does not arrive, is counted and forgotten: presence looks at every room by itself. With no
address nothing is queued or started.
On restart: nothing is kept.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import httpx

from common.http_proxies import direct_mounts
from common.task_keeper import TaskKeeper
from presence.documents import MOST_HINTS

QUEUE = 500  # rooms
PATIENCE = 2.0  # seconds
PAUSE = 0.2  # seconds in which hints gather


class HintForwarder:
    """One per process. `url`: presence's, "": off. `count(result, rooms)`: `sent`, `dropped` for
    want of room, `failed`."""

    def __init__(
        self,
        url: str,
        *,
        keeper: TaskKeeper,
        count: Callable[[str, int], None] = lambda result, rooms: None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        self._keeper = keeper
        self._count = count
        self._transport = transport
        self._waiting: dict[int, None] = {}  # in the order in which they came
        self._lock = threading.Lock()
        self._given = threading.Event()
        self._thread: threading.Thread | None = None
        self._closed = False

    def give(self, number: int) -> None:
        """Hand a room's number on, some time."""
        if not self._url or self._closed:
            return
        with self._lock:
            if number not in self._waiting and len(self._waiting) >= QUEUE:
                self._count("dropped", 1)
                return
            self._waiting[number] = None
            if self._thread is None:
                # started by the first hint: a thread does not outlive the fork of a worker
                self._thread = threading.Thread(target=self._keep_sending, daemon=True)
                self._thread.start()
        self._given.set()

    def close(self) -> None:
        """End the thread; what waits is dropped."""
        self._closed = True
        self._given.set()
        thread = self._thread
        if thread is not None:
            thread.join(timeout=PATIENCE + 1)

    def _keep_sending(self) -> None:
        try:
            self._keeper.keep_here("hints", self._send_on, time.sleep, over=lambda: self._closed)
        finally:
            with self._lock:  # if it was killed, the next hint starts another
                self._thread = None

    def _send_on(self) -> None:
        with httpx.Client(
            timeout=PATIENCE, transport=self._transport, mounts=direct_mounts()
        ) as client:
            while not self._closed:
                self._given.wait()
                self._given.clear()
                while rooms := self._next():
                    self._send(client, rooms)
                    time.sleep(PAUSE)

    def _next(self) -> list[int]:
        with self._lock:
            rooms = [] if self._closed else list(self._waiting)[:MOST_HINTS]
            for number in rooms:
                del self._waiting[number]
        return rooms

    def _send(self, client: httpx.Client, rooms: list[int]) -> None:
        try:
            with client.stream("POST", f"{self._url}/hints", json={"rooms": rooms}) as answer:
                taken = answer.status_code == httpx.codes.ACCEPTED  # the body is not waited for
        except httpx.HTTPError:
            taken = False
        self._count("sent" if taken else "failed", len(rooms))
