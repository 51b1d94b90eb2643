"""A look at the index for who must be answered at once, whatever the index does.

Promises: `BoundedLook.answer` waits for `patience` at most; over it, and for `REST` after a look
that failed, an `IndexUnavailable` comes at once. A look that takes longer goes on beside us until
the database's own time-outs end it; `MOST_LOOKS` of them go on at once, more are refused.
Assumes: asked in the thread of the event loop, by any number of greenlets.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from typing import TypeVar

import gevent

from api.index_source import IndexUnavailable

V = TypeVar("V")
REST = 0.5  # seconds
MOST_LOOKS = 200


class BoundedLook:
    """One per process."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._looks = 0
        self._rest_until = float("-inf")

    def answer(self, ask: Callable[[], V], patience: float) -> V:
        """What `ask` answers within `patience` seconds. Its exceptions pass. It runs in the context
        of the request, which is whose the reads of the database are."""
        if self._monotonic() < self._rest_until or self._looks >= MOST_LOOKS:
            raise IndexUnavailable("the index did not answer a moment ago")
        self._looks += 1
        look = gevent.spawn(copy_context().run, self._look, ask)
        try:
            found = look.get(timeout=patience)
        except gevent.Timeout:
            self._rest_until = self._monotonic() + REST
            raise IndexUnavailable("the index takes too long to answer") from None
        if isinstance(found, _Failure):
            if isinstance(found.error, IndexUnavailable):
                self._rest_until = self._monotonic() + REST
            raise found.error
        answer: V = found
        return answer

    def _look(self, ask: Callable[[], V]) -> V | _Failure:
        try:
            return ask()
        except Exception as error:  # whoever asked gets it, if they are still there
            return _Failure(error)
        finally:
            self._looks -= 1


class _Failure:
    def __init__(self, error: Exception) -> None:
        self.error = error
