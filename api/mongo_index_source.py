"""The index in MongoDB: `indexer.reader`, with what a public API needs besides.

Promises: reads only, from the primary, each question bounded in time. The reader's queries each
follow an index; what no index answers alone (words, a host's rooms of one mode) besides ends after
a while (`api.room_search`).
Assumes: the indexes of `indexer.queries`.
On restart: nothing is kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pymongo import MongoClient

from api.index_source import Document, IndexUnavailable, RoomPage, RoomQuery
from api.room_search import RoomSearch
from common.database_errors import DatabaseErrors
from indexer.documents import CHECKPOINT
from indexer.queries import POSITION
from indexer.reader import Reader

T = TypeVar("T")
RECORDINGS = "oracle_recordings"  # written by `oracle.recordings`, which we may not import
MOST_RECORDINGS = 200


class MongoIndexSource:
    """`api.index_source.IndexSource` over pymongo."""

    def __init__(
        self,
        client: MongoClient[dict[str, Any]],
        database: str,
        contracts: Sequence[str],
        *,
        oracle_database: str = "livestream_oracle",
        errors: DatabaseErrors | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`errors` explains, to the operator, what the database's errors mean."""
        self._client = client
        self._errors = errors or DatabaseErrors()
        self._db = client[database]
        self._recordings = client[oracle_database][RECORDINGS]
        self._reader = Reader(self._db, contracts)
        self._search = RoomSearch(self._reader, monotonic)

    def checkpoints(self, contracts: Sequence[str]) -> dict[str, Document]:
        wanted = [{"_id": contract} for contract in contracts]
        found = self._guard(
            lambda: [
                doc for one in wanted for doc in self._db[CHECKPOINT].find(one, POSITION).limit(1)
            ]
        )
        return {doc["_id"]: doc for doc in found}

    def room(self, number: int) -> Document | None:
        return self._guard(lambda: self._reader.room(number))

    def rooms_by_id(self, numbers: Sequence[int]) -> list[Document]:
        return self._guard(lambda: list(self._reader.rooms_by_id(numbers)))

    def rooms(self, query: RoomQuery, top: int, bottom: int, limit: int) -> RoomPage:
        # what no index has may be rare: a page of these has its time
        if query.tokens or query.access or (query.host is not None and query.mode is not None):
            return self._guard(lambda: self._search.page(query, top, bottom, limit))
        found = self._guard(
            lambda: self._reader.rooms(
                status=query.status,
                host=query.host,
                mode=query.mode,
                pending_host=query.pending_host,
                below=top + 1,
                limit=limit + 1,
            )
        )
        more = len(found) > limit
        return RoomPage(list(found[:limit]), int(found[limit - 1]["n"]) if more else None)

    def room_events(self, number: int, after_seq: int, limit: int) -> list[Document]:
        return self._guard(
            lambda: list(self._reader.room_events(number, after_seq=after_seq, limit=limit))
        )

    def events(self, contract: str, from_seq: int, to_seq: int) -> list[Document]:
        return self._guard(lambda: list(self._reader.events(contract, from_seq, to_seq)))

    def operators(self, contract: str) -> list[Document]:
        return self._guard(lambda: list(self._reader.operators(contract)))

    def terms(self, contract: str, terms_id: int) -> Document | None:
        return self._guard(lambda: self._reader.terms(contract, terms_id))

    def recordings(self, contract: str, number: int) -> list[Document]:
        wanted = {"contract": contract, "room_id": number}
        return self._guard(lambda: list(self._recordings.find(wanted).limit(MOST_RECORDINGS)))

    def reach(self) -> None:
        """Ask for something small. Raises `IndexUnavailable`."""
        self._guard(lambda: self._db[CHECKPOINT].find_one({}, {"_id": 1}))

    def close(self) -> None:
        self._client.close()

    def _guard(self, question: Callable[[], T]) -> T:
        return self._errors.told(question, IndexUnavailable)
