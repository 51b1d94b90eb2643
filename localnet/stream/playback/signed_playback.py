"""Signed playback: tokens that stand where the uid stands in a playback URL.

Promises: a uid whose input or recording wants signed URLs does not play by itself; a token plays
one uid of the account that its key belongs to, for viewers whom its access rules admit. The
`/token` endpoint's tokens (default one hour) play HLS; WHEP takes a signing key's alone, as
Cloudflare documents it.
Assumes: a viewer's country is not known, so a rule about countries concerns nobody.
On restart: all keys are in the store, so tokens stay valid.
"""

import json
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from common.base64url import encode
from localnet.stream import errors
from localnet.stream.clock import StandInClock
from localnet.stream.live_inputs import LiveInputs
from localnet.stream.model import StandInLiveInput
from localnet.stream.playback.token_verifier import (
    LONGEST_SECONDS,
    UID,
    BadTokenError,
    VerifiedToken,
    access_rules,
    named_uid,
    verified,
)
from localnet.stream.signing_keys import ENDPOINT_KID, SigningKeys
from localnet.stream.store import StandInStore
from localnet.stream.video import StandInVideo

_HOUR = 3600.0


class TokenSigner:
    """Makes the `/token` endpoint's tokens."""

    def __init__(self, keys: SigningKeys, clock: StandInClock) -> None:
        self._keys = keys
        self._clock = clock

    def token(self, uid: str, body: dict[str, Any]) -> str:
        """A token for `uid`. `body` may name `exp`, `nbf` (seconds since the epoch),
        `downloadable` and `accessRules`. Raises ApiError 10005."""
        now = self._clock.now()
        expires = _moment(body, "exp", now + _HOUR)
        if not now < expires <= now + LONGEST_SECONDS:
            raise errors.bad_request("exp must lie within the next 24 hours")
        claims: dict[str, Any] = {"sub": uid, "kid": ENDPOINT_KID, "exp": int(expires)}
        if body.get("nbf") is not None:
            claims["nbf"] = int(_moment(body, "nbf", now))
        if body.get("accessRules") is not None:
            try:
                access_rules(body["accessRules"])
            except BadTokenError as error:
                raise errors.bad_request(str(error)) from None
        for name in ("downloadable", "accessRules"):
            if body.get(name) is not None:
                claims[name] = body[name]
        signed = f"{_part({'alg': 'RS256', 'kid': ENDPOINT_KID})}.{_part(claims)}"
        signature = self._keys.endpoint().sign(signed.encode(), PKCS1v15(), SHA256())
        return f"{signed}.{encode(signature)}"


@dataclass(frozen=True, slots=True)
class PlaybackTarget:
    """What a playback URL plays. `exp` in unix seconds; None: no token was needed or shown."""

    item: StandInLiveInput | StandInVideo
    exp: float | None = None


class Targets:
    """From the first segment of a playback URL to what it plays."""

    def __init__(
        self, inputs: LiveInputs, store: StandInStore, keys: SigningKeys, clock: StandInClock
    ) -> None:
        self._inputs = inputs
        self._store = store
        self._keys = keys
        self._clock = clock

    def find(self, segment: str, viewer: str, *, whep: bool = False) -> PlaybackTarget | None:
        """What a uid or token plays for a viewer at the address `viewer`, by WHEP or else by HLS;
        None if the uid is not known (any more).

        Raises BadTokenError for a bad token or a plain uid that needs one, LookupError if the
        segment is neither.
        """
        if UID.fullmatch(segment):
            plain = self.by_uid(segment)
            if plain is not None and wants_token(plain):
                raise BadTokenError("a signed token is needed")
            return None if plain is None else PlaybackTarget(plain)
        if segment.count(".") != 2:
            raise LookupError(segment)
        token = verified(segment, self._clock.now(), self._keys.find)
        found = self.by_uid(token.uid)
        if found is None:
            return None
        _check_right(token, found, viewer, whep=whep)
        return PlaybackTarget(found, token.exp)

    def named_uid(self, segment: str) -> str:
        """The uid that a segment names, known or not, by a token of any age. Raises BadTokenError
        or LookupError."""
        if UID.fullmatch(segment):
            return segment
        if segment.count(".") != 2:
            raise LookupError(segment)
        return named_uid(segment)

    def by_uid(self, uid: str) -> StandInLiveInput | StandInVideo | None:
        """Without asking for a token."""
        return self._inputs.find(uid) or self._store.video(uid)


def wants_token(found: StandInLiveInput | StandInVideo) -> bool:
    """Whether it does not play by its plain uid."""
    if isinstance(found, StandInLiveInput):
        return found.recording.require_signed_urls
    return found.require_signed_urls


def _check_right(
    token: VerifiedToken, found: StandInLiveInput | StandInVideo, viewer: str, *, whep: bool
) -> None:
    owner = token.key.account
    if owner is None and whep:
        raise BadTokenError("the /token endpoint does not support WHEP")
    if owner is not None and owner != found.account:
        raise BadTokenError("the key belongs to another account")
    if not token.admits(viewer):
        raise BadTokenError("accessRules")


def _moment(body: dict[str, Any], name: str, default: float) -> float:
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise errors.bad_request(f"{name} must be a time in seconds")
    return float(value)


def _part(value: dict[str, Any]) -> str:
    return encode(json.dumps(value, separators=(",", ":")).encode())
