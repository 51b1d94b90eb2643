"""The playback service: what it costs to let somebody watch a room for some only."""

from __future__ import annotations

from collections.abc import Callable

from bench.output import SuiteOutput
from bench.playback import crowd, issue
from bench.rows import BenchRow

PARTS: dict[str, Callable[[SuiteOutput], list[BenchRow]]] = {
    "issue": issue.measure,
    "renew": crowd.renew,
    "crowd": crowd.crowd,
}


def run(out: SuiteOutput) -> list[BenchRow]:
    """All parts."""
    return out.run_parts(PARTS)
