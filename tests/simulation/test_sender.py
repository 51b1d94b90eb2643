"""The sender in seeded worlds (invariant I5): no nonce skipped, nothing waits for ever, each
request mined exactly once, whatever crashes, gets lost, is dropped, reorged, or becomes dear; and
planted bugs are found.

A failing seed is kept in `sender_seeds.txt` for ever and is run first.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tests.support.sender.planted_bugs import FIRST, PLANTED, Bug
from tests.support.sender.simulation import SenderSim

SEEDS_FILE = Path(__file__).with_name("sender_seeds.txt")
HISTORIES = 3000
CHUNK = 500
SEARCH = 2500


@pytest.fixture(autouse=True)
def _silence() -> Iterator[None]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


def kept_seeds() -> list[int]:
    lines = SEEDS_FILE.read_text(encoding="utf-8").splitlines()
    return [int(line.split("#")[0]) for line in lines if line.split("#")[0].strip()]


def run_seeds(seeds: list[int]) -> None:
    failures: list[str] = []

    async def all_of_them() -> None:
        for seed in seeds:
            try:
                await SenderSim(seed).run()
            except AssertionError as error:
                failures.append(f"seed {seed}: {error}")

    asyncio.run(all_of_them())
    assert not failures, (
        f"{len(failures)} histories broke I5; add the seeds to {SEEDS_FILE.name}\n"
        + "\n".join(failures[:10])
    )


def test_sender__seeds_that_once_failed__i5_holds() -> None:
    run_seeds(kept_seeds())


@pytest.mark.parametrize("start", range(0, HISTORIES, CHUNK))
def test_sender__random_faults_and_crashes__i5_holds(start: int) -> None:
    run_seeds(list(range(start, start + CHUNK)))


@pytest.mark.parametrize("bug", PLANTED, ids=lambda bug: bug.__name__)
def test_planted_bug__is_found(bug: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    bug(monkeypatch)
    start = FIRST.get(bug, 0)

    async def found() -> int | None:
        for seed in (*range(start, SEARCH), *range(start)):
            try:
                await SenderSim(seed).run()
            except AssertionError:
                return int(seed)
        return None

    assert asyncio.run(found()) is not None, f"{SEARCH} histories did not find {bug.__name__}"
