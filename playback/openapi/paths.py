"""The routes: what they take, and every answer they give."""

from __future__ import annotations

from typing import Annotated, Any

from chain.field_kinds import room_id
from common.web.openapi.paths import (
    REQUEST_ID,
    content,
    problem_answers,
    query_param,
    service_paths,
)
from common.web.openapi.schemas import ref, schema_of
from playback.problems import CATALOGUE

PREFIX = "/api/playback"
PATH = f"{PREFIX}/openapi.json"
TAGS = {
    "viewers": "Enter a room that is for some only, and go on watching",
    "hosts": "What a host's page does, and what the host's wallet withdraws",
    "service": "The server itself: its health, this document",
}
SECURITY = {
    "session": {
        "type": "http", "scheme": "bearer", "description": "A viewer's session, of `session`",
    },
    "hostSession": {
        "type": "http", "scheme": "bearer", "description": "A host's session, of `host/session`",
    },
}  # fmt: skip
_ROOM = query_param(
    "room_id", schema_of(Annotated[str, room_id()]), "The room; left out: the session's"
)
_ALWAYS = ("origin-refused", "rate-limited", "internal")
_AWAY = ("index-unavailable", "database-unavailable")
_BODY = ("malformed", "length-required", "body-too-large", "not-json")
_NO_ROOM = ("room-unknown", "other-operator", "room-public")
_NO_SESSION = ("session-invalid", "session-over")
_NO_INVITATION = (
    "invitation-malformed", "invitation-invalid", "invitation-early", "invitation-over",
    "invitation-revoked", "host-must-return",
)  # fmt: skip
_NO_SEAT = ("seats-taken", "door-closed", "seat-removed", "link-waits", "opened-elsewhere")
_NO_RIGHT = (*_NO_INVITATION, "host-changed", "not-a-holder", *_NO_SEAT)
_NO_HOST = (*_NO_SESSION, *_NO_ROOM, "host-changed", "not-the-host", "invitation-revoked")


def _post(
    name: str, tag: str, summary: str, asked: str, answer: str | None, *slugs: str,
    about: str = "", security: str = "", as_text: bool = False,
) -> dict[str, Any]:  # fmt: skip
    body = content(ref(asked))
    if as_text:
        told = "The same JSON, as `sendBeacon` of a page that is closed sends it"
        body |= content({"type": "string", "description": told}, "text/plain")
    return _route(
        "post", name, tag, summary, answer, *_BODY, *slugs, about=about, security=security,
        requestBody={"required": True, "content": body},
    )  # fmt: skip


def _get(
    name: str, tag: str, summary: str, answer: str, *slugs: str,
    security: str = "", parameters: list[Any] | None = None,
) -> dict[str, Any]:  # fmt: skip
    return _route(
        "get", name, tag, summary, answer, "malformed", *slugs, security=security,
        parameters=parameters or [],
    )  # fmt: skip


def _route(
    method: str, name: str, tag: str, summary: str, answer: str | None, *slugs: str,
    about: str = "", security: str = "", **more: Any,
) -> dict[str, Any]:  # fmt: skip
    good: dict[str, Any] = {"description": summary, "headers": REQUEST_ID}
    if answer is not None:
        good["content"] = content(ref(answer))
    each_once = dict.fromkeys((*slugs, *_ALWAYS))
    return {
        method: {
            "operationId": name,
            "tags": [tag],
            "summary": summary,
            "description": about,
            "security": [{security: []}] if security else [],
            **more,
            "responses": {
                "204" if answer is None else "200": good,
                **problem_answers(CATALOGUE, *each_once),
            },
        }
    }


def _host(name: str, summary: str, asked: str, answer: str, about: str = "") -> dict[str, Any]:
    """A host's act by its session."""
    return _post(
        name, "hosts", summary, asked, answer, *_NO_HOST, *_AWAY,
        about=about, security="hostSession",
    )  # fmt: skip


