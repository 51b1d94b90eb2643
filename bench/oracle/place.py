"""Where the oracle is measured: a chain, the contract, a database, the indexer, the stand-in.

Everything is the real thing with real settings, but Cloudflare, whose stand-in answers at once.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from bench.out import Out
from bench.stack import Stack, answers
from chain import artifact, calls
from chain.enums import Mode
from chain.eventlayout import LAYOUTS
from chain.eventtypes import RoomProvisioned
from chain.hexes import ZERO_ADDRESS
from chain.units import GWEI
from localnet.accounts import cast
from localnet.ports import free_port
from localnet.process import Program
from localnet.stream.control import StandIn

TERMS = calls.Terms(
    deposit=1_000_000 * GWEI, fee=100_000 * GWEI, max_room_seconds=24 * 3600,
    fulfill_deadline_seconds=3600, max_open_rooms=5000, max_room_events=200, rekey_cooldown=0,
)  # fmt: skip
PRICE = TERMS.deposit + TERMS.fee
START_SECONDS = 60.0
PROVISIONED = next(layout.topic0 for layout in LAYOUTS if layout.type is RoomProvisioned)


class Place:
    """Started and stopped with the `with`."""

    def __init__(self, out: Out, name: str, *, rate: tuple[int, float], more: Mapping[str, str]):
        self._out = out
        self._stop = contextlib.ExitStack()
        self._folder = out.folder / name
        self._folder.mkdir(parents=True)
        self._rate = rate
        self._more = dict(more)
        self._http = httpx.Client(timeout=60, trust_env=False)
        self.created = 0

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._stop.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.close()

    def _start(self) -> None:
        self._stop.callback(self._http.close)
        stack = self._stop.enter_context(Stack(self._folder))
        _, node = stack.anvil("--gas-limit", "300000000", "--order", "fifo")
        self._node = f"http://{node}"
        _, mongo = stack.mongo()
        self.standin = self._stop.enter_context(
            StandIn.start(self._folder / "stream", rate=self._rate)
        )
        people = cast()
        code = artifact.load().bytecode + calls.constructor(people.owner.address, 1, TERMS)
        receipt = self.receipt(self.send(people.owner.address, None, code))
        self.contract = str(receipt["contractAddress"]).lower()
        added = calls.add_operator(people.operator.address, self.standin.public_base)
        self.receipt(self.send(people.owner.address, self.contract, added))
        env = self._environment(mongo, node, receipt)
        self._service(stack, "indexer", env, env["INDEXER_HTTP"])
        self.oracle = self._service(stack, "oracle", env, env["ORACLE_HTTP"])
        self._ops = env["ORACLE_HTTP"]

    def _environment(self, mongo: str, node: str, receipt: Mapping[str, Any]) -> dict[str, str]:
        key, token = self._folder / "operator.key", self._folder / "token"
        key.write_text("0x" + bytes(cast().operator.key).hex())
        token.write_text(self.standin.token)
        return {
            "CHAIN_ID": "31337",
            "RPC_URLS": f"http://{node},ws://{node}",
            "CONTRACTS": f"{self.contract}@{int(receipt['blockNumber'], 16)}",
            "CONFIRMATIONS": "0",
            "FINALITY": "depth:2",
            "POLL_SECONDS": "0.2",
            "MONGODB_URI": mongo,
            "INDEXER_HTTP": f"127.0.0.1:{free_port()}",
            "ORACLE_HTTP": f"127.0.0.1:{free_port()}",
            "ORACLE_OPERATOR_ID": "1",
            "ORACLE_PRIVATE_KEY_FILE": str(key),
            "CLOUDFLARE_ACCOUNT_ID": self.standin.account_id,
            "CLOUDFLARE_API_TOKEN_FILE": str(token),
            "CLOUDFLARE_API_BASE": self.standin.api_base,
            "LOG_LEVEL": "warning",
        } | self._more

    def _service(self, stack: Stack, name: str, env: Mapping[str, str], ops: str) -> Program:
        program = stack.service(name, env)
        program.wait_ready(lambda: answers(f"http://{ops}/readyz"), START_SECONDS)
        return program

    # --- the chain ------------------------------------------------------------------------------

    def rpc(self, method: str, *params: Any) -> Any:
        """A call's result. Raises RuntimeError with the node's message."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = self._http.post(self._node, json=body).json()
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def send(self, sender: str, to: str | None, data: bytes, value: int = 0) -> str:
        """A transaction of one of anvil's unlocked accounts; its hash."""
        tx = {"from": sender, "data": "0x" + data.hex(), "value": hex(value)}
        return str(self.rpc("eth_sendTransaction", tx | ({"to": to} if to else {})))

    def receipt(self, tx_hash: str) -> dict[str, Any]:
        """Of a transaction, once it is mined. Raises RuntimeError if it failed."""
        deadline = time.monotonic() + 20.0
        while (receipt := self.rpc("eth_getTransactionReceipt", tx_hash)) is None:
            if time.monotonic() > deadline:
                raise RuntimeError(f"transaction {tx_hash} is not mined")
            time.sleep(0.02)
        if receipt["status"] != "0x1":
            raise RuntimeError(f"transaction {tx_hash} reverted")
        return dict(receipt)

    def create_room(self) -> int:
        """Send a creation; the number that the room has, or will have once mined."""
        key = X25519PrivateKey.generate().public_key().public_bytes_raw()
        data = calls.create_room(1, Mode.WEBRTC, ZERO_ADDRESS, key, b"bench")
        self.send(cast().host.address, self.contract, data, PRICE)
        self.created += 1
        return self.created

    def create_at_once(self, count: int) -> None:
        """So many rooms in one block."""
        self.rpc("evm_setAutomine", False)
        for _ in range(count):
            self.create_room()
        self.rpc("evm_mine")
        self.rpc("evm_setAutomine", True)

    def provisioned(self) -> int:
        """How many RoomProvisioned there are."""
        query = {"address": self.contract, "topics": [PROVISIONED], "fromBlock": "0x0"}
        return len(self.rpc("eth_getLogs", query))

    def metrics(self) -> dict[str, float]:
        """The oracle's metrics without labels."""
        text = self._http.get(f"http://{self._ops}/metrics").text
        lines = [line.split() for line in text.splitlines() if not line.startswith("#")]
        return {line[0]: float(line[1]) for line in lines if len(line) == 2}
