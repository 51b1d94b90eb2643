"""A room in the cache: its document and the JSON made from it, each made once.

Promises: a cached room never changes; a room that changed is a new one. What depends on the moment
is not in it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from api import response_shapes
from api.index_source import Document, IndexSource
from api.response_types import RoomContent
from chain.hexes import ZERO_ADDRESS
from common.web.responses import EncodedJson


class CachedRoom:
    """A room that exists."""

    def __init__(self, doc: Document) -> None:
        self.doc = doc
        self.contract: str = doc["contract"]
        self.status: str = doc["status"]
        self.gated = response_shapes.access(doc) != "public"
        self.last_block: int = doc["updated"]["block"]

    @cached_property
    def content(self) -> RoomContent:
        return response_shapes.room(self.doc)

    @cached_property
    def digest(self) -> str:
        """Of the room's JSON, which is not kept: most rooms are shown in lists alone."""
        return EncodedJson(self.content).digest

    @cached_property
    def room(self) -> EncodedJson:
        return EncodedJson(self.content)

    @cached_property
    def join(self) -> EncodedJson:
        """What a viewer needs, of an active public room."""
        return EncodedJson(response_shapes.join(self.doc))

    @cached_property
    def ingest(self) -> EncodedJson:
        """The sealed credentials, of a room that has them for its current key."""
        return EncodedJson(response_shapes.ingest(self.doc))

    @property
    def sealed_now(self) -> bool:
        """Whether the credentials are sealed to the current key."""
        box = self.doc["sealed"]
        return box is not None and box["tag"] == self.doc["tag"]

    def expirable(self, now: float, revoked: frozenset[int]) -> bool:
        """Whether `expire` would end the room now."""
        if self.status == "ended":
            return False
        due = self.doc["expire_at"]
        return (due is not None and now >= due) or self.doc["operator_id"] in revoked

    @property
    def settled(self) -> bool:
        """Whether nothing can happen to the room any more (reorgs aside)."""
        return self.status == "ended" and (self.doc["released"] or self.doc["uid"] is None)


class Absent:
    """No such room, as far as the index knows."""


ABSENT = Absent()


def load_room(source: IndexSource, number: int) -> CachedRoom | Absent:
    doc = source.room(number)
    return ABSENT if doc is None else CachedRoom(doc)


def load_rooms(source: IndexSource, numbers: Sequence[int]) -> dict[int, CachedRoom | Absent]:
    """Each of these numbers."""
    found = {int(doc["n"]): CachedRoom(doc) for doc in source.rooms_by_id(numbers)}
    return {number: found.get(number, ABSENT) for number in numbers}


def revoked_operators(operators: Sequence[Document]) -> frozenset[int]:
    """Operators whose rooms are expirable at once."""
    return frozenset(
        doc["operator_id"] for doc in operators if doc["account"] in (None, ZERO_ADDRESS)
    )
