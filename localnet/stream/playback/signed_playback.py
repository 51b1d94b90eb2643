"""Signed playback: tokens that stand where the uid stands in a playback URL.

Promises: a token names one uid, expires (default one hour) and cannot be forged without the
stand-in's key; a uid whose input or recording wants signed URLs does not play by itself.
Assumes: HS256 with a key of the stand-in, where Cloudflare signs with RS256: clients only pass
tokens on. `accessRules` are carried, not enforced.
On restart: the key is kept in the store, so tokens stay valid.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from typing import Any

from localnet.stream import errors
from localnet.stream.clock import StandInClock
from localnet.stream.live_inputs import LiveInputs
from localnet.stream.model import StandInLiveInput
from localnet.stream.store import StandInStore
from localnet.stream.video import StandInVideo

UID = re.compile(r"[0-9a-f]{32}")
_HOUR = 3600.0
_DAY = 86400.0


class BadTokenError(Exception):
    """The segment is no good token, or a plain uid where a token is needed. Answered with 401."""


class TokenSigner:
    """Makes and checks playback tokens."""

    def __init__(self, key: bytes, clock: StandInClock) -> None:
        self._key = key
        self._clock = clock

    def token(self, uid: str, body: dict[str, Any]) -> str:
        """A token for `uid`. `body` may name `exp`, `nbf` (seconds since the epoch),
        `downloadable` and `accessRules`. Raises ApiError 10005."""
        now = self._clock.now()
        expires = _moment(body, "exp", now + _HOUR)
        if not now < expires <= now + _DAY:
            raise errors.bad_request("exp must lie within the next 24 hours")
        claims: dict[str, Any] = {"sub": uid, "kid": "standin", "exp": int(expires)}
        if body.get("nbf") is not None:
            claims["nbf"] = int(_moment(body, "nbf", now))
        for name in ("downloadable", "accessRules"):
            if body.get(name) is not None:
                claims[name] = body[name]
        head = _encode({"alg": "HS256", "kid": "standin"})
        signed = f"{head}.{_encode(claims)}"
        return f"{signed}.{self._signature(signed)}"

    def uid(self, token: str) -> str:
        """The uid a token is for. Raises BadTokenError."""
        signed, _, signature = token.rpartition(".")
        if not hmac.compare_digest(self._signature(signed).encode(), signature.encode()):
            raise BadTokenError("signature")
        claims = _decode(signed.partition(".")[2])
        now = self._clock.now()
        if now >= claims["exp"] or now < claims.get("nbf", 0):
            raise BadTokenError("time")
        return str(claims["sub"])

    def _signature(self, signed: str) -> str:
        digest = hmac.new(self._key, signed.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Targets:
    """From the first segment of a playback URL to what it plays."""

    def __init__(self, inputs: LiveInputs, store: StandInStore, signer: TokenSigner) -> None:
        self._inputs = inputs
        self._store = store
        self._signer = signer

    def find(self, segment: str) -> StandInLiveInput | StandInVideo | None:
        """What a uid or token plays; None if the uid is not known (any more).

        Raises BadTokenError for a bad token or a plain uid that needs one, LookupError if the
        segment is neither.
        """
        uid = self.uid(segment)
        found = self.by_uid(uid)
        if found is not None and segment == uid and _wants_token(found):
            raise BadTokenError("a signed token is needed")
        return found

    def uid(self, segment: str) -> str:
        """The uid in a segment, known or not. Raises BadTokenError or LookupError."""
        if UID.fullmatch(segment):
            return segment
        if segment.count(".") == 2:
            return self._signer.uid(segment)
        raise LookupError(segment)

    def by_uid(self, uid: str) -> StandInLiveInput | StandInVideo | None:
        """Without asking for a token."""
        return self._inputs.find(uid) or self._store.video(uid)


def _wants_token(found: StandInLiveInput | StandInVideo) -> bool:
    if isinstance(found, StandInLiveInput):
        return found.recording.require_signed_urls
    return found.require_signed_urls


def _moment(body: dict[str, Any], name: str, default: float) -> float:
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise errors.bad_request(f"{name} must be a time in seconds")
    return float(value)


def _encode(value: dict[str, Any]) -> str:
    text = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def _decode(text: str) -> dict[str, Any]:
    try:
        raw = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error):
        raise BadTokenError("form") from None
    if not isinstance(raw, dict):
        raise BadTokenError("form")
    return raw
