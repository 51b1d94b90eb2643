"""anvil for tests: a chain of its own on a free loopback port."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import httpx

from tests.support.processes import ChildProcess

BINARY = Path(__file__).resolve().parents[2] / "tools" / "bin" / "anvil"


class Anvil(ChildProcess):
    """A running anvil: instant blocks, chain id 31337, ten unlocked accounts.

    `options` are anvil's own arguments, e.g. `("--no-mining", "--slots-in-an-epoch", "4")`.
    """

    def __init__(self, folder: Path, *options: str, port: int = 0) -> None:
        command: list[str | Path] = [BINARY, "--host", "127.0.0.1", "--port", str(port), *options]
        super().__init__(command, folder / "anvil.log")
        try:
            listening = self.wait_for_output(r"Listening on 127\.0\.0\.1:(\d+)")
        except BaseException:
            self.kill()
            raise
        self.port = int(listening[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.ws_url = f"ws://127.0.0.1:{self.port}"
        self._client = httpx.Client(base_url=self.url, timeout=30, trust_env=False)
        self._ids = itertools.count(1)

    def rpc(self, method: str, *params: Any) -> Any:
        """One JSON-RPC call; RuntimeError with the node's message if it answers an error."""
        request = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params}
        answer = self._client.post("/", json=request).raise_for_status().json()
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    @property
    def accounts(self) -> list[str]:
        """The unlocked accounts, checksummed as the node gives them."""
        accounts: list[str] = self.rpc("eth_accounts")
        return accounts

    def mine(self, blocks: int = 1, timestamp: int | None = None) -> None:
        """Mine blocks; with `timestamp` (unix seconds) the first one carries it."""
        if timestamp is not None:
            self.rpc("evm_mine", timestamp)
            blocks -= 1
        if blocks > 0:
            self.rpc("anvil_mine", hex(blocks))

    def snapshot(self) -> str:
        """Remember the state; give the answer to `revert` once."""
        return str(self.rpc("evm_snapshot"))

    def revert(self, snapshot: str) -> None:
        """Go back to a snapshot (which is used up)."""
        assert self.rpc("evm_revert", snapshot) is True, f"no such snapshot: {snapshot}"

    def kill(self) -> int:
        client = getattr(self, "_client", None)
        if client is not None:
            client.close()
        return super().kill()

    def close(self) -> None:
        self.kill()  # nothing in it is worth a graceful end
