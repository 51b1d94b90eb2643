"""Presence: how soon it is shown that a room went on air."""

from __future__ import annotations

from collections.abc import Callable

from bench.output import SuiteOutput
from bench.presence import latency
from bench.rows import BenchRow

PARTS: dict[str, Callable[[SuiteOutput], list[BenchRow]]] = {
    "latency": latency.measure,
    "status": latency.measure_status,
}


def run(out: SuiteOutput) -> list[BenchRow]:
    """All parts."""
    return out.run_parts(PARTS)
