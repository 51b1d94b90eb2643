"""Addresses that play: tokens put where the uid stands, and when to ask for the next.

Promises: a token names one live input or one recording, and never lives longer than the right it is
given for. `renew_in` is at random within 50 to 80 % of its life, so that a class does not come at
once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chain.playback_urls import play_url, playback_urls
from common.clock import Clock, Rng
from common.playback_token import TokenKey, playback_token
from playback.admission import PrivateRoom
from playback.response_types import LivePlaybackJson, PlaybackRecordingJson


class PlaybackAddresses:
    """`key`: the signing key now; what it raises passes. `seconds`: a token's life."""

    def __init__(
        self, key: Callable[[], TokenKey], clock: Clock, rng: Rng, *, seconds: int
    ) -> None:
        self._key = key
        self._clock = clock
        self._rng = rng
        self.seconds = seconds

    def live(self, room: PrivateRoom, uid: str, until: int) -> LivePlaybackJson:
        """Of a room that has its live input. `until`: when the right ends."""
        now = int(self._clock.now())
        life = self._life(until, now)
        token = playback_token(self._key(), uid, now, life)
        urls = playback_urls(room.base, token, room.mode)
        return {
            "mode": room.mode,
            "whep_url": urls.whep,
            "hls_url": urls.hls,
            "lifecycle_url": urls.lifecycle,
            "expires_at": now + life,
            "renew_in": max(1, int(life * (0.5 + 0.3 * self._rng.random()))),
        }

    def recordings(
        self, room: PrivateRoom, found: Sequence[Mapping[str, Any]], until: int
    ) -> list[PlaybackRecordingJson]:
        """One token for each."""
        now = int(self._clock.now())
        life = self._life(until, now)
        key = self._key()
        return [
            {
                "uid": doc["_id"],
                "hls_url": play_url(
                    room.base, playback_token(key, doc["_id"], now, life), "broadcast"
                ),
                "created_at": doc["created"],
                "duration": doc["duration_seconds"],
                "expires_at": now + life,
            }
            for doc in found
        ]

    def _life(self, until: int, now: int) -> int:
        return max(1, min(self.seconds, until - now))
