"""JSON bodies of POST requests, checked.

Promises: a body that is not a JSON object, or has a missing, unknown or malformed field, is a 400
problem whose `errors` point at each of them. The OpenAPI document's schemas of bodies are made from
these models (`api.openapi.schemas`).
"""

from __future__ import annotations

import re
from typing import Annotated, Any, TypeVar

import orjson
from flask import request
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.config import JsonDict

from api.description import MOST_DETAILS
from api.field_kinds import ADDRESS, LANGUAGE, ROOM
from api.problems import Problem
from api.response_types import FieldErrorJson, ModeJson
from chain.enums import room_name, room_number
from chain.hexes import ZERO_ADDRESS

MOST_TITLE = 96  # characters; the contract counts bytes
KEY = r"^0x[0-9a-fA-F]{64}$"
TAG = r"^0x[0-9a-fA-F]{24}$"


def _address(text: str) -> str:
    if not re.fullmatch(ADDRESS[1:-1], text):
        raise ValueError("must be an address: 0x and 40 hex digits")
    return text.lower()


def _key(text: str) -> str:
    if not re.fullmatch(KEY[1:-1], text):
        raise ValueError("must be an X25519 public key: 0x and 64 hex digits")
    return text.lower()


def _tag(text: str) -> str:
    if not re.fullmatch(TAG[1:-1], text):
        raise ValueError("must be a room's tag: 0x and 24 hex digits")
    return text.lower()


def _language(text: str) -> str:
    if not re.fullmatch(LANGUAGE[1:-1], text):
        raise ValueError("must be a language tag like vi or pt-BR")
    return text


def _whole(number: object) -> object:
    """In JSON, 7.0 is the integer 7."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _room(text: str) -> str:
    room_number(text)
    return text


def _looks(pattern: str, *examples: str) -> Any:
    """For the document alone: our own functions check it, and say in better words what is wrong."""
    told: JsonDict = {"pattern": pattern}
    if examples:
        told["examples"] = list(examples)
    return Field(json_schema_extra=told)


Address = Annotated[str, AfterValidator(_address), _looks(ADDRESS)]
Key = Annotated[str, AfterValidator(_key), _looks(KEY, "0x" + "11" * 32)]
Language = Annotated[str, AfterValidator(_language), _looks(LANGUAGE, "vi")]
Tag = Annotated[str, AfterValidator(_tag), _looks(TAG, "0x" + "a1" * 12)]
RoomName = Annotated[str, AfterValidator(_room), _looks(ROOM, room_name(1))]
SIGNER = "The wallet that will sign"


class _Body(BaseModel):
    """Defaults are not validated: "" and 0 mean that the field was left out. They come from a
    factory, so that the document does not tell them."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class CreateRequest(_Body):
    """A room to be created. Give the wallet that will sign as `from` or, as the outline calls it,
    `host`; or neither."""

    # what only the contract can judge (a title's bytes, a zero key) is left to the simulation
    model_config = ConfigDict(json_schema_extra={"not": {"required": ["from", "host"]}})

    title: str = Field(
        max_length=MOST_TITLE,
        description="At most 96 bytes in UTF-8",
        examples=["Lớp học online"],
    )
    ingest_key: Key = Field(
        description="The host's X25519 public key, to which the credentials will be sealed"
    )
    host: Address = Field(default_factory=str, description="The same as `from`")
    sender: Address = Field(default_factory=str, alias="from", description=SIGNER)
    operator_id: Annotated[int, BeforeValidator(_whole)] = Field(
        default_factory=int, ge=1, le=65535, description="Default: the first that takes rooms"
    )
    mode: ModeJson = "webrtc"
    gate: Address = Field(
        default_factory=lambda: ZERO_ADDRESS,
        description="Contract whose balanceOf(viewer) says who may watch; the registry's own"
        " address: by invitation only; leave it out for everybody. It is enforced by the operator's"
        " playback tokens, not by the chain",
    )


class RoomRequest(_Body):
    """About a room"""

    room_id: RoomName = Field(description="The room's name: live_ and its number in the contract")
    sender: Address = Field(default_factory=str, alias="from", description=SIGNER)


class EndRequest(RoomRequest):
    """A room to be ended"""


class DescribeRequest(RoomRequest):
    """What a host tells about a room, in the place of all that was told before. The contract takes
    at most 1,024 bytes of it as JSON in UTF-8: whether it does is told by the simulation."""

    starts_at: Annotated[int, BeforeValidator(_whole)] = Field(
        default_factory=int, ge=0, le=2**40 - 1,
        description="When the host plans to begin, in unix seconds; 0 or left out: not told",
    )  # fmt: skip
    about: str = Field(
        default_factory=str, max_length=MOST_DETAILS, description="What the room is about"
    )
    lang: Language = Field(default_factory=str, description="The language it is held in (BCP 47)")
    class_: str = Field(
        default_factory=str, max_length=MOST_DETAILS, alias="class",
        description="The class or course it belongs to",
    )  # fmt: skip


class RekeyRequest(RoomRequest):
    """A room to be given a new ingest key, and with it new credentials"""

    ingest_key: Key = Field(description="The host's new X25519 public key")


class AcceptRequest(RoomRequest):
    """A room that was offered to the wallet that will sign"""

    tag: Tag = Field(
        description="The room's tag as it was shown: if host or key have changed since, the"
        " contract refuses"
    )
    ingest_key: Key = Field(description="The new host's X25519 public key")


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


def _field_error(item: Any) -> FieldErrorJson:
    name = "/".join(str(part)[:64] for part in item["loc"])
    text = item["msg"].removeprefix("Value error, ")
    if item["type"] == "missing":
        text = "missing"
    elif item["type"] == "extra_forbidden":
        text = "unknown field"
    return {"pointer": f"/{name}", "detail": text}
