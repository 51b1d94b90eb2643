"""An actor that is a contract (contracts/test/Payees.sol): `msg.sender` is not who sent it.

Promises: `call` sends through the contract and folds what the registry emitted; every event names
the contract as its actor. AssertionError with the revert data if the registry refuses.
"""

from __future__ import annotations

from typing import Any

from eth_abi.abi import decode, encode

from chain import calls
from chain.events import ChainEvent
from tests.support.evm.machine import Outcome
from tests.support.registry.calldata import BUILDERS
from tests.support.registry.registry import RICH
from tests.support.registry.stage import STRANGER, Stage
from tools.compiled import compiled


class ContractActor:
    """Acts for whoever asks; does as told when it is paid."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        code = compiled("HostContract").bytecode + encode(["address"], [stage.address])
        self.address = stage.machine.create(STRANGER, code).address
        stage.machine.fund(self.address, RICH)

    def send(self, data: bytes, value: int = 0) -> Outcome:
        """Pass calldata on to the registry; nothing is folded."""
        call = calls.call("act", ("bytes", "uint256"), data, value)
        return self._stage.machine.send(STRANGER, self.address, call)

    def call(self, name: str, *args: Any, value: int = 0) -> list[ChainEvent]:
        """Call a function of the registry; its events."""
        events = self._stage.trust(self.send(BUILDERS[name](*args), value))
        assert all(event.actor == self.address for event in events), name
        return events

    def set_up(self, on_paid: bytes, *, refuses: bool = False) -> None:
        """What to call when paid, or to refuse."""
        call = calls.call("setUp", ("bytes", "bool"), on_paid, refuses)
        assert self._stage.machine.send(STRANGER, self.address, call).ok

    @property
    def reentered(self) -> bool:
        """Whether the call made when paid went through."""
        answer = self._stage.machine.view(self.address, calls.call("reentered", ()))
        return bool(int.from_bytes(answer.output))

    @property
    def answer(self) -> bytes:
        """What that call answered."""
        raw = self._stage.machine.view(self.address, calls.call("answer", ())).output
        return bytes(decode(["bytes"], raw)[0])
