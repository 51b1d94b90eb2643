"""What a host tells about a room (`describeRoom`): read for answers, written for transactions.

Promises: `room_details` is total: whatever bytes the contract took have an answer and none an
exception, and the work is bounded by their number, at most `MOST_DETAILS`. Details are JSON by
convention: an object with any of `about`, `lang` and `class`, each a text; other members are passed
over. Whatever is anything else (no JSON, a member of another type or told twice, nested too deeply)
is shown as the plain text that it is. Texts are a stranger's, as titles are: they are given as they
are, controls and direction marks included, to be shown as text only. What UTF-8 cannot carry is
replaced.
Nobody else reads details: the index keeps their bytes.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple, NoReturn

MOST_DETAILS = 1024  # bytes, by the contract
LANGUAGE = r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,7}$"
_MEMBERS = ("about", "lang", "class")
_LANGUAGE = re.compile(LANGUAGE[1:-1])
_SURROGATE = re.compile("[\ud800-\udfff]")


class RoomDetails(NamedTuple):
    """What is told. `lang`: a language tag (BCP 47); `class_`: the class that the room names."""

    about: str
    lang: str | None
    class_: str | None


def room_details(details: str) -> RoomDetails | None:
    """`details`: as the index decoded them. None: nothing is told."""
    text = _SURROGATE.sub("\ufffd", details[:MOST_DETAILS])
    if not text.strip():
        return None
    try:
        found = _members(text)
    except (ValueError, RecursionError):
        return RoomDetails(text, None, None)
    about, lang, class_ = (_SURROGATE.sub("\ufffd", found.get(name, "")) for name in _MEMBERS)
    known = lang if _LANGUAGE.fullmatch(lang) else None
    return RoomDetails(about, known, class_ or None)


def details_json(about: str, lang: str, class_: str) -> bytes:
    """The details that `room_details` reads as these, in as few bytes as may be. "": not told."""
    told = zip(_MEMBERS, (about, lang, class_), strict=True)
    kept = {name: _SURROGATE.sub("\ufffd", value) for name, value in told if value}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode() if kept else b""


def _members(text: str) -> dict[str, str]:
    """The texts of a description. Raises ValueError or RecursionError for whatever is none."""
    read = json.loads(
        text, object_pairs_hook=_each_once, parse_int=_number, parse_float=_number,
        parse_constant=_refuse,
    )  # fmt: skip
    found = {name: read[name] for name in _MEMBERS if name in read} if type(read) is dict else {}
    if not found or not all(type(value) is str for value in found.values()):
        raise ValueError("no description")
    return found


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is told twice")
    return members


def _number(_: str) -> int:
    """No number is ours, and one of a thousand digits is not worth reading."""
    return 0


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
