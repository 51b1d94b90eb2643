"""Who may watch a room, and at which addresses it plays.

Promises: pure functions. A public room plays under the uid of its live input; a room for some only
under a token, which stands exactly where the uid would.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

from chain.hexes import ZERO_ADDRESS

AccessWord = Literal["public", "gate", "invitation"]
ACCESS_WORDS: tuple[AccessWord, ...] = get_args(AccessWord)
_PATHS = {"webrtc": "webRTC/play", "broadcast": "manifest/video.m3u8"}


class PlaybackUrls(NamedTuple):
    """Where a room plays: WHEP or HLS, by its mode. `lifecycle`: says whether its host sends."""

    whep: str | None
    hls: str | None
    lifecycle: str


def room_access(gate: str | None, contract: str) -> AccessWord:
    """Who may watch a room with this gate, of this contract (both as the index writes them)."""
    if gate in (None, ZERO_ADDRESS):
        return "public"
    return "invitation" if gate == contract else "gate"


def play_url(base: str, name: str, mode: str) -> str:
    """`base`: the operator's, without a slash at its end; `name`: a uid or a token."""
    return f"{base}/{name}/{_PATHS[mode]}"


def views_url(base: str, name: str) -> str:
    """Says how many watch a broadcast."""
    return f"{base}/{name}/views"


def playback_urls(base: str, name: str, mode: str) -> PlaybackUrls:
    """See `play_url`."""
    url = play_url(base, name, mode)
    whep = mode == "webrtc"
    return PlaybackUrls(url if whep else None, None if whep else url, f"{base}/{name}/lifecycle")
