"""py-evm in this process (eth-tester): the reference implementation in Python, slow and exact."""

from __future__ import annotations

import ast
from typing import Any

from eth_tester import EthereumTester, PyEVMBackend
from eth_tester.exceptions import TransactionFailed

from chain.hexes import ZERO_ADDRESS
from tests.support.evm.machine import CallOutcome, ConstructorReverted, CreatedContract

GAS = 16_000_000
FEES = {"max_fee_per_gas": 10**10, "max_priority_fee_per_gas": 0}


class PyEvm:
    """Only eth-tester's ten accounts can send; they are rich from the start."""

    def __init__(self) -> None:
        backend = PyEVMBackend(genesis_parameters=PyEVMBackend.generate_genesis_params(
            {"gas_limit": 30_000_000}
        ))  # fmt: skip
        self._tester = EthereumTester(backend)
        self.chain_id = int(backend.chain.chain_id)
        self._accounts = [a.lower() for a in self._tester.get_accounts()]
        self._aliases: dict[str, str] = {}

    @property
    def accounts(self) -> list[str]:
        """Who can send here."""
        return self._accounts

    def create(self, sender: str, code: bytes, value: int = 0) -> CreatedContract:
        tx = {"from": sender, "data": "0x" + code.hex(), "value": value}
        receipt = self._mine(tx)
        if receipt["status"] != 1:
            raise ConstructorReverted(self._probe({**tx, "to": ""}).output)
        return CreatedContract(str(receipt["contract_address"]).lower(), self._outcome(receipt))

    def send(self, sender: str, to: str, data: bytes, value: int = 0) -> CallOutcome:
        tx = {"from": sender, "to": to, "data": "0x" + data.hex(), "value": value}
        probe = self._probe(tx)
        receipt = self._mine(tx)
        outcome = self._outcome(receipt)
        assert outcome.ok == probe.ok, "the call said otherwise than the transaction"
        return outcome._replace(output=probe.output)

    def view(self, to: str, data: bytes, sender: str = ZERO_ADDRESS) -> CallOutcome:
        return self._probe({"from": self._accounts[0], "to": to, "data": "0x" + data.hex()})

    def _probe(self, tx: dict[str, Any]) -> CallOutcome:
        now = int(self._tester.get_block_by_number("pending")["timestamp"])
        try:
            output = self._tester.call({**tx, "gas": GAS, **FEES}, "pending")
        except TransactionFailed as error:
            return CallOutcome(False, _revert_data(error), [], now)
        return CallOutcome(True, bytes.fromhex(output[2:]), [], now)

    def _mine(self, tx: dict[str, Any]) -> dict[str, Any]:
        tx_hash = self._tester.send_transaction({**tx, "gas": GAS, **FEES})
        receipt: dict[str, Any] = self._tester.get_transaction_receipt(tx_hash)
        return receipt

    def _outcome(self, receipt: dict[str, Any]) -> CallOutcome:
        block = self._tester.get_block_by_number(receipt["block_number"])
        logs = [self._log(log) for log in receipt["logs"]]
        return CallOutcome(receipt["status"] == 1, b"", logs, int(block["timestamp"]))

    def _log(self, log: dict[str, Any]) -> dict[str, Any]:
        # eth-tester's keys are in snake case and its numbers ints.
        return {
            "address": log["address"].lower(),
            "topics": list(log["topics"]),
            "data": log["data"],
            "blockNumber": hex(log["block_number"]),
            "blockHash": log["block_hash"],
            "transactionHash": log["transaction_hash"],
            "transactionIndex": hex(log["transaction_index"]),
            "logIndex": hex(log["log_index"]),
            "removed": False,
        }

    def advance(self, seconds: int) -> None:
        pending = int(self._tester.get_block_by_number("pending")["timestamp"])
        if seconds > 0:
            self._tester.time_travel(pending + seconds)

    def fund(self, account: str, wei: int) -> None:
        """The accounts are rich from the start."""

    def balance(self, account: str) -> int:
        return int(self._tester.get_balance(account))

    def snapshot(self) -> Any:
        return self._tester.take_snapshot()

    def revert(self, snapshot: Any) -> None:
        self._tester.revert_to_snapshot(snapshot)


def _revert_data(error: TransactionFailed) -> bytes:
    """eth-tester quotes the bytes as Python does: "b'...'"."""
    text = str(error.args[0]) if error.args else ""
    if not text.startswith(("b'", 'b"')):
        return b""
    data: bytes = ast.literal_eval(text)
    return data
