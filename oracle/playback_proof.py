"""Whether the plain uid of a gated live input is refused, and a token of our key plays.

Promises: looked at without a broadcast and without an effect: the HLS manifest is asked for, and
WHEP with an offer that is none. Only what Cloudflare's answers prove is said: while nobody
broadcasts it may say "not live" before it looks at a token, and then nothing is proven. The API
token goes nowhere here; the playback token lives five minutes and is in no text.
Assumes: a refusal is 401 or 403; a pause in the network proves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from common.playback_token import TokenKey, playback_token
from oracle.cloudflare.models import LiveInput
from oracle.cloudflare.response_classifier import HttpAnswer
from oracle.cloudflare.transport import Transport

TOKEN_SECONDS = 300
ASK_SECONDS = 8.0
MAX_BYTES = 1 << 20
_REFUSED = frozenset({401, 403})
_SDP = {"Content-Type": "application/sdp"}


class ProofVerdict(StrEnum):
    """What was found about one way of watching."""

    PROVEN = "proven"
    NOT_PROVEN = "not proven"
    WRONG = "wrong"


class ProofFinding(NamedTuple):
    """`way`: WHEP or HLS."""

    way: str
    verdict: ProofVerdict
    why: str


def judge(way: str, plain: int | None, signed: int | None) -> ProofFinding:
    """What the statuses for the plain uid and for a token say; None: no answer. Pure."""
    if signed in _REFUSED:
        why = f"a good token is refused (HTTP {signed})"
        return ProofFinding(way, ProofVerdict.WRONG, why)
    if plain in (200, 201):
        return ProofFinding(way, ProofVerdict.WRONG, f"it plays by the plain uid (HTTP {plain})")
    if plain is None or signed is None or plain >= 500 or signed >= 500:
        return ProofFinding(way, ProofVerdict.NOT_PROVEN, "Cloudflare did not answer")
    if plain not in _REFUSED:
        why = f"HTTP {plain} for the plain uid, {signed} for a token: nobody broadcasts there"
        return ProofFinding(way, ProofVerdict.NOT_PROVEN, why)
    return ProofFinding(way, ProofVerdict.PROVEN, f"plain uid HTTP {plain}, token HTTP {signed}")


async def prove(
    transport: Transport, live: LiveInput, key: TokenKey, now: float
) -> tuple[ProofFinding, ...]:
    """A finding for each way that the input plays. `now` in unix seconds."""
    token = playback_token(key, live.uid, now, TOKEN_SECONDS)
    ways: tuple[tuple[str, str | None, str, bytes | None, Mapping[str, str]], ...] = (
        ("WHEP", live.playback.webrtc, "POST", b"v=0", _SDP),
        ("HLS", live.playback.hls, "GET", None, {}),
    )
    found = []
    for way, url, method, body, headers in ways:
        if url is None or live.uid not in url:
            found.append(
                ProofFinding(way, ProofVerdict.NOT_PROVEN, "Cloudflare gave no address for it")
            )
            continue
        plain = await _status(transport, method, url, body, headers)
        signed = await _status(transport, method, url.replace(live.uid, token), body, headers)
        found.append(judge(way, plain, signed))
    return tuple(found)


async def _status(
    transport: Transport, method: str, url: str, body: bytes | None, headers: Mapping[str, str]
) -> int | None:
    outcome = await transport.send(
        method, url, headers=headers, body=body, seconds=ASK_SECONDS, max_bytes=MAX_BYTES
    )
    return outcome.status if isinstance(outcome, HttpAnswer) else None
