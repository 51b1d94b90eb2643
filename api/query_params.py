"""The values of the API's query parameters, read strictly (`common.web.query_params`).

Promises: a value out of its bounds is a 400 that names it. Cursors are opaque; each string of the
right shape is a place in the list, so an old or odd one is never an error.
"""

from __future__ import annotations

import base64
import contextlib
import re
from collections.abc import Callable, Mapping

from chain import enums
from chain.field_kinds import ADDRESS
from common import base64url
from common.web.field_kinds import CURSOR
from common.web.problems import malformed
from common.web.query_params import query

MAX_LIMIT = 100
DEFAULT_LIMIT = 20
MAX_QUERY = 96

_ONLY_ROOM = "room_id="
_ROOM_ALONE = frozenset({"room_id"})
_ADDRESS = re.compile(ADDRESS)
_CURSOR = re.compile(CURSOR)
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
_MASK = 0x5DEECE66D0000000 ^ 0x1F3A  # makes a cursor look like what it is: not for reading
_LARGEST = 2**63 - 1


def room_number(text: str | None, where: str = "room_id") -> int:
    """7 of "live_7"."""
    if text is None:
        raise malformed(where, "missing; expected a name like live_7")
    try:
        return enums.room_number(text)
    except ValueError as error:
        raise malformed(where, str(error)) from None


def only_room_number(query_string: str, args: Callable[[], Mapping[str, str]]) -> int:
    """The number in a query that has `room_id` alone; the usual form without taking it apart."""
    if query_string.startswith(_ONLY_ROOM):
        with contextlib.suppress(ValueError):
            return enums.room_number(query_string[len(_ONLY_ROOM) :])
    return room_number(query(args(), _ROOM_ALONE).get("room_id"))


def one_of(given: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str | None:
    value = given.get(name)
    if value is not None and value not in choices:
        raise malformed(name, f"must be one of {', '.join(choices)}")
    return value


def address(given: Mapping[str, str], name: str) -> str | None:
    """Lower case."""
    value = given.get(name)
    if value is None:
        return None
    if len(value) != 42 or not _ADDRESS.match(value):
        raise malformed(name, "must be an address: 0x and 40 hex digits")
    return value.lower()


def limit(given: Mapping[str, str]) -> int:
    value = given.get("limit")
    if value is None:
        return DEFAULT_LIMIT
    if not _NUMBER.fullmatch(value) or not 1 <= int(value) <= MAX_LIMIT:
        raise malformed("limit", f"must be a number from 1 to {MAX_LIMIT}")
    return int(value)


def search_text(given: Mapping[str, str]) -> str | None:
    value = given.get("q")
    if value is not None and not 1 <= len(value) <= MAX_QUERY:
        raise malformed("q", f"must have 1 to {MAX_QUERY} characters")
    return value


def sequence(given: Mapping[str, str], name: str) -> int | None:
    value = given.get(name)
    if value is None:
        return None
    if not _NUMBER.fullmatch(value):
        raise malformed(name, "must be the number of an event")
    return int(value)


def cursor(given: Mapping[str, str]) -> int | None:
    """The number that a cursor stands for."""
    value = given.get("cursor")
    if value is None:
        return None
    if len(value) != 11 or not _CURSOR.match(value):
        raise malformed("cursor", "must be the next_cursor of an earlier answer")
    return (int.from_bytes(base64.urlsafe_b64decode(value + "=")) ^ _MASK) & _LARGEST


def make_cursor(number: int) -> str:
    """An opaque cursor for a number below 2^63."""
    return base64url.encode((number ^ _MASK).to_bytes(8))
