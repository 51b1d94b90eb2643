"""Plans of queries: they answer rightly, and no `Find` could make a database scan."""

from __future__ import annotations

from typing import Any

import pytest

from indexer import queries
from indexer.documents import OPERATORS
from indexer.queries import RoomFilter
from tests.support.indexer.query_tables import HOSTS, C, QueryTables


@pytest.fixture(scope="module")
def tables() -> QueryTables:
    return QueryTables(3000)


FILTERS = [
    RoomFilter(),
    RoomFilter(status="active"),
    RoomFilter(status="ended"),
    RoomFilter(host=HOSTS[0]),
    RoomFilter(host=HOSTS[0], status="pending"),
    RoomFilter(host=HOSTS[5]),
    RoomFilter(host=HOSTS[5], mode="webrtc"),
    RoomFilter(host="0x" + "99" * 20),
    RoomFilter(mode="broadcast"),
    RoomFilter(mode="broadcast", status="active"),
    RoomFilter(host=HOSTS[0], mode="broadcast", status="active"),
    RoomFilter(pending_host=HOSTS[1]),
    RoomFilter(pending_host=HOSTS[1], status="pending", mode="webrtc"),
    RoomFilter(pending_host=HOSTS[1], host=HOSTS[0]),
    RoomFilter(pending_host="0x" + "99" * 20),
]


@pytest.mark.parametrize("wanted", FILTERS, ids=str)
@pytest.mark.parametrize("below", [None, 1500, 1])
def test_rooms__any_filter__newest_first_and_none_missing(
    tables: QueryTables, wanted: RoomFilter, below: int | None
) -> None:
    def fits(room: dict[str, Any]) -> bool:
        return (
            (wanted.status in (None, room["status"]))
            and (wanted.host in (None, room["host"]))
            and (wanted.mode in (None, room["mode"]))
            and (wanted.pending_host in (None, room["pending_host"]))
            and (wanted.pending_host is None or room["status"] != "ended")
            and (below is None or room["n"] < below)
        )

    true = [room["n"] for room in reversed(tables.rooms) if fits(room)]
    tables.finds = tables.returned = 0
    for limit in (1, 20, 100):
        found = tables.run(queries.rooms([C], wanted, below, limit))
        assert [room["n"] for room in found] == true[:limit]
    assert tables.finds <= 120, "too many questions"


def test_rooms__walked_by_pages__every_room_once(tables: QueryTables) -> None:
    seen: list[int] = []
    below = None
    while page := tables.run(queries.rooms([C], RoomFilter(status="ended"), below, 90)):
        seen += [room["n"] for room in page]
        below = seen[-1]
    assert seen == [room["n"] for room in reversed(tables.rooms) if room["status"] == "ended"]


def test_rooms__no_index_yet__nothing() -> None:
    empty = QueryTables(0)
    assert empty.run(queries.rooms([C], RoomFilter(status="active"), None, 20)) == []


def test_events__by_room_and_by_number__bounded_groups(tables: QueryTables) -> None:
    assert [e["seq"] for e in tables.run(queries.room_events(7, 0, 10))] == [7, 8]
    assert [e["seq"] for e in tables.run(queries.room_events(7, 7, 10))] == [8]
    assert tables.run(queries.room_events(99_999, 0, 10)) == []
    found = tables.run(queries.events(C, 50, 170))
    assert [e["seq"] for e in found] == list(range(50, 171))


def test_numbered__more_than_a_group__all_of_them(tables: QueryTables) -> None:
    assert len(tables.run(queries.numbered(OPERATORS, C))) == 53
