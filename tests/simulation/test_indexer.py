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

from tests.support.index_world import IndexWorld
from tests.support.planted_bugs import BUGS, Bug, planted

SEEDS_FILE = Path(__file__).with_name("indexer_seeds.txt")
HISTORIES = 2000
CHUNK = 100
TROUBLED = 10
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


def run_seed(seed: int, troubled_store: bool) -> tuple[IndexWorld, str | None]:
    """One history; the text says what broke."""
    world = IndexWorld(seed, troubled_store=troubled_store)
    try:
        asyncio.run(world.run())
    except Exception as error:
        return world, f"seed {seed}: {type(error).__name__}: {str(error)[:300]}"
    return world, None


def run_seeds(seeds: list[int]) -> Outcome:
    quiet()
    runs = [run_seed(seed, seed % TROUBLED == TROUBLED - 1) for seed in seeds]
    chains = [world.chain for world, _ in runs]
    return Outcome(
        failures=[text for _, text in runs if text is not None],
        blocks=sum(chain.mined for chain in chains),
        fewest_blocks=min(chain.mined for chain in chains),
        fewest_reorgs=min(chain.reorgs for chain in chains),
        crashes=sum(world.crashes for world, _ in runs),
    )


def test_indexer__seeds_that_once_failed__i3_holds() -> None:
    outcome = run_seeds(kept_seeds())
    assert not outcome.failures, "\n".join(outcome.failures)


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
        found = any(run_seed(seed, bug.troubled_store)[1] is not None for seed in range(PATIENCE))
    assert found, f"{PATIENCE} histories did not find it: {bug.title} (scenario {bug.scenario})"
