"""The index in MongoDB.

Promises: reads only, from the primary, each question bounded in time and answered by one index. A
page of rooms is sought in ranges of room numbers, newest first, by one indexed field (the rarest of
the filter's) and the range; further fields are compared here. A range is as wide as about `TARGET`
candidates need, so little more is read than is shown, whatever the filter and however many rooms. A
filter that hardly matches is given up after `BUDGET`, with where it got to.
Assumes: the indexes that `indexer` makes: livestreams {n}, {status, n}, {host, n}, {search, n};
events by `_id`. A query with more fields than an index has is left to no planner: the embedded
server's takes whole seconds over some.
On restart: nothing is kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from pymongo import DESCENDING, MongoClient
from pymongo.errors import PyMongoError

from api.source import Document, IndexUnavailable, Page, RoomQuery
from indexer.model import CHECKPOINT, EVENTS, OPERATORS, ROOMS, TERMS, event_id, key

BUDGET = 0.025  # seconds after which no further range is read
TARGET = 200  # candidates in one range
FIRST_RANGE = 64
GROWTH = 4
_POSITION = {"window": 0, "contract_seqs": 0}  # long, and not needed for where it stands
_SUMMARY = {"search": 0}


def connect(uri: str) -> MongoClient[dict[str, Any]]:
    """A client for one process; made after the fork. Time-outs in milliseconds."""
    return MongoClient(
        uri,
        appname="livestream-api",
        connectTimeoutMS=2000,
        serverSelectionTimeoutMS=2000,
        socketTimeoutMS=4000,
        waitQueueTimeoutMS=2000,
        maxPoolSize=32,
        readPreference="primary",
    )


class MongoSource:
    """`api.source.IndexSource` over pymongo."""

    def __init__(
        self,
        client: MongoClient[dict[str, Any]],
        database: str,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._db = client[database]
        self._monotonic = monotonic

    def checkpoints(self, contracts: Sequence[str]) -> dict[str, Document]:
        found: dict[str, Document] = {}
        for contract in contracts:
            for doc in self._find(CHECKPOINT, {"_id": contract}, _POSITION):
                found[contract] = doc
        return found

    def room(self, number: int) -> Document | None:
        found = self._find(ROOMS, {"_id": number}, _SUMMARY)
        return found[0] if found else None

    def rooms(self, query: RoomQuery, top: int, bottom: int, limit: int) -> Page:
        deadline = self._monotonic() + BUDGET
        driver = _driver(query)
        width = FIRST_RANGE if driver else limit
        found: list[Document] = []
        high = top
        while high >= bottom:
            low = max(bottom, high - width + 1)
            candidates = self._find(
                ROOMS, {**driver, "n": {"$gte": low, "$lte": high}}, newest_first=True
            )
            found += [doc for doc in candidates if _matches(doc, query)]
            if len(found) >= limit:
                last = int(found[limit - 1]["n"])
                return Page(found[:limit], last if last > bottom else None)
            high = low - 1
            if self._monotonic() > deadline:
                break
            fitting = width * TARGET // max(1, len(candidates))
            width = max(FIRST_RANGE, min(width * GROWTH, fitting))
        return Page(found, high + 1 if high >= bottom else None)

    def room_events(self, contract: str, seqs: Sequence[int]) -> list[Document]:
        return self._by_seq(contract, seqs)

    def events(self, contract: str, from_seq: int, to_seq: int) -> list[Document]:
        return self._by_seq(contract, range(from_seq, to_seq + 1))

    def operators(self, contract: str) -> list[Document]:
        found = self._find(OPERATORS, {"contract": contract})
        return sorted(found, key=lambda doc: int(doc["operator_id"]))

    def terms(self, contract: str, terms_id: int) -> Document | None:
        found = self._find(TERMS, {"_id": key(contract, terms_id)})
        return found[0] if found else None

    def close(self) -> None:
        self._client.close()

    def _by_seq(self, contract: str, seqs: Sequence[int]) -> list[Document]:
        if not seqs:
            return []
        ids = [event_id(contract, seq) for seq in seqs]
        wanted = {"_id": ids[0]} if len(ids) == 1 else {"_id": {"$in": ids}}
        return sorted(self._find(EVENTS, wanted), key=lambda doc: int(doc["seq"]))

    def _find(
        self,
        collection: str,
        wanted: dict[str, Any],
        projection: dict[str, int] | None = None,
        *,
        newest_first: bool = False,
    ) -> list[Document]:
        try:
            cursor = self._db[collection].find(wanted, projection)
            if newest_first:
                cursor = cursor.sort("n", DESCENDING)
            return list(cursor)
        except PyMongoError as error:
            name = type(error).__name__
            raise IndexUnavailable(f"the database does not answer ({name})") from None


def _driver(query: RoomQuery) -> dict[str, Any]:
    """The one indexed condition that few rooms meet."""
    if query.status in ("pending", "active"):
        return {"status": query.status}
    if query.tokens:
        return {"search": query.tokens[0]}
    if query.host is not None:
        return {"host": query.host}
    return {"status": query.status} if query.status is not None else {}


def _matches(doc: Document, query: RoomQuery) -> bool:
    return (
        query.status in (None, doc["status"])
        and query.mode in (None, doc["mode"])
        and query.host in (None, doc["host"])
        and all(token in doc["search"] for token in query.tokens)
    )
