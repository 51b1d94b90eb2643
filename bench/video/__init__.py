"""The stand-in's video: frame by frame beside other ways, and a whole class on a bad network."""

from __future__ import annotations

from collections.abc import Callable

from bench.output import SuiteOutput
from bench.rows import BenchRow
from bench.video.frames import frames
from bench.video.lesson import lesson

PARTS: dict[str, Callable[[SuiteOutput], list[BenchRow]]] = {
    "frames": frames,
    "class": lesson,
}


def run(out: SuiteOutput) -> list[BenchRow]:
    """Every part, one after the other."""
    return out.run_parts(PARTS)
