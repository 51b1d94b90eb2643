"""Bounded waits: instead of sleeping, say what must become true.

`wait_until` is for plain code, `wait_until_async` for coroutines. Both return the condition's first
truthy value; at the time limit they raise `error` (AssertionError): what was waited for, what came
last.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")

_FIRST_PAUSE = 0.002
_LONGEST_PAUSE = 0.1


def wait_until(
    condition: Callable[[], T],
    timeout: float = 30.0,
    what: str = "",
    error: Callable[[str], Exception] = AssertionError,
) -> T:
    """Call `condition` until it is truthy, at most `timeout` seconds; its errors pass through."""
    deadline = time.monotonic() + timeout
    pause = _FIRST_PAUSE
    while not (value := condition()):
        if time.monotonic() >= deadline:
            raise error(_gave_up(condition, timeout, what, value))
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)
    return value


@overload
async def wait_until_async(
    condition: Callable[[], Awaitable[T]], timeout: float = ..., what: str = ...
) -> T: ...


@overload
async def wait_until_async(
    condition: Callable[[], T], timeout: float = ..., what: str = ...
) -> T: ...


async def wait_until_async(
    condition: Callable[[], Any], timeout: float = 30.0, what: str = ""
) -> Any:
    """The same on the event loop; `condition` may be a plain function or a coroutine function."""
    deadline = time.monotonic() + timeout
    pause = _FIRST_PAUSE
    while True:
        answer = condition()
        value = await answer if inspect.isawaitable(answer) else answer
        if value:
            return value
        if time.monotonic() >= deadline:
            raise AssertionError(_gave_up(condition, timeout, what, value))
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def _gave_up(condition: object, timeout: float, what: str, last: object) -> str:
    name = what or getattr(condition, "__qualname__", repr(condition))
    return f"timed out after {timeout:g} s: {name} (last value: {last!r})"
