"""A viewer's session and a host's, as bearer texts that this service alone can make.

Promises: pure. `read_viewer` and `read_host` take what `write` made with the same key, and nothing
else: not another kind, not another text of the same bytes. They say nothing about time: `until` is
there to be compared. Nothing is stored; who has a copy has the session, within its room and until
its seat moves.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, NamedTuple, TypeVar

import orjson

from common.base64url import decode, encode
from playback.admission import Role

SECONDS = 12 * 3600
HOST_SECONDS = 900
MOST_TEXT = 1024


class ViewerSession(NamedTuple):
    """`tag`: the room's at its creation; `subject`: "w:0x.." or "l:" and the link's hash;
    `browser`: 32 hex digits; `role`: of `playback.admission.Role`; `id`: names its attendance;
    `until`: unix seconds.

    Of an invitation besides: `host` (whose it is), `scope` (its text), `delegation` (its hash),
    `granted` (the delegation's first moment), `start` (the link's), `number` and `seats`; else
    "" and 0."""

    room: int
    tag: str
    subject: str
    browser: str
    role: Role
    until: int
    id: str
    host: str = ""
    scope: str = ""
    delegation: str = ""
    granted: int = 0
    start: int = 0
    number: int = 0
    seats: int = 0


class HostSession(NamedTuple):
    """A delegated key's: for `room`, within the delegation's scope. `host`: lower case."""

    room: int
    tag: str
    host: str
    scope: str
    delegation: str
    granted: int
    until: int


S = TypeVar("S", ViewerSession, HostSession)
_KINDS: dict[type, str] = {ViewerSession: "ls1", HostSession: "lh1"}


class NoSession(ValueError):
    """The text is no session of this service's."""


def write(key: bytes, session: ViewerSession | HostSession) -> str:
    """The bearer text."""
    kind = _KINDS[type(session)]
    payload = encode(orjson.dumps(list(session)))
    return f"{kind}.{payload}.{encode(_mac(key, kind, payload))}"


def read_viewer(key: bytes, text: str) -> ViewerSession:
    """Raises `NoSession`."""
    return _read(key, text, ViewerSession)


def read_host(key: bytes, text: str) -> HostSession:
    """Raises `NoSession`."""
    return _read(key, text, HostSession)


def _read(key: bytes, text: str, kind: type[S]) -> S:
    parts = text.split(".")
    if len(text) > MOST_TEXT or len(parts) != 3 or parts[0] != _KINDS[kind] or not text.isascii():
        raise NoSession("not a session")
    try:
        mac = decode(parts[2])
    except ValueError:
        raise NoSession("not a session") from None
    if not hmac.compare_digest(mac, _mac(key, parts[0], parts[1])):
        raise NoSession("not a session of this service")
    values: list[Any] = orjson.loads(decode(parts[1]))
    if len(values) != len(kind._fields):
        raise NoSession("a session of another version")
    return kind(*values)


def _mac(key: bytes, kind: str, payload: str) -> bytes:
    return hmac.digest(key, f"{kind}.{payload}".encode(), hashlib.sha256)
