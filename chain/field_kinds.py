"""Kinds of members that answers and requests have of the chain: accounts, rooms, amounts.

Promises: pure functions, each makes the pydantic `Field` of an `Annotated[...]` type, as those of
`common.web.field_kinds` do; `Address` and `RoomName` are fields of a request's body. The OpenAPI
document is made from them; no answer is validated by them.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator

from chain.enums import ROOM_ID, room_name, room_number
from common.web.field_kinds import looks, text

ADDRESS = r"^0x[0-9a-fA-F]{40}$"
ROOM = f"^{ROOM_ID}$"


def address(about: str) -> Any:
    """An account or a contract, in any case."""
    return text(about, pattern=ADDRESS)


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


def _address(told: str) -> str:
    if not re.fullmatch(ADDRESS[1:-1], told):
        raise ValueError("must be an address: 0x and 40 hex digits")
    return told.lower()


def _room(told: str) -> str:
    room_number(told)
    return told


Address = Annotated[str, AfterValidator(_address), looks(ADDRESS)]
RoomName = Annotated[str, AfterValidator(_room), looks(ROOM, room_name(1))]
