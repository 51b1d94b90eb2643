"""Where the rows of leases are kept: in MongoDB, or in memory.

Promises: see `common.lease.LeaseStore`; each change is one conditional update.
Assumes: a majority of the database's members confirms a write.
On restart: the rows stand as they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError

from common.lease import LeaseRecord, LeaseWish


class MemoryLeaseStore:
    """For tests and simulations."""

    def __init__(self) -> None:
        self.rows: dict[str, LeaseRecord] = {}

    async def read(self, name: str) -> LeaseRecord | None:
        return self.rows.get(name)

    async def swap(self, before: LeaseRecord | None, after: LeaseRecord) -> bool:
        there = self.rows.get(after.name)
        wish = there.wish if there is not None else None
        if there != (replace(before, wish=wish) if before is not None else None):
            return False
        self.rows[after.name] = replace(after, wish=wish)
        return True

    async def wish(self, name: str, before: str | None, after: LeaseWish | None) -> bool:
        there = self.rows.get(name)
        if there is None or before != (there.wish.by if there.wish is not None else None):
            return False
        self.rows[name] = replace(there, wish=after)
        return True


class Older(NamedTuple):
    """How an older version wrote into the same row: the field of its holder's name ("" if
    released) and the one that its renewals change."""

    holder: str
    beat: str


class MongoLeaseStore:
    """The lease in MongoDB; pymongo's errors pass.

    `marks`: what we write beside our own fields, for older versions to read. With `older`, a row
    whose holder's field is not our mark is an older version's.
    """

    def __init__(
        self,
        rows: AsyncCollection[dict[str, Any]],
        *,
        marks: Mapping[str, Any],
        older: Older | None = None,
    ) -> None:
        self._rows = rows
        self._marks = marks
        self._older = older
        self._ours = {} if older is None else {older.holder: marks[older.holder]}

    async def read(self, name: str) -> LeaseRecord | None:
        doc = await self._rows.find_one({"_id": name})
        if doc is None:
            return None
        if self._older is not None and doc[self._older.holder] != self._marks[self._older.holder]:
            holder, beat = doc[self._older.holder] or None, doc[self._older.beat]
            return LeaseRecord(name, holder, doc.get("token", 0), beat, older=True)
        wish = doc.get("wish")
        wished = LeaseWish(wish["by"], wish["beat"]) if wish is not None else None
        return LeaseRecord(name, doc["holder"], doc["token"], doc["beat"], wished)

    async def swap(self, before: LeaseRecord | None, after: LeaseRecord) -> bool:
        values = {"holder": after.holder, "token": after.token, "beat": after.beat, **self._marks}
        if before is None:
            try:
                await self._rows.insert_one({"_id": after.name, "wish": None, **values})
            except DuplicateKeyError:
                return False
            return True
        query = {"holder": before.holder, "token": before.token, "beat": before.beat, **self._ours}
        if before.older and self._older is not None:
            query = {self._older.holder: before.holder or "", self._older.beat: before.beat}
        written = await self._rows.update_one({"_id": before.name, **query}, {"$set": values})
        return written.matched_count == 1

    async def wish(self, name: str, before: str | None, after: LeaseWish | None) -> bool:
        asked: dict[str, Any] = {"wish": None} if before is None else {"wish.by": before}
        value = None if after is None else after._asdict()
        query = {"_id": name, **asked, **self._ours}
        return (await self._rows.update_one(query, {"$set": {"wish": value}})).matched_count == 1