PATHS: dict[str, Any] = {
    f"{PREFIX}/status": _get("status", "viewers", "Who this is", "PlaybackStatus", *_AWAY),
    f"{PREFIX}/challenge": _post(
        "challenge", "viewers", "A nonce, and the text to sign with a wallet",
        "ChallengeRequest", "Challenge", *_NO_ROOM, *_AWAY,
        about="Good once, for five minutes, for this room, page and wallet.",
    ),
    f"{PREFIX}/session": _post(
        "enter", "viewers", "Enter: a session and a playback token, for a proof",
        "SessionRequest", "Admission",
        *_NO_ROOM, "room-ended", "proof-invalid", "nonce-used", *_NO_RIGHT, *_AWAY,
        "node-unavailable", "key-unavailable",
        about="By the signature of a challenge, or by an invitation. Counted per client, per wallet"
        " and per link.",
    ),
    f"{PREFIX}/renew": _post(
        "renew", "viewers", "Go on watching: a fresh token, if the right goes on",
        "RenewRequest", "Admission",
        *_NO_SESSION, *_NO_ROOM, "room-ended", *_NO_RIGHT, *_AWAY,
        "node-unavailable", "key-unavailable", security="session",
    ),
    f"{PREFIX}/leave": _post(
        "leave", "viewers", "The page was closed: the seat is free",
        "LeaveRequest", None, "session-invalid", *_AWAY, as_text=True,
    ),
    f"{PREFIX}/host/session": _post(
        "openHostSession", "hosts", "A session for a browser that acts for the host",
        "HostSessionRequest", "HostSession", *_NO_ROOM, "proof-invalid", "nonce-used",
        *_NO_INVITATION, "host-changed", "not-the-host", *_AWAY, "node-unavailable",
        about="For a quarter of an hour, by the key that the host's wallet let the browser have.",
    ),
    f"{PREFIX}/host/revoke": _host(
        "revokeLinks", "Take links back", "RevokeRequest", "RevokedLinks", "Again is the same."
    ),
    f"{PREFIX}/host/revoke-all": _post(
        "withdraw", "hosts", "Withdraw a delegation, or all before a moment, by the wallet",
        "WithdrawRequest", "Withdrawn", *_NO_ROOM, "proof-invalid", "host-changed", "not-the-host",
        "invitation-invalid", *_AWAY, "node-unavailable",
        about="It only takes back: sent again at any time it is the same.",
    ),
    f"{PREFIX}/host/returned": _host(
        "hostReturned", "The host's page has sent its revocations again",
        "ReturnedRequest", "HostReturned",
    ),
    f"{PREFIX}/host/links": _get(
        "links", "hosts", "A room's links, and who sits there", "InvitedLinks",
        *_NO_HOST, *_AWAY, security="hostSession", parameters=[_ROOM],
    ),
    f"{PREFIX}/host/door": _host(
        "door", "Close a link's door, or open it", "DoorRequest", "LinkChanged"
    ),
    f"{PREFIX}/host/allow": _host(
        "allow", "Let a link go on that moved too often", "AllowRequest", "LinkChanged"
    ),
    f"{PREFIX}/host/seat/remove": _host(
        "removeSeat", "Take a browser's seat away", "SeatRequest", "LinkChanged"
    ),
    f"{PREFIX}/host/attendance": _get(
        "attendance", "hosts", "Who was there in this host's time", "Attendance",
        *_NO_HOST, *_AWAY, security="hostSession", parameters=[_ROOM],
    ),
    f"{PREFIX}/host/delegation": _post(
        "leaveSignature", "hosts", "Leave a wallet's long signature, which links name by its hash",
        "DelegationRequest", "LeftSignature", *_NO_ROOM, "invitation-malformed",
        "invitation-invalid", "not-the-host", *_AWAY, "node-unavailable",
    ),
    **service_paths(
        "the service", PATH, problem_answers(CATALOGUE, "malformed", "origin-refused"),
        problem_answers(CATALOGUE, "malformed", "origin-refused"),
    ),
}  # fmt: skip
