"""A program that the local stack runs: started with its own log, watched, and always stopped.

Promises: a program leads a process group of its own, so that Ctrl-C in the terminal reaches only
us and we stop the programs in order; on Linux the kernel ends it should we die. `stop` leaves
nothing of the group behind.
Assumes: programs are started from the main thread.
On restart: the log is appended to.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class ProgramError(Exception):
    """A program did not start, or ended by itself; the message shows its last words."""


def _die_with_parent() -> None:
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Program:
    """One running program. `name` is how people know it, `log` where its output goes."""

    def __init__(
        self, name: str, command: Sequence[str], log: Path, env: Mapping[str, str], cwd: Path
    ) -> None:
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log_start = log.stat().st_size if log.exists() else 0
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(env),
                cwd=cwd,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509  # one prctl call, takes no lock
            )

    @property
    def pid(self) -> int:
        """Of the program, and of its process group."""
        return self._process.pid

    @property
    def ended(self) -> int | None:
        """Its exit code, None while it runs."""
        return self._process.poll()

    def output(self) -> str:
        """What it printed since it was started."""
        with self.log.open("rb") as file:
            file.seek(self._log_start)
            return file.read().decode(errors="replace")

    def last_words(self, lines: int = 15) -> str:
        """The end of its output."""
        return "\n".join(self.output().rstrip().splitlines()[-lines:])

    def require_alive(self) -> None:
        """Raise `ProgramError` if it has ended."""
        if self.ended is not None:
            raise ProgramError(
                f"{self.name} ended by itself (exit code {self.ended}). Its last words, from "
                f"{self.log}:\n{self.last_words()}"
            )

    def wait_ready(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait until `ready` answers True; an OSError of its counts as not yet.

        Raises `ProgramError` if the program ends or the time is over.
        """
        deadline = time.monotonic() + seconds
        while True:
            self.require_alive()
            with contextlib.suppress(OSError):
                if ready():
                    return
            if time.monotonic() > deadline:
                raise ProgramError(
                    f"{self.name} was not ready within {seconds:.0f} s. Its last words, from "
                    f"{self.log}:\n{self.last_words()}"
                )
            time.sleep(0.05)

    def ask_to_stop(self) -> None:
        """SIGTERM, without waiting."""
        if self._process.poll() is None:
            self._process.terminate()

    def stop(self, seconds: float = 10.0) -> None:
        """SIGTERM, then SIGKILL to the whole group. Safe to call twice."""
        if self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
        self.kill()

    def kill(self) -> None:
        """SIGKILL to the whole group, as a crash would."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)
