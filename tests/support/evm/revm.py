"""revm in this process (pyrevm): tens of thousands of calls a second.

It keeps all accounts and slots warm between transactions, so it says nothing about gas.
"""

from __future__ import annotations

import re
from typing import Any

from pyrevm import EVM, BlockEnv, CfgEnv, Env

from chain.hexes import ZERO_ADDRESS
from tests.support.evm.machine import CallOutcome, ConstructorReverted, CreatedContract, log_object
from tools.compiler import TRIAL_CODE_BYTES

START = 1_700_000_000
GAS = 30_000_000
_REVERT = re.compile(r"output: 0x([0-9a-f]*)")


class Revm:
    """`chain_id` as anvil's by default."""

    def __init__(self, chain_id: int = 31337) -> None:
        self.chain_id = chain_id
        self.now = START
        self.block = 1
        cfg = CfgEnv(chain_id=chain_id, limit_contract_code_size=TRIAL_CODE_BYTES)
        env = Env(cfg=cfg, block=self._block())
        self._evm = EVM(env=env, gas_limit=GAS, spec_id="CANCUN")

    def _block(self) -> BlockEnv:
        return BlockEnv(number=self.block, timestamp=self.now, basefee=0)

    def create(self, sender: str, code: bytes, value: int = 0) -> CreatedContract:
        self._evm.set_balance(sender, self.balance(sender) + value)
        try:
            address = str(self._evm.deploy(sender, code, value=value)).lower()
        except RuntimeError as error:
            raise ConstructorReverted(_revert_data(error)) from None
        return CreatedContract(address, CallOutcome(True, b"", self._logs(), self.now))

    def send(self, sender: str, to: str, data: bytes, value: int = 0) -> CallOutcome:
        self.block += 1
        self._evm.set_block_env(self._block())
        return self._call(sender, to, data, value)

    def view(self, to: str, data: bytes, sender: str = ZERO_ADDRESS) -> CallOutcome:
        return self._call(sender, to, data, 0, static=True)

    def _call(
        self, sender: str, to: str, data: bytes, value: int, static: bool = False
    ) -> CallOutcome:
        try:
            output = self._evm.message_call(
                sender, to, calldata=data, value=value, gas=GAS, is_static=static
            )
        except RuntimeError as error:
            return CallOutcome(False, _revert_data(error), [], self.now)
        return CallOutcome(True, bytes(output), self._logs(), self.now)

    def _logs(self) -> list[dict[str, Any]]:
        result = self._evm.result
        assert result is not None
        return [
            log_object(log.address, list(log.topics), log.data[1], self.block, index)
            for index, log in enumerate(result.logs)
        ]

    def advance(self, seconds: int) -> None:
        self.now += seconds
        self._evm.set_block_env(self._block())

    def fund(self, account: str, wei: int) -> None:
        self._evm.set_balance(account, wei)

    def balance(self, account: str) -> int:
        return int(self._evm.get_balance(account))

    def snapshot(self) -> Any:
        return self._evm.snapshot(), self.now, self.block

    def revert(self, snapshot: Any) -> None:
        checkpoint, self.now, self.block = snapshot
        self._evm.revert(checkpoint)
        self._evm.set_block_env(self._block())

    def poke(self, account: str, slot: int, value: int) -> None:
        """Write a storage slot behind the contract's back."""
        self._evm.insert_account_storage(account, slot, value)

    def peek(self, account: str, slot: int) -> int:
        """Read a storage slot."""
        return int(self._evm.storage(account, slot))


def _revert_data(error: RuntimeError) -> bytes:
    match = _REVERT.search(str(error))
    if match is None:
        raise error
    return bytes.fromhex(match[1])
