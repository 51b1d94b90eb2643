"""`python -m api` as a child process, over a database that a story was written to."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from localnet.ports import free_port
from tests.support.processes import ChildProcess
from tests.support.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
NOBODY = "http://127.0.0.1:9"  # a node that is not there


class ApiServer(ChildProcess):
    """A running API on a free port. `env`: settings over the defaults of tests (no limits)."""

    def __init__(
        self,
        folder: Path,
        *,
        mongo_uri: str,
        database: str,
        contracts: str,
        rpc_url: str = NOBODY,
        env: Mapping[str, str] | None = None,
        command: tuple[str, ...] = ("-m", "api"),
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        settings = {
            "CHAIN_ID": "31337",
            "RPC_URLS": rpc_url,
            "CONTRACTS": contracts,
            "MONGODB_URI": mongo_uri,
            "MONGODB_DATABASE": database,
            "API_BIND": f"127.0.0.1:{self.port}",
            "API_WORKERS": "2",
            "API_RATE_LIMIT": "off",
            "API_TRANSACTION_RATE_LIMIT": "off",
            "TMPDIR": str(folder),
            **(env or {}),
        }
        super().__init__([sys.executable, *command], folder / "api.log", env=settings, cwd=ROOT)
        self.client = httpx.Client(base_url=self.url, timeout=10, trust_env=False)
        try:
            wait_until(self._answers, 20, "an answer of the API")
        except BaseException:
            self.kill()
            raise

    def _answers(self) -> bool:
        assert self.returncode is None, f"the API ended:\n{self.output()[-4000:]}"
        try:
            return self.client.get("/healthz").status_code == 200
        except httpx.HTTPError:
            return False

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.client.get(path, headers=headers)

    def lines(self) -> list[dict[str, Any]]:
        """Its log."""
        return [json.loads(line) for line in self.output().splitlines() if line.startswith("{")]

    def close(self) -> None:
        self.kill()  # its own tests stop it gently; elsewhere nothing is lost

    def kill(self) -> int:
        client = getattr(self, "client", None)
        if client is not None:
            client.close()
        return super().kill()
