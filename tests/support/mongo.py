"""The embedded MongoDB-protocol server for tests: a subprocess, reached through pymongo alone."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support.processes import ChildProcess

BINARY = Path(sys.executable).with_name("secantusd-py")


class MongoServer(ChildProcess):
    """A running server. Without `storage` it keeps its files in a temporary folder of its own.

    With `storage` (and `sync`, which makes an acknowledged write outlive a kill) the same folder
    can be opened again by a later server.
    """

    def __init__(
        self, folder: Path, *, storage: Path | None = None, sync: bool = False, port: int = 0
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        command: list[str | Path] = [BINARY, "--host", "127.0.0.1", "--port", str(port)]
        command += ["--storage-path", storage or ":memory:", "--cache-size", "256M"]
        if sync:
            command.append("--sync-on-commit")
        # TMPDIR: what a killed server leaves behind goes away with pytest's own folder
        super().__init__(command, folder / "mongo.log", env={"TMPDIR": str(folder)}, cwd=folder)
        try:
            listening = self.wait_for_output(r"listening on 127\.0\.0\.1:(\d+)")
        except BaseException:
            self.kill()
            raise
        self.port = int(listening[1])
        self.uri = f"mongodb://127.0.0.1:{self.port}/"

    def close(self) -> None:
        self.kill()  # nothing in it is worth a graceful end
