"""The contract's enums, with the words that documents and the API use for them.

Source: `contracts/interfaces/ILivestreamRooms.sol`; a test compares names and values.
"""

from __future__ import annotations

from enum import IntEnum


class _Worded(IntEnum):
    """An enum whose members have a lower-case word."""

    @property
    def word(self) -> str:
        """The word in documents and API answers, e.g. "taken_down"."""
        return self.name.lower()


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
