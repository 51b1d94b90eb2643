"""Where the API is measured: a chain, the contract, a database, the real indexer, and the API."""

from __future__ import annotations

import hashlib
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pymongo

from bench.stack import Stack, answers, free_port
from chain import artifact, calls
from chain.enums import Mode
from chain.tags import room_tag
from localnet.process import Program

GWEI = 10**9
TERMS = calls.Terms(1000 * GWEI, 100 * GWEI, 86400, 3600, 60_000, 4000, 0)
CHAIN_ID = 31337
ZERO = "0x" + "00" * 20
KEY = b"\x11" * 32
BASE = "https://customer-abc123.cloudflarestream.com"
NO_LIMIT = "100000000/minute"


class Place:
    """Started by `with`; `api()` starts the API on it. `sync`: the database syncs each write."""

    def __init__(self, folder: Path, *, sync: bool = True) -> None:
        self.stack = Stack(folder)
        self._sync = sync
        self.contract = ""
        self.start_block = 0
        self.rooms = 0
        self._client = httpx.Client(timeout=30, trust_env=False)
        self._stop = threading.Event()
        self._writer: threading.Thread | None = None

    def __enter__(self) -> Place:
        self.stack.__enter__()
        _, chain = self.stack.anvil()
        self.node = f"http://{chain}"
        _, self.mongo = self.stack.mongo(sync=self._sync)
        self.accounts: list[str] = self.rpc("eth_accounts")
        self._deploy()
        return self

    def __exit__(self, *error: Any) -> None:
        self.stop_writing()
        self._client.close()
        self.stack.__exit__(*error)

    def rpc(self, method: str, *params: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = self._client.post(self.node, json=body).json()
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def send(self, sender: str, to: str | None, data: bytes, value: int = 0) -> dict[str, Any]:
        """A transaction and its receipt."""
        tx = {"from": sender, "data": "0x" + data.hex(), "value": hex(value)}
        sent = self.rpc("eth_sendTransaction", tx | ({"to": to} if to else {}))
        for _ in range(500):
            receipt: dict[str, Any] | None = self.rpc("eth_getTransactionReceipt", sent)
            if receipt is not None:
                if receipt["status"] != "0x1":
                    raise RuntimeError(f"reverted: {receipt}")
                return receipt
            time.sleep(0.01)
        raise RuntimeError("a transaction was not mined")

    def _deploy(self) -> None:
        owner = self.accounts[0]
        code = artifact.load().bytecode + calls.constructor(owner, 1, TERMS)
        receipt = self.send(owner, None, code)
        self.contract = str(receipt["contractAddress"]).lower()
        self.start_block = int(receipt["blockNumber"], 16)
        self.send(owner, self.contract, calls.add_operator(self.accounts[1], BASE))

    def create_room(self, title: str = "Lớp học đàn") -> int:
        host = self.accounts[2 + self.rooms % 8]
        data = calls.create_room(1, Mode.WEBRTC, ZERO, KEY, title.encode())
        self.send(host, self.contract, data, TERMS.deposit + TERMS.fee)
        self.rooms += 1
        number = self.rooms
        tag = room_tag(CHAIN_ID, self.contract, number, host, 1, 0, ZERO, KEY, 1)
        uid = hashlib.sha256(str(number).encode()).digest()[:16]
        entry = calls.Fulfillment(number, tag, uid, b"\x22" * 350)
        self.send(self.accounts[1], self.contract, calls.fulfill([entry]))
        return number

    def rename_first(self, title: str) -> None:
        self.send(self.accounts[2], self.contract, calls.update_room(1, title.encode()))

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
        return program, port

    def database(self) -> pymongo.MongoClient[dict[str, Any]]:
        return pymongo.MongoClient(self.mongo)

    # --- the indexer writes --------------------------------------------------------------------

    def start_writing(self, per_second: float) -> None:
        """Go on creating rooms (and renaming the first one now and then) in the background."""
        self._stop.clear()
        self._writer = threading.Thread(target=self._write, args=(per_second,), daemon=True)
        self._writer.start()

    def _write(self, per_second: float) -> None:
        turn = 0
        while not self._stop.wait(1.0 / per_second):
            turn += 1
            if turn % 5 == 0:
                self.rename_first(f"Tên {turn}")
            else:
                self.create_room()

    def stop_writing(self) -> None:
        self._stop.set()
        if self._writer is not None:
            self._writer.join(10)
            self._writer = None
