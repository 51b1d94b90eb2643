"""What an operator earns: fees of rooms it provisioned, and fees that hosts forfeited.

A host who ends a room before it was provisioned, and before its deadline, forfeits its fee. An
operator whose income is mostly that leaves its hosts waiting.

Promises: reads only; each final event is counted once, in bounded steps; whose fee it is says the
operator's number, since one payee may serve several operators.
Assumes: the index's events up to `final_block` stay.
On restart: counts from where the index stands then; Prometheus reads a counter by its increase.
"""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

from chain.events import Credited, RoomEnded
from oracle.index_view import IndexProgress

EVENTS_AT_ONCE = 1000


class Source(StrEnum):
    """What a fee was paid for."""

    PROVISIONED = "provisioned"
    FORFEITED = "forfeited"


class Income(NamedTuple):
    """A credit of the operator's payee, in wei."""

    source: Source
    amount: int


class EventSource(Protocol):
    """The index: how far it is, and its events by their numbers, as stored."""

    async def progress(self) -> IndexProgress | None: ...

    async def events(self, first: int, last: int) -> list[dict[str, Any]]: ...


class IncomeReader:
    """See the module."""

    def __init__(self, index: EventSource, operator_id: int) -> None:
        self._index = index
        self._operator_id = operator_id
        self._seq: int | None = None

    async def more(self, final_block: int) -> list[Income]:
        """What was earned since the last time. Raises the database's errors."""
        progress = await self._index.progress()
        if progress is None or progress.stopped is not None:
            return []
        if self._seq is None:
            self._seq = progress.seq
        last = min(progress.seq, self._seq + EVENTS_AT_ONCE)
        if last <= self._seq:
            return []
        # One more in front: the event before a credit says what it is for.
        found = await self._index.events(self._seq, last)
        found = [event for event in found if event["block"] <= final_block]
        earned = [
            Income(_source(before["name"]), int(event["args"]["amount"]))
            for before, event in pairwise(found)
            if event["name"] == Credited.__name__
            and event["args"]["operator_id"] == self._operator_id
        ]
        self._seq = max([self._seq, *(event["seq"] for event in found)])
        return earned


def _source(before: str) -> Source:
    return Source.FORFEITED if before == RoomEnded.__name__ else Source.PROVISIONED
