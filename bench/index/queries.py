"""Every query of `indexer.reader` on the embedded server with 200,000 rooms: p99 within 50 ms.

One client asks one question after the other, each with arguments chosen at random; the time is what
the caller waits, decoding included.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from random import Random
from statistics import median, quantiles
from typing import Any

import pymongo

from bench.index.large_index import CONTRACT, DATABASE, HOSTS, NEWEST, ROOM_COUNT, address, library
from bench.output import SuiteOutput
from bench.rows import BenchRow
from indexer.operator_queries import Frontier
from indexer.reader import AsyncReader, Reader
from localnet.runner import Runner

SAMPLES = 300
WARM = 20
PAGE = 20
LARGEST_PAGE = 100
WORK = 200
AIM = 50.0
TABLE = f"queries with {ROOM_COUNT:,} rooms, embedded server (p99, {SAMPLES} each)"


def measure(out: SuiteOutput) -> list[BenchRow]:
    """A row per query."""
    folder, known = library(out)
    with Runner(out.folder) as runner:
        uri = runner.mongo(storage=folder, sync=True).uri
        with pymongo.MongoClient[dict[str, Any]](uri, directConnection=True) as client:
            reader = Reader(client[DATABASE], [CONTRACT])
            rows = [_row(out, name, _times(ask)) for name, ask in asked(reader, known)]
        rows += asyncio.run(_asynchronous(out, uri, known))
    return rows


def asked(reader: Reader, known: dict[str, int]) -> list[tuple[str, Callable[[], Any]]]:
    """The synchronous reader's questions, as the API asks them."""
    chance = Random(3)
    rooms, events = reader.rooms, known["events"]

    def anywhere() -> int:
        return chance.randrange(1, ROOM_COUNT + 1)

    def host() -> str:
        return address(chance.randrange(3, HOSTS))

    def anytime() -> int:
        return chance.randrange(events)

    def status() -> str:
        return chance.choice(("pending", "active", "ended"))

    def mode() -> str:
        return chance.choice(("webrtc", "broadcast"))

    return [
        ("checkpoint", lambda: reader.checkpoint(CONTRACT)),
        ("room", lambda: reader.room(anywhere())),
        ("rooms by number, 20", lambda: reader.rooms_by_id([anywhere() for _ in range(PAGE)])),
        ("rooms, newest", lambda: rooms(limit=PAGE)),
        ("rooms, any page of 100", lambda: rooms(below=anywhere(), limit=LARGEST_PAGE)),
        ("rooms, pending", lambda: rooms(status="pending", limit=PAGE)),
        ("rooms, active", lambda: rooms(status="active", limit=PAGE)),
        ("rooms, active, page of 100", lambda: rooms(status="active", limit=LARGEST_PAGE)),
        ("rooms, ended", lambda: rooms(status="ended", limit=PAGE)),
        ("rooms, pending, below any", lambda: rooms(status="pending", below=anywhere())),
        ("rooms, ended, any page", lambda: rooms(status="ended", below=anywhere(), limit=PAGE)),
        ("rooms, mode", lambda: rooms(mode=mode(), below=anywhere(), limit=PAGE)),
        ("rooms, mode and status", lambda: rooms(mode=mode(), status=status(), limit=PAGE)),
        ("rooms, host", lambda: rooms(host=host(), limit=PAGE)),
        ("rooms, host with 5,000", lambda: rooms(host=address(0), below=anywhere(), limit=PAGE)),
        ("rooms, host without any", lambda: rooms(host=address(HOSTS + 7), limit=PAGE)),
        ("rooms, host and status", lambda: rooms(host=host(), status=status(), limit=PAGE)),
        (
            "rooms, host with 5,000, active",
            lambda: rooms(host=address(0), status="active", limit=PAGE),
        ),
        ("rooms, host and mode", lambda: rooms(host=host(), mode=mode(), limit=PAGE)),
        ("rooms, offered to somebody", lambda: rooms(pending_host=host(), limit=PAGE)),
        ("rooms, offered to nobody", lambda: rooms(pending_host=address(HOSTS + 7), limit=PAGE)),
        ("events of a room", lambda: reader.room_events(anywhere())),
        (
            "events after any, 100",
            lambda: reader.events_after(CONTRACT, anytime(), 100),
        ),
        ("operators", lambda: reader.operators(CONTRACT)),
        ("terms", lambda: reader.terms(CONTRACT, 1)),
        ("account", lambda: reader.account(CONTRACT, host())),
    ]


async def _asynchronous(out: SuiteOutput, uri: str, known: dict[str, int]) -> list[BenchRow]:
    """What the oracle asks."""
    chance = Random(4)
    now = known["time"]
    async with pymongo.AsyncMongoClient[dict[str, Any]](uri, directConnection=True) as client:
        reader = AsyncReader(client[DATABASE], [CONTRACT])

        def some() -> list[int]:
            return [ROOM_COUNT - chance.randrange(NEWEST) for _ in range(WORK)]

        frontiers: defaultdict[Any, Frontier] = defaultdict(Frontier)

        def work(kind: str, frontier: Frontier | None = None) -> Awaitable[Any]:
            return reader.work(CONTRACT, 1, kind, WORK, frontier or frontiers[kind])

        def expirable(at: int, frontier: Frontier | None = None) -> Awaitable[Any]:
            return reader.expirable(CONTRACT, 1, at, WORK, frontier or frontiers[at])

        questions: list[tuple[str, Callable[[], Awaitable[Any]]]] = [
            ("work, provision, 200", lambda: work("provision")),
            ("work, provision, 200, just started", lambda: work("provision", Frontier())),
            ("work, release, 200", lambda: work("release")),
            ("work, rekey (none)", lambda: work("rekey")),
            ("expirable, 200", lambda: expirable(now + 90_000)),
            ("expirable, 200, just started", lambda: expirable(now + 90_000, Frontier())),
            ("expirable, none", lambda: expirable(1_600_000_000)),
            ("rooms by number, 200", lambda: reader.rooms_by_id(some())),
        ]
        rows = []
        for name, ask in questions:
            times = []
            for i in range(SAMPLES + WARM):
                began = time.perf_counter()
                await ask()
                if i >= WARM:
                    times.append((time.perf_counter() - began) * 1000)
            rows.append(_row(out, f"oracle: {name}", times))
    return rows


def _times(ask: Callable[[], Any]) -> list[float]:
    """Milliseconds of each call."""
    times = []
    for i in range(SAMPLES + WARM):
        began = time.perf_counter()
        ask()
        if i >= WARM:
            times.append((time.perf_counter() - began) * 1000)
    return times


def _row(out: SuiteOutput, name: str, times: list[float]) -> BenchRow:
    worst = quantiles(times, n=100, method="inclusive")[98]
    out.say(f"{name}: median {median(times):.1f} ms, p99 {worst:.1f} ms")
    return BenchRow(
        TABLE, name, worst, "ms", median(times), "median", "at most 50 ms", worst <= AIM
    )
