"""The wallets that deploy the contract, create rooms and rename them.

Promises: a call returns once its transaction is mined. `python -m bench.api.hosts NODE CONTRACT
PER_SECOND` goes on creating rooms until it is stopped: a process of its own, so that the load
generator's clock is not held up by it.
Assumes: a local chain that mines at once and signs for its accounts.
"""

from __future__ import annotations

import hashlib
import sys
import time
from typing import Any

import httpx

from chain import artifact, calls
from chain.enums import Mode
from chain.hexes import ZERO_ADDRESS
from chain.rooms import view_call
from chain.tags import room_tag
from chain.units import GWEI

TERMS = calls.Terms(1000 * GWEI, 100 * GWEI, 86400, 3600, 60_000, 4000, 0)
CHAIN_ID = 31337
KEY = b"\x11" * 32
BASE = "https://customer-abc123.cloudflarestream.com"


class Hosts:
    """`contract` "": `deploy` first."""

    def __init__(self, node: str, contract: str = "") -> None:
        self.node = node
        self.contract = contract
        self._client = httpx.Client(timeout=30, trust_env=False)
        self.accounts: list[str] = self.rpc("eth_accounts")
        self.rooms = self._room_count() if contract else 0

    def close(self) -> None:
        self._client.close()

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

    def deploy(self) -> int:
        """The contract with one operator; the block it is in."""
        owner = self.accounts[0]
        code = artifact.load().bytecode + calls.constructor(owner, 1, TERMS)
        receipt = self.send(owner, None, code)
        self.contract = str(receipt["contractAddress"]).lower()
        self.send(owner, self.contract, calls.add_operator(self.accounts[1], BASE))
        return int(receipt["blockNumber"], 16)

    def create_room(self, title: str = "Lớp học đàn") -> int:
        """A room that is provisioned; its number."""
        host = self.accounts[2 + self.rooms % 8]
        data = calls.create_room(1, Mode.WEBRTC, ZERO_ADDRESS, KEY, title.encode())
        self.send(host, self.contract, data, TERMS.deposit + TERMS.fee)
        self.rooms += 1
        number = self.rooms
        tag = room_tag(CHAIN_ID, self.contract, number, host, 1, 0, ZERO_ADDRESS, KEY, 1)
        uid = hashlib.sha256(str(number).encode()).digest()[:16]
        entry = calls.Fulfillment(number, tag, uid, b"\x22" * 350)
        self.send(self.accounts[1], self.contract, calls.fulfill([entry]))
        return number

    def rename_first(self, title: str) -> None:
        self.send(self.accounts[2], self.contract, calls.update_room(1, title.encode()))

    def _room_count(self) -> int:
        call = {"to": self.contract, "data": "0x" + view_call("roomCount").hex()}
        return int(self.rpc("eth_call", call, "latest"), 16)


def keep_writing(hosts: Hosts, per_second: float) -> None:
    """Create rooms at an even pace; every fifth time rename the first one instead."""
    started = time.monotonic()
    turn = 0
    while True:
        turn += 1
        time.sleep(max(0.0, started + turn / per_second - time.monotonic()))
        if turn % 5 == 0:
            hosts.rename_first(f"Tên {turn}")
        else:
            hosts.create_room()


if __name__ == "__main__":
    keep_writing(Hosts(sys.argv[1], sys.argv[2]), float(sys.argv[3]))
