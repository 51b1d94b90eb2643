"""Where the API is measured: a chain, the contract, a database, the real indexer, and the API."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Any

import httpx

from bench.api.hosts import CHAIN_ID, Hosts
from bench.stack import Stack, answers
from localnet.ports import free_port
from localnet.process import Program

NO_LIMIT = "100000000/minute"


class Place:
    """Started by `with`; `api()` starts the API on it. `sync`: the database syncs each write."""

    def __init__(self, folder: Path, *, sync: bool = True) -> None:
        self.stack = Stack(folder)
        self._sync = sync
        self._writer: Program | None = None

    def __enter__(self) -> Place:
        self.stack.__enter__()
        _, chain = self.stack.anvil()
        self.node = f"http://{chain}"
        _, self.mongo = self.stack.mongo(sync=self._sync)
        self.hosts = Hosts(self.node)
        self.start_block = self.hosts.deploy()
        self.contract = self.hosts.contract
        return self

    def __exit__(self, *error: Any) -> None:
        self.stack.__exit__(*error)
        self.hosts.close()

    # --- services ------------------------------------------------------------------------------

    def settings(self) -> dict[str, str]:
        return {
            "CHAIN_ID": str(CHAIN_ID),
            "RPC_URLS": f"{self.node},{self.node.replace('http', 'ws')}",
            "CONTRACTS": f"{self.contract}@{self.start_block}",
            "MONGODB_URI": self.mongo,
            "MONGODB_DATABASE": "bench",
            "FINALITY": "depth:64",
            "LOG_LEVEL": "warning",
        }

    def indexer(self) -> Program:
        port = free_port()
        program = self.stack.service(
            "indexer", self.settings() | {"INDEXER_HTTP": f"127.0.0.1:{port}"}
        )
        program.wait_ready(lambda: answers(f"http://127.0.0.1:{port}/readyz"), 60.0)
        return program

    def api(self, name: str = "api", **more: str) -> tuple[Program, int]:
        """The API and its port."""
        port = free_port()
        env = {
            **self.settings(),
            "API_BIND": f"127.0.0.1:{port}",
            "API_WORKERS": "2",
            "API_RATE_LIMIT": NO_LIMIT,
            "API_TRANSACTION_RATE_LIMIT": NO_LIMIT,
            "API_CONNECTIONS_PER_CLIENT": "20000",
            "API_STREAM_LISTENERS": "20000",
            "API_STREAM_LISTENERS_PER_CLIENT": "20000",
            "API_CONNECTIONS": "20000",
            **more,
        }
        program = self.stack.service("bench.api_serve", env, name)
        program.wait_ready(lambda: answers(f"http://127.0.0.1:{port}/healthz"), 60.0)
        _wait_for_workers(program, port, int(env["API_WORKERS"]))
        return program, port

    # --- the indexer writes --------------------------------------------------------------------

    def start_writing(self, per_second: float) -> None:
        """Go on creating rooms, and now and then renaming the first one, in another process.
        `hosts` must rest meanwhile, and afterwards."""
        command = [sys.executable, "-m", "bench.api.hosts", self.node, self.contract]
        self._writer = self.stack.start("writer", [*command, str(per_second)])
        began = self.block()
        self._writer.wait_ready(lambda: self.block() > began, 30.0)

    def stop_writing(self) -> None:
        """Raises `ProgramError` if it broke off before."""
        if self._writer is not None:
            self._writer.require_alive()
            self._writer.stop()
            self._writer = None

    def block(self) -> int:
        """The chain's newest block."""
        return int(self.hosts.rpc("eth_blockNumber"), 16)


def _wait_for_workers(program: Program, port: int, count: int) -> None:
    """Until each of them has answered: the first one up would get every connection."""
    with contextlib.ExitStack() as connections:
        found: set[str] = set()

        def all_there() -> bool:
            client = httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False)
            connections.enter_context(client)  # stays open: the next one goes to another worker
            found.add(client.get("/worker").text)
            return len(found) == count

        program.wait_ready(all_there, 60.0)
