"""What operators have to do: oldest first, nothing left out, and no answer of thousands."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any

import pytest

from indexer import operator_queries
from indexer.documents import CHECKPOINT
from indexer.operator_queries import CHUNK, TARGET, Frontier
from tests.support.indexer.query_tables import C, QueryTables

NOW = 1_700_000_000


def _tables(
    rooms: int, waiting: Iterable[int] = (), times: dict[int, int] | None = None
) -> QueryTables:
    """`waiting`: rooms with work; `times`: when rooms expire, the others being over."""
    tables = QueryTables(rooms)
    some = set(waiting)
    for doc in tables.rooms:
        doc["work"] = "provision" if doc["n"] in some else None
        doc["expire_at"] = (times or {}).get(doc["n"])
        doc["uid"] = f"{doc['n']:032x}" if doc["n"] % 2 else None
    return tables


def _work(tables: QueryTables, frontier: Frontier, limit: int = 200) -> list[int]:
    found = tables.run(operator_queries.work(C, 1, "provision", limit, frontier))
    return [doc["n"] for doc in found]


def _expirable(
    tables: QueryTables, frontier: Frontier, now: int = NOW, limit: int = 200
) -> list[int]:
    return [doc["n"] for doc in tables.run(operator_queries.expirable(C, 1, now, limit, frontier))]


def test_work__no_index_or_no_rooms__nothing() -> None:
    empty = _tables(0)
    assert _work(empty, Frontier()) == []
    empty.docs[CHECKPOINT].clear()
    assert _work(empty, Frontier()) == []


def test_work__a_few__all_of_them_with_one_question_besides_the_checkpoint() -> None:
    tables = _tables(3000, (2, 2990, 2999))
    frontier = Frontier()
    assert _work(tables, frontier) == [2, 2990, 2999]
    tables.finds = 0
    assert _work(tables, frontier) == [2, 2990, 2999]
    assert tables.finds == 2


@pytest.mark.parametrize("limit", [1, 60, 200, 2000])
def test_work__a_backlog_among_the_newest__answers_stay_small(limit: int) -> None:
    tables = _tables(8000, range(5001, 8000, 2))
    frontier = Frontier()
    for _ in range(3):
        tables.most_matches = tables.finds = 0
        assert _work(tables, frontier, limit) == list(range(5001, 8000, 2))[:limit]
    assert tables.most_matches <= CHUNK
    assert tables.finds <= 4 + 2 * limit // TARGET


@pytest.mark.parametrize("seed", range(30))
def test_work__rooms_come_and_go_anywhere__the_oldest_first_and_none_missing(seed: int) -> None:
    rng = Random(seed)
    tables, frontier = _tables(2000), Frontier()
    for _ in range(12):
        low = rng.randrange(2000)
        for doc in tables.rooms[low : low + rng.randrange(1, 900)]:
            doc["work"] = rng.choice((None, "provision"))
        true = [doc["n"] for doc in tables.rooms if doc["work"] == "provision"]
        limit = rng.choice((5, 200, 2000))
        assert _work(tables, frontier, limit) == true[:limit]


@pytest.mark.parametrize("seed", range(30))
def test_expirable__times_as_they_come__the_longest_overdue_first(seed: int) -> None:
    rng = Random(seed)
    spread = rng.choice((1, 50, 10_000, 10_000_000))
    times = {n: NOW + 100 - rng.randrange(spread) for n in range(1, 1500) if rng.random() < 0.6}
    tables, frontier = _tables(1500, times=times), Frontier()
    for now in (NOW - 1000, NOW, NOW + 100, NOW + 200):
        for limit in (10, 2000):
            found = _expirable(tables, frontier, now, limit)
            true = sorted(at for at in times.values() if at <= now)[:limit]
            assert [times[n] for n in found] == true
            assert len(set(found)) == len(found)


def test_expirable__thousands_in_one_second__all_of_them() -> None:
    tables = _tables(3000, times=dict.fromkeys(range(1, 2501), NOW - 5))
    assert sorted(_expirable(tables, Frontier(), limit=5000)) == list(range(1, 2501))


def test_expirable__overdue_for_a_year__found_by_a_new_frontier() -> None:
    tables = _tables(100, times={7: NOW - 365 * 86_400, 9: NOW - 1})
    assert _expirable(tables, Frontier()) == [7, 9]


def test_live_inputs__every_open_room_with_an_input__in_small_answers() -> None:
    times = {n: NOW - 40 + n * 30 for n in range(1, 4000)}
    tables = _tables(5000, times=times)
    tables.most_matches = 0
    found: dict[int, Any] = tables.run(operator_queries.live_inputs(C, 1, NOW))
    assert found == {n: f"{n:032x}" for n in range(1, 4000, 2)}
    assert tables.most_matches <= 2 * CHUNK
