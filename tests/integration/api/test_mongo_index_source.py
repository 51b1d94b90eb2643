"""The index in MongoDB answers as the plain one in memory does, and says when it cannot."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator

import pytest

from api.index_source import IndexUnavailable, RoomQuery
from api.mongo_index_source import MongoIndexSource
from chain.enums import Mode
from common.web.database import connect
from indexer.projection.titles import query_tokens
from localnet.mongo import MongoServer
from localnet.services import ServiceProcess
from localnet.waiting import wait_until
from tests.integration.api.conftest import StoredIndex
from tests.support.indexer.contract_story import ALICE, BOB, CONTRACT, ContractStory
from tests.support.memory_index_source import MemoryIndexSource

WORDS = ["lớp", "học", "đàn", "piano", "nấu ăn", "Đà Lạt", "live", "lập trình"]
ROOMS = 150


@pytest.fixture(scope="module")
def filled(mongo: MongoServer) -> Iterator[StoredIndex]:
    chance = random.Random(7)
    story = ContractStory()
    for _ in range(ROOMS):
        number = story.create(
            chance.choice((ALICE, BOB)),
            " ".join(chance.choice(WORDS) for _ in range(chance.randint(1, 4))),
            mode=chance.choice((Mode.WEBRTC, Mode.BROADCAST)),
        )
        if chance.random() < 0.8:
            story.provision(number)
        if chance.random() < 0.2:
            story.offer(number, BOB)
        if chance.random() < 0.7:
            story.end(number)
    index = StoredIndex(mongo, "reading", story)
    yield index
    index.client.drop_database("reading")
    index.close()


@pytest.fixture
def source(filled: StoredIndex) -> Iterator[MongoIndexSource]:
    found = MongoIndexSource(connect(filled.uri, "api"), filled.name, [CONTRACT])
    yield found
    found.close()


QUERIES = [
    RoomQuery(status, host, mode, tuple(query_tokens(text)), offered)
    for status, host, mode, text, offered in itertools.product(
        (None, "active", "pending", "ended"), (None, ALICE), (None, "broadcast"),
        ("", "lop", "hoc lop", "zzz"), (None, BOB),
    )
    if offered is None or status != "ended"
]  # fmt: skip


@pytest.mark.parametrize("limit", [9, 100])
def test_rooms__any_filter_page_by_page__as_a_plain_scan_finds_them(
    source: MongoIndexSource, filled: StoredIndex, limit: int
) -> None:
    plain = MemoryIndexSource(filled.story)
    for query in QUERIES:
        expected = [doc["n"] for doc in plain.rooms(query, ROOMS, 1, ROOMS).rooms]
        found: list[int] = []
        top = ROOMS
        while True:
            page = source.rooms(query, top, 1, limit)
            assert len(page.rooms) <= limit
            found += [doc["n"] for doc in page.rooms]
            if page.below is None:
                break
            assert page.below <= top
            top = page.below - 1
        assert found == expected, query


def test_search__time_is_up__says_where_to_go_on(filled: StoredIndex) -> None:
    clock = itertools.count(step=1.0)
    source = MongoIndexSource(
        connect(filled.uri, "api"), filled.name, [CONTRACT], monotonic=lambda: float(next(clock))
    )
    query = RoomQuery(tokens=("zzz",))
    first = source.rooms(query, ROOMS, 1, 10)
    assert first.rooms == []
    assert first.below is not None
    assert first.below > 1
    tops = [ROOMS, first.below - 1]
    while (page := source.rooms(query, tops[-1], 1, 10)).below is not None:
        tops.append(page.below - 1)
    assert tops == sorted(tops, reverse=True)
    source.close()


def test_documents__by_their_names__as_the_fold_made_them(
    source: MongoIndexSource, filled: StoredIndex
) -> None:
    plain = MemoryIndexSource(filled.story)
    assert source.room(7) == plain.room(7)
    assert source.room(ROOMS + 1) is None
    assert source.room_events(7, 0, 100) == plain.room_events(7, 0, 100)
    assert source.events(CONTRACT, 3, 120) == plain.events(CONTRACT, 3, 120)
    assert source.operators(CONTRACT) == plain.operators(CONTRACT)
    assert source.terms(CONTRACT, 1) == plain.terms(CONTRACT, 1)
    assert source.terms(CONTRACT, 9) is None
    found = source.checkpoints([CONTRACT, "0x" + "99" * 20])
    assert set(found) == {CONTRACT}
    assert "window" not in found[CONTRACT]


def test_api__database_away_for_a_while__503_then_serves_again(
    mongo_factory: Callable[..., MongoServer],
    start_api: Callable[..., ServiceProcess],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    storage = tmp_path_factory.mktemp("storage") / "data"
    storage.mkdir()
    mongo = mongo_factory(storage=storage, sync=True)
    story = ContractStory()
    story.live()
    index = StoredIndex(mongo, "away", story)
    server = start_api(index)
    join = "/api/livestream/join?room_id=live_1"
    assert server.get(join).status_code == 200
    index.close()
    mongo.kill()
    wait_until(lambda: server.get(join).status_code == 503, 15, "the outage to be told")
    answer = server.get("/readyz")
    assert answer.status_code == 503
    assert "the database does not answer" in answer.json()["reasons"][0]
    assert server.get("/healthz").status_code == 200
    mongo_factory(storage=storage, sync=True, port=mongo.port)
    wait_until(lambda: server.get(join).status_code == 200, 20, "service again")


def test_source__nobody_there__unavailable_within_seconds() -> None:
    source = MongoIndexSource(connect("mongodb://127.0.0.1:9/", "api"), "x", [CONTRACT])
    with pytest.raises(IndexUnavailable, match="does not answer"):
        source.room(1)
    source.close()
