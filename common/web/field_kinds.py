"""Kinds of members that answers and requests have: what each looks like and what it says.

Promises: pure functions, each makes the pydantic `Field` of an `Annotated[...]` in the types of a
service's answers or bodies. The OpenAPI document is made from them; no answer is validated by them.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field
from pydantic.config import JsonDict

CURSOR = r"^[A-Za-z0-9_-]{11}$"


def text(about: str, **more: Any) -> Any:
    """Any string, or as `more` says (`pattern`, `max_length`, `examples`)."""
    return Field(description=about, **more)


def number(about: str, least: int = 0, most: int | None = None) -> Any:
    """An integer between bounds."""
    return Field(description=about, ge=least, le=most)


def moment(about: str) -> Any:
    """A time."""
    return number(f"{about}; unix seconds")


def plain(about: str) -> Any:
    """What it is, its type says: a flag, a list, an object."""
    return Field(description=about)


def one_of(about: str, *words: str) -> Any:
    """One of these strings. The type is `str`: the words stand where the contract's enums do."""
    return Field(description=about, json_schema_extra={"enum": list(words)})


def hexed(about: str, size: int | None = None) -> Any:
    """Bytes as 0x and lower-case hex digits; `size` of them."""
    digits = "*" if size is None else f"{{{2 * size}}}"
    return text(about, pattern=f"^0x[0-9a-f]{digits}$")


def cursor(about: str) -> Any:
    """A place in a list."""
    return text(about, pattern=CURSOR)


def looks(pattern: str, *examples: str) -> Any:
    """For the document alone: our own functions check it, and say in better words what is wrong."""
    told: JsonDict = {"pattern": pattern}
    if examples:
        told["examples"] = list(examples)
    return Field(json_schema_extra=told)


def whole(number: object) -> object:
    """In JSON, 7.0 is the integer 7."""
    return int(number) if isinstance(number, float) and number.is_integer() else number
