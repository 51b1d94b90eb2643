"""A load generator for HTTP/1.1 keep-alive, on the loopback interface only.

Promises: bounded in connections and time. `saturate`: each connection asks again as soon as it is
answered: the rate the server can do. `offer`: requests are due at fixed times whatever the server
does, and latency counts from when a request was due, so a stall is not hidden by waiting for it;
how late this side was itself in sending is told beside it.
Assumes: answers carry Content-Length; a request costs this side some 40 us, and nothing else runs
in this process meanwhile.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Self

Asked = str | Callable[[], bytes]
"""A path to get, or what gives the next request whole."""


@dataclass
class Load:
    """What came back. `latencies` in seconds, with the time each was `due` since the start;
    `lateness`: of our own sending; `statuses` by code."""

    seconds: float = 0.0
    due: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    lateness: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    def __add__(self, other: Load) -> Load:
        """Both together; the due times stay each one's own."""
        statuses = {
            code: self.statuses.get(code, 0) + other.statuses.get(code, 0)
            for code in {*self.statuses, *other.statuses}
        }
        return Load(
            self.seconds + other.seconds,
            self.due + other.due,
            self.latencies + other.latencies,
            self.lateness + other.lateness,
            statuses,
        )

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def quantile(self, share: float) -> float:
        """Latency in seconds that this share of the answers stayed under."""
        return quantile(self.latencies, share)

    @property
    def failed(self) -> int:
        return sum(count for status, count in self.statuses.items() if status != 200)


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share of `values` stays under; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


class _Connection(asyncio.Protocol):
    """Asks one thing at a time. `due`: when the request under way was due, None: it is idle."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._buffer = b""
        self.due: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def ask(self, request: bytes, due: float) -> None:
        self.due = due
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        data = self._buffer + data
        head, mark, rest = data.partition(b"\r\n\r\n")
        if mark:
            start = head.lower().find(b"content-length: ") + 16
            end = head.find(b"\r\n", start)
            mark = b"" if len(rest) < int(head[start : end if end > 0 else None]) else mark
        self._buffer = b"" if mark else data
        if mark and self.due is not None:
            due, self.due = self.due, None
            self._crowd.answered(self, int(head[9:12]), due, rest)


class Crowd:
    """Connections to one server, opened by `async with`; one `saturate` or `offer` at a time.
    `on_answer` is told each answer's status and body."""

    def __init__(
        self,
        port: int,
        connections: int,
        on_answer: Callable[[int, bytes], None] | None = None,
    ) -> None:
        self.on_answer = on_answer
        self._port = port
        self._count = connections
        self._all: list[_Connection] = []
        self._idle: deque[_Connection] = deque()
        self._waiting: deque[float] = deque()  # due times for which no connection was idle
        self._load = Load()
        self._started = 0.0
        self._next: Callable[[], bytes] = bytes
        self._again = False

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        for _ in range(self._count):
            _, made = await loop.create_connection(
                lambda: _Connection(self), "127.0.0.1", self._port
            )
            self._all.append(made)
        self._idle.extend(self._all)
        return self

    async def __aexit__(self, *error: object) -> None:
        for connection in self._all:
            connection.transport.abort()

    async def saturate(self, asked: Asked, seconds: float) -> Load:
        """As fast as the server answers."""
        load = self._begin(asked, again=True)
        while self._idle:
            self._idle.popleft().ask(self._next(), self._started)
        await asyncio.sleep(seconds)
        self._again = False
        await self._drain()
        return self._end(load)

    async def offer(self, asked: Asked, rate: float, seconds: float) -> Load:
        """`rate` requests per second, evenly, each on a connection that is idle if there is one."""
        load = self._begin(asked, again=False)
        total = int(rate * seconds)
        sent = 0
        while sent < total:
            now = time.perf_counter()
            due_by_now = min(total, int((now - self._started) * rate) + 1)
            while sent < due_by_now:
                # not the time of sending: a late generator does not flatter the server
                due = self._started + sent / rate
                load.lateness.append(now - due)
                self._ask(due)
                sent += 1
            await asyncio.sleep(0.0005)
        await self._drain()
        return self._end(load)

    def answered(self, connection: _Connection, status: int, due: float, body: bytes) -> None:
        """A connection has its answer."""
        if self.on_answer is not None:
            self.on_answer(status, body)
        now = time.perf_counter()
        load = self._load
        load.statuses[status] = load.statuses.get(status, 0) + 1
        load.latencies.append(now - due)
        load.due.append(due - self._started)
        if self._again:
            connection.ask(self._next(), now)
        elif self._waiting:
            connection.ask(self._next(), self._waiting.popleft())
        else:
            self._idle.append(connection)

    def _ask(self, due: float) -> None:
        if self._idle:
            self._idle.popleft().ask(self._next(), due)
        else:
            self._waiting.append(due)

    def _begin(self, asked: Asked, *, again: bool) -> Load:
        if isinstance(asked, str):
            get = f"GET {asked} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\n\r\n".encode()
            self._next = lambda: get
        else:
            self._next = asked
        self._again = again
        self._load = Load()
        gc.collect()
        gc.disable()  # a pause of ours would count as the server's
        self._started = time.perf_counter()
        return self._load

    def _end(self, load: Load) -> Load:
        load.seconds = time.perf_counter() - self._started
        gc.enable()
        return load

    async def _drain(self) -> None:
        """Wait for the last answers, at most five seconds."""
        for _ in range(5000):
            if len(self._idle) == self._count:
                return
            await asyncio.sleep(0.001)
        raise RuntimeError("some answers never came")
