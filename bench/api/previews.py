"""Pictures of shared links: how soon they come, and what drawing them does to others' requests.

One worker process. `from memory`: pictures that were drawn before, at an even rate; `drawn first`:
one after the other, each of a room nobody has shared yet; meanwhile a bare route is asked at an
even rate, which shows how long the event loop stands still.
"""

from __future__ import annotations

import asyncio
import re
import time
from statistics import median

import httpx

from bench.api.api_bench import ApiBench
from bench.api.hosts import live_room
from bench.api.load import Crowd, Load
from bench.output import SuiteOutput
from bench.rows import BenchRow
from bench.usage import Others
from chain.enums import room_name

ROOMS = 40
BARE = "/bare"
SITE = "https://rooms.example"
RATE, SECONDS = 100.0, 5.0
CONNECTIONS = 8
AIM = 30.0  # ms
TABLE = "pictures of shared links: one worker process; generator, node, database on the same CPUs"
_PICTURE = re.compile(rf'<meta property="og:image" content="{SITE}([^"]+)"')


def previews(out: SuiteOutput) -> list[BenchRow]:
    """From memory beside a bare route; drawn, with the bare route meanwhile."""
    with ApiBench(out.folder) as place:
        for number in range(ROOMS):
            live_room(
                place.rooms, f"Lớp học tiếng Việt buổi tối, phần {number}: những chữ khó nhất"
            )
        place.indexer()
        _, port = place.api(API_WORKERS="1", PUBLIC_URL=SITE)
        return asyncio.run(_measure(out, port))


async def _measure(out: SuiteOutput, port: int) -> list[BenchRow]:
    others = Others()
    async with Crowd(port, CONNECTIONS) as crowd:
        paths = await asyncio.to_thread(_paths, port)
        undisturbed = await crowd.offer(BARE, RATE, SECONDS)
        watching = asyncio.create_task(crowd.offer(BARE, RATE, SECONDS))
        drawn = await _first_looks(port, paths)
        beside = await watching
        out.say(f"drawn: median {median(drawn) * 1000:.1f} ms; others {_ms(beside):.1f} ms at p99")
        kept = await crowd.offer(paths[0], RATE, SECONDS)
    disturbed = f"other programs took {others.cores():.2f} of a core"
    for load in (undisturbed, beside, kept):
        if load.failed:
            raise RuntimeError(f"{load.failed} requests failed")
    return [
        BenchRow(TABLE, f"from memory, p99 at {RATE:g}/s", _ms(kept), "ms", _ms(undisturbed),
            "a bare Flask route", f"under {AIM:g} ms", _ms(kept) < AIM,
            f"p50 {kept.quantile(0.5) * 1000:.1f} ms; {disturbed}"),
        BenchRow(TABLE, "drawn first, median", median(drawn) * 1000, "ms",
            undisturbed.quantile(0.5) * 1000, "a bare Flask route",
            note=f"{len(drawn)} of {ROOMS} were drawn, one after the other, the slowest in"
            f" {max(drawn) * 1000:.0f} ms"),
        BenchRow(TABLE, "a bare route while they are drawn, p99", _ms(beside), "ms",
            _ms(undisturbed), "the same while nothing is drawn"),
    ]  # fmt: skip


def _paths(port: int) -> list[str]:
    """Where the rooms' pictures are, as their pages tell."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        found = []
        for number in range(1, ROOMS + 1):
            told = _PICTURE.search(client.get(f"/room/{room_name(number)}").text)
            if told is None:
                raise RuntimeError("the page names no picture; is dapp/dist built?")
            found.append(told[1])
        return found


async def _first_looks(port: int, paths: list[str]) -> list[float]:
    """Seconds that each took which was drawn."""
    taken = []
    url = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        for path in paths:
            began = time.perf_counter()
            answer = await client.get(path)
            if (
                answer.headers["Cache-Control"] != "no-store"
            ):  # else it is the site's, given at once
                taken.append(time.perf_counter() - began)
    if len(taken) < ROOMS / 2:
        raise RuntimeError(f"of {ROOMS} pictures {len(taken)} were drawn: the machine is too busy")
    return taken


def _ms(load: Load) -> float:
    return load.quantile(0.99) * 1000
