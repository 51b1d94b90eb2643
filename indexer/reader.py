"""Reading the index: the same questions for synchronous and asynchronous callers.

Promises: reads only; every query follows an index and answers within milliseconds however many
rooms there are; documents are those of `indexer.documents`. pymongo's errors pass through.
Assumes: the indexer writes events, then rooms, then the checkpoint, so who reads a checkpoint
and then a room sees a room at least as new.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database

from indexer import operator_queries, queries
from indexer.documents import ACCOUNTS, CHECKPOINT, MODERATORS, OPERATORS, ROOMS, TERMS
from indexer.operator_queries import Frontier
from indexer.queries import Doc, Find, Plan, RoomFilter

T = TypeVar("T")
MOST_COUNTED = 200_000


class Reader:
    """For threads and greenlets. `contracts`: addresses (0x, lower case) whose rooms are listed."""

    def __init__(self, database: Database[dict[str, Any]], contracts: Sequence[str]) -> None:
        self._db = database
        self._contracts = tuple(contracts)

    def run(self, plan: Plan[T]) -> T:
        """Carry a plan out."""
        return queries.run_plan(plan, self._find)

    def _find(self, find: Find) -> list[Doc]:
        cursor = self._db[find.collection].find(find.filter, find.projection)
        if find.sort is not None:
            cursor = cursor.sort(*find.sort)
        return list(cursor.limit(find.limit))

    def checkpoint(self, contract: str) -> Doc | None:
        """Where the index of a contract stands; one look-up."""
        return self.run(queries.one(CHECKPOINT, contract))

    def room(self, room_id: int) -> Doc | None:
        return self.run(queries.one(ROOMS, room_id))

    def rooms_by_id(self, ids: Sequence[int]) -> list[Doc]:
        """Those of these rooms that the index has, in the order of `ids`."""
        return self.run(queries.by_ids(ROOMS, ids))

    def rooms(
        self,
        *,
        status: str | None = None,
        host: str | None = None,
        mode: str | None = None,
        pending_host: str | None = None,
        below: int | None = None,
        limit: int = 20,
    ) -> list[Doc]:
        """Rooms newest first, numbers under `below`. `pending_host`: rooms not over that are
        offered to it."""
        wanted = RoomFilter(status, host, mode, pending_host)
        return self.run(queries.rooms(self._contracts, wanted, below, limit))

    def room_events(self, room_id: int, *, after_seq: int = 0, limit: int = 100) -> list[Doc]:
        """A room's events in their order; [] for an unknown room."""
        return self.run(queries.room_events(room_id, after_seq, limit))

    def events(self, contract: str, first: int, last: int) -> list[Doc]:
        """A contract's events by sequence number, both ends included."""
        return self.run(queries.events(contract, first, last))

    def events_after(self, contract: str, seq: int, limit: int) -> list[Doc]:
        """The `limit` events that follow `seq`."""
        return self.run(queries.events(contract, seq + 1, seq + limit))

    def operators(self, contract: str) -> list[Doc]:
        return self.run(queries.numbered(OPERATORS, contract))

    def operator(self, contract: str, operator_id: int) -> Doc | None:
        return self.run(queries.named(OPERATORS, contract, operator_id))

    def terms(self, contract: str, terms_id: int) -> Doc | None:
        return self.run(queries.named(TERMS, contract, terms_id))

    def account(self, contract: str, address: str) -> Doc | None:
        """`address`: 0x, lower case."""
        return self.run(queries.named(ACCOUNTS, contract, address))

    def moderator(self, contract: str, address: str) -> Doc | None:
        return self.run(queries.named(MODERATORS, contract, address))


class AsyncReader:
    """The same for asyncio, with what the oracle asks besides."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], contracts: Sequence[str]) -> None:
        self._db = database
        self._contracts = tuple(contracts)

    async def _run(self, plan: Plan[T]) -> T:
        try:
            find = next(plan)
            while True:
                find = plan.send(await self._find(find))
        except StopIteration as done:
            return done.value  # type: ignore[no-any-return]

    async def _find(self, find: Find) -> list[Doc]:
        cursor = self._db[find.collection].find(find.filter, find.projection)
        if find.sort is not None:
            cursor = cursor.sort(*find.sort)
        return await cursor.limit(find.limit).to_list()

    async def checkpoint(self, contract: str) -> Doc | None:
        """Where the index of a contract stands; one look-up."""
        return await self._run(queries.one(CHECKPOINT, contract))

    async def room(self, room_id: int) -> Doc | None:
        return await self._run(queries.one(ROOMS, room_id))

    async def rooms_by_id(self, ids: Sequence[int]) -> list[Doc]:
        """Those of these rooms that the index has, in the order of `ids`."""
        return await self._run(queries.by_ids(ROOMS, ids))

    async def work(
        self, contract: str, operator_id: int, kind: str, limit: int, frontier: Frontier
    ) -> list[Doc]:
        """An operator's rooms with that work (provision, rekey, release), oldest first.

        Without title, events' numbers and sealed bytes. `frontier`: one for each operator and kind.
        """
        return await self._run(operator_queries.work(contract, operator_id, kind, limit, frontier))

    async def count_work(self, contract: str, operator_id: int, kind: str) -> int:
        """How many of an operator's rooms have that work."""
        wanted = {"contract": contract, "operator_id": operator_id, "work": kind}
        return await self._db[ROOMS].count_documents(wanted, limit=MOST_COUNTED)

    async def expirable(
        self, contract: str, operator_id: int, now: int, limit: int, frontier: Frontier
    ) -> list[Doc]:
        """An operator's open rooms whose time is over at `now` (unix seconds), as `work`."""
        return await self._run(
            operator_queries.expirable(contract, operator_id, now, limit, frontier)
        )

    async def live_inputs(
        self, contract: str, operator_id: int, now: int, mode: str | None = None
    ) -> dict[int, str]:
        """The live input (uid) of each of an operator's open rooms that has one; of one mode."""
        return await self._run(operator_queries.live_inputs(contract, operator_id, now, mode))

    async def open_rooms(self, contract: str, operator_id: int, now: int) -> list[Doc]:
        """Each of an operator's open rooms: `operator_queries.OPEN_FIELDS` of it. It reads all of
        them, in bounded answers."""
        fields = operator_queries.OPEN_FIELDS
        return await self._run(operator_queries.open_rooms(contract, operator_id, now, fields))

    async def positions(self) -> list[Doc]:
        """The checkpoints of the contracts that have one, without what is long in them."""
        found = queries.by_ids(CHECKPOINT, self._contracts, queries.POSITION)
        return await self._run(found)

    async def operators(self, contract: str) -> list[Doc]:
        return await self._run(queries.numbered(OPERATORS, contract))

    async def events(self, contract: str, first: int, last: int) -> list[Doc]:
        """A contract's events by sequence number, both ends included."""
        return await self._run(queries.events(contract, first, last))

    async def operator(self, contract: str, operator_id: int) -> Doc | None:
        return await self._run(queries.named(OPERATORS, contract, operator_id))

    async def terms(self, contract: str, terms_id: int) -> Doc | None:
        return await self._run(queries.named(TERMS, contract, terms_id))
