"""One writer per index: a lease in the index's own database.

Promises: at most one process holds the lease at a time, as long as clocks differ by less than
`MARGIN` and a holder writes only while `held` is true. A holder that dies is replaced after `TERM`.
A command (`rebuild`, `rewind`) asks for it with `wanted`; the service lets go between two blocks.
Assumes: `renew` is called every few seconds.
On restart: a new name; the former lease runs out.
"""

from __future__ import annotations

from typing import Any

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError, PyMongoError

from common.clock import Clock
from common.process import is_dead
from indexer.model import WRITER
from indexer.store import StoreError

TERM = 12.0
MARGIN = 3.0


class Lease:
    """`owner`: a name no other process has; `name`: what the lease is for."""

    def __init__(
        self,
        database: AsyncDatabase[dict[str, Any]],
        owner: str,
        clock: Clock,
        *,
        name: str = "writer",
    ) -> None:
        self._leases = database[WRITER]
        self._name = name
        self._owner = owner
        self._clock = clock
        self._until = 0.0
        self.wanted_by: str | None = None
        self.holder = ""

    @property
    def owner(self) -> str:
        return self._owner

    def held(self) -> bool:
        """Whether this process may write now."""
        return self._clock.monotonic() < self._until

    async def renew(self) -> bool:
        """Take or keep the lease. False: another process has it. Raises `StoreError`."""
        began, now = self._clock.monotonic(), self._clock.now()
        mine = {"owner": self._owner, "until": now + TERM}
        try:
            outcome = await self._leases.update_one(
                {"_id": self._name, "owner": self._owner}, {"$set": mine}
            )
            taken = outcome.matched_count == 1
            doc = await self._leases.find_one({"_id": self._name})
            if not taken:
                taken = await self._take(doc, now, mine)
        except PyMongoError as error:
            raise StoreError(f"MongoDB: {type(error).__name__}: {str(error)[:200]}") from error
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
        if doc["until"] > now and not is_dead(doc["owner"]):
            return False
        wanted = doc.get("wanted") or {}
        if wanted.get("until", 0) > now and wanted.get("by") != self._owner:
            return False
        guard = {"_id": self._name, "owner": doc["owner"], "until": doc["until"]}
        outcome = await self._leases.update_one(guard, {"$set": mine})
        return bool(outcome.modified_count == 1)

    async def want(self, seconds: float = 2 * TERM) -> None:
        """Ask the holder to let go, and others to leave it to us."""
        wish = {"by": self._owner, "until": self._clock.now() + seconds}
        await self._leases.update_one({"_id": self._name}, {"$set": {"wanted": wish}})

    async def release(self) -> None:
        """Let go, so that the next one need not wait; a wish of ours is withdrawn."""
        self._until = 0.0
        await self._leases.update_one(
            {"_id": self._name, "owner": self._owner}, {"$set": {"owner": "", "until": 0.0}}
        )
        await self._leases.update_one(
            {"_id": self._name, "wanted.by": self._owner}, {"$set": {"wanted": None}}
        )
