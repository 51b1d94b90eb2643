"""Kinds of members that answers and requests have: what each looks like and what it says.

Promises: pure functions, each makes the pydantic `Field` of an `Annotated[...]` in
`api.response_types` or `api.request_bodies`. The OpenAPI document is made from them; no answer is
validated by them.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from chain.enums import ROOM_ID, room_name

ADDRESS = r"^0x[0-9a-fA-F]{40}$"
CURSOR = r"^[A-Za-z0-9_-]{11}$"
LANGUAGE = r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,7}$"
ROOM = f"^{ROOM_ID}$"


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


def address(about: str) -> Any:
    """An account or a contract, in any case."""
    return text(about, pattern=ADDRESS)


def hexed(about: str, size: int | None = None) -> Any:
    """Bytes as 0x and lower-case hex digits; `size` of them."""
    digits = "*" if size is None else f"{{{2 * size}}}"
    return text(about, pattern=f"^0x[0-9a-f]{digits}$")


def live_input(about: str) -> Any:
    """Cloudflare's id of a live input."""
    return text(about, pattern="^[0-9a-f]{32}$")


def wei(about: str) -> Any:
    """An amount as a decimal string."""
    return text(f"{about}, in wei", pattern="^(0|[1-9][0-9]*)$")


def quantity(about: str) -> Any:
    """A number as Ethereum's JSON-RPC writes it."""
    return text(about, pattern="^0x(0|[1-9a-f][0-9a-f]*)$")


def room_id(about: str = "The room's name: live_ and its number in the contract") -> Any:
    """A room's name."""
    return text(about, pattern=ROOM, examples=[room_name(1)])


def cursor(about: str) -> Any:
    """A place in a list."""
    return text(about, pattern=CURSOR)
