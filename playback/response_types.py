"""The types of the service's answers, told once: the JSON and its OpenAPI schema follow them.

Promises: types and nothing else; a class's docstring and the kinds of its members are what the
document says of them. Moments are unix seconds; addresses checksummed. An object has these members
and no others.
"""

from __future__ import annotations

from typing import Annotated, Literal

from typing_extensions import TypedDict

from chain.field_kinds import address, room_id
from common.web.field_kinds import hexed, moment, number, plain, text
from common.web.response_types import FieldErrorJson, ProblemEssentials

_Role = Literal["host", "moderator", "holder", "invited"]
_Mode = Literal["webrtc", "broadcast"]
_BROWSER = "^[0-9a-f]{8}$"


class PlaybackStatusJson(TypedDict):
    """Who this is"""

    service: Literal["playback"]
    operator_id: Annotated[int, number("The one operator whose rooms it plays", 1)]
    chain_id: Annotated[int, number("The chain", 1)]
    contracts: Annotated[list[str], plain("Of its rooms, newest last")]
    kid: Annotated[str | None, text("The key that signs now; null: there is none")]
    kid_since: Annotated[int | None, moment("Since when it signs")]
    token_seconds: Annotated[int, number("A token's life", 1)]
    since: Annotated[int, moment("When its database began: older revocations are not in it")]
    server_time: Annotated[int, moment("Now")]
    attendance_days: Annotated[int, number("Days that it keeps who was there", 1)]
    wait_for_hosts: Annotated[
        bool, plain("Invitations from before `since` wait until their host has been back")
    ]


class ChallengeJson(TypedDict):
    """A nonce, and what to sign with it"""

    nonce: Annotated[str, text("32 hex digits, good once", pattern="^[0-9a-f]{32}$")]
    message: Annotated[
        str | None, text("To be signed by the wallet as it is (EIP-4361); null: for no wallet")
    ]
    expires_at: Annotated[int, moment("Until when")]
    server_time: Annotated[int, moment("Now")]


class LivePlaybackJson(TypedDict):
    """Where to watch, with the token that the addresses carry"""

    mode: _Mode
    whep_url: Annotated[str | None, text("WebRTC rooms: where a WHEP player posts its offer")]
    hls_url: Annotated[str | None, text("Broadcast rooms: the HLS manifest")]
    lifecycle_url: Annotated[
        str, text('Says {"live": true|false}: whether the host sends right now')
    ]
    expires_at: Annotated[int, moment("When the token ends")]
    renew_in: Annotated[int, number("Seconds after which to ask for the next one", 1)]


class PlaybackRecordingJson(TypedDict):
    """A recording, with a token of its own"""

    uid: Annotated[str, text("Cloudflare's id of the video")]
    hls_url: Annotated[str, text("Its HLS manifest")]
    created_at: Annotated[int | None, moment("When it began")]
    duration: Annotated[float | None, plain("Seconds, once known")]
    expires_at: Annotated[int, moment("When the token ends")]


class AdmissionJson(TypedDict):
    """Let in: a session, and where to watch"""

    room_id: Annotated[str, room_id()]
    role: Annotated[_Role, plain("By which right")]
    session: Annotated[str, text("The bearer for `renew`; a secret")]
    session_expires_at: Annotated[int, moment("Until when: never lengthened")]
    server_time: Annotated[int, moment("Now")]
    playback: Annotated[
        LivePlaybackJson | None,
        plain("null: the room has no live input yet (`retry_in`), or has ended (`recordings`)"),
    ]
    recordings: Annotated[
        list[PlaybackRecordingJson] | None, plain("Of an ended broadcast room; newest first")
    ]
    retry_in: Annotated[int | None, number("Seconds until it is worth asking again", 1)]
    attendance_days: Annotated[int, number("Days that the host can see who was there", 1)]
    moderators: Annotated[list[str], plain("Wallets of moderators who watch now")]


class HostSessionJson(TypedDict):
    """A host's session"""

    session: Annotated[str, text("The bearer; a secret")]
    expires_at: Annotated[int, moment("Until when")]
    room_id: Annotated[str, room_id()]
    scope: Annotated[str, text("live_7, or class and its sixteen digits")]
    server_time: Annotated[int, moment("Now")]


class RevokedLinksJson(TypedDict):
    """Links taken back"""

    revoked: Annotated[int, number("How many were named")]


class WithdrawnJson(TypedDict):
    """A delegation, or all before a moment, withdrawn"""

    revoked: Literal[True]


class LeftSignatureJson(TypedDict):
    """A signature left with us"""

    hash: Annotated[str, hexed("Its SHA-256, as links name it", 32)]


class HostReturnedJson(TypedDict):
    """The host is back: older invitations are good again"""

    since: Annotated[int, moment("When the database began")]


class PresentBrowserJson(TypedDict):
    """Somebody who sits there"""

    browser: Annotated[str, text("Names the browser here", pattern=_BROWSER)]
    since: Annotated[int, moment("Since when")]


class InvitedLinkJson(TypedDict):
    """A link that anybody used, or that its host did something to"""

    link_hash: Annotated[str, hexed("Names it", 32)]
    number: Annotated[int, number("Its number in the host's list")]
    seats: Annotated[int, number("How many it is for")]
    used: Annotated[int, number("How many sit there now")]
    moves: Annotated[int, number("How often another browser took the seat within an hour")]
    waits: Annotated[bool, plain("After too many moves it waits for the host")]
    closed: Annotated[bool, plain("Only who is inside goes on")]
    revoked: Annotated[bool, plain("The host took it back")]
    present: Annotated[list[PresentBrowserJson], plain("Who sits there")]


class InvitedLinksJson(TypedDict):
    """A room's links"""

    links: Annotated[list[InvitedLinkJson], plain("By their numbers")]
    since: Annotated[int, moment("When the database began")]
    server_time: Annotated[int, moment("Now")]


class LinkChangedJson(TypedDict):
    """Done"""

    link_hash: Annotated[str, hexed("The link", 32)]


class AttendeeJson(TypedDict):
    """Who: one of the two"""

    number: Annotated[int | None, number("The link's number")]
    address: Annotated[str | None, address("The wallet")]


class AttendanceRowJson(TypedDict):
    """One browser's stay"""

    who: AttendeeJson
    role: _Role
    link_hash: Annotated[str | None, hexed("The link", 32)]
    entered: Annotated[int, moment("When")]
    last: Annotated[int, moment("When it was last known to be there")]
    left: Annotated[int | None, moment("When it was known to be gone; null: it is there")]


class AttendanceJson(TypedDict):
    """Who was there in this host's time"""

    rows: Annotated[list[AttendanceRowJson], plain("In the order of entering")]
    now: Annotated[int, moment("Now")]


# a name that no member of a class of ours can have
_FromMember = TypedDict(
    "_FromMember", {"from": Annotated[int, moment("Early: when it begins")]}, total=False
)


class PlaybackProblemMembers(_FromMember, total=False):
    """What a problem may say besides its kind."""

    errors: Annotated[list[FieldErrorJson], plain("What is malformed")]
    operator_id: Annotated[int, number("Another operator's room: whose", 1)]
    had: Annotated[bool, plain("No holder: it was one before, in this session")]


class PlaybackProblemJson(ProblemEssentials, PlaybackProblemMembers):
    """An error (RFC 9457)"""
