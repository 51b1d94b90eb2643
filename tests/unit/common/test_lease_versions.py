"""A lease and one of an older version, side by side over the same row."""

from __future__ import annotations

from typing import Any

import pytest

from common.lease import Lease
from common.lease_store import MongoLeaseStore
from indexer.assembly import LEASE_SECONDS, MARKS, OLDER, held_by
from tests.support.lease.older_leases import OlderIndexerLease, OlderOracleLease, Rows
from tests.support.manual_clock import ManualClock

AGES = 90 * 365 * 86_400.0
OLD_NAME = "f3c1/4026531836/4711/0a1b2c3d"


class Skewed(ManualClock):
    """The same elapsed time by another wall clock."""

    def __init__(self, clock: ManualClock, skew: float) -> None:
        super().__init__()
        self._clock, self._skew = clock, skew

    def now(self) -> float:
        return self._clock.now() + self._skew

    def monotonic(self) -> float:
        return self._clock.monotonic()


def store_of(rows: Rows) -> MongoLeaseStore:
    collection: Any = rows
    return MongoLeaseStore(collection, marks=MARKS, older=OLDER)


def indexers(
    clock: ManualClock, skew: float = 0.0, dead: frozenset[str] = frozenset()
) -> tuple[Rows, Lease, OlderIndexerLease]:
    rows = Rows()
    new = Lease(
        store_of(rows), "writer", "new", LEASE_SECONDS, clock, is_dead=dead.__contains__
    )  # fmt: skip
    return rows, new, OlderIndexerLease(rows, OLD_NAME, Skewed(clock, skew), dead.__contains__)


@pytest.mark.parametrize("skew", [-15.0, 0.0, 15.0])
async def test_older_indexer__runs__new_one_says_so_and_never_writes(skew: float) -> None:
    clock = ManualClock()
    _, new, old = indexers(clock, skew)
    assert await old.renew()
    for _ in range(60):
        clock.tick(1.0)
        assert await old.renew()
        assert not await new.step(ask=True)
        assert not new.held
        assert new.older
    assert held_by(new).startswith(
        "an indexer of an older version (process 4711) writes this index"
    )
    assert "stop it first" in held_by(new)
    assert old.wanted_by is None


@pytest.mark.parametrize("skew", [-15.0, 0.0, 15.0])
async def test_older_indexer__falls_silent__replaced_when_it_may_no_longer_write(
    skew: float,
) -> None:
    clock = ManualClock()
    _, new, old = indexers(clock, skew)
    await old.renew()
    silent = clock.monotonic()
    while not await new.step():
        assert new.older
        clock.tick(new.pause_seconds)
    assert not old.held()
    assert LEASE_SECONDS <= clock.monotonic() - silent <= 14.0
    assert not await old.renew() and not old.held()
    assert new.held and not new.older


async def test_older_indexer__killed_on_the_same_machine__replaced_at_once() -> None:
    _, new, old = indexers(ManualClock(), dead=frozenset({OLD_NAME}))
    await old.renew()
    assert await new.step()


async def test_older_indexer__stopped_in_order__replaced_at_once() -> None:
    _, new, old = indexers(ManualClock())
    await old.renew()
    await old.release()
    assert await new.step()


@pytest.mark.parametrize("dead", [frozenset[str](), frozenset({"new"})])
async def test_older_indexer__comes_to_a_new_ones_index__never_writes_and_says_why(
    dead: frozenset[str],
) -> None:
    clock = ManualClock()
    _, new, old = indexers(clock, AGES, dead)
    await new.step()
    assert not await old.renew()
    assert old.holder == "an indexer of a newer version"
    clock.tick(60.0)
    assert not await old.renew(), "the new one is silent, or dead"
    await new.step()
    await new.release()
    assert not await old.renew(), "the new one has stopped"
    await old.want()
    assert not await old.renew(), "its commands get nothing either"
    assert await new.step()
    assert await new.asked() is None


async def test_older_indexer__takes_the_row_all_the_same__new_one_sees_it_and_stops() -> None:
    clock = ManualClock()
    rows, new, old = indexers(clock)
    await new.step()
    token = new.token
    rows.docs["writer"]["until"] = 0.0  # by hand, say
    assert await old.renew()
    assert not await new.step()
    assert not new.held and new.older
    while not await new.step():
        clock.tick(1.0)
    assert new.token > token
    assert not old.held()


async def test_older_indexer__row_removed_under_the_new_one__new_one_sees_it_and_stops() -> None:
    rows, new, old = indexers(ManualClock())
    await new.step()
    del rows.docs["writer"]
    assert await old.renew()
    assert not await new.step()
    assert not new.held and new.older


def oracles(clock: ManualClock) -> tuple[Lease, OlderOracleLease]:
    rows: Any = Rows()
    new = Lease(MongoLeaseStore(rows, marks={"since": 0.0}), "op", "new", 12.0, clock)
    return new, OlderOracleLease(rows, "op", "myhost:4711:0a1b2c3d", 12.0, clock)


async def test_older_oracle__acts__new_one_waits_as_for_any_other() -> None:
    clock = ManualClock()
    new, old = oracles(clock)
    assert await old.step()
    for _ in range(30):
        clock.tick(1.0)
        assert await old.step()
        assert not await new.step()
    assert new.other == "myhost:4711:0a1b2c3d"
    silent = clock.monotonic()
    while not await new.step():
        clock.tick(new.pause_seconds)
    assert not old.covers(0.0)
    assert clock.monotonic() - silent <= 14.0
    assert not await old.step()
    assert new.token == 2


async def test_older_oracle__beside_a_new_one__waits_and_takes_over_in_its_turn() -> None:
    clock = ManualClock()
    new, old = oracles(clock)
    assert await new.step()
    for _ in range(30):
        clock.tick(1.0)
        assert await new.step()
        assert not await old.step()
    for _ in range(11):
        clock.tick(1.0)
        assert not await old.step()
    await new.step()
    await new.release()
    assert await old.step()
    assert not await new.step()
