"""/metrics: what it tells of the index, and how old that is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.indexer.contract_story import CONTRACT, ContractStory
from tests.unit.api.conftest import ApiWorld


class WallClock:
    """Unix seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 2_000_000_000.0


def scrape(world: ApiWorld) -> dict[str, float]:
    """The API's series without labels, named without their prefix."""
    families = text_string_to_metric_families(world.get("/metrics").text)
    return {
        sample.name.removeprefix("livestream_api_"): sample.value
        for family in families
        for sample in family.samples
        if not sample.labels
    }


@pytest.fixture
def clock() -> WallClock:
    return WallClock()


@pytest.fixture
def timed(make_world: Callable[..., ApiWorld], clock: WallClock) -> ApiWorld:
    """A world in which the chain's head and the indexer's last look are of now."""
    world = make_world(now=lambda: clock.now)
    world.story.live()
    world.story.updated_at = clock.now
    world.story.time = int(clock.now)
    return world


def test_metrics__nobody_has_asked_anything_else__the_index_is_read_for_them(
    timed: ApiWorld,
) -> None:
    found = scrape(timed)
    assert found["ready"] == 1
    assert found["index_block"] == timed.story.block
    assert [found[name] for name in ("index_lag_seconds", "view_age_seconds")] == [0, 0]
    timed.story.live()
    assert scrape(timed)["index_block"] == timed.story.block


def test_metrics__indexer_dead__its_age_grows_and_the_views_does_not(
    timed: ApiWorld, clock: WallClock
) -> None:
    scrape(timed)
    for later in (30, 100, 1000):
        clock.now += later
        found = scrape(timed)
        assert found["index_lag_seconds"] == clock.now - (timed.story.updated_at or 0)
        assert found["view_age_seconds"] == 0
        assert found["ready"] == (found["index_lag_seconds"] <= 60)


def test_metrics__database_away__both_ages_grow(timed: ApiWorld, clock: WallClock) -> None:
    scrape(timed)
    timed.source.down = True
    clock.now += 45
    found = scrape(timed)
    assert (found["index_lag_seconds"], found["view_age_seconds"], found["ready"]) == (45, 45, 0)
    assert found["index_block"] == timed.story.block


def test_metrics__chain_stands_still__the_heads_age_alone_grows(
    timed: ApiWorld, clock: WallClock
) -> None:
    clock.now += 500
    timed.story.updated_at = clock.now
    found = scrape(timed)
    assert (found["head_age_seconds"], found["index_lag_seconds"]) == (500, 0)


def test_metrics__several_contracts__the_worst_of_them(
    make_world: Callable[..., ApiWorld], clock: WallClock
) -> None:
    old, new = ContractStory("0x" + "c1" * 20), ContractStory(CONTRACT, first_room=100)
    world = make_world(old, new, now=lambda: clock.now)
    new.live()
    old.updated_at, new.updated_at, old.lag = clock.now - 90, clock.now, 1
    found = scrape(world)
    assert (found["index_lag_seconds"], found["index_lag_blocks"], found["ready"]) == (90, 1, 0)
    assert found["index_block"] == old.block - 1


def test_metrics__index_never_read__not_ready_and_no_age(timed: ApiWorld) -> None:
    timed.source.down = True
    found = scrape(timed)
    assert found["ready"] == 0
    assert not {"index_lag_seconds", "view_age_seconds", "head_age_seconds"} & set(found)


def test_readyz__a_chain_that_stands_still__noted_and_ready_all_the_same(
    timed: ApiWorld, clock: WallClock
) -> None:
    timed.story.block_seconds = 12.0
    assert timed.get("/readyz").json == {"ready": True, "reasons": []}
    clock.now += 200
    timed.story.updated_at = clock.now  # the indexer looks, and there is no new block
    answer = timed.get("/readyz")
    assert answer.status_code == 200
    (note,) = answer.json["reasons"]
    assert note.startswith("the newest block is 200 s old, 17 block times")
    assert note.endswith("(does not affect readiness)")
