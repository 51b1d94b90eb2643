"""Programs that run beside us: started with a log of their own, watched, and always stopped.

Promises: a program leads a process group of its own, so that Ctrl-C in the terminal reaches only
us and we stop the programs in order; `stop` leaves nothing of the group behind. On Linux the kernel
ends a program should we die, even by SIGKILL. Of our own environment a program gets only what it
needs, so that a setting in the shell cannot reach a service. Output goes to a file, so that a
program never blocks on a full pipe and a failure can show it.
Assumes: programs are started from the main thread.
On restart: the log is appended to.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from localnet.waiting import wait_until

ROOT = Path(__file__).resolve().parent.parent
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE", "VIRTUAL_ENV")

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
Argument = str | os.PathLike[str]
T = TypeVar("T")
P = TypeVar("P", bound="Program")


class ProgramError(RuntimeError):
    """A program did not start, or exited unexpectedly; the message shows its last output."""


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """The environment of a program: what it needs of ours, and `more`."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return kept | {"PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)} | dict(more)


def _end_with_parent(number: int) -> Callable[[], None]:
    def ask() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, number)

    return ask


class Program:
    """One running program.

    `name` is how people know it, `log` where its output goes. `orphaned` is the signal that it gets
    should we die: SIGKILL, unless it has something to keep.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[Argument],
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path = ROOT,
        *,
        orphaned: signal.Signals = signal.SIGKILL,
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
                env=environment(env or {}),
                cwd=cwd,
                start_new_session=True,
                preexec_fn=_end_with_parent(orphaned),  # noqa: PLW1509  # one prctl, takes no lock
            )

    @property
    def pid(self) -> int:
        """Of the program, and of its process group."""
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """Its exit code, negative for a signal, None while it runs."""
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
        if self.returncode is not None:
            raise self._error(f"{self.name} exited unexpectedly (exit code {self.returncode})")

    def wait_until(self, holds: Callable[[], T | None], seconds: float, what: str) -> T:
        """The first truthy answer of `holds`; an OSError of its counts as not yet.

        Raises `ProgramError` if the program ends or the time is over.
        """

        def look() -> list[T]:
            # looked at before asking: what it said last, as it ended, still counts
            ended = self.returncode is not None
            with contextlib.suppress(OSError):
                if answer := holds():
                    return [answer]
            if ended:
                self.require_alive()
            return []

        def late(_: str) -> ProgramError:
            return self._error(f"{self.name}: timed out after {seconds:g} s: {what}")

        return wait_until(look, seconds, what, late)[0]

    def wait_ready(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait until `ready` answers True. Raises as `wait_until`."""
        self.wait_until(ready, seconds, "it is ready")

    def wait_for_output(self, pattern: str, seconds: float = 20.0) -> re.Match[str]:
        """The first match of `pattern` in its output. Raises as `wait_until`."""
        compiled = re.compile(pattern)
        return self.wait_until(
            lambda: compiled.search(self.output()), seconds, f"{pattern!r} in its output"
        )

    def wait(self, seconds: float = 20.0) -> int:
        """Wait for its end and return the exit code; subprocess.TimeoutExpired if it goes on."""
        return self._process.wait(seconds)

    def send_signal(self, number: int) -> None:
        """A signal to the process alone, not to its group."""
        self._process.send_signal(number)

    def ask_to_stop(self) -> None:
        """SIGTERM, without waiting."""
        if self.returncode is None:
            self._process.terminate()

    def stop(self, seconds: float = 10.0) -> int:
        """SIGTERM, then SIGKILL to the whole group; returns the exit code. Safe to call twice."""
        self.ask_to_stop()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return self.kill()

    def kill(self) -> int:
        """SIGKILL to the whole group, as a crash would; returns the exit code."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        return self._process.wait(10)

    def close(self) -> None:
        """How the end of a `with` stops it."""
        self.stop()

    def _error(self, what: str) -> ProgramError:
        return ProgramError(f"{what}. Its last output, from {self.log}:\n{self.last_words()}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Programs:
    """Starts programs in numbered folders and stops them all, the latest first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._running: list[Program] = []
        self._folders = 0

    def new_folder(self, name: str) -> Path:
        """A fresh folder for one program's files."""
        self._folders += 1
        folder = self.folder / f"{self._folders}-{name}"
        folder.mkdir(parents=True)
        return folder

    def start(
        self,
        name: str,
        command: Sequence[Argument],
        env: Mapping[str, str] | None = None,
        cwd: Path = ROOT,
    ) -> Program:
        """Start a program; its output goes to `<folder>/<n>-<name>/<name>.log`."""
        log = self.new_folder(name) / f"{name}.log"
        return self.keep(Program(name, command, log, env, cwd))

    def keep(self, program: P) -> P:
        """Stop this one, too, at the end."""
        self._running.append(program)
        return program

    def stop(self) -> None:
        """Stop all, whatever goes wrong with one of them."""
        with contextlib.ExitStack() as stack:
            for program in self._running:
                stack.callback(program.close)
            self._running = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
