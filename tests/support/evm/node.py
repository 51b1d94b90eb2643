"""anvil, a real node over JSON-RPC."""

from __future__ import annotations

from typing import Any

import httpx

from chain.hexes import ZERO_ADDRESS
from tests.support.anvil import Anvil
from tests.support.evm.machine import Created, Outcome, Refusal

GAS = 16_000_000


class Node:
    """Over a running anvil; any account can send (they are impersonated)."""

    def __init__(self, anvil: Anvil) -> None:
        self._anvil = anvil
        self._client = httpx.Client(base_url=anvil.url, timeout=30, trust_env=False)
        self.chain_id = int(anvil.rpc("eth_chainId"), 16)
        self._known: set[str] = set()
        anvil.rpc("anvil_setNextBlockBaseFeePerGas", "0x0")

    def create(self, sender: str, code: bytes, value: int = 0) -> Created:
        tx = {"data": "0x" + code.hex(), "value": hex(value)}
        receipt = self._mine(tx, sender)
        if receipt["status"] != "0x1":
            raise Refusal(self._call({**tx, "from": sender}, "latest", None).output)
        outcome = Outcome(True, b"", receipt["logs"], self._time(receipt["blockNumber"]))
        return Created(str(receipt["contractAddress"]).lower(), outcome)

    def send(self, sender: str, to: str, data: bytes, value: int = 0) -> Outcome:
        tx = {"to": to, "data": "0x" + data.hex(), "value": hex(value)}
        receipt = self._mine(tx, sender)
        ok = receipt["status"] == "0x1"
        number = receipt["blockNumber"]
        at = self._time(number)
        if ok:
            return Outcome(True, b"", receipt["logs"], at)
        # Why: the same call on the state before, at the time of the block that refused it.
        before = hex(int(number, 16) - 1)
        why = self._call({**tx, "from": sender}, before, {"time": hex(at)})
        assert not why.ok, "the transaction reverted, the call did not"
        return Outcome(False, why.output, [], at)

    def view(self, to: str, data: bytes, sender: str = ZERO_ADDRESS) -> Outcome:
        return self._call({"from": sender, "to": to, "data": "0x" + data.hex()}, "latest", None)

    def _call(self, tx: dict[str, Any], block: str, overrides: dict[str, str] | None) -> Outcome:
        params: list[Any] = [{**tx, "gas": hex(GAS)}, block]
        if overrides:
            params += [{}, overrides]
        body = {"jsonrpc": "2.0", "id": 1, "method": "eth_call", "params": params}
        answer = self._client.post("/", json=body).json()
        now = self._time(block)
        if "error" in answer:
            return Outcome(False, bytes.fromhex((answer["error"].get("data") or "0x")[2:]), [], now)
        return Outcome(True, bytes.fromhex(answer["result"][2:]), [], now)

    def _time(self, block: str) -> int:
        return int(self._anvil.rpc("eth_getBlockByNumber", block, False)["timestamp"], 16)

    def _mine(self, tx: dict[str, Any], sender: str) -> dict[str, Any]:
        if sender not in self._known:
            self._anvil.rpc("anvil_impersonateAccount", sender)
            self._known.add(sender)
        full = {**tx, "from": sender, "gas": hex(GAS), "gasPrice": "0x0"}
        tx_hash = self._anvil.rpc("eth_sendTransaction", full)
        receipt = None
        while receipt is None:  # anvil answers the hash a moment before the receipt
            receipt = self._anvil.rpc("eth_getTransactionReceipt", tx_hash)
        result: dict[str, Any] = receipt
        return result

    def advance(self, seconds: int) -> None:
        if seconds > 0:
            latest = self._anvil.rpc("eth_getBlockByNumber", "latest", False)
            self._anvil.mine(1, timestamp=int(latest["timestamp"], 16) + seconds)

    def fund(self, account: str, wei: int) -> None:
        self._anvil.rpc("anvil_setBalance", account, hex(wei))

    def balance(self, account: str) -> int:
        return int(self._anvil.rpc("eth_getBalance", account, "latest"), 16)

    def snapshot(self) -> Any:
        return self._anvil.snapshot()

    def revert(self, snapshot: Any) -> None:
        self._anvil.revert(snapshot)

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()
