"""Ends WHEP sessions with the token that began them, if `Quirks.whep_exp` says `ends`.

Promises: by the stand-in's clock, also when that is moved forward. Whether Cloudflare does so is
not known: by default a running session goes on.
On restart: all sessions are gone.
"""

import asyncio
import heapq

from localnet.stream.clock import ShiftedClock
from localnet.stream.playback.media import Media
from localnet.stream.quirks import Quirks


class WhepEnds:
    """The sessions that have an end, soonest first."""

    def __init__(self, clock: ShiftedClock, media: Media, quirks: Quirks) -> None:
        self._clock = clock
        self._media = media
        self._quirks = quirks
        self._waiting: list[tuple[float, str, str]] = []
        self._timer: asyncio.TimerHandle | None = None
        clock.on_advance.append(self._look)

    def watch(self, uid: str, session: str, exp: float) -> None:
        """A session of the input `uid` whose token ends at `exp` (unix seconds)."""
        heapq.heappush(self._waiting, (exp, uid, session))
        self._look()

    def _look(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        now = self._clock.now()
        while self._waiting and self._waiting[0][0] <= now:
            _, uid, session = heapq.heappop(self._waiting)
            if self._quirks.whep_exp == "ends":
                self._media.plane().end(uid, session)
        if self._waiting:
            wait = self._waiting[0][0] - now
            self._timer = asyncio.get_running_loop().call_later(wait, self._look)
