"""Child processes that always stop: at the end of a `with`, and when pytest itself is killed.

A child leads a process group of its own, so stopping it stops what it started. On Linux the kernel
also sends SIGKILL to it when the thread that started it dies (start children from the main thread).
Output goes to a file, so that a child never blocks on a full pipe and a failure can show it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from tests.support.waiting import wait_until

_PR_SET_PDEATHSIG = 1
C = TypeVar("C", bound="ChildProcess")
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _die_with_parent() -> None:
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class ChildProcess:
    """One running program; `log` is the path of its joined output."""

    def __init__(
        self,
        command: Sequence[str | os.PathLike[str]],
        log: Path,
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.command = [os.fspath(part) for part in command]
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                cwd=cwd,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one prctl call, no locks taken
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """The exit code, negative for a signal, None while it runs."""
        return self._process.poll()

    def output(self) -> str:
        """Everything it printed so far."""
        return self.log.read_text(errors="replace")

    def wait_for_output(self, pattern: str, timeout: float = 20.0) -> re.Match[str]:
        """Wait until its output matches `pattern`; AssertionError if it ends or takes too long."""
        compiled = re.compile(pattern)

        def found() -> re.Match[str] | None:
            ended = self.returncode
            match = compiled.search(self.output())
            if match is None and ended is not None:
                raise AssertionError(f"{self} ended with {ended}:\n{self.output()[-4000:]}")
            return match

        match = wait_until(found, timeout, f"{pattern!r} in the output of {self}")
        assert match is not None
        return match

    def wait(self, timeout: float = 20.0) -> int:
        """Wait for its end and return the exit code; subprocess.TimeoutExpired if it goes on."""
        return self._process.wait(timeout)

    def send_signal(self, number: int) -> None:
        """A signal to the process alone, not to its group."""
        self._process.send_signal(number)

    def stop(self, timeout: float = 10.0) -> int:
        """SIGTERM, then SIGKILL to the whole group; returns the exit code. Safe to call twice."""
        if self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout)
        return self.kill()

    def kill(self) -> int:
        """SIGKILL to the whole group, as a crash would; returns the exit code."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        return self._process.wait(10)

    def close(self) -> None:
        """How the end of a test stops it."""
        self.stop()

    def __str__(self) -> str:
        return f"{Path(self.command[0]).name} (pid {self.pid})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Children:
    """Starts programs in numbered folders and stops them all, the latest first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._children: list[ChildProcess] = []
        self._folders = 0

    def new_folder(self, name: str) -> Path:
        """A fresh folder for one program's files."""
        self._folders += 1
        folder = self._folder / f"{self._folders}-{name}"
        folder.mkdir(parents=True)
        return folder

    def start(
        self,
        name: str,
        command: Sequence[str | os.PathLike[str]],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> ChildProcess:
        """Start a program; its output goes to `<folder>/<n>-<name>/<name>.log`."""
        log = self.new_folder(name) / f"{name}.log"
        return self.keep(ChildProcess(command, log, env=env, cwd=cwd))

    def keep(self, child: C) -> C:
        """Stop this one, too, at the end."""
        self._children.append(child)
        return child

    def stop(self) -> None:
        """Stop all, whatever goes wrong with one of them."""
        with contextlib.ExitStack() as stack:
            for child in self._children:
                stack.callback(child.close)
            self._children = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
