"""The indexer: catching up beside a floor and a peer, latency at the head, reorgs, queries."""

from __future__ import annotations

from collections.abc import Callable

from bench.index import catchup, head, queries, stages
from bench.index.chains import DENSE, SPARSE
from bench.output import Out
from bench.rows import Row


def sparse(out: Out) -> list[Row]:
    """5,000 blocks of 10 events."""
    return catchup.measure(out, SPARSE)


def dense(out: Out) -> list[Row]:
    """3,000 blocks of 100 events."""
    return catchup.measure(out, DENSE)


PARTS: dict[str, Callable[[Out], list[Row]]] = {
    "sparse": sparse,
    "dense": dense,
    "stages": stages.measure,
    "head": head.measure,
    "queries": queries.measure,
}


def run(out: Out) -> list[Row]:
    """All parts."""
    return [row for part in PARTS.values() for row in part(out)]
