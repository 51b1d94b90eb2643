"""The list of what is on air now, in its own order: by `live_since`, then by room, newest first.

Promises: a page goes on below the last room that the one before looked at, so none comes twice
while what is known of it stands; rooms that come and go meanwhile may be missing. A page takes
about `BUDGET`: a rare filter over many rooms on air is answered in steps, like any other list.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from api.cached_room import CachedRoom
from api.cursors import OnAirPlace
from api.index_watch import IndexSnapshot
from indexer.queries import RoomFilter

BUDGET = 0.020  # seconds
STEP = 50  # rooms in one question


class LivePlaces(Protocol):
    """Who knows what is on air (`api.presence_watch`)."""

    def live_after(self, place: OnAirPlace | None, most: int) -> Sequence[OnAirPlace]: ...


class OnAirList:
    """`rooms(numbers, snapshot)`: those of these rooms that exist, in their order."""

    def __init__(
        self,
        presence: LivePlaces,
        rooms: Callable[[Sequence[int], IndexSnapshot], list[CachedRoom]],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._presence = presence
        self._rooms = rooms
        self._monotonic = monotonic

    def page(
        self, wanted: RoomFilter, snapshot: IndexSnapshot, after: OnAirPlace | None, limit: int
    ) -> tuple[list[CachedRoom], OnAirPlace | None]:
        """Rooms on air after a place, and where to go on; None: that was all."""
        deadline = self._monotonic() + BUDGET
        found: list[CachedRoom] = []
        while True:
            places = self._presence.live_after(after, STEP)
            entries = self._rooms([place.room for place in places], snapshot)
            fitting = {int(entry.doc["n"]): entry for entry in entries if wanted.matches(entry.doc)}
            for place in places:
                if (entry := fitting.get(place.room)) is not None:
                    if len(found) == limit:
                        return found, after
                    found.append(entry)
                after = place
            if len(places) < STEP:
                return found, None
            if self._monotonic() >= deadline:
                return found, after
