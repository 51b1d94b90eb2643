"""The cursors of lists: what a client hands back to go on where a page ended.

Promises: pure functions. A cursor is opaque, made for people not to read; each string of the right
shape is a place in its list, so an old or odd one is never an error. Those of the list of what is
on air are longer than all others, so that one kind is never taken for the other.
"""

from __future__ import annotations

import base64
import re
from typing import NamedTuple

from common import base64url
from common.web.field_kinds import CURSOR

ON_AIR_CURSOR = r"^[A-Za-z0-9_-]{17}[AQgw]$"
ROOMS_CURSOR = rf"^({CURSOR[1:-1]}|{ON_AIR_CURSOR[1:-1]})$"
"""Of either kind of list of rooms."""

_CURSOR = re.compile(CURSOR)
_ON_AIR = re.compile(ON_AIR_CURSOR)
_MASK = 0x5DEECE66D0000000 ^ 0x1F3A  # makes a cursor look like what it is: not for reading
_LARGEST = 2**63 - 1
_SINCE_BYTES, _ROOM_BYTES = 5, 8
_ON_AIR_MASK = _MASK << 40 | _MASK >> 24


class OnAirPlace(NamedTuple):
    """A place in the list of what is on air: unix seconds and a room's number."""

    live_since: int
    room: int


def of_number(number: int) -> str:
    """A cursor for a number below 2^63."""
    return base64url.encode((number ^ _MASK).to_bytes(8))


def number(cursor: str) -> int | None:
    """The number that a cursor stands for; None: it is no such cursor."""
    if len(cursor) != 11 or not _CURSOR.match(cursor):
        return None
    return (int.from_bytes(base64.urlsafe_b64decode(cursor + "=")) ^ _MASK) & _LARGEST


def of_place(place: OnAirPlace) -> str:
    """A cursor for a place; its seconds are below 2^40, its number below 2^64."""
    packed = place.live_since << 8 * _ROOM_BYTES | place.room
    return base64url.encode((packed ^ _ON_AIR_MASK).to_bytes(_SINCE_BYTES + _ROOM_BYTES))


def place(cursor: str) -> OnAirPlace | None:
    """The place that a cursor stands for; None: it is no such cursor."""
    if len(cursor) != 18 or not _ON_AIR.match(cursor):
        return None
    packed = int.from_bytes(base64.urlsafe_b64decode(cursor + "==")) ^ _ON_AIR_MASK
    return OnAirPlace(packed >> 8 * _ROOM_BYTES, packed % 2 ** (8 * _ROOM_BYTES))
