"""Whether a room is on air, as answers tell it.

Promises: values that never change; the JSON of each is made once, so that joining it to an answer
that is cached costs next to nothing. What is not known is `UNKNOWN`, never `OFF`.
"""

from __future__ import annotations

import orjson

from api.response_types import AudienceMembers, OnAirMembers


class OnAir:
    """What is known of one room. `live_since`: unix seconds, with `live` True alone; `viewers`: of
    a public broadcast on air.

    `join_members`, `room_members`: what it adds to an answer, as the end of a JSON object without
    its brace. `tag`: what it adds to an ETag; viewers, who come and go, are no part of it."""

    __slots__ = ("join_members", "live", "live_since", "room_members", "tag", "viewers")

    def __init__(
        self, live: bool | None, live_since: int | None = None, viewers: int | None = None
    ) -> None:
        self.live = live
        self.live_since = live_since if live else None
        self.viewers = viewers if live else None
        joined: OnAirMembers = {"live": self.live, "live_since": self.live_since}
        self.join_members = _members(joined)
        self.room_members = _members(self.json())
        self.tag = "" if live is None else f"-on{self.live_since}" if live else "-off"

    def json(self) -> AudienceMembers:
        """The members of a room."""
        return {"live": self.live, "live_since": self.live_since, "viewers": self.viewers}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OnAir) and self.room_members == other.room_members

    def __hash__(self) -> int:
        return hash(self.room_members)


def _members(told: AudienceMembers | OnAirMembers) -> bytes:
    return b"," + orjson.dumps(told)[1:-1]


UNKNOWN = OnAir(None)
OFF = OnAir(False)
