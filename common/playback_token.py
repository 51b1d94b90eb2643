"""Playback tokens of Cloudflare Stream: a JWT that stands in a playback URL in the uid's place.

Promises: pure. RS256; the key's id in header and payload; `sub` names one live input or recording;
valid from a minute ago, for clocks differ, until `exp`; each part is base64url without padding.
Assumes: the life is short, since a token cannot be withdrawn and whoever has it may watch: 15
minutes at most, where Cloudflare takes 24 hours.
"""

from __future__ import annotations

import json
import re
from typing import Any, Protocol

from common.base64url import encode

LONGEST_SECONDS = 900
"""The longest life of a token of ours."""
EARLY_SECONDS = 60
_UID = re.compile(r"[0-9a-f]{32}")


class TokenKey(Protocol):
    """What signs: `common.playback_key.PlaybackKey`."""

    @property
    def kid(self) -> str:
        """The key's id at Cloudflare."""
        ...

    def signature(self, data: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256."""
        ...


def playback_token(key: TokenKey, uid: str, now: float, seconds: int) -> str:
    """A token for `uid` (32 lower-case hex digits) that ends `seconds` after `now` (unix seconds).

    Raises ValueError for another uid, or a life that is not 1 to `LONGEST_SECONDS`.
    """
    if not _UID.fullmatch(uid):
        raise ValueError("a uid is 32 lower-case hex digits")
    if not 1 <= seconds <= LONGEST_SECONDS:
        raise ValueError(f"a playback token lives 1 to {LONGEST_SECONDS} seconds")
    start = int(now)
    claims = {"sub": uid, "kid": key.kid, "nbf": start - EARLY_SECONDS, "exp": start + seconds}
    signed = f"{_part({'alg': 'RS256', 'kid': key.kid})}.{_part(claims)}"
    return f"{signed}.{encode(key.signature(signed.encode()))}"


def _part(value: dict[str, Any]) -> str:
    return encode(json.dumps(value, separators=(",", ":")).encode())
