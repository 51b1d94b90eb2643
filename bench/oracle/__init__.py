"""The oracle: from a room's creation to its playback identity on chain."""

from __future__ import annotations

from collections.abc import Callable

from bench.oracle import burst, idle
from bench.output import Out
from bench.rows import Row

PARTS: dict[str, Callable[[Out], list[Row]]] = {
    "idle": idle.measure,
    "cpu": burst.cpu,
    "burst": burst.limited,
}


def run(out: Out) -> list[Row]:
    """All parts."""
    return [row for part in PARTS.values() for row in part(out)]
