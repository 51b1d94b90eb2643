"""Notes for the presence service which WEBRTC rooms are on air, by the live input's `status`.

Nobody has written that Cloudflare's public `/lifecycle` knows a WHIP broadcast; the API's `status`
does. The list of live inputs does not carry it, so it is one question a room.

Promises: at most one question a look, in turns: rooms on air or new every `EAGER_SECONDS`, the
others every `IDLE_SECONDS`, and where they are too many for that, all of them later in the same
proportion. It asks only while more than half of the account's rate limit is free and nobody waits
for a place in it; an error is counted, makes a pause, and hinders nothing. A room that is over has
no note.
Assumes: called by the lease's holder about every second. The reader forgets notes that are old
(`common.live_status.GOOD_SECONDS`).
On restart: every room is new; the notes in the database are taken up as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, Protocol

from pymongo.asynchronous.database import AsyncDatabase

from chain.enums import Mode
from common.clock import Clock
from common.live_status import COLLECTION, LiveStatusNote
from oracle.cloudflare.errors import CloudflareError, Gone
from oracle.cloudflare.operations import Priority
from oracle.context import Context
from oracle.metrics import OracleMetrics

EAGER_SECONDS = 5.0
IDLE_SECONDS = 45.0
NEW_SECONDS = 3600.0
REFRESH_SECONDS = 10.0
LEAST_SPARE = 0.5
"""Of the account's rate limit: the rest is for what rooms wait for."""
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 120.0


@dataclass(slots=True)
class _AskedInput:
    uid: str
    since: float
    asked: float = -inf
    live: bool | None = None


class LiveStatusTurns:
    """Which room is asked about next. Pure; times are the clock's monotonic seconds."""

    def __init__(self) -> None:
        self._turns: dict[int, _AskedInput] = {}

    def update(self, inputs: Mapping[int, str], now: float) -> None:
        """These are the rooms, each with its live input."""
        known = self._turns
        self._turns = {}
        for room_id, uid in inputs.items():
            turn = known.get(room_id)
            same = turn is not None and turn.uid == uid
            self._turns[room_id] = turn if turn is not None and same else _AskedInput(uid, now)

    def next(self, now: float) -> tuple[int, str] | None:
        """The room that is most overdue, and its live input; None: none is due."""
        best, most = None, 1.0
        for room_id, turn in self._turns.items():
            overdue = (now - turn.asked) / self._every(turn, now)
            if overdue > most or (best is None and overdue == most):
                best, most = (room_id, turn.uid), overdue
        return best

    def asked(self, room_id: int, now: float) -> None:
        """It is asked about now."""
        if (turn := self._turns.get(room_id)) is not None:
            turn.asked = now

    def told(self, room_id: int, live: bool) -> None:
        """The answer."""
        if (turn := self._turns.get(room_id)) is not None:
            turn.live = live

    def drop(self, room_id: int) -> None:
        """It has no live input any more."""
        self._turns.pop(room_id, None)

    def _every(self, turn: _AskedInput, now: float) -> float:
        eager = turn.live or now - turn.since < NEW_SECONDS
        return EAGER_SECONDS if eager else IDLE_SECONDS


class LiveStatusNotes(Protocol):
    """Where the notes are kept. All raise the database's errors."""

    async def write(self, note: LiveStatusNote) -> None:
        """In place of what was noted of the room."""
        ...

    async def remove(self, room_id: int) -> None:
        """The room is over."""
        ...

    async def rooms(self) -> list[int]:
        """The rooms that there are notes of."""
        ...


class MongoLiveStatusNotes:
    """The notes in MongoDB: one operator's of one contract."""

    def __init__(
        self, database: AsyncDatabase[dict[str, Any]], contract: str, operator_id: int
    ) -> None:
        self._notes = database[COLLECTION]
        self._mine = {"contract": contract, "operator_id": operator_id}

    async def write(self, note: LiveStatusNote) -> None:
        await self._notes.replace_one({"_id": note["_id"]}, dict(note), upsert=True)

    async def remove(self, room_id: int) -> None:
        await self._notes.delete_one({"_id": room_id, **self._mine})

    async def rooms(self) -> list[int]:
        return [int(doc["_id"]) async for doc in self._notes.find(self._mine, {"_id": 1})]


class LiveStatusWatch:
    """See the module. `spare`: which share of the rate limit is free, 0 to 1."""

    def __init__(
        self,
        context: Context,
        notes: LiveStatusNotes,
        metrics: OracleMetrics,
        clock: Clock,
        spare: Callable[[], float],
    ) -> None:
        self._context = context
        self._notes = notes
        self._metrics = metrics
        self._clock = clock
        self._spare = spare
        self._turns = LiveStatusTurns()
        self._refreshed = self._quiet_until = -inf
        self._pause = FIRST_PAUSE

    async def look(self) -> None:
        """Ask about one room, if one is due. Raises the database's errors."""
        now = self._clock.monotonic()
        if now - self._refreshed >= REFRESH_SECONDS:
            await self._refresh(now)
        if now < self._quiet_until or self._spare() < LEAST_SPARE:
            return
        due = self._turns.next(now)
        if due is not None:
            await self._ask(*due, now)

    async def _refresh(self, now: float) -> None:
        index = self._context.index
        found = dict(await index.active_inputs(int(self._clock.now()), Mode.WEBRTC))
        for room_id in await self._notes.rooms():
            if room_id not in found:
                await self._notes.remove(room_id)
        self._turns.update(found, now)
        self._refreshed = now

    async def _ask(self, room_id: int, uid: str, now: float) -> None:
        self._turns.asked(room_id, now)
        try:
            issued = await self._context.cloudflare.get(uid, priority=Priority.LIVE_STATUS)
        except Gone:
            self._metrics.live_status.labels("gone").inc()
            self._turns.drop(room_id)
            await self._notes.remove(room_id)
        except CloudflareError as error:
            self._metrics.live_status.labels(error.label()).inc()
            self._quiet_until = now + self._pause
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
        else:
            self._pause = FIRST_PAUSE
            live = issued.input.connected
            self._metrics.live_status.labels("on air" if live else "off").inc()
            self._turns.told(room_id, live)
            me = self._context.me
            await self._notes.write(
                LiveStatusNote(
                    _id=room_id, contract=me.contract, operator_id=me.operator_id, live=live,
                    at=int(self._clock.now()),
                )
            )  # fmt: skip
