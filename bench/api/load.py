"""A load generator for HTTP/1.1 keep-alive, on the loopback interface only.

Promises: bounded in connections and time. `closed`: each connection asks again as soon as it is
answered: the rate the server can do. `opened`: requests are due at fixed times whatever the server
does, and latency counts from when a request was due, so a stall is not hidden by waiting for it.
Assumes: answers carry Content-Length; a request costs this side about 20 us.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field


@dataclass
class Load:
    """What came back. `latencies` in seconds, `statuses` by code."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def quantile(self, share: float) -> float:
        """Latency in seconds that this share of the answers stayed under."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0

    @property
    def failed(self) -> int:
        return sum(count for status, count in self.statuses.items() if status != 200)


class _Connection(asyncio.Protocol):
    """One connection. `due`: the times at which the requests under way were due."""

    def __init__(self, load: Load, request: bytes, again: bool) -> None:
        self.load = load
        self.request = request
        self.again = again
        self.due: deque[float] = deque()
        self.transport: asyncio.Transport | None = None
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def ask(self, due: float) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.due.append(due)
            self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while True:
            head, mark, rest = self.buffer.partition(b"\r\n\r\n")
            if not mark:
                return
            start = head.lower().find(b"content-length: ") + 16
            end = head.find(b"\r\n", start)
            length = int(head[start : end if end > 0 else None])
            if len(rest) < length:
                return
            self.buffer = rest[length:]
            now = time.perf_counter()
            status = int(head[9:12])
            self.load.statuses[status] = self.load.statuses.get(status, 0) + 1
            self.load.latencies.append(now - self.due.popleft())
            if self.again:
                self.ask(now)


async def _connect(port: int, count: int, load: Load, path: str, again: bool) -> list[_Connection]:
    loop = asyncio.get_running_loop()
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\n\r\n".encode()
    made = []
    for _ in range(count):
        _, connection = await loop.create_connection(
            lambda: _Connection(load, request, again), "127.0.0.1", port
        )
        made.append(connection)
    return made


def _hang_up(connections: list[_Connection]) -> None:
    for connection in connections:
        if connection.transport is not None:
            connection.transport.abort()


async def closed(port: int, path: str, *, connections: int = 32, seconds: float = 4.0) -> Load:
    """As fast as the server answers."""
    load = Load()
    made = await _connect(port, connections, load, path, again=True)
    started = time.perf_counter()
    for connection in made:
        connection.ask(started)
    await asyncio.sleep(seconds)
    load.seconds = time.perf_counter() - started
    _hang_up(made)
    return load


async def opened(
    port: int, path: str, rate: float, *, connections: int = 64, seconds: float = 10.0
) -> Load:
    """`rate` requests per second, evenly, over idle connections in turn."""
    load = Load()
    made = await _connect(port, connections, load, path, again=False)
    total = int(rate * seconds)
    started = time.perf_counter()
    sent = 0
    while sent < total:
        due_by_now = min(total, int((time.perf_counter() - started) * rate) + 1)
        while sent < due_by_now:
            # the due time, not the time of sending: a late generator does not flatter the server
            made[sent % connections].ask(started + sent / rate)
            sent += 1
        await asyncio.sleep(0.0005)
    await _drain(load, total)
    load.seconds = time.perf_counter() - started
    _hang_up(made)
    return load


async def _drain(load: Load, total: int) -> None:
    """Wait for the last answers, at most five seconds."""
    for _ in range(1000):
        if len(load.latencies) >= total:
            return
        await asyncio.sleep(0.005)
