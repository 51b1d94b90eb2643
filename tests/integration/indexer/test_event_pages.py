"""Pages of events in a real database: batches that begin and end anywhere, leftovers, rollbacks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import pymongo
import pytest

from indexer.documents import CHECKPOINT, EVENTS
from indexer.mongo_store import MongoStore
from indexer.store import UnreadableIndex
from localnet.mongo import MongoServer

C = "0x" + "c0" * 20


@asynccontextmanager
async def opened(mongo: MongoServer, database: str) -> AsyncIterator[MongoStore]:
    async with pymongo.AsyncMongoClient[dict[str, Any]](mongo.uri) as client:
        yield MongoStore(client[database], "me")


def docs(first: int, last: int, story: str = "true") -> list[Any]:
    return [{"contract": C, "seq": seq, "story": story} for seq in range(first, last + 1)]


async def held(store: MongoStore, last: int = 300) -> list[tuple[int, str]]:
    return [(e["seq"], e["story"]) for e in await store.events(C, range(1, last + 1))]  # type: ignore[typeddict-item]


async def test_insert_and_delete__batches_of_any_size__the_events_told_and_no_others(
    mongo: MongoServer, mongo_database: str
) -> None:
    chance = Random(5)
    async with opened(mongo, mongo_database) as store:
        last = 0
        for turn in range(60):
            if last and chance.random() < 0.3:
                first = chance.randrange(max(1, last - 40), last + 1)
                await store.delete_events(C, first, last)
                last = first - 1
            else:
                more = chance.choice((1, 2, 5, 16, 33))
                await store.insert_events(docs(last + 1, last + more, str(turn)))
                last += more
            seqs = [seq for seq, _ in await held(store, last + 50)]
            assert seqs == list(range(1, last + 1))
            async for page in store.collection(EVENTS).find({"contract": C}):
                assert page["last"] == page["events"][-1]["seq"]


@pytest.mark.parametrize("first", [17, 20, 32])
async def test_insert__what_an_earlier_attempt_left__is_replaced(
    mongo: MongoServer, mongo_database: str, first: int
) -> None:
    async with opened(mongo, mongo_database) as store:
        await store.insert_events(docs(1, first - 1))
        await store.insert_events(docs(first, first + 20, "orphaned"))
        await store.insert_events(docs(first, first + 30))
        assert await held(store) == [(seq, "true") for seq in range(1, first + 31)]


async def test_insert__the_same_again__changes_nothing(
    mongo: MongoServer, mongo_database: str
) -> None:
    async with opened(mongo, mongo_database) as store:
        await store.insert_events(docs(1, 5))
        for _ in range(2):
            await store.insert_events(docs(6, 9))
        assert await held(store) == [(seq, "true") for seq in range(1, 10)]


async def test_checkpoint__documents_of_another_version__the_command_to_rebuild_is_named(
    mongo: MongoServer, mongo_database: str
) -> None:
    async with opened(mongo, mongo_database) as store:
        await store.collection(CHECKPOINT).insert_one({"_id": C, "seq": 7})
        with pytest.raises(UnreadableIndex, match="python -m indexer rebuild"):
            await store.checkpoint(C)
