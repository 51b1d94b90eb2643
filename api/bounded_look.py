"""A look at the index for who must be answered at once, whatever the index does.

Promises: `BoundedLook.answer` waits for `patience` at most; over it, and for `REST` after a look
that failed, an `IndexUnavailable` comes at once. A look that takes longer goes on beside us until
the database's own time-outs end it; `MOST_LOOKS` of them go on at once, more are refused.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from flask import copy_current_request_context

from api.index_source import IndexUnavailable

V = TypeVar("V")
REST = 0.5  # seconds
MOST_LOOKS = 200


class BoundedLook:
    """One per process. Asked in a request, for whose sake the database may be read."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._slots = threading.BoundedSemaphore(MOST_LOOKS)
        self._rest_until = float("-inf")

    def answer(self, ask: Callable[[], V], patience: float) -> V:
        """What `ask` answers within `patience` seconds. Its exceptions pass."""
        if self._monotonic() < self._rest_until or not self._slots.acquire(blocking=False):
            raise IndexUnavailable("the index did not answer a moment ago")
        future: Future[V] = Future()

        @copy_current_request_context
        def look() -> None:
            try:
                future.set_result(ask())
            except BaseException as error:
                future.set_exception(error)
            finally:
                self._slots.release()

        threading.Thread(target=look, daemon=True).start()
        try:
            return future.result(timeout=patience)
        except TimeoutError:
            self._rest_until = self._monotonic() + REST
            raise IndexUnavailable("the index takes too long to answer") from None
        except IndexUnavailable:
            self._rest_until = self._monotonic() + REST
            raise
