"""Oracle and sender in seeded worlds: I1, I2 and I5 hold at rest, whatever dies, is lost, comes
late, comes in another order, or is reorged away; and planted bugs are found.

A failing seed is kept in `oracle_seeds.txt` for ever and is run first.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
import structlog

from tests.support.oracle.simulation.history import run_history
from tests.support.oracle.simulation.one_fault import (
    Disturbance,
    ending,
    points_that_differ,
    tell,
    tell_each,
)
from tests.support.oracle.simulation.planted_bugs import (
    FIRST,
    FIRST_POINT,
    PLANTED,
    PLANTED_AT_AN_AWAIT,
    Bug,
)

SEEDS_FILE = Path(__file__).with_name("oracle_seeds.txt")
HISTORIES = int(os.environ.get("HISTORIES", "1500"))
"""More by hand: HISTORIES=5000 make test T=tests/simulation."""
CHUNK = 250
SWITCHING = 40
PARTS = 2
STEPS = {Disturbance.REORGED: 3}
"""Each so-manieth point: a reorg before an exchange and one after it are mostly the same."""
LOOKS = 12
"""At so many of the points that are taken for one it is seen that they are."""
SEARCH = 2500


def _silent() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


@pytest.fixture(autouse=True)
def _silence() -> Iterator[None]:
    _silent()
    yield
    structlog.reset_defaults()


def kept_seeds() -> list[int]:
    lines = SEEDS_FILE.read_text(encoding="utf-8").splitlines()
    return [int(line.split("#")[0]) for line in lines if line.split("#")[0].strip()]


def failures(seeds: range | list[int]) -> list[str]:
    """What went wrong in these histories."""
    found = ((seed, run_history(seed)) for seed in seeds)
    return [f"seed {seed}: {wrong}" for seed, wrong in found if wrong is not None]


def test_oracle__seeds_that_once_failed__invariants_hold() -> None:
    assert failures(kept_seeds()) == []


def test_oracle__random_histories__invariants_hold() -> None:
    chunks = [range(start, start + CHUNK) for start in range(0, HISTORIES, CHUNK)]
    with ProcessPoolExecutor(2, get_context("spawn"), initializer=_silent) as pool:
        broken = [line for lines in pool.map(failures, chunks) for line in lines]
    assert not broken, f"{len(broken)} histories failed; add their seeds to {SEEDS_FILE.name}\n" + (
        "\n".join(broken[:10])
    )


def failures_with_switches(seeds: range) -> list[str]:
    """The same of histories in which the operator is switched, by itself and by hand."""
    found = ((seed, run_history(seed, switches=True)) for seed in seeds)
    return [f"seed {seed}: {wrong}" for seed, wrong in found if wrong is not None]


def test_oracle__closes_itself_and_is_switched_by_hand__opens_what_is_its_own() -> None:
    chunks = [range(start, start + SWITCHING // 2) for start in (0, SWITCHING // 2)]
    with ProcessPoolExecutor(2, get_context("spawn"), initializer=_silent) as pool:
        broken = [line for lines in pool.map(failures_with_switches, chunks) for line in lines]
    assert broken == []


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("disturbance", Disturbance, ids=lambda one: one.value)
def test_oracle__at_every_await_of_a_rooms_life__invariants_hold(
    disturbance: Disturbance, part: int
) -> None:
    classes = points_that_differ(disturbance)
    count = sum(len(points) for points in classes)
    assert count > 1000
    points = [points[0] for points in classes][:: STEPS.get(disturbance, 1)][part::PARTS]
    halves = [points[::2], points[1::2]]
    with ProcessPoolExecutor(2, get_context("spawn"), initializer=_silent) as pool:
        broken = [one for some in pool.map(tell_each, halves, [disturbance] * 2) for one in some]
    assert not broken, f"{len(broken)} of {count} points: {broken[:10]}"


@pytest.mark.parametrize(
    "disturbance", (Disturbance.KILLED, Disturbance.ANSWER_LOST), ids=lambda one: one.value
)
def test_points__taken_for_one__end_in_the_same_world(disturbance: Disturbance) -> None:
    classes = [points for points in points_that_differ(disturbance) if len(points) > 1]
    assert len(classes) > 100
    for points in classes[:: len(classes) // LOOKS]:
        first, last = points[0], points[-1]
        assert ending(last, disturbance, first) == ending(first, disturbance, first), (first, last)


@pytest.mark.parametrize("bug", PLANTED, ids=lambda bug: bug.__name__)
def test_planted_bug__is_found(bug: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    bug(monkeypatch)
    first = FIRST.get(bug, 0)
    seeds = (*range(first, SEARCH), *range(first))
    found = next((seed for seed in seeds if run_history(seed) is not None), None)
    assert found is not None, f"{bug.__name__} was not found in {SEARCH} histories"


@pytest.mark.parametrize(
    ("bug", "disturbance"),
    PLANTED_AT_AN_AWAIT.items(),
    ids=[bug.__name__ for bug in PLANTED_AT_AN_AWAIT],
)
def test_planted_bug__is_found_at_an_await(
    bug: Bug, disturbance: Disturbance, monkeypatch: pytest.MonkeyPatch
) -> None:
    bug(monkeypatch)
    first, (count, _) = FIRST_POINT[bug], tell(0, disturbance)
    points = (*range(first, count + 1), *range(1, first))
    found = next((point for point in points if tell(point, disturbance)[1] is not None), None)
    assert found is not None, f"{bug.__name__} was not found at any of {count} points"
