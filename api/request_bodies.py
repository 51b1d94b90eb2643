"""JSON bodies of POST requests, checked.

Promises: a body that is not a JSON object, or has a missing, unknown or malformed field, is a 400
problem whose `errors` point at each of them.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, TypeVar

import orjson
from flask import request
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from api.problems import Problem
from api.query_params import ADDRESS
from chain.enums import room_number
from chain.hexes import ZERO_ADDRESS
from indexer.documents import ModeWord

MOST_TITLE = 96  # characters; the contract counts bytes
KEY = r"^0x[0-9a-fA-F]{64}$"


def _address(text: str) -> str:
    if not re.fullmatch(ADDRESS[1:-1], text):
        raise ValueError("must be an address: 0x and 40 hex digits")
    return text.lower()


def _key(text: str) -> str:
    if not re.fullmatch(KEY[1:-1], text):
        raise ValueError("must be an X25519 public key: 0x and 64 hex digits")
    return text.lower()


def _whole(number: object) -> object:
    """In JSON, 7.0 is the integer 7."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _room(text: str) -> str:
    room_number(text)
    return text


Address = Annotated[str, AfterValidator(_address)]


class _Body(BaseModel):
    """Defaults are not validated: "" and 0 mean that the field was left out."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class CreateBody(_Body):
    """`host` is the outline's word for `from`: the wallet that will sign. What only the contract
    can judge (the title's bytes, a zero key) is left to the simulation."""

    title: Annotated[str, Field(max_length=MOST_TITLE)]
    ingest_key: Annotated[str, AfterValidator(_key)]
    host: Address = ""
    sender: Address = Field("", alias="from")
    operator_id: Annotated[int, BeforeValidator(_whole), Field(ge=1, le=65535)] = 0
    mode: ModeWord = "webrtc"
    gate: Address = ZERO_ADDRESS


class EndBody(_Body):
    """`sender`: the wallet that will sign."""

    room_id: Annotated[str, AfterValidator(_room)]
    sender: Address = Field("", alias="from")


Body = TypeVar("Body", bound=_Body)


def read(kind: type[Body]) -> Body:
    """The request's body. Raises `Problem`."""
    if request.mimetype != "application/json":
        raise Problem("not-json", "the body must be sent as application/json")
    try:
        content = orjson.loads(request.get_data(cache=False))
    except orjson.JSONDecodeError as error:
        raise Problem("malformed", f"the body is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise Problem("malformed", "the body must be a JSON object")
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        problems = [
            _field_error(item) for item in error.errors(include_url=False, include_input=False)
        ]
    text = "; ".join(f"{item['pointer']}: {item['detail']}" for item in problems)
    raise Problem("malformed", text, extra={"errors": problems})


def _field_error(item: Any) -> dict[str, str]:
    name = "/".join(str(part)[:64] for part in item["loc"])
    text = item["msg"].removeprefix("Value error, ")
    if item["type"] == "missing":
        text = "missing"
    elif item["type"] == "extra_forbidden":
        text = "unknown field"
    return {"pointer": f"/{name}", "detail": text}
