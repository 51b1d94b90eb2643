"""The index in MongoDB, or in a server that speaks its protocol.

Promises: see `indexer.store`. No transactions, no change streams, no `find_and_modify`: each write
is one command that may be repeated. Many documents go in one command; reading is by `_id` in small
groups. The checkpoint is only replaced while it carries this writer's name.
Assumes: `writer` is this process's name of the lease (`common.lease`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any, TypeVar

from pymongo import ReplaceOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError, PyMongoError

from common.database_errors import DatabaseErrors
from indexer import event_pages
from indexer.documents import (
    CHECKPOINT,
    EVENTS,
    FOLDED,
    ROOMS,
    Checkpoint,
    EventDoc,
    EventPage,
    doc_id,
    why_unreadable,
)
from indexer.queries import GROUP, INDEXES
from indexer.store import LostWriter, StoreError, UnreadableIndex

DUPLICATE = 11000
# A command must stay under 16 MB (a new room has under 8 kB, a page of events under 64) and well
# under a small server's cache: the entries of a thousand new rooms in five indexes touch so many
# pages that the embedded server with 256 MB could never write them out.
INSERT_GROUP = 200
PAGE_GROUP = 128
T = TypeVar("T")


class MongoStore:
    """`suffix` is put behind each collection's name: a rebuild writes beside the live index."""

    def __init__(
        self,
        database: AsyncDatabase[dict[str, Any]],
        writer: str,
        *,
        suffix: str = "",
        errors: DatabaseErrors | None = None,
    ) -> None:
        """`errors` explains what the database's errors mean."""
        self._db = database
        self._explain = (errors or DatabaseErrors()).explain
        self._writer = writer
        self._suffix = suffix

    def collection(self, kind: str) -> AsyncCollection[dict[str, Any]]:
        """The collection that holds documents of this kind."""
        return self._db[kind + self._suffix]

    async def reach(self) -> None:
        """Ask for something small. Raises `StoreError` if the database does not let us read."""
        async with self._errors():
            await self.collection(CHECKPOINT).find_one({}, {"_id": 1})

    async def ensure_indexes(self) -> None:
        """Make the secondary indexes that are missing."""
        async with self._errors():
            for kind, indexes in INDEXES.items():
                for fields in indexes:
                    await self.collection(kind).create_index([(name, 1) for name in fields])

    async def checkpoint(self, contract: str) -> Checkpoint | None:
        async with self._errors():
            found: Any = await self.collection(CHECKPOINT).find_one({"_id": contract})
        if found is not None and (why := why_unreadable(found)) is not None:
            raise UnreadableIndex(why)
        return found  # type: ignore[no-any-return]

    async def contracts(self) -> list[str]:
        """The contracts that have a checkpoint here."""
        async with self._errors():
            found = await self.collection(CHECKPOINT).find({}, {"_id": 1}).to_list()
        return [doc["_id"] for doc in found]

    async def save_checkpoint(self, checkpoint: Checkpoint, *, fresh: bool = False) -> None:
        checkpoint["writer"] = self._writer
        name: dict[str, Any] = {"_id": checkpoint["_id"]}
        async with self._errors():
            if fresh:
                await self.collection(CHECKPOINT).replace_one(name, checkpoint, upsert=True)
                return
            name["writer"] = self._writer
            outcome = await self.collection(CHECKPOINT).replace_one(name, checkpoint)
        if outcome.matched_count != 1:
            raise LostWriter("the checkpoint is missing, or another indexer writes this index")

    async def insert_events(self, docs: Sequence[EventDoc]) -> None:
        found = list(event_pages.pack_events(docs))
        if found and not event_pages.has_first_event(found[0]):
            await self._append_to_page(found.pop(0))
        async with self._errors():
            for group in groups(found, PAGE_GROUP):
                await self._insert_or_replace(EVENTS, group)

    async def _append_to_page(self, page: EventPage) -> None:
        """Add events to a page that was begun before."""
        first, events = page["events"][0]["seq"], self.collection(EVENTS)
        change = {"$push": {"events": {"$each": page["events"]}}, "$set": {"last": page["last"]}}
        async with self._errors():
            outcome = await events.update_one({"_id": page["_id"], "last": first - 1}, change)
            if outcome.matched_count == 0:
                # What an earlier attempt left stands there.
                stored: Any = await events.find_one({"_id": page["_id"]})
                kept = [] if stored is None else event_pages.events_below(stored, first)
                await self._replace(
                    EVENTS, [event_pages.make_page(page["page"], kept + page["events"])]
                )

    async def events(self, contract: str, seqs: Iterable[int]) -> list[EventDoc]:
        wanted = list(seqs)
        found = await self._by_ids(EVENTS, event_pages.page_ids(contract, wanted))
        return sorted(event_pages.unpack_events(found, wanted), key=lambda doc: doc["seq"])

    async def delete_events(self, contract: str, first: int, last: int) -> None:
        page = event_pages.page_number(first)
        if first != event_pages.first_seq(page):
            async with self._errors():
                name = {"_id": event_pages.page_id(contract, page)}
                stored: Any = await self.collection(EVENTS).find_one(name)
                kept = [] if stored is None else event_pages.events_below(stored, first)
                if kept:
                    await self._replace(EVENTS, [event_pages.make_page(page, kept)])
                    page += 1
        gone = range(page, event_pages.page_number(last) + 1)
        await self._delete(EVENTS, [event_pages.page_id(contract, number) for number in gone])

    async def load(self, kind: str, contract: str, names: Iterable[int | str]) -> list[Any]:
        return await self._by_ids(kind, [_id(kind, contract, name) for name in names])

    async def every(
        self, kind: str, contract: str, fields: Sequence[str]
    ) -> AsyncIterator[Mapping[str, Any]]:
        """All documents of a contract, these fields of each. It reads the whole collection."""
        wanted = dict.fromkeys(fields, 1)
        async with self._errors():
            async for doc in self.collection(kind).find({"contract": contract}, wanted):
                yield doc

    async def insert(self, kind: str, docs: Sequence[Mapping[str, Any]]) -> None:
        async with self._errors():
            for group in groups(docs, INSERT_GROUP):
                await self._insert_or_replace(kind, group)

    async def replace(self, kind: str, docs: Sequence[Mapping[str, Any]]) -> None:
        async with self._errors():
            for group in groups(docs, INSERT_GROUP):
                await self._replace(kind, group)

    async def delete(self, kind: str, contract: str, names: Iterable[int | str]) -> None:
        await self._delete(kind, [_id(kind, contract, name) for name in names])

    async def clear(self, contract: str) -> None:
        # The one write that scans: it runs before a first index, or to drop a contract.
        async with self._errors():
            for kind in (EVENTS, *FOLDED):
                if await self.collection(kind).find_one({}, {"_id": 1}) is not None:
                    await self.collection(kind).delete_many({"contract": contract})
            await self.collection(CHECKPOINT).delete_one({"_id": contract})

    async def _insert_or_replace(self, kind: str, docs: Sequence[Mapping[str, Any]]) -> None:
        there = await self._insert(kind, docs)
        await self._replace(kind, [doc for doc in docs if doc["_id"] in there])

    async def _insert(self, kind: str, docs: Sequence[Mapping[str, Any]]) -> set[Any]:
        """Insert; the `_id`s of those that were there already.

        The plain command: `insert_many` spends as much on each document as its encoding costs.
        """
        collection = self.collection(kind)
        reply = await self._db.command(
            "insert",
            collection.name,
            documents=docs,
            ordered=False,
            writeConcern=collection.write_concern.document,
        )
        faults = reply.get("writeErrors", [])
        if "writeConcernError" in reply or any(fault["code"] != DUPLICATE for fault in faults):
            raise BulkWriteError(reply)
        return {docs[fault["index"]]["_id"] for fault in faults}

    async def _replace(self, kind: str, docs: Sequence[Mapping[str, Any]]) -> None:
        if len(docs) == 1:
            await self.collection(kind).replace_one({"_id": docs[0]["_id"]}, docs[0], upsert=True)
        elif docs:
            writes: list[Any] = [ReplaceOne({"_id": doc["_id"]}, doc, upsert=True) for doc in docs]
            await self.collection(kind).bulk_write(writes, ordered=False)

    async def _by_ids(self, kind: str, ids: Sequence[Any]) -> list[Any]:
        found: list[Any] = []
        async with self._errors():
            for group in groups(ids, GROUP):
                criterion = {"_id": group[0] if len(group) == 1 else {"$in": group}}
                found += await self.collection(kind).find(criterion).to_list()
        return found

    async def _delete(self, kind: str, ids: Sequence[Any]) -> None:
        async with self._errors():
            for group in groups(ids, GROUP):
                await self.collection(kind).delete_many({"_id": {"$in": group}})

    @asynccontextmanager
    async def _errors(self) -> AsyncIterator[None]:
        """pymongo's errors as `StoreError`; the text may name server and user, no password."""
        try:
            yield
        except PyMongoError as error:
            raise StoreError(f"MongoDB: {self._explain(error)}") from error


def _id(kind: str, contract: str, name: int | str) -> int | str:
    return name if kind == ROOMS else doc_id(contract, name)


def groups(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """`items` in lists of at most `size`."""
    iterator = iter(items)
    while group := list(islice(iterator, size)):
        yield group
