"""The values of the API's query parameters, read strictly (`common.web.query_params`).

Promises: a value out of its bounds is a 400 that names it.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from api import cursors
from chain import enums
from chain.field_kinds import ADDRESS
from common.web.problems import malformed
from common.web.query_params import query

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

T = TypeVar("T")
MAX_LIMIT = 100
DEFAULT_LIMIT = 20
MAX_QUERY = 96
MOST_NAMED = 50

_ONLY_ROOM = "room_id="
_ROOM_ALONE = frozenset({"room_id"})
_ADDRESS = re.compile(ADDRESS)
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)


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


def room_numbers(args: MultiDict[str, str]) -> list[int]:
    """The numbers of a query that has `room_id` alone, once or more often, in their order."""
    for name in args:
        if name != "room_id":
            raise malformed(name[:64], "cannot stand beside room_id, which is asked alone")
    numbers = [room_number(text) for text in args.getlist("room_id")]
    if len(numbers) > MOST_NAMED:
        raise malformed("room_id", f"given {len(numbers)} times; {MOST_NAMED} at most")
    if len(set(numbers)) < len(numbers):
        raise malformed("room_id", "names a room more than once")
    return numbers


def one_of(given: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str | None:
    value = given.get(name)
    if value is not None and value not in choices:
        raise malformed(name, f"must be one of {', '.join(choices)}")
    return value


def address(given: Mapping[str, str], name: str) -> str | None:
    """Lower case."""
    value = given.get(name)
    return None if value is None else path_address(value, name)


def path_address(value: str, name: str = "address") -> str:
    """Lower case."""
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
    """The number that the cursor stands for."""
    return _place(given, cursors.number)


def on_air_cursor(given: Mapping[str, str]) -> cursors.OnAirPlace | None:
    """The place in the list of what is on air that the cursor stands for."""
    return _place(given, cursors.place)


def _place(given: Mapping[str, str], read: Callable[[str], T | None]) -> T | None:
    value = given.get("cursor")
    if value is None:
        return None
    found = read(value)
    if found is None:
        raise malformed("cursor", "must be the next_cursor of an earlier answer of this list")
    return found
