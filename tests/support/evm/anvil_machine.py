"""anvil, a real node over JSON-RPC."""

from __future__ import annotations

from typing import Any

from chain.hexes import ZERO_ADDRESS
from localnet.anvil import Anvil, NodeError
from tests.support.evm.machine import CallOutcome, ConstructorReverted, CreatedContract

GAS = 16_000_000


class AnvilMachine:
    """Over a running anvil; any account can send (they are impersonated)."""

    def __init__(self, anvil: Anvil) -> None:
        self._anvil = anvil
        self.chain_id = anvil.chain_id()
        anvil.rpc("anvil_setNextBlockBaseFeePerGas", "0x0")

    def create(self, sender: str, code: bytes, value: int = 0) -> CreatedContract:
        receipt = self._mine(sender, None, code, value)
        if receipt["status"] != "0x1":
            raise ConstructorReverted(self._call(None, code, sender, value=value).output)
        outcome = CallOutcome(True, b"", receipt["logs"], self._time(receipt))
        return CreatedContract(str(receipt["contractAddress"]).lower(), outcome)

    def send(self, sender: str, to: str, data: bytes, value: int = 0) -> CallOutcome:
        receipt = self._mine(sender, to, data, value)
        at = self._time(receipt)
        if receipt["status"] == "0x1":
            return CallOutcome(True, b"", receipt["logs"], at)
        # Why: the same call on the state before, at the time of the block that refused it.
        before = hex(int(receipt["blockNumber"], 16) - 1)
        why = self._call(to, data, sender, before, value, {"time": hex(at)})
        assert not why.ok, "the transaction reverted, the call did not"
        return CallOutcome(False, why.output, [], at)

    def view(self, to: str, data: bytes, sender: str = ZERO_ADDRESS) -> CallOutcome:
        return self._call(to, data, sender)

    def _call(
        self,
        to: str | None,
        data: bytes,
        sender: str,
        block: str = "latest",
        value: int = 0,
        at: dict[str, str] | None = None,
    ) -> CallOutcome:
        now = self._anvil.block_time(block)
        try:
            output = self._anvil.call(
                to, data, sender, block, block_overrides=at, value=hex(value), gas=hex(GAS)
            )
        except NodeError as error:
            return CallOutcome(False, error.data, [], now)
        return CallOutcome(True, output, [], now)

    def _time(self, receipt: dict[str, Any]) -> int:
        return self._anvil.block_time(receipt["blockNumber"])

    def _mine(self, sender: str, to: str | None, data: bytes, value: int) -> dict[str, Any]:
        self._anvil.open_account(sender, None)
        tx = self._anvil.send(sender, to, data, value, gas=GAS, gasPrice=0)
        return self._anvil.receipt(tx, may_revert=True)

    def advance(self, seconds: int) -> None:
        if seconds > 0:
            self._anvil.advance(seconds)

    def fund(self, account: str, wei: int) -> None:
        self._anvil.rpc("anvil_setBalance", account, hex(wei))

    def balance(self, account: str) -> int:
        return self._anvil.balance(account)

    def snapshot(self) -> Any:
        return self._anvil.snapshot()

    def revert(self, snapshot: Any) -> None:
        self._anvil.revert(snapshot)
