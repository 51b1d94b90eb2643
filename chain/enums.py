"""The contract's enums and codes, with the words that documents and the API use for them.

Source: `contracts/interfaces/ILivestreamTypes.sol`; a test compares names and values. A room's
name is its number in the contract after `live_`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import IntEnum

_ROOM = "live_"
ROOM_ID = _ROOM + "[1-9][0-9]{0,17}"
"""The pattern of a room's name."""
_ROOM_ID = re.compile(ROOM_ID)


class _Worded(IntEnum):
    """An enum whose members have a lower-case word."""

    @property
    def word(self) -> str:
        """The word in documents and API answers, e.g. "taken_down"."""
        return self.name.lower()

    @classmethod
    def words(cls) -> tuple[str, ...]:
        """All of them but that of NONE, which stands in no document."""
        return tuple(member.word for member in cls if member.name != "NONE")


class Mode(_Worded):
    """How video goes in and out: WHIP/WHEP, or RTMPS/SRT in and HLS out."""

    WEBRTC = 0
    BROADCAST = 1


class Status(_Worded):
    """Where a room stands in its life."""

    NONE = 0
    PENDING = 1
    ACTIVE = 2
    ENDED = 3


class EndReason(_Worded):
    """Why a room ended."""

    NONE = 0
    HOST = 1
    EXPIRED = 2
    UNFULFILLED = 3
    DECLINED = 4
    TAKEN_DOWN = 5


BAD_KEY, INPUT_LOST = 1, 2
"""The codes that our own oracle declines with."""
DETAILS: Mapping[EndReason, Mapping[int, str]] = {
    EndReason.DECLINED: {
        BAD_KEY: "unusable ingest key",
        INPUT_LOST: "live input lost",
        3: "quota",
        4: "other",
    },
    EndReason.TAKEN_DOWN: {1: "unlawful", 2: "rights", 3: "abuse", 4: "other"},
}
"""What the code means that a decline or a take-down gives; the contract takes any number."""


def room_name(number: int) -> str:
    """What people and the API call a room: 7 -> "live_7"."""
    return f"{_ROOM}{number}"


def room_number(name: str) -> int:
    """7 of "live_7". Raises ValueError, which says what a room's name looks like."""
    if not _ROOM_ID.fullmatch(name):
        raise ValueError("must be live_ and the room's number, like live_7")
    return int(name[len(_ROOM) :])
