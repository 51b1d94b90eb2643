"""What others notice of clients that stall, and how soon those are shown out."""

from __future__ import annotations

import asyncio
import time

from bench.api.api_bench import ApiBench
from bench.api.hosts import live_room
from bench.api.load import Crowd, Load
from bench.output import SuiteOutput
from bench.rows import BenchRow
from bench.usage import Others, tree, usage

JOIN = "/api/livestream/join?room_id=live_1"
RATE = 100.0
STALLED = {
    "none": (0, b""),
    "5,000 idle connections": (5000, b""),
    "2,000 that never finish their headers": (
        2000, b"GET / HTTP/1.1\r\nHost: bench\r\nX-Slow: ",
    ),
    "2,000 that never finish their body": (
        2000,
        b"POST /api/livestream/create HTTP/1.1\r\nHost: bench\r\nContent-Length: 999\r\n"
        b"Content-Type: application/json\r\n\r\n{",
    ),
}  # fmt: skip


class _Staller(asyncio.Protocol):
    """Says a few bytes, then nothing; notes when it is hung up on."""

    def __init__(self, first: bytes) -> None:
        self.first = first
        self.closed_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self.first)

    def connection_lost(self, error: Exception | None) -> None:
        self.closed_at = time.perf_counter()


def hard(out: SuiteOutput) -> list[BenchRow]:
    """p99 of `join` at a modest rate with each kind of bad company."""
    with ApiBench(out.folder) as place:
        live_room(place.rooms)
        place.indexer()
        program, port = place.api()
        rows: list[BenchRow] = []
        alone = 0.0
        for name, (count, first) in STALLED.items():
            others = Others()
            done, seconds, gone = asyncio.run(_beside(port, count, first))
            disturbed = others.cores()
            p99 = done.quantile(0.99) * 1000
            alone = alone or p99
            peak = max(usage(pid).peak for pid in tree(program.pid)) / 1e6
            note = (
                f"{done.failed} of {len(done.latencies)} failed; largest process {peak:.0f} MB;"
                f" other programs took {disturbed:.2f} of a core"
            )
            if count:
                note += f"; {gone} of {count} hung up on within {seconds:.0f} s"
            out.say(f"{name}: p99 {p99:.1f} ms; {note}")
            table = f"join at {RATE:.0f}/s beside clients that stall: p99"
            rows.append(BenchRow(table, name, p99, "ms", alone, "alone", note=note))
    return rows


async def _beside(port: int, count: int, first: bytes) -> tuple[Load, float, int]:
    loop = asyncio.get_running_loop()
    stallers: list[_Staller] = []
    for _ in range(count):
        _, staller = await loop.create_connection(lambda: _Staller(first), "127.0.0.1", port)
        stallers.append(staller)
    started = time.perf_counter()
    async with Crowd(port, 16) as crowd:
        done = await crowd.offer(JOIN, RATE, 8.0)
    while stallers and time.perf_counter() - started < 30.0:
        if all(staller.closed_at for staller in stallers):
            break
        await asyncio.sleep(0.1)
    seconds = max([staller.closed_at - started for staller in stallers], default=0.0)
    gone = sum(1 for staller in stallers if staller.closed_at)
    for staller in stallers:
        staller.transport.abort()
    return done, seconds, gone
