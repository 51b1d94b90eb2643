"""The programs that measurements run: started with free ports, watched, always stopped.

Promises: leaving the `Stack` stops everything it started, whatever happened; each program's output
is a file in the suite's folder. The services get real settings by their environment, as in
production, and nothing of ours that the caller's shell holds.
Assumes: `make setup` was run.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from localnet.process import Program

ROOT = Path(__file__).resolve().parent.parent
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """The environment of a program: what it needs of ours, and `more`."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return kept | {"PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)} | dict(more)


class Stack:
    """Starts programs and stops them in reverse order."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stop = contextlib.ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.close()

    def start(
        self,
        name: str,
        command: Sequence[str],
        env: Mapping[str, str] | None = None,
        cwd: Path = ROOT,
        patience: float = 10.0,
    ) -> Program:
        """Any program; its output goes to `<folder>/<name>.log`. `patience`: seconds to end in."""
        log = self.folder / f"{name}.log"
        program = Program(name, command, log, environment(env or {}), cwd)
        self._stop.callback(program.stop, patience)
        return program

    def anvil(
        self, *options: str, name: str = "anvil", patience: float = 10.0
    ) -> tuple[Program, str]:
        """A chain; returns it with its address, without the scheme."""
        command = [str(ROOT / "tools/bin/anvil"), "--host", "127.0.0.1", "--port", "0", *options]
        program = self.start(name, command, patience=patience)
        return program, address(program, 180.0)

    def mongo(
        self, name: str = "mongo", *, sync: bool = True, storage: Path | None = None
    ) -> tuple[Program, str]:
        """The embedded database; returns it with its URI. `storage`: its files, else a new folder.

        `sync`: an acknowledged write is on the disk.
        """
        storage = storage or self.folder / f"{name}-data"
        storage.mkdir(parents=True, exist_ok=True)
        binary = Path(sys.executable).with_name("secantusd-py")
        command = [str(binary), "--host", "127.0.0.1", "--port", "0"]
        command += ["--storage-path", str(storage), "--cache-size", "256M"]
        command += ["--sync-on-commit"] if sync else []
        program = self.start(name, command)
        return program, f"mongodb://{address(program, 30.0)}/"

    def service(self, module: str, env: Mapping[str, str], name: str = "") -> Program:
        """`python -m module` with settings by `env`."""
        return self.start(name or module, [sys.executable, "-m", module], env)


def address(program: Program, seconds: float) -> str:
    """Where it says that it listens."""
    pattern = re.compile(r"[Ll]istening on (127\.0\.0\.1:\d+)")
    program.wait_ready(lambda: pattern.search(program.output()) is not None, seconds)
    match = pattern.search(program.output())
    assert match is not None
    return match[1]


def answers(url: str) -> bool:
    """Whether an HTTP server answers there with a success; for `Program.wait_ready`."""
    try:
        return httpx.get(url, timeout=5.0, trust_env=False).is_success
    except httpx.HTTPError as error:
        raise ConnectionError(str(error)) from None
