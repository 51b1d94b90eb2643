"""How many `join`s, and how soon, while the indexer writes."""

from __future__ import annotations

import asyncio
from statistics import median

from bench.api import load
from bench.api.place import Place
from bench.out import Out
from bench.rows import Row
from bench.usage import usage

JOIN = "/api/livestream/join?room_id=live_1"
ROUNDS = 5
SECONDS = 3.0
OPEN_SECONDS = 15.0
WRITES = 5.0  # rooms created (and provisioned) per second: two transactions, two blocks each


def speed(out: Out) -> list[Row]:
    """Saturated rate beside a bare route; p99 at half of it, open loop."""
    with Place(out.folder) as place:
        for _ in range(20):
            place.create_room()
        place.indexer()
        program, port = place.api()
        joins, bares = [], []
        costs: dict[str, list[float]] = {JOIN: [], "/bare": []}

        def saturate(path: str) -> load.Load:
            before = usage(program.pid)
            done = asyncio.run(load.closed(port, path, seconds=SECONDS))
            spent = usage(program.pid).since(before).cpu
            costs[path].append(spent / len(done.latencies) * 1e6)
            return done

        asyncio.run(load.closed(port, JOIN, seconds=1.0))
        for turn in range(ROUNDS):
            bares.append(saturate("/bare"))
            joins.append(saturate(JOIN))
            out.say(f"round {turn + 1}: bare {bares[-1].rate:,.0f}/s, join {joins[-1].rate:,.0f}/s")
        join, bare = median(one.rate for one in joins), median(one.rate for one in bares)
        ratio = median(one.rate / other.rate for one, other in zip(joins, bares, strict=True))
        place.start_writing(WRITES)
        opened = asyncio.run(load.opened(port, JOIN, join / 2, seconds=OPEN_SECONDS))
        place.stop_writing()
        wrong = sum(one.failed for one in [*joins, *bares, opened])
    if wrong:
        raise RuntimeError(f"{wrong} answers were not 200")
    table = "join: 2 workers, 32 connections; load generator, node and database on the same CPUs"
    cost, bare_cost = median(costs[JOIN]), median(costs["/bare"])
    p99 = opened.quantile(0.99) * 1000
    return [
        Row(table, "requests per second, saturated", join, "/s", bare, "a bare Flask route",
            "at least 0.8 of the bare route", ratio >= 0.8,
            f"median of {ROUNDS} alternating rounds; median ratio of a round {ratio:.2f}"),
        Row(table, "CPU of the server per request", cost, "us", bare_cost, "a bare Flask route"),
        Row(table, "p99 at half that rate, open loop, index written", p99, "ms",
            aim="at most 25 ms", met=p99 <= 25,
            note=f"{len(opened.latencies):,} requests, {join / 2:,.0f}/s; about {WRITES:.0f} rooms"
            f" created and provisioned per second; p50 {opened.quantile(0.5) * 1000:.1f} ms,"
            f" p99.9 {opened.quantile(0.999) * 1000:.1f} ms"),
    ]  # fmt: skip
