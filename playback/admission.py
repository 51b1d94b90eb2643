"""Whose right a room gives: roles, windows of time, and who may see recordings.

Promises: pure. Moments are unix seconds by the service's clock. Clocks of hosts may be off by
`CLOCK_SECONDS`: a right that begins is given that much early, since the host's clock may be ahead;
none is given past its end, whatever the host's clock says, because an end is a promise to the host
and costs a guest of a slow clock two minutes at most.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from chain.enums import EndReason, room_name
from chain.playback_urls import room_access
from chain.room_details import room_details

CLOCK_SECONDS = 120
Role = Literal["host", "moderator", "holder", "invited"]


@dataclass(frozen=True, slots=True)
class PrivateRoom:
    """What the index says of a room that is for some only. Addresses lower case; `gate` None: by
    invitation alone. `class_`: the class that its details name. `taken_down`: by a moderator."""

    number: int
    contract: str
    operator_id: int
    host: str
    status: str
    mode: Literal["webrtc", "broadcast"]
    public: bool
    gate: str | None
    tag: str
    uid: str | None
    base: str
    class_: str | None
    taken_down: bool

    @classmethod
    def of(cls, doc: Mapping[str, Any]) -> PrivateRoom:
        """Of the index's document."""
        details = room_details(doc["details"])
        gate, contract = doc["gate"], doc["contract"]
        access = room_access(gate, contract)
        return cls(
            number=doc["n"],
            contract=contract,
            operator_id=doc["operator_id"],
            host=doc["host"],
            status=doc["status"],
            mode=doc["mode"],
            public=access == "public",
            gate=gate if access == "gate" else None,
            tag=doc["tag_at_creation"],
            uid=doc["uid"],
            base=doc["playback_base"],
            class_=details.class_ if details else None,
            taken_down=(doc["end"] or {}).get("reason") == EndReason.TAKEN_DOWN.word,
        )

    @property
    def name(self) -> str:
        return room_name(self.number)

    @property
    def recorded(self) -> bool:
        """Whether there may be recordings, and nothing else, to watch."""
        return self.status == "ended" and self.mode == "broadcast"


class OutOfTime(NamedTuple):
    """A problem's slug and its words; `extra`: further members."""

    slug: str
    detail: str
    extra: Mapping[str, object] = {}


def window(start: int, until: int, now: int) -> OutOfTime | None:
    """Whether an invitation's time is now."""
    if now >= until:
        return OutOfTime("invitation-over", "the invitation's time is over", {"until": until})
    if now < start - CLOCK_SECONDS:
        return OutOfTime("invitation-early", "the invitation is for later", {"from": start})
    return None


def sees_recordings(role: Role) -> bool:
    """Whether a role gives a right to the recordings of an ended room."""
    return role != "moderator"


def stays(room: PrivateRoom, session_tag: str) -> bool:
    """Whether it is still the room that a session was made for: a reorg may give its number to
    another."""
    return room.tag == session_tag
