"""The JSON bodies that the API's routes take (`common.web.request_bodies`)."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field
from pydantic.config import JsonDict

from api.response_types import ModeJson
from chain.field_kinds import Address, RoomName
from chain.hexes import ZERO_ADDRESS
from chain.room_details import LANGUAGE, MOST_DETAILS
from common.web.field_kinds import looks, whole
from common.web.request_bodies import JsonBody

MOST_TITLE = 96  # characters; the contract counts bytes
KEY = r"^0x[0-9a-fA-F]{64}$"
TAG = r"^0x[0-9a-fA-F]{24}$"


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


Key = Annotated[str, AfterValidator(_key), looks(KEY, "0x" + "11" * 32)]
Language = Annotated[str, AfterValidator(_language), looks(LANGUAGE, "vi")]
Tag = Annotated[str, AfterValidator(_tag), looks(TAG, "0x" + "a1" * 12)]
SIGNER = "The wallet that will sign"


_BOTH_SIGNERS: JsonDict = {
    "required": ["from", "host"],
    "properties": {"from": {}, "host": {}},
}


class CreateRequest(JsonBody):
    """A room to be created. Give the wallet that will sign as `from` or, as the outline calls it,
    `host`; or neither."""

    # what only the contract can judge (a title's bytes, a zero key) is left to the simulation
    model_config = ConfigDict(json_schema_extra={"not": _BOTH_SIGNERS})

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
    operator_id: Annotated[int, BeforeValidator(whole)] = Field(
        default_factory=int,
        ge=1,
        le=65535,
        description="Default: the host's, which is the one with the highest keccak256(host's 20"
        " bytes, number as uint16) of those that take rooms, and for a room with a gate have a"
        " playback service",
    )
    mode: ModeJson = Field(default_factory=lambda: "webrtc", description="Default: webrtc")
    gate: Address = Field(
        default_factory=lambda: ZERO_ADDRESS,
        description="Contract whose balanceOf(viewer) says who may watch; the registry's own"
        " address: by invitation only; leave it out for everybody. It is enforced by the operator's"
        " playback tokens, not by the chain",
    )


class RoomRequest(JsonBody):
    """About a room"""

    room_id: RoomName = Field(description="The room's name: live_ and its number in the contract")
    sender: Address = Field(default_factory=str, alias="from", description=SIGNER)


class EndRequest(RoomRequest):
    """A room to be ended"""


class DescribeRequest(RoomRequest):
    """What a host tells about a room, in the place of all that was told before. The contract takes
    at most 1,024 bytes of it as JSON in UTF-8: whether it does is told by the simulation."""

    starts_at: Annotated[int, BeforeValidator(whole)] = Field(
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
