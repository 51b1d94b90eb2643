"""The JSON bodies that the routes take (`common.web.request_bodies`).

Promises: a text is decoded here where its form says all of it: what is no base64url, no hex and no
room's name reaches no rule. A secret is never quoted back.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from chain.field_kinds import Address, RoomName
from common import base64url
from common.web.field_kinds import looks, whole
from common.web.request_bodies import JsonBody
from playback.host_acts import MOST_LINKS

MOST_SIGNATURE = 4096  # bytes: a contract wallet's may be long
MOST_INVITATION = 2048  # characters
_TEXT = "^[A-Za-z0-9_-]+$"
_HASH = "^0x[0-9a-f]{64}$"
_NONCE = "^[0-9a-f]{32}$"
_HEX = "^0x([0-9a-fA-F]{2})+$"
_SCOPE = r"^(live_[1-9][0-9]{0,17}|class [0-9a-f]{16})$"
_MOMENT = 2**32 - 1


def _base64url_of(size: int | None) -> AfterValidator:
    def check(told: str) -> str:
        data = base64url.decode(told)
        if size is not None and len(data) != size:
            raise ValueError(f"must be {size} bytes as base64url")
        return told

    return AfterValidator(check)


def _hex(told: str) -> str:
    if not told.startswith("0x"):
        raise ValueError("must begin with 0x")
    try:
        bytes.fromhex(told[2:])
    except ValueError:
        raise ValueError("must be 0x and pairs of hex digits") from None
    return told


Nonce = Annotated[str, Field(pattern=_NONCE, description="The nonce of a challenge")]
LinkHash = Annotated[str, Field(pattern=_HASH, description="Names a link")]
Moment = Annotated[int, BeforeValidator(whole), Field(ge=0, le=_MOMENT)]
Signature = Annotated[
    str, AfterValidator(_hex), Field(min_length=4, max_length=2 + 2 * MOST_SIGNATURE), looks(_HEX)
]
Invitation = Annotated[str, Field(min_length=1, max_length=MOST_INVITATION, pattern=_TEXT)]
Bearer = Annotated[str, Field(min_length=1, max_length=MOST_INVITATION)]


class ChallengeRequest(JsonBody):
    """A nonce, and the text to sign with a wallet"""

    room_id: RoomName = Field(description="The room")
    address: Address | None = Field(
        default_factory=lambda: None,
        description="The wallet that will sign; left out: for a host's session",
    )


class WalletEntry(JsonBody):
    """A wallet's signature of a challenge"""

    nonce: Nonce
    signature: Signature = Field(description="Of the challenge's `message`, as personal_sign makes")


class SessionRequest(JsonBody):
    """What lets a viewer in: either of `wallet` and `invitation`"""

    room_id: RoomName = Field(description="The room")
    browser: Annotated[str, _base64url_of(16), looks("^[A-Za-z0-9_-]{21}[AQgw]$")] = Field(
        description="16 random bytes that this browser keeps, base64url"
    )
    wallet: WalletEntry | None = Field(default_factory=lambda: None, description="A wallet's proof")
    invitation: Invitation | None = Field(
        default_factory=lambda: None, description="The text of an invitation's link, after `#i=`"
    )

    @model_validator(mode="after")
    def _one_proof(self) -> Self:
        if (self.wallet is None) == (self.invitation is None):
            raise ValueError("give either wallet or invitation")
        return self


class RenewRequest(JsonBody):
    """Nothing: the session says all"""


class LeaveRequest(JsonBody):
    """The session of a page that is closed"""

    session: Bearer = Field(description="As `session` gave it")


class HostSessionRequest(JsonBody):
    """A browser that acts for the host, by the key that the host's wallet let it have"""

    room_id: RoomName = Field(description="A room of the delegation's scope")
    delegation: Invitation = Field(description="The delegation and the wallet's signature of it")
    at: Moment = Field(description="Now, by the service's time; unix seconds")
    nonce: Nonce
    signature: Annotated[str, _base64url_of(64), looks("^[A-Za-z0-9_-]{85}[AQgw]$")] = Field(
        description="By the delegated key: r and s, base64url"
    )


class RevokeRequest(JsonBody):
    """Links to be taken back"""

    links: list[LinkHash] = Field(min_length=1, max_length=MOST_LINKS, description="Their hashes")


class WithdrawRequest(JsonBody):
    """What the host's wallet withdraws: one delegation, or all that begin before a moment"""

    room_id: RoomName = Field(description="A room of the scope")
    scope: Annotated[str, Field(pattern=_SCOPE)] = Field(
        description="live_7, or class and its sixteen digits: as it was signed"
    )
    language: Literal["en", "vi"] = Field(description="Of the statement that was signed")
    delegation_hash: LinkHash | None = Field(
        default_factory=lambda: None, description="The delegation; left out: see `before`"
    )
    before: Moment = Field(
        default_factory=int, description="All that begin before; unix seconds; 0: see the other"
    )
    issued: Moment = Field(description="As it was signed; unix seconds")
    signature: Signature = Field(description="The wallet's, of the typed data")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.delegation_hash is None) == (self.before == 0):
            raise ValueError("give either delegation_hash or before")
        return self


class ReturnedRequest(JsonBody):
    """That the host's page has sent its revocations again"""

    since: Moment = Field(description="As `status` told it")


class DoorRequest(JsonBody):
    """A link's door"""

    link_hash: LinkHash
    closed: bool = Field(description="Only who is inside goes on")


class AllowRequest(JsonBody):
    """A link that waits for the host"""

    link_hash: LinkHash


class SeatRequest(JsonBody):
    """A seat to be taken away"""

    link_hash: LinkHash
    browser: Annotated[str, Field(pattern="^[0-9a-f]{8}$")] = Field(
        description="As `links` names the browser"
    )


class DelegationRequest(JsonBody):
    """A wallet's long signature, to be left for links that name it by its hash"""

    room_id: RoomName = Field(description="A room of the delegation's scope")
    delegation: Invitation = Field(description="The delegation, which names the signature's hash")
    signature: Signature = Field(description="The wallet's signature, whole")
