"""Whether a service's event loop still turns, and the end of a process whose loop does not.

Promises: the loop beats each second; `Heartbeat.silent` is for how long it has not, counted only
while the process runs: a process that was stopped (SIGSTOP, a paused container, a sleeping machine)
has missed nothing. A loop that stood still for `Limits.dead` seconds ends the process with
`EXIT_STUCK`, after one log line that says where it stands (files, lines and functions, no values),
or without it if the log itself is what stands. A container engine restarts a process that has
ended, and none that is merely unhealthy.
Native code that keeps the interpreter to itself (a regular expression that never ends) stops the
watching thread, too: then the kernel's timer ends the process with the same code, after as many
seconds of processor time.
Assumes: `watched` is entered in the main thread, once at a time; SIGPROF is used by nobody else.
On restart: nothing is kept.
"""

from __future__ import annotations

import asyncio
import ctypes
import faulthandler
import os
import signal
import sys
import threading
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import NamedTuple

from common import logs
from common.clock import Clock
from common.tasks import end_tasks

EXIT_STUCK = int(signal.SIGPROF)
"""27: the kernel's timer calls the C library's `_exit` with the signal's number."""
LAST_WORDS_SECONDS = 2.0
"""How long the log may take at the end: what stands still may be the log."""
FRAMES = 20


class Limits(NamedTuple):
    """Seconds without a beat: from `unhealthy` on /healthz is 503, at `dead` the process ends.

    `look`: from one beat, or one look at it, to the next.
    """

    unhealthy: float = 60.0
    dead: float = 120.0
    look: float = 1.0


LIMITS = Limits()


class Heartbeat:
    """For how long the loop has been silent. `beat` and `look` come from two threads: at worst a
    beat is overlooked once, and the next one counts."""

    def __init__(self, monotonic: Callable[[], float], limits: Limits) -> None:
        self.limits = limits
        self._monotonic = monotonic
        self._looked = monotonic()
        self.silent = 0.0

    def beat(self) -> None:
        """The loop runs."""
        self.silent = 0.0

    def look(self) -> bool:
        """Count the seconds since the last look; whether the loop counts as dead.

        A look that comes much too late shows that the process stood: more than two looks' worth is
        never counted at once.
        """
        now = self._monotonic()
        self.silent += min(now - self._looked, 2 * self.limits.look)
        self._looked = now
        return self.silent >= self.limits.dead

    def trouble(self) -> str | None:
        """What is wrong, and what will be done about it; None: nothing."""
        if self.silent < self.limits.unhealthy:
            return None
        return (
            f"the event loop has stood still for {self.silent:.0f} s: after {self.limits.dead:.0f} "
            f"s the process ends with exit code {EXIT_STUCK}, to be started again"
        )


@asynccontextmanager
async def watched(clock: Clock, limits: Limits | None = None) -> AsyncIterator[Heartbeat]:
    """Beat on this loop and watch it, until the end of the `with`."""
    heartbeat = Heartbeat(clock.monotonic, limits or LIMITS)
    ended = threading.Event()
    watcher = threading.Thread(
        target=_watch, args=(heartbeat, threading.get_ident(), ended), name="watchdog", daemon=True
    )
    with _kernel_timer() as rewind:
        beating = asyncio.ensure_future(_keep_beating(heartbeat, clock, rewind))
        watcher.start()
        try:
            yield heartbeat
        finally:
            ended.set()
            await end_tasks(beating)


async def _keep_beating(
    heartbeat: Heartbeat, clock: Clock, rewind: Callable[[float], object]
) -> None:
    while True:
        heartbeat.beat()
        rewind(heartbeat.limits.dead)
        await clock.sleep(heartbeat.limits.look)


def _watch(heartbeat: Heartbeat, loop_thread: int, ended: threading.Event) -> None:
    while not ended.wait(heartbeat.limits.look):
        if heartbeat.look():
            try:
                words = threading.Thread(
                    target=_last_words, args=(heartbeat, loop_thread), daemon=True
                )
                words.start()
                words.join(LAST_WORDS_SECONDS)
            finally:
                os._exit(EXIT_STUCK)


def _last_words(heartbeat: Heartbeat, loop_thread: int) -> None:
    logs.get().critical(
        "the event loop stands still: the process ends, to be started again",
        seconds=round(heartbeat.silent), exit_code=EXIT_STUCK, stands_at=_where(loop_thread),
    )  # fmt: skip


def _where(thread: int) -> list[str]:
    """What a thread is doing, the innermost call first. No source is read: the disk may stand."""
    frame = sys._current_frames().get(thread)
    walked = traceback.StackSummary.extract(traceback.walk_stack(frame), lookup_lines=False)
    return [f"{part.filename}:{part.lineno} {part.name}" for part in walked[:FRAMES]]


@contextmanager
def _kernel_timer() -> Iterator[Callable[[float], object]]:
    """The timer that needs no Python to end us; the answer winds it up for so many seconds.

    It counts processor time, so that it stands while the process does. Its signal is taken by the
    C library's `_exit` itself, after the stack was dumped: a handler in Python would wait for the
    interpreter, and the default action does not end a container's first process.
    """
    libc = ctypes.CDLL(None)
    libc.signal.argtypes, libc.signal.restype = (ctypes.c_int, ctypes.c_void_p), ctypes.c_void_p
    before = libc.signal(signal.SIGPROF, ctypes.cast(libc._exit, ctypes.c_void_p))
    faulthandler.register(signal.SIGPROF, file=2, all_threads=False, chain=True)
    try:
        yield lambda seconds: signal.setitimer(signal.ITIMER_PROF, seconds)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        faulthandler.unregister(signal.SIGPROF)
        libc.signal(signal.SIGPROF, before)
