"""The read API: speed, search, event streams, bad clients, a school's ten minutes, shared links."""

from __future__ import annotations

from collections.abc import Callable

from bench.api.hostile_clients import hard
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
    "streams": streams,
    "hard": hard,
    "school": school,
    "previews": previews,
}


def run(out: SuiteOutput) -> list[BenchRow]:
    """Every part, one after the other."""
    return out.run_parts(PARTS)
