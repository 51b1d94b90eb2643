"""Changes that wait together are written together.

Promises: `do` returns what became of its own change, once it is written. What comes while
`AT_ONCE` writes are under way waits for the next one, which takes all that waits, at most `MOST`:
so a write's cost is shared when many come at once, and whoever comes waits for two writes at most.
A write that fails, fails for all that were in it.
Assumes: `write` answers in the order it was given.
On restart: nothing is kept.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")
MOST = 100
AT_ONCE = 2
"""Writes under way: the database works at one while the answer to the other is read."""


class _AwaitedChange(Generic[T, R]):
    """`woken`: it is written (`over`), or it is its turn to write."""

    def __init__(self, wanted: T) -> None:
        self.wanted = wanted
        self.woken = threading.Event()
        self.over = False
        self.answer: R | None = None
        self.error: BaseException | None = None


class GroupCommit(Generic[T, R]):
    """`write`: does all of them, and answers for each."""

    def __init__(self, write: Callable[[Sequence[T]], Sequence[R]]) -> None:
        self._write = write
        self._lock = threading.Lock()
        self._waiting: deque[_AwaitedChange[T, R]] = deque()
        self._writing = 0

    def do(self, wanted: T) -> R:
        """What `write` answers for this one. Raises what it raises."""
        mine: _AwaitedChange[T, R] = _AwaitedChange(wanted)
        with self._lock:
            at_once = self._writing < AT_ONCE
            if at_once:
                self._writing += 1
            else:
                self._waiting.append(mine)
        if not at_once:
            self._wait(mine)
        if not mine.over:
            self._write_with(mine)
        if mine.error is not None:
            raise mine.error
        return mine.answer  # type: ignore[return-value]  # set by whoever wrote it

    def _wait(self, mine: _AwaitedChange[T, R]) -> None:
        try:
            mine.woken.wait()
        except BaseException:  # it is given up
            with self._lock:
                waits = mine in self._waiting
                if waits:
                    self._waiting.remove(mine)
            if not waits and mine.woken.is_set() and not mine.over:
                self._pass_on()  # it was its turn
            raise

    def _write_with(self, mine: _AwaitedChange[T, R]) -> None:
        """Whose turn it is, and those that wait."""
        with self._lock:
            count = min(len(self._waiting), MOST - 1)
            some = [mine, *(self._waiting.popleft() for _ in range(count))]
        try:
            answers = self._write([each.wanted for each in some])
            for each, answer in zip(some, answers, strict=True):
                each.answer = answer
        except BaseException as error:
            told = error if isinstance(error, Exception) else RuntimeError("the write was given up")
            for each in some:
                each.error = told
            if told is not error:
                raise
        finally:
            # the next write begins before those that are done go on, which has work of their own
            self._pass_on()
            for each in some:
                each.over = True
                each.woken.set()

    def _pass_on(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().woken.set()
            else:
                self._writing -= 1
