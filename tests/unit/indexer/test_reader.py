"""The two readers: each question answered from the documents, by threads and by asyncio alike."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from indexer.documents import ACCOUNTS, CHECKPOINT, MODERATORS, OPERATORS, TERMS, doc_id
from indexer.operator_queries import Frontier
from indexer.queries import Find
from indexer.reader import AsyncReader, Reader
from tests.support.indexer.query_tables import HOSTS, C, QueryTables


class Cursor:
    """pymongo's, over `QueryTables`, which refuses whatever would scan."""

    def __init__(self, tables: QueryTables, find: Find) -> None:
        self._tables, self._find = tables, find

    def sort(self, field: str, direction: int) -> Cursor:
        return Cursor(self._tables, self._find._replace(sort=(field, direction)))

    def limit(self, limit: int) -> Cursor:
        return Cursor(self._tables, self._find._replace(limit=limit))

    def __iter__(self) -> Any:
        return iter(self._tables._find(self._find))

    async def to_list(self) -> list[dict[str, Any]]:
        return self._tables._find(self._find)


class Collection:
    def __init__(self, tables: QueryTables, name: str) -> None:
        self._tables, self._name = tables, name

    def find(self, criterion: Mapping[str, Any], projection: Any = None) -> Cursor:
        return Cursor(self._tables, Find(self._name, criterion, projection=projection))


class Database:
    def __init__(self, tables: QueryTables) -> None:
        self._tables = tables

    def __getitem__(self, name: str) -> Collection:
        return Collection(self._tables, name)


@pytest.fixture(scope="module")
def tables() -> QueryTables:
    made = QueryTables(300)
    made.docs[TERMS] = [{"_id": doc_id(C, 1), "terms_id": 1}]
    made.docs[MODERATORS] = [{"_id": doc_id(C, HOSTS[1]), "account": HOSTS[1]}]
    for doc in made.rooms:
        doc["uid"] = f"{doc['n']:032x}"
    return made


Question = Callable[[Any], Any]
BOTH: dict[str, tuple[Question, Any]] = {
    "checkpoint": (lambda r: r.checkpoint(C), lambda t: t.docs[CHECKPOINT][0]),
    "no_checkpoint": (lambda r: r.checkpoint("0x" + "99" * 20), lambda t: None),
    "room": (lambda r: r.room(7), lambda t: t.rooms[6]),
    "no_room": (lambda r: r.room(301), lambda t: None),
    "rooms_by_id": (
        lambda r: r.rooms_by_id([9, 301, 3]), lambda t: [t.rooms[8], t.rooms[2]]),
    "events": (lambda r: r.events(C, 15, 18), lambda t: _events(15, 16, 17, 18)),
    "operator": (lambda r: r.operator(C, 53), lambda t: t.docs[OPERATORS][52]),
    "no_operator": (lambda r: r.operator(C, 54), lambda t: None),
    "terms": (lambda r: r.terms(C, 1), lambda t: t.docs[TERMS][0]),
}  # fmt: skip
THREADS: dict[str, tuple[Question, Any]] = {
    "newest": (lambda r: r.rooms(limit=3), lambda t: t.rooms[:-4:-1]),
    "below": (lambda r: r.rooms(below=3), lambda t: [t.rooms[1], t.rooms[0]]),
    "by_status_and_mode": (
        lambda r: r.rooms(status="active", mode="webrtc", limit=200),
        lambda t: _rooms(t, status="active", mode="webrtc")),
    "by_host": (
        lambda r: r.rooms(host=HOSTS[1], limit=300), lambda t: _rooms(t, host=HOSTS[1])),
    "by_pending_host": (
        lambda r: r.rooms(pending_host=HOSTS[0], limit=300),
        lambda t: [d for d in _rooms(t, pending_host=HOSTS[0]) if d["status"] != "ended"]),
    "room_events": (lambda r: r.room_events(7), lambda t: _events(7, 8)),
    "room_events_after": (lambda r: r.room_events(7, after_seq=7), lambda t: _events(8)),
    "room_events_few": (lambda r: r.room_events(7, limit=1), lambda t: _events(7)),
    "events_after": (lambda r: r.events_after(C, 16, 2), lambda t: _events(17, 18)),
    "events_at_the_end": (lambda r: r.events_after(C, 198, 5), lambda t: _events(199)),
    "operators": (lambda r: r.operators(C), lambda t: t.docs[OPERATORS]),
    "account": (lambda r: r.account(C, HOSTS[2]), lambda t: t.docs[ACCOUNTS][2]),
    "moderator": (lambda r: r.moderator(C, HOSTS[1]), lambda t: t.docs[MODERATORS][0]),
    "no_moderator": (lambda r: r.moderator(C, HOSTS[2]), lambda t: None),
}  # fmt: skip


def _events(*seqs: int) -> list[dict[str, Any]]:
    return [{"contract": C, "seq": seq} for seq in seqs]


def _rooms(tables: QueryTables, **wanted: str) -> list[dict[str, Any]]:
    return [
        doc
        for doc in reversed(tables.rooms)
        if all(doc[name] == value for name, value in wanted.items())
    ]


EACH = {**BOTH, **THREADS}


@pytest.mark.parametrize(("ask", "true"), EACH.values(), ids=EACH)
def test_reader__each_question__its_documents(tables: QueryTables, ask: Any, true: Any) -> None:
    database: Any = Database(tables)
    assert ask(Reader(database, [C])) == true(tables)


@pytest.mark.parametrize(("ask", "true"), BOTH.values(), ids=BOTH)
def test_async_reader__the_same_question__the_same_documents(
    tables: QueryTables, ask: Any, true: Any
) -> None:
    database: Any = Database(tables)

    async def answer() -> Any:
        return await ask(AsyncReader(database, [C]))

    assert asyncio.run(answer()) == true(tables)


def test_async_reader__what_an_operator_has_to_do__its_rooms_oldest_first(
    tables: QueryTables,
) -> None:
    database: Any = Database(tables)
    reader = AsyncReader(database, [C])

    async def answer() -> Any:
        return (
            await reader.work(C, 1, "provision", 1000, Frontier()),
            await reader.expirable(C, 1, 101, 1000, Frontier()),
            await reader.live_inputs(C, 1, 101),
        )

    work, expirable, inputs = asyncio.run(answer())
    assert [doc["n"] for doc in work] == [r["n"] for r in tables.rooms if r["work"] == "provision"]
    odd = range(1, 301, 2)  # the open ones: number n expires at second n
    assert [doc["n"] for doc in expirable] == [n for n in odd if n <= 101]
    assert inputs == {n: f"{n:032x}" for n in odd}
