"""The leases of the versions before `common.lease`, frozen, and a collection for them in memory.

Nothing here is to be kept up with the services: it stands for a process that nobody has updated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from pymongo.errors import DuplicateKeyError

from common.clock import Clock

TERM = 12.0
MARGIN = 3.0


class Rows:
    """As much of a MongoDB collection as the leases need."""

    def __init__(self) -> None:
        self.docs: dict[str, dict[str, Any]] = {}

    async def find_one(self, query: Mapping[str, Any]) -> dict[str, Any] | None:
        doc = self.docs.get(query["_id"])
        return dict(doc) if doc is not None else None

    async def insert_one(self, doc: Mapping[str, Any]) -> None:
        if doc["_id"] in self.docs:
            raise DuplicateKeyError("E11000")
        self.docs[doc["_id"]] = dict(doc)

    async def update_one(
        self, query: Mapping[str, Any], change: Mapping[str, Mapping[str, Any]]
    ) -> SimpleNamespace:
        doc = self.docs.get(query["_id"])
        if doc is None or any(_field(doc, name) != value for name, value in query.items()):
            return SimpleNamespace(matched_count=0, modified_count=0)
        after = doc | dict(change["$set"])
        self.docs[query["_id"]] = after
        return SimpleNamespace(matched_count=1, modified_count=int(after != doc))


def _field(doc: Mapping[str, Any], name: str) -> Any:
    value: Any = doc
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


class OlderIndexerLease:
    """Trusts wall clocks: `until` is compared with `now`."""

    def __init__(self, rows: Any, owner: str, clock: Clock, is_dead: Any = lambda _: False) -> None:
        self._leases = rows
        self._name = "writer"
        self._owner = owner
        self._clock = clock
        self._is_dead = is_dead
        self._until = 0.0
        self.wanted_by: str | None = None
        self.holder = ""

    def held(self) -> bool:
        return bool(self._clock.monotonic() < self._until)

    async def renew(self) -> bool:
        began, now = self._clock.monotonic(), self._clock.now()
        mine = {"owner": self._owner, "until": now + TERM}
        outcome = await self._leases.update_one(
            {"_id": self._name, "owner": self._owner}, {"$set": mine}
        )
        taken: bool = outcome.matched_count == 1
        doc = await self._leases.find_one({"_id": self._name})
        if not taken:
            taken = await self._take(doc, now, mine)
        self._until = began + TERM - MARGIN if taken else 0.0
        self.holder = self._owner if taken else str((doc or {}).get("owner", "unknown"))
        wanted = (doc or {}).get("wanted") or {}
        alive = wanted.get("until", 0) > now and wanted.get("by") != self._owner
        self.wanted_by = str(wanted["by"]) if taken and alive else None
        return taken

    async def _take(self, doc: dict[str, Any] | None, now: float, mine: dict[str, Any]) -> bool:
        if doc is None:
            try:
                await self._leases.insert_one({"_id": self._name, "wanted": None, **mine})
            except DuplicateKeyError:
                return False
            return True
        if doc["until"] > now and not self._is_dead(doc["owner"]):
            return False
        wanted = doc.get("wanted") or {}
        if wanted.get("until", 0) > now and wanted.get("by") != self._owner:
            return False
        guard = {"_id": self._name, "owner": doc["owner"], "until": doc["until"]}
        outcome = await self._leases.update_one(guard, {"$set": mine})
        return bool(outcome.modified_count == 1)

    async def want(self, seconds: float = 2 * TERM) -> None:
        wish = {"by": self._owner, "until": self._clock.now() + seconds}
        await self._leases.update_one({"_id": self._name}, {"$set": {"wanted": wish}})

    async def release(self) -> None:
        self._until = 0.0
        await self._leases.update_one(
            {"_id": self._name, "owner": self._owner}, {"$set": {"owner": "", "until": 0.0}}
        )
        await self._leases.update_one(
            {"_id": self._name, "wanted.by": self._owner}, {"$set": {"wanted": None}}
        )


@dataclass(frozen=True, slots=True)
class OlderRecord:
    name: str
    holder: str | None
    token: int
    beat: int
    since: float


class OlderOracleLease:
    """Watches beats, and knows neither wishes nor dead processes."""

    def __init__(self, rows: Any, name: str, holder: str, seconds: float, clock: Clock) -> None:
        self.name = name
        self.holder = holder
        self.seconds = seconds
        self._rows = rows
        self._clock = clock
        self._mine: OlderRecord | None = None
        self._held_until = float("-inf")
        self._seen: OlderRecord | None = None
        self._seen_at = 0.0

    def covers(self, seconds: float) -> bool:
        return self._mine is not None and self._clock.monotonic() + seconds < self._held_until

    async def step(self) -> bool:
        if self._mine is not None and await self._renew(self._mine):
            return True
        began = self._clock.monotonic()
        found = await self._read(self.name)
        if found is not None and found.holder == self.holder:
            return await self._renew(found)
        self._mine, self._held_until = None, float("-inf")
        if found is None or found.holder is None:
            return await self._take(found)
        if self._seen is None or _beat(self._seen) != _beat(found):
            self._seen, self._seen_at = found, self._clock.monotonic()
            return False
        if began - self._seen_at < self.seconds:
            return False
        return await self._take(found)

    async def release(self) -> None:
        mine, self._mine = self._mine, None
        self._held_until = float("-inf")
        if mine is not None:
            await self._swap(mine, replace(mine, holder=None, beat=mine.beat + 1))

    async def _take(self, found: OlderRecord | None) -> bool:
        token = found.token + 1 if found is not None else 1
        return await self._write(
            found, OlderRecord(self.name, self.holder, token, 0, self._clock.now())
        )

    async def _renew(self, mine: OlderRecord) -> bool:
        return await self._write(mine, replace(mine, beat=mine.beat + 1))

    async def _write(self, before: OlderRecord | None, after: OlderRecord) -> bool:
        began = self._clock.monotonic()
        if not await self._swap(before, after):
            self._seen = None
            return False
        self._mine, self._held_until = after, began + self.seconds * 0.99
        self._seen = None
        return True

    async def _read(self, name: str) -> OlderRecord | None:
        doc = await self._rows.find_one({"_id": name})
        if doc is None:
            return None
        return OlderRecord(doc["_id"], doc["holder"], doc["token"], doc["beat"], doc["since"])

    async def _swap(self, before: OlderRecord | None, after: OlderRecord) -> bool:
        values = {
            "holder": after.holder,
            "token": after.token,
            "beat": after.beat,
            "since": after.since,
        }
        if before is None:
            try:
                await self._rows.insert_one({"_id": after.name, **values})
            except DuplicateKeyError:
                return False
            return True
        query = {"_id": before.name, "token": before.token, "beat": before.beat}
        outcome = await self._rows.update_one(query, {"$set": values})
        return bool(outcome.modified_count == 1)


def _beat(record: OlderRecord) -> tuple[str | None, int, int]:
    return record.holder, record.token, record.beat
