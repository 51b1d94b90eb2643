"""One active oracle per operator: a lease that its holder renews, and others watch.

Promises
1. At most one process holds the lease at a time, without trusting anybody's wall clock: a watcher
   takes it over only after it saw the same beat for a whole `seconds` of its own monotonic time.
2. `covers(s)` is true only while nobody else can have taken it for `s` more seconds; it is asked
   before every effect with that effect's time-out.
3. A silent holder is replaced within `seconds` plus two watch intervals (a beat may be as old as
   one when it is seen, and its end as old as another): 14 s of the longest lease that the settings
   allow. One that stops in order releases the lease, and the next holder need not wait.
4. `token` rises with every change of holder.

Assumes: the store's conditional update is atomic and durable, and monotonic clocks of two machines
run equally fast to one per cent. The chain is the fence of last resort: tags and nonces make a
stale holder's transaction useless.
On restart: a process has a fresh name, so its former life counts as another holder.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from common.clock import Clock

COLLECTION = "oracle_lease"
_CLOCK_MARGIN = 0.99


@dataclass(frozen=True, slots=True)
class Record:
    """The stored lease. `holder` None: released. `beat` rises with every renewal."""

    name: str
    holder: str | None
    token: int
    beat: int
    since: float


class LeaseStore(Protocol):
    """One row per operator."""

    async def read(self, name: str) -> Record | None: ...

    async def swap(self, before: Record | None, after: Record) -> bool:
        """Write `after` if the row is still `before`; False if it is not."""
        ...


class Lease:
    """See the module. `seconds`: how long a silent holder keeps it."""

    def __init__(
        self, store: LeaseStore, name: str, holder: str, seconds: float, clock: Clock
    ) -> None:
        self.name = name
        self.holder = holder
        self.seconds = seconds
        self._store = store
        self._clock = clock
        self._mine: Record | None = None
        self._held_until = float("-inf")
        self._seen: Record | None = None
        self._seen_at = 0.0

    @property
    def renew_seconds(self) -> float:
        """How often its holder is to call `step`: six renewals fit into a lease."""
        return self.seconds / 6

    @property
    def pause_seconds(self) -> float:
        """When to call `step` again: whoever watches looks twice as often as the holder renews."""
        return self.renew_seconds if self.held else self.seconds / 12

    @property
    def held(self) -> bool:
        """Whether this process holds it now."""
        return self.covers(0.0)

    @property
    def token(self) -> int:
        """The fencing token of our hold; 0 if we hold nothing."""
        return self._mine.token if self._mine is not None else 0

    @property
    def other(self) -> str | None:
        """Who holds it, where it is not us."""
        return self._seen.holder if self._seen is not None and not self.held else None

    def covers(self, seconds: float) -> bool:
        """Whether it is surely ours for `seconds` more."""
        return self._mine is not None and self._clock.monotonic() + seconds < self._held_until

    async def step(self) -> bool:
        """Renew it, or look whether it is free; True if it is ours. Raises the store's errors."""
        if self._mine is not None and await self._renew(self._mine):
            return True
        began = self._clock.monotonic()
        found = await self._store.read(self.name)
        if found is not None and found.holder == self.holder:
            # A write of ours whose answer was lost. Others may have seen that beat for long, so
            # only the next beat counts.
            return await self._renew(found)
        self._mine, self._held_until = None, float("-inf")
        if found is None or found.holder is None:
            return await self._take(found)
        if self._seen is None or _beat(self._seen) != _beat(found):
            # Counted from after the answer: the beat may be as young as that.
            self._seen, self._seen_at = found, self._clock.monotonic()
            return False
        if began - self._seen_at < self.seconds:
            return False
        return await self._take(found)

    async def release(self) -> None:
        """Give it up in order; nothing happens if it is not ours."""
        mine, self._mine = self._mine, None
        self._held_until = float("-inf")
        if mine is not None:
            await self._store.swap(mine, replace(mine, holder=None, beat=mine.beat + 1))

    async def _take(self, found: Record | None) -> bool:
        token = found.token + 1 if found is not None else 1
        return await self._write(found, Record(self.name, self.holder, token, 0, self._clock.now()))

    async def _renew(self, mine: Record) -> bool:
        return await self._write(mine, replace(mine, beat=mine.beat + 1))

    async def _write(self, before: Record | None, after: Record) -> bool:
        began = self._clock.monotonic()
        if not await self._store.swap(before, after):
            self._seen = None
            return False
        return self._hold(after, began)

    def _hold(self, record: Record, began: float) -> bool:
        # Counted from before the write: nobody can have seen this beat earlier.
        self._mine, self._held_until = record, began + self.seconds * _CLOCK_MARGIN
        self._seen = None
        return True


def _beat(record: Record) -> tuple[str | None, int, int]:
    return record.holder, record.token, record.beat


class MemoryLeaseStore:
    """For tests and simulations."""

    def __init__(self) -> None:
        self.rows: dict[str, Record] = {}

    async def read(self, name: str) -> Record | None:
        return self.rows.get(name)

    async def swap(self, before: Record | None, after: Record) -> bool:
        if self.rows.get(after.name) != before:
            return False
        self.rows[after.name] = after
        return True


class MongoLeaseStore:
    """The lease in MongoDB."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self._rows = database[COLLECTION]

    async def read(self, name: str) -> Record | None:
        doc = await self._rows.find_one({"_id": name})
        if doc is None:
            return None
        return Record(doc["_id"], doc["holder"], doc["token"], doc["beat"], doc["since"])

    async def swap(self, before: Record | None, after: Record) -> bool:
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
        return (await self._rows.update_one(query, {"$set": values})).modified_count == 1
