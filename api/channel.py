"""A host's channel: which of their rooms their permanent link shows.

Promises: a pure choice. The room on air (of several, the one that came on air last); else the next
to begin, as its host planned it, at most `LATE_SECONDS` ago; else the last created that is not
over; else the last. A room past its time is over, ended or not.
Assumes: rooms come newest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from api.cached_room import CachedRoom
from api.on_air import OnAir
from api.response_types import ShownWord

LATE_SECONDS = 7200
MOST_OPEN = 100
"""Of a host's rooms that are not ended, so many of a status are looked at, the newest."""
MOST_UPCOMING = 10


class ChannelRoom(NamedTuple):
    """One of the host's rooms. `over`: ended, or so old that anybody may end it."""

    entry: CachedRoom
    on_air: OnAir
    over: bool

    def begins(self, now: float) -> bool:
        """Whether it is still to begin, or late by no more than is forgiven."""
        at = self.entry.doc["starts_at"]
        return not self.over and not self.on_air.live and at is not None and at > now - LATE_SECONDS


class Channel(NamedTuple):
    """What the link shows. `upcoming`: by their start; the next is the first of them."""

    shown: ShownWord | None
    room: CachedRoom | None
    upcoming: list[CachedRoom]


def choose(rooms: Sequence[ChannelRoom], now: float) -> Channel:
    """`now`: unix seconds."""
    planned = sorted(
        (room.entry for room in rooms if room.begins(now)),
        key=lambda entry: (entry.doc["starts_at"], entry.doc["n"]),
    )
    upcoming = planned[:MOST_UPCOMING]
    live = max(
        (room for room in rooms if room.on_air.live),
        key=lambda room: (room.on_air.live_since or 0, room.entry.doc["n"]),
        default=None,
    )
    if live is not None:
        return Channel("on_air", live.entry, upcoming)
    if planned:
        return Channel("next", planned[0], upcoming)
    last = next((room for room in rooms if not room.over), rooms[0] if rooms else None)
    return Channel(None if last is None else "last", None if last is None else last.entry, [])
