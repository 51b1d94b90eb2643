"""The indexer in seeded worlds (invariant I3): whatever reorgs, lying and lagging nodes and crashes
between any two writes do, the store ends with the documents that the rule book tells of the
canonical chain, and the hash agrees.

A failing seed is kept in `indexer_seeds.txt` for ever and is run first.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import pytest
import structlog

from chain.rpc.node_health import NodeState
from tests.support.indexer.planted_bugs import BUGS, Bug, planted
from tests.support.indexer.simulation import IndexSim
from tests.support.simchain.node import NodeFaults

SEEDS_FILE = Path(__file__).with_name("indexer_seeds.txt")
HISTORIES = int(os.environ.get("HISTORIES", "1000"))
"""More by hand: HISTORIES=5000 make test T=tests/simulation."""
CHUNK = 100
TROUBLED = 50
"""Each so-manieth history has a database that fails and is dropped all the time."""
PATIENCE = 600
"""So many histories at most until a planted bug is found."""


class Outcome(NamedTuple):
    """What became of some histories. `failures`: one line each."""

    failures: list[str]
    blocks: int
    fewest_blocks: int
    fewest_reorgs: int
    crashes: int


class Run(NamedTuple):
    """What became of one. `failure`: None if I3 held."""

    failure: str | None
    blocks: int
    reorgs: int
    crashes: int


@pytest.fixture(autouse=True)
def _silence() -> Iterator[None]:
    quiet()
    yield
    structlog.reset_defaults()


def quiet() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def kept_seeds() -> list[int]:
    lines = SEEDS_FILE.read_text(encoding="utf-8").splitlines()
    return [int(line.split("#")[0]) for line in lines if line.split("#")[0].strip()]


def run_seed(seed: int, troubled_store: bool) -> tuple[IndexSim, str | None]:
    """One history; the text says what broke."""
    world = IndexSim(seed, troubled_store=troubled_store)
    try:
        asyncio.run(world.run())
    except Exception as error:
        return world, f"seed {seed}: {type(error).__name__}: {str(error)[:300]}"
    return world, None


def run_seeds(seeds: list[int]) -> Outcome:
    quiet()
    runs = [_told(seed) for seed in seeds]
    return Outcome(
        failures=[run.failure for run in runs if run.failure is not None],
        blocks=sum(run.blocks for run in runs),
        fewest_blocks=min(run.blocks for run in runs),
        fewest_reorgs=min(run.reorgs for run in runs),
        crashes=sum(run.crashes for run in runs),
    )


def _told(seed: int) -> Run:
    """A world that is over is let go: a hundred of them keep the garbage collector busy."""
    world, failure = run_seed(seed, seed % TROUBLED == TROUBLED - 1)
    return Run(failure, world.chain.mined, world.chain.reorgs, world.crashes)


def test_indexer__seeds_that_once_failed__i3_holds() -> None:
    outcome = run_seeds(kept_seeds())
    assert not outcome.failures, "\n".join(outcome.failures)


@pytest.mark.parametrize("keeps", [10_000, 4], ids=["all_state", "no_old_state"])
def test_indexer__database_dropped_while_a_backlog_is_read__no_node_is_blamed(keeps: int) -> None:
    """Seeds 37, 44 and 357 as they were when kept, at each of the first calls of a node."""

    dropped: list[int] = []

    async def history(at_call: int) -> None:
        world = IndexSim(at_call)
        assert await world.settle(40)
        for _ in range(160):
            world.grow()
        world.start()  # with nothing in memory
        node = world.nodes[0]
        due = node.calls + at_call

        def drop() -> None:
            if node.calls == due:
                dropped.append(at_call)
                world.store.drop()

        node.faults, node.before_call = NodeFaults(keeps=keeps), drop
        await world.settle(20)
        states = {health.state for health in world.pool.health()}
        assert NodeState.QUARANTINED not in states, f"dropped at call {at_call}: {states}"
        await world.calm()
        world.check()

    for at_call in range(1, 25):
        asyncio.run(history(at_call))
    assert len(dropped) > 12


def test_indexer__thousands_of_random_histories__i3_holds() -> None:
    chunks = [list(range(start, start + CHUNK)) for start in range(0, HISTORIES, CHUNK)]
    workers = min(4, os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        outcomes = list(pool.map(run_seeds, chunks))
    failures = [line for outcome in outcomes for line in outcome.failures]
    assert not failures, (
        f"{len(failures)} histories broke I3; add the seeds to {SEEDS_FILE.name}\n"
        + "\n".join(failures[:10])
    )
    assert min(outcome.fewest_blocks for outcome in outcomes) >= 200
    assert min(outcome.fewest_reorgs for outcome in outcomes) >= 3
    assert sum(outcome.crashes for outcome in outcomes) > HISTORIES


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.title.replace(" ", "_"))
def test_simulation__a_planted_bug__is_found(bug: Bug) -> None:
    with planted(bug):
        seeds = (*range(bug.first, PATIENCE), *range(bug.first))
        found = any(run_seed(seed, bug.troubled_store)[1] is not None for seed in seeds)
    assert found, f"{PATIENCE} histories did not find it: {bug.title} (scenario {bug.scenario})"
