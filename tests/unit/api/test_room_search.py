"""How a search chooses what it reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import pytest

from api import room_search
from api.index_source import RoomQuery
from api.room_search import BUDGET, FEWEST, RoomSearch
from indexer.queries import Find, Plan, run_plan

T = TypeVar("T")
ROOMS = 1000
HOST = "0x" + "a" * 40


class Rooms:
    """A reader: every room's title has "common", every fiftieth "rare" besides."""

    def __init__(self) -> None:
        self.time = 0.0
        self.seconds = 0.0  # per document
        self.asked: list[Mapping[str, Any]] = []
        self.docs: list[dict[str, Any]] = [
            {
                "n": n,
                "host": HOST if n % 100 == 0 else "0x" + "b" * 40,
                "status": "active" if n > ROOMS - 40 else "ended",
                "mode": "webrtc" if n % 2 else "broadcast",
                "search": ["common", "rare"] if n % 50 == 0 else ["common"],
            }
            for n in range(ROOMS, 0, -1)
        ]

    def run(self, plan: Plan[T]) -> T:
        return run_plan(plan, self._find)

    def _find(self, find: Find) -> list[dict[str, Any]]:
        query = find.filter
        self.asked.append(query)
        span, word = query["n"], query.get("search")
        plain = {k: v for k, v in query.items() if k not in ("n", "search")}
        docs = [
            doc
            for doc in self.docs
            if span["$gte"] <= doc["n"] < span["$lt"]
            and (word is None or word in doc["search"])
            and all(doc[k] == v for k, v in plain.items())
        ][: find.limit]
        self.time += len(docs) * self.seconds
        return docs


@pytest.fixture
def rooms() -> Rooms:
    return Rooms()


@pytest.fixture
def search(rooms: Rooms) -> RoomSearch:
    return RoomSearch(rooms, lambda: rooms.time)  # type: ignore[arg-type]


def numbers(search: RoomSearch, query: RoomQuery, limit: int = 5) -> list[int]:
    return [doc["n"] for doc in search.page(query, ROOMS, 1, limit).rooms]


def test_search__two_words__led_by_the_rarer_one_once_it_is_known(
    search: RoomSearch, rooms: Rooms
) -> None:
    query = RoomQuery(tokens=("common", "rare"))
    expected = [1000, 950, 900, 850, 800]
    assert numbers(search, query) == expected
    assert numbers(search, query) == expected
    rooms.asked.clear()
    assert numbers(search, query) == expected
    assert {asked["search"] for asked in rooms.asked} == {"rare"}


def test_search__among_open_rooms_or_a_hosts__led_by_those(
    search: RoomSearch, rooms: Rooms
) -> None:
    assert numbers(search, RoomQuery("active", tokens=("rare",))) == [1000]
    assert all("search" not in asked and asked["status"] == "active" for asked in rooms.asked)
    rooms.asked.clear()
    assert numbers(search, RoomQuery(host=HOST, tokens=("rare",)), 3) == [1000, 900, 800]
    assert all(asked["host"] == HOST for asked in rooms.asked)


def test_search__a_hosts_rooms_of_one_mode__all_of_them_and_no_longer_than_its_time(
    search: RoomSearch, rooms: Rooms
) -> None:
    assert numbers(search, RoomQuery(host=HOST, mode="broadcast"), 4) == [1000, 900, 800, 700]
    assert numbers(search, RoomQuery(host=HOST, mode="webrtc")) == []
    rooms.seconds = 0.01
    for _ in range(5):
        page = search.page(RoomQuery(host=HOST, mode="webrtc"), ROOMS, 1, 20)
    before = rooms.time
    page = search.page(RoomQuery(host=HOST, mode="webrtc"), ROOMS, 1, 20)
    assert page.rooms == [] and page.below is not None
    assert rooms.time - before < 0.01 * ROOMS / 100


def test_search__slow_database__a_page_reads_only_what_its_time_pays_for(
    search: RoomSearch, rooms: Rooms
) -> None:
    rooms.seconds = 0.001
    query = RoomQuery(mode="nothing has this", tokens=("common",))
    search.page(query, ROOMS, 1, 20)  # learns what a candidate costs
    for _ in range(5):
        search.page(query, ROOMS, 1, 20)
    before = rooms.time
    assert search.page(query, ROOMS, 1, 20).below is not None
    assert rooms.time - before <= BUDGET + room_search.FIRST_RANGE * rooms.seconds


def test_search__one_answer_has_too_many__none_is_left_out(
    search: RoomSearch, rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_search, "TOO_MANY", FEWEST + 1)
    query = RoomQuery("active", tokens=("common",))
    assert numbers(search, query, 100) == list(range(ROOMS, ROOMS - 40, -1))
