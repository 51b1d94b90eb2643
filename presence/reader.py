"""Reading who is on air, for threads and greenlets; `presence` itself uses none of this.

Promises: reads only; each question follows an index or `_id`s, in bounded answers. pymongo's errors
pass.
How to follow: `state`, then `changes` page by page, then keep the state's rev (a row above it
belongs to a write under way, and comes again). A state with a smaller rev or beat than those kept,
or none: the database is new, so forget what is known and begin again after rev 0. A beat that has
stood still for `documents.SILENT_SECONDS` of the reader's own monotonic time: presence is down, and
every room is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

from presence.documents import (
    PRESENCE_ROOMS,
    PRESENCE_STATE,
    STATE_ID,
    PresenceState,
    RoomPresence,
    read_state,
    room_presence,
)

PAGE = 1000
_GROUP = 50


class PresenceReader:
    """See the module. `database`: PRESENCE_DATABASE."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._rooms = database[PRESENCE_ROOMS]
        self._state = database[PRESENCE_STATE]

    def state(self) -> PresenceState | None:
        """One look-up; None while presence has never worked here."""
        return read_state(self._state.find_one({"_id": STATE_ID}))

    def changes(self, after_rev: int, limit: int = PAGE) -> tuple[list[RoomPresence], int | None]:
        """The next `limit` rows that changed after `after_rev`, oldest change first, and the rev to
        go on after; None: there are no more."""
        found = list(
            self._rooms.find({"rev": {"$gt": after_rev}}).sort("rev", ASCENDING).limit(limit)
        )
        more = int(found[-1]["rev"]) if len(found) == limit else None
        return [room_presence(row) for row in found], more

    def live_rows(self) -> Iterator[RoomPresence]:
        """Every room that is on air."""
        for row in self._rooms.find({"live": True}).batch_size(PAGE):
            yield room_presence(row)

    def rows(self, numbers: Sequence[int]) -> dict[int, RoomPresence]:
        """Those of these rooms that have a row, by number."""
        found: dict[int, RoomPresence] = {}
        for start in range(0, len(numbers), _GROUP):
            group = list(numbers[start : start + _GROUP])
            for row in self._rooms.find({"_id": {"$in": group}}):
                found[row["_id"]] = room_presence(row)
        return found
