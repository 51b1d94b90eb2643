"""The read API: speed, search, what is on air, streams, bad clients, a school, shared links."""

from __future__ import annotations

from collections.abc import Callable

from bench.api.hostile_clients import hard
from bench.api.live import live
from bench.api.previews import previews
from bench.api.school import school
from bench.api.search import search
from bench.api.speed import speed
from bench.api.streams import streams
from bench.output import SuiteOutput
from bench.rows import BenchRow

PARTS: dict[str, Callable[[SuiteOutput], list[BenchRow]]] = {
    "speed": speed,
    "search": search,
    "live": live,
    "streams": streams,
    "hard": hard,
    "school": school,
    "previews": previews,
}


def run(out: SuiteOutput) -> list[BenchRow]:
    """Every part, one after the other."""
    return out.run_parts(PARTS)
