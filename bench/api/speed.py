"""How many `join`s, and how soon, while the indexer writes."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from statistics import median

from bench.api.load import Crowd, Load, quantile
from bench.api.place import Place
from bench.out import Out
from bench.rows import Row
from bench.usage import usage
from localnet.process import Program

JOIN, BARE = "/api/livestream/join?room_id=live_1", "/bare"
ROUNDS = 16
SECONDS = 0.75
OPEN_SECONDS = 20.0
CONNECTIONS = 32
WRITES = 5.0  # rooms created (and provisioned) per second: two transactions, two blocks each
TABLE = f"join: 2 workers, {CONNECTIONS} connections; generator, node, database on the same CPUs"


@dataclass
class _Rounds:
    """Both routes in turn, over the same connections. `costs`: CPU microseconds of a request."""

    rates: dict[str, list[float]] = field(default_factory=lambda: {JOIN: [], BARE: []})
    costs: dict[str, list[float]] = field(default_factory=lambda: {JOIN: [], BARE: []})

    def ratios(self) -> list[float]:
        """Of `join` to the bare route, round by round."""
        return [one / other for one, other in zip(self.rates[JOIN], self.rates[BARE], strict=True)]

    async def take(self, crowd: Crowd, program: Program) -> None:
        for path in (JOIN, BARE):  # warm
            await crowd.saturate(path, SECONDS)
        for turn in range(ROUNDS):
            for path in (JOIN, BARE) if turn % 2 else (BARE, JOIN):
                before = usage(program.pid)
                done = _all_well(await crowd.saturate(path, SECONDS))
                spent = usage(program.pid).since(before).cpu
                self.rates[path].append(done.rate)
                self.costs[path].append(spent / len(done.latencies) * 1e6)


def speed(out: Out) -> list[Row]:
    """Saturated rate beside a bare route; p99 at half of it, open loop."""
    with Place(out.folder) as place:
        for _ in range(20):
            place.hosts.create_room()
        place.indexer()
        program, port = place.api()
        return asyncio.run(_measure(out, place, program, port))


async def _measure(out: Out, place: Place, program: Program, port: int) -> list[Row]:
    rounds = _Rounds()
    async with Crowd(port, CONNECTIONS) as crowd:
        await rounds.take(crowd, program)
        out.say(f"join {median(rounds.rates[JOIN]):,.0f}/s; writing begins")
        place.start_writing(WRITES)
        busy = _all_well(await crowd.saturate(JOIN, 4.0))
        out.say(f"join while the indexer writes: {busy.rate:,.0f}/s")
        first = place.block()
        opened = _all_well(await crowd.offer(JOIN, busy.rate / 2, OPEN_SECONDS))
        blocks = (place.block() - first) / opened.seconds
        place.stop_writing()
    raw = {"due": opened.due, "latencies": opened.latencies, "lateness": opened.lateness}
    (out.folder / "open-loop.json").write_text(json.dumps(raw))
    return [*_saturated(rounds), *_open(busy, opened, blocks)]


def _saturated(rounds: _Rounds) -> list[Row]:
    ratios = sorted(rounds.ratios())
    ratio = median(ratios)
    return [
        Row(TABLE, "requests per second, saturated", median(rounds.rates[JOIN]), "/s",
            median(rounds.rates[BARE]), "a bare Flask route",
            "at least 0.8 of the bare route", ratio >= 0.8,
            f"ratio of a round: median {ratio:.2f}, the middle half {quantile(ratios, 0.25):.2f} to"
            f" {quantile(ratios, 0.75):.2f}, all {ratios[0]:.2f} to {ratios[-1]:.2f};"
            f" {ROUNDS} pairs of {SECONDS:g} s"),
        Row(TABLE, "CPU of the server per request", median(rounds.costs[JOIN]), "us",
            median(rounds.costs[BARE]), "a bare Flask route"),
    ]  # fmt: skip


def _open(busy: Load, opened: Load, blocks: float) -> list[Row]:
    p99 = opened.quantile(0.99) * 1000
    note = (
        f"{len(opened.latencies):,} requests, {busy.rate / 2:,.0f}/s; {blocks:.1f} blocks indexed"
        f" per second; p50 {opened.quantile(0.5) * 1000:.1f} ms, p99.9"
        f" {opened.quantile(0.999) * 1000:.1f} ms; of this the generator's own lateness: p99"
        f" {quantile(opened.lateness, 0.99) * 1000:.1f} ms"
    )
    return [
        Row(TABLE, "the same while the indexer writes", busy.rate, "/s"),
        Row(TABLE, "p99 at half that rate, open loop, index written", p99, "ms",
            aim="at most 25 ms", met=p99 <= 25, note=note),
    ]  # fmt: skip


def _all_well(load: Load) -> Load:
    if load.failed:
        raise RuntimeError(f"{load.failed} answers were not 200")
    return load
