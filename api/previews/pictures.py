"""The drawn pictures, kept in memory, and who may draw when.

Promises: `Pictures.get` answers from memory if the picture is there; else it is drawn in a thread
beside the worker's event loop, which goes on with other requests. All who ask for one picture share
one drawing. At most `MOST_DRAWINGS` are drawn at once, and in the long run `PER_SECOND`, so that
nobody who asks for ever new pictures takes the worker's time: whoever comes beyond these gets None
at once, as does who has waited for `PATIENCE`, and shows `plain`. What is kept has at most
`MOST_BYTES`; what was not asked for longest goes first.
Assumes: asked in the thread of the event loop, by any number of greenlets.
On restart: empty; each picture is drawn again when it is asked for."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from functools import cache

import gevent
from gevent.event import AsyncResult
from gevent.threadpool import ThreadPool

from api.previews.contents import PreviewPicture, home_preview
from api.previews.drawing import draw

MOST_DRAWINGS = 2  # there are two cores, and others who need them
MOST_BYTES = 16 * 1024 * 1024  # some 800 pictures
PER_SECOND, AT_FIRST = 5.0, 60.0  # drawings; so many more after a quiet while
PATIENCE = 2.0  # seconds


@cache
def plain() -> bytes:
    """The site's picture, which tells nothing of a room."""
    return draw(home_preview().picture)


class Pictures:
    """One per worker. `draws`: what makes a picture's file."""

    def __init__(
        self,
        draws: Callable[[PreviewPicture], bytes] = draw,
        most_bytes: int = MOST_BYTES,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._monotonic = monotonic
        self._left, self._counted_at = AT_FIRST, monotonic()
        self._draws = draws
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0
        self._drawings: dict[str, AsyncResult] = {}
        self._pool: ThreadPool | None = None

    def get(self, picture: PreviewPicture) -> bytes | None:
        """Its file; None: there is too much to draw now."""
        found = self._kept.get(picture.digest)
        if found is not None:
            self._kept.move_to_end(picture.digest)
            return found
        drawing = self._drawings.get(picture.digest)
        if drawing is None:
            if len(self._drawings) >= MOST_DRAWINGS or not self._may_draw():
                return None
            drawing = self._begin(picture)
        try:
            drawn: bytes = drawing.get(timeout=PATIENCE)
        except gevent.Timeout:
            return None
        return drawn

    @property
    def kept_bytes(self) -> int:
        """What the kept pictures take."""
        return self._bytes

    def close(self) -> None:
        """End the threads, once what they draw is drawn."""
        if self._pool is not None:
            self._pool.kill()
            self._pool = None

    def _may_draw(self) -> bool:
        """Takes one of the drawings that are left."""
        now = self._monotonic()
        self._left = min(AT_FIRST, self._left + (now - self._counted_at) * PER_SECOND)
        self._counted_at = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True

    def _begin(self, picture: PreviewPicture) -> AsyncResult:
        if self._pool is None:  # made late: threads do not outlive the fork of a worker
            self._pool = ThreadPool(MOST_DRAWINGS)
        drawing = self._drawings[picture.digest] = self._pool.spawn(self._draws, picture)
        drawing.rawlink(lambda done: self._ended(picture.digest, done))
        return drawing

    def _ended(self, digest: str, drawing: AsyncResult) -> None:
        """In the event loop's thread."""
        del self._drawings[digest]
        if drawing.exception is not None:
            return
        self._kept[digest] = drawing.value
        self._bytes += len(drawing.value)
        while self._bytes > self._most_bytes:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= len(oldest)
