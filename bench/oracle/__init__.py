"""The oracle: from a room's creation to its playback identity on chain."""

from __future__ import annotations

from collections.abc import Callable

from bench.oracle import burst, idle
from bench.output import SuiteOutput
from bench.rows import BenchRow

PARTS: dict[str, Callable[[SuiteOutput], list[BenchRow]]] = {
    "idle": idle.measure,
    "cpu": burst.cpu,
    "burst": burst.limited,
}


def run(out: SuiteOutput) -> list[BenchRow]:
    """All parts."""
    return [row for part in PARTS.values() for row in part(out)]
