"""How many `join`s, and how soon, while the indexer writes."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

from bench.api.load import Crowd, Load, quantile
from bench.api.place import Place
from bench.out import Out
from bench.rows import Row
from bench.usage import Others, usage
from localnet.process import Program

JOIN, BARE = "/api/livestream/join?room_id=live_1", "/bare"
ROUNDS = 16
SECONDS = 0.75
WINDOW, WINDOWS, MOST_WINDOWS = 4.0, 6, 16  # seconds; undisturbed ones wanted; in all
DISTURBED = 0.1  # of a core, taken by programs that have nothing to do with this
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
        first, started = place.block(), time.perf_counter()
        windows = await _windows(out, crowd, busy.rate / 2)
        blocks = (place.block() - first) / (time.perf_counter() - started)
        place.stop_writing()
    raw = [vars(window.load) | {"others": window.others} for window in windows]
    (out.folder / "open-loop.json").write_text(json.dumps(raw))
    return [*_saturated(rounds), *_open(busy, windows, blocks)]


class _Window(NamedTuple):
    """A while of open loop. `others`: cores that other programs of the machine took meanwhile."""

    load: Load
    others: float

    @property
    def disturbed(self) -> bool:
        return self.others > DISTURBED


async def _windows(out: Out, crowd: Crowd, rate: float) -> list[_Window]:
    """Windows until enough of them were undisturbed."""
    taken: list[_Window] = []
    while len(taken) < MOST_WINDOWS:
        others = Others()
        load = _all_well(await crowd.offer(JOIN, rate, WINDOW))
        taken.append(_Window(load, others.cores()))
        p99 = load.quantile(0.99) * 1000
        out.say(f"open loop: p99 {p99:.1f} ms; others took {taken[-1].others:.2f} of a core")
        if sum(1 for window in taken if not window.disturbed) == WINDOWS:
            break
    return taken


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


def _open(busy: Load, windows: list[_Window], blocks: float) -> list[Row]:
    undisturbed = [window for window in windows if not window.disturbed] or windows
    load = sum((window.load for window in undisturbed), Load())
    everything = sum((window.load for window in windows), Load())
    p99 = load.quantile(0.99) * 1000
    each = sorted(window.load.quantile(0.99) * 1000 for window in undisturbed)
    note = (
        f"{len(load.latencies):,} requests at {busy.rate / 2:,.0f}/s in {len(undisturbed)} windows"
        f" of {WINDOW:g} s; {blocks:.1f} blocks indexed per second; p50"
        f" {load.quantile(0.5) * 1000:.1f} ms, p99.9 {load.quantile(0.999) * 1000:.1f} ms; p99 of"
        f" a window {each[0]:.1f} to {each[-1]:.1f} ms; of this the generator's own lateness: p99"
        f" {quantile(load.lateness, 0.99) * 1000:.1f} ms. With the"
        f" {len(windows) - len(undisturbed)} windows in which other programs took more than"
        f" {DISTURBED:g} of a core: p99 {everything.quantile(0.99) * 1000:.1f} ms"
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
