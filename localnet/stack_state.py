"""The state directory of a local stack: ports, deployment, keys, data and logs.

Promises: ports are free loopback ports, chosen once and kept, since the stand-in's port is part of
the operator's playback base on chain. One stack at a time uses a directory: a second one is told
where the first serves.
On restart: everything is found again; `fresh` removes it all.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import shutil
from pathlib import Path
from typing import Any

from localnet.ports import free_ports, is_free

PORTS = ("anvil", "mongo", "stream", "rtmp", "indexer", "oracle", "playback", "presence", "api")


class StackStateError(Exception):
    """The directory cannot be used; the message says why and what to do."""


class StackState:
    """A state directory that this process owns until `close`."""

    def __init__(self, root: Path, *, fresh: bool = False) -> None:
        """Take the directory, made if missing.

        Raises `StackStateError` if it cannot be used, another stack uses it, or it is not one of
        ours.
        """
        self.root = root
        try:
            root.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not (root / "lock").exists() and any(root.iterdir()):
                raise StackStateError(
                    f"{root} contains other files: name an empty directory, or a new one"
                )
            self._lock = (root / "lock").open("a+")
        except OSError as error:
            raise StackStateError(
                f"{root} cannot be used ({error.strerror}): name a writable directory"
            ) from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise StackStateError(_in_use(root)) from None
        try:
            if fresh:
                self._empty()
            self.ports = self._load_ports()
        except BaseException:
            self._lock.close()
            raise

    def path(self, *parts: str) -> Path:
        """A path in the directory."""
        return self.root.joinpath(*parts)

    def url(self, name: str, scheme: str = "http") -> str:
        """The loopback address of one of `PORTS`."""
        return f"{scheme}://127.0.0.1:{self.ports[name]}"

    def read(self, name: str) -> dict[str, Any] | None:
        """A kept JSON document, None if there is none. Raises `StackStateError` if it is
        damaged."""
        path = self.path(f"{name}.json")
        if not path.exists():
            return None
        try:
            return dict(json.loads(path.read_text()))
        except (ValueError, TypeError):
            raise StackStateError(f"{path} is damaged: start over with FRESH=1") from None

    def write(self, name: str, document: dict[str, Any]) -> None:
        """Keep a JSON document: whole or not at all."""
        path = self.path(f"{name}.json")
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps(document, indent=2) + "\n")
        draft.replace(path)

    def cloudflare_account(self) -> dict[str, Any]:
        """The operator's account at the stand-in, once that runs: id, tokens, keys."""
        accounts = json.loads(self.path("stream", "accounts.json").read_text())["accounts"]
        return dict(accounts[0])

    def close(self) -> None:
        """Let go of the directory."""
        self._lock.close()

    def _empty(self) -> None:
        for entry in self.root.iterdir():
            if entry.name == "lock":
                continue
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    def _load_ports(self) -> dict[str, int]:
        kept = self.read("ports")
        if kept is None:
            kept = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
            self.write("ports", kept)
        if set(kept) != set(PORTS):
            raise StackStateError(
                f"{self.path('ports.json')} was written by another version: start over with FRESH=1"
            )
        for name in PORTS:
            if not is_free(kept[name]):
                raise StackStateError(
                    f"port {kept[name]} of {name} is in use by another program: stop that, or "
                    "start over with FRESH=1"
                )
        return kept


def _in_use(root: Path) -> str:
    where = ""
    with contextlib.suppress(OSError, ValueError, KeyError):
        port = json.loads((root / "ports.json").read_text())["api"]
        where = f" It serves http://127.0.0.1:{port} ."
    return f"another local stack uses {root}.{where} Stop it first (Ctrl-C where it runs)."
