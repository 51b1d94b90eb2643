"""The embedded MongoDB-protocol server: a program of its own, reached through pymongo alone."""

from __future__ import annotations

import sys
from pathlib import Path

from localnet.process import Program

BINARY = Path(sys.executable).with_name("secantusd-py")
LISTENING = r"[Ll]istening on (127\.0\.0\.1:(\d+))"


def command(
    storage: str | Path, *, sync: bool = False, auth: bool = False, port: int = 0
) -> list[str]:
    """Its command line; see `MongoServer`."""
    return [
        *(str(BINARY), "--host", "127.0.0.1", "--port", str(port)),
        *("--storage-path", str(storage), "--cache-size", "256M"),
        *(["--sync-on-commit"] if sync else []),
        *(["--auth"] if auth else []),
    ]


class MongoServer(Program):
    """A running server. Without `storage` it keeps its files in a temporary folder of its own.

    With `storage` (and `sync`, which makes an acknowledged write outlive a kill) the same folder
    can be opened again by a later server. `auth`: only users that an earlier one made are let in.
    """

    def __init__(
        self,
        folder: Path,
        *,
        storage: Path | None = None,
        sync: bool = False,
        auth: bool = False,
        port: int = 0,
    ) -> None:
        for each in (folder, storage or folder):
            each.mkdir(parents=True, exist_ok=True)
        argv = command(storage or ":memory:", sync=sync, auth=auth, port=port)
        # TMPDIR: what a killed server leaves behind is in our folder
        env = {"TMPDIR": str(folder)}
        super().__init__("mongo", argv, folder / "mongo.log", env, folder)
        try:
            listening = self.wait_for_output(LISTENING, 30.0)
        except BaseException:
            self.kill()
            raise
        self.port = int(listening[2])
        self.uri = f"mongodb://{listening[1]}/"

    def close(self) -> None:
        self.kill()  # nothing in it is worth a graceful end
