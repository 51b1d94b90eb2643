"""Who is on air, in memory: a value for each room known, and the order in which they came on air.

Promises: rooms off air share one value and unknown ones have none, so a room costs some hundred
bytes and `MOST_ROOMS` of them 20 MB; those beyond are not kept, and so unknown. What is on air is
kept in order as it changes, so that a page of it is cut out of however many there are.
Assumes: one thread writes; others may read meanwhile.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence

from api.cursors import OnAirPlace
from api.on_air import OFF, UNKNOWN, OnAir
from presence.documents import RoomPresence

MOST_ROOMS = 200_000


class PresenceBoard:
    """`most`: rooms that are kept."""

    def __init__(self, most: int = MOST_ROOMS) -> None:
        self._most = most
        self._rooms: dict[int, OnAir] = {}
        self._order: list[tuple[int, int]] = []  # -live_since, -room
        self._lock = threading.Lock()
        self.full = False
        """Whether there were more rooms than are kept."""

    @property
    def rooms(self) -> Mapping[int, OnAir]:
        """What is known, by room number. The same mapping as long as the board is."""
        return self._rooms

    @property
    def live(self) -> int:
        """How many rooms are on air."""
        return len(self._order)

    def tell(self, rows: Iterable[RoomPresence]) -> dict[int, OnAir]:
        """Take rows in; answers, of the rooms of which something became different, what was known
        before."""
        changed: dict[int, OnAir] = {}
        with self._lock:
            for row in rows:
                number, now = row["n"], _on_air(row)
                before = self._rooms.get(number, UNKNOWN)
                if now == before:
                    continue
                if before is UNKNOWN and len(self._rooms) >= self._most:
                    self.full = True
                    continue
                changed[number] = before
                if now is UNKNOWN:
                    del self._rooms[number]
                else:
                    self._rooms[number] = now
                self._move(number, before, now)
        return changed

    def after(self, place: OnAirPlace | None, most: int) -> Sequence[OnAirPlace]:
        """The next rooms on air after a place (None: from the newest on), at most so many."""
        with self._lock:
            start = 0 if place is None else bisect_right(self._order, _key(*place))
            cut = self._order[start : start + most]
        return [OnAirPlace(-since, -number) for since, number in cut]

    def _move(self, number: int, before: OnAir, now: OnAir) -> None:
        """Its place in the order."""
        if before.live_since == now.live_since:
            return
        if before.live_since is not None:
            key = _key(before.live_since, number)
            del self._order[bisect_left(self._order, key)]
        if now.live_since is not None:
            insort(self._order, _key(now.live_since, number))


def _key(live_since: int, number: int) -> tuple[int, int]:
    return -live_since, -number


def _on_air(row: RoomPresence) -> OnAir:
    if row["live"] is None:
        return UNKNOWN
    return OnAir(True, row["live_since"] or 0, row["viewers"]) if row["live"] else OFF
