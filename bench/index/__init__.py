"""The indexer: catching up beside a floor and a peer, latency at the head, reorgs, queries."""

from __future__ import annotations

from collections.abc import Callable

from bench.index import catchup, head, queries, stages
from bench.index.chains import DENSE, SPARSE
from bench.output import SuiteOutput
from bench.rows import BenchRow


def sparse(out: SuiteOutput) -> list[BenchRow]:
    """5,000 blocks of 10 events."""
    return catchup.measure(out, SPARSE)


def dense(out: SuiteOutput) -> list[BenchRow]:
    """3,000 blocks of 100 events."""
    return catchup.measure(out, DENSE)


PARTS: dict[str, Callable[[SuiteOutput], list[BenchRow]]] = {
    "sparse": sparse,
    "dense": dense,
    "stages": stages.measure,
    "head": head.measure,
    "queries": queries.measure,
}


def run(out: SuiteOutput) -> list[BenchRow]:
    """All parts."""
    return [row for part in PARTS.values() for row in part(out)]
