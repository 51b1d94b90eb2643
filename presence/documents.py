"""What presence stores: its collections, the shapes of its documents, and what they mean.

Promises: pure. `python -m presence` alone writes these; everybody else reads (`presence.reader`).
A change of a row takes the next `rev`, and the state names the newest that is complete, so that a
reader takes only what is new to it. A row is there for each room that was looked at; a room without
one is unknown, as is every room while the state's `beat` stands still.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

PRESENCE_ROOMS = "presence_rooms"
PRESENCE_STATE = "presence_state"
PRESENCE_HOSTS = "presence_hosts"
PRESENCE_LEASE = "presence_lease"
STATE_ID = "state"

PRESENCE_INDEXES: dict[str, tuple[tuple[str, ...], ...]] = {
    PRESENCE_ROOMS: (("rev",), ("live", "rev")),
}
"""The secondary indexes: what changed, and what is on air."""

BEAT_SECONDS = 2.0
"""How often the beat rises while presence works."""
SILENT_SECONDS = 30.0
"""A beat that stands still for so long, by the reader's own monotonic time: presence is down."""
MOST_HINTS = 50
"""Rooms in one hint."""
MOST_HINT_BYTES = 4096


class PresenceRow(TypedDict):
    """A room. `_id`: its number. `live`: None is unknown. `live_since`: unix seconds, only where it
    is live. `viewers`: of a live BROADCAST room that anybody may watch, else None. `off_at`: when
    it was last seen to go off air, for presence itself."""

    _id: int
    contract: str
    live: bool | None
    live_since: int | None
    viewers: int | None
    rev: int
    off_at: int | None


class PresenceState(TypedDict):
    """`rev`: of the newest change that is complete; a row above it belongs to a write under way.
    `beat`: rises while presence works. `at`: unix seconds of the last beat. A new database begins
    with the time as its rev, so that all its rows are newer than any before, and with beat 1."""

    _id: str
    rev: int
    beat: int
    at: int


class PresenceHost(TypedDict):
    """A playback base. `knows_whip`: when /lifecycle first called a WHIP input live there."""

    _id: str
    knows_whip: int | None


class RoomPresence(TypedDict):
    """What a reader knows of one room. `n`: its number."""

    n: int
    contract: str
    live: bool | None
    live_since: int | None
    viewers: int | None


def presence_state(rev: int, beat: int, at: int) -> PresenceState:
    """The one state document."""
    return {"_id": STATE_ID, "rev": rev, "beat": beat, "at": at}


def read_state(doc: Mapping[str, Any] | None) -> PresenceState | None:
    """The state in a document; None where there is none that can be read."""
    try:
        return (
            None if doc is None else presence_state(*(int(doc[k]) for k in ("rev", "beat", "at")))
        )
    except (KeyError, TypeError, ValueError):
        return None


def room_presence(row: Mapping[str, Any]) -> RoomPresence:
    """What a row says to a reader."""
    live = row["live"]
    return {
        "n": row["_id"],
        "contract": row["contract"],
        "live": live,
        "live_since": row["live_since"] if live else None,
        "viewers": row["viewers"] if live else None,
    }


def unknown_presence(n: int, contract: str) -> RoomPresence:
    """Of a room without a row, and of each while presence is down."""
    return {"n": n, "contract": contract, "live": None, "live_since": None, "viewers": None}
