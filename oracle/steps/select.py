"""Which rooms a pass looks at: at most `LIMIT`, by turns, host by host.

Promises: take-downs first; rooms in a backoff keep nobody from their turn. `more` tells whether
rooms are left over that nobody has looked at yet.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NamedTuple

from chain.enums import EndReason
from common.clock import Clock
from oracle.facts import Proposal
from oracle.facts_loader import RoomCandidate, proposed, remembered
from oracle.index_view import IndexView
from oracle.journal import OpenRecords
from oracle.room_queue import RoomQueue

LIMIT = 200
LOOKAHEAD = 2000


class Selection(NamedTuple):
    """The rooms of a pass; `more`: others wait for their first look."""

    rooms: list[RoomCandidate]
    more: bool


@dataclass(frozen=True)
class Selector:
    """Chooses from index and open records. `final_block` answers the last final block seen."""

    contract: str
    index: IndexView
    records: OpenRecords
    queue: RoomQueue
    clock: Clock
    final_block: Callable[[], int]

    async def provision(self) -> Selection:
        """Pending rooms."""
        return self._turn(await self.index.work("provision", LOOKAHEAD))

    async def rekey(self) -> Selection:
        """Active rooms whose key changed since their credentials were sealed."""
        return self._turn(await self.index.work("rekey", LOOKAHEAD))

    async def release(self) -> Selection:
        """Ended rooms whose input is not released yet; take-downs first."""
        proposals = await self.index.work("release", LOOKAHEAD)
        urgent = self._turn([p for p in proposals if p.end_reason == EndReason.TAKEN_DOWN.word])
        rest = self._turn([p for p in proposals if p.end_reason != EndReason.TAKEN_DOWN.word])
        rooms = (urgent.rooms + rest.rooms)[:LIMIT]
        return Selection(rooms, urgent.more or rest.more)

    async def expire(self) -> Selection:
        """Open rooms whose time is over, by our clock; the contract's decides."""
        return self._turn(await self.index.expirable(int(self.clock.now()), LOOKAHEAD))

    async def settle(self) -> Selection:
        """What the journal has begun and the index does not ask for: ended before it was
        provisioned, reorged away, to be verified, or waiting for finality."""
        final = self.final_block()
        waiting = [
            remembered(record)
            for record in self.records.open
            if not self.queue.waits_for_final(record.id, final)
        ]
        return self._pick(waiting)

    def _turn(self, proposals: list[Proposal]) -> Selection:
        return self._pick([proposed(self.contract, proposal) for proposal in proposals])

    def _pick(self, candidates: list[RoomCandidate]) -> Selection:
        unseen = self.queue.unseen(candidates)
        rooms = self.queue.pick(candidates, LIMIT)
        return Selection(rooms, unseen > LIMIT)


Choose = Callable[[], Awaitable[Selection]]
