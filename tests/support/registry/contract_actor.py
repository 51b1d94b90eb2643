"""An actor that is a contract (contracts/test/Payees.sol): `msg.sender` is not who sent it.

Promises: `call` sends through the contract and is judged as any call, with the contract as its
sender. AssertionError with the revert data if the registry refuses.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from chain.contract import ContractCodec
from chain.events import ChainEvent
from tests.support.evm.machine import CallOutcome
from tests.support.registry.calldata import calldata
from tests.support.registry.registry import RICH
from tests.support.registry.stage import STRANGER, Stage
from tests.support.rulebook.turn import ContractCall
from tools.compiled import compiled


@cache
def _codec() -> ContractCodec:
    return ContractCodec(compiled("HostContract").abi)


class ContractActor:
    """Acts for whoever asks; does as told when it is paid."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._on_paid: ContractCall | None = None
        code = compiled("HostContract").bytecode + _codec().encode_constructor(stage.address)
        self.address = stage.machine.create(STRANGER, code).address
        stage.machine.fund(self.address, RICH)

    def send(self, data: bytes, value: int = 0) -> CallOutcome:
        """Pass calldata on to the registry; nothing is judged."""
        call = _codec().encode("act", data, value)
        return self._stage.machine.send(STRANGER, self.address, call)

    def call(self, name: str, *args: Any, value: int = 0) -> list[ChainEvent]:
        """Call a function of the registry; its events."""
        call = ContractCall(self.address, name, args, value)
        paid = name == "withdrawTo" and args == (self.address,)
        outcome = self.send(calldata(call), value)
        if outcome.ok:  # `act` answers with the registry's answer
            outcome = outcome._replace(output=bytes(_codec().decode("act", outcome.output)[0]))
        events = self._stage.settle(call, outcome, when_paid=self._on_paid if paid else None)
        assert events is not None, f"{name}{args} was refused: {self._stage.last_refusal}"
        return events

    def when_paid(self, name: str, *args: Any) -> None:
        """What to call when paid."""
        self._on_paid = ContractCall(self.address, name, args)
        self._set_up(calldata(self._on_paid), refuses=False)

    def refuse_payment(self) -> None:
        """From now on."""
        self._set_up(b"", refuses=True)

    def _set_up(self, on_paid: bytes, *, refuses: bool) -> None:
        call = _codec().encode("setUp", on_paid, refuses)
        assert self._stage.machine.send(STRANGER, self.address, call).ok

    @property
    def reentered(self) -> bool:
        """Whether the call made when paid went through."""
        answer = self._stage.machine.view(self.address, _codec().encode("reentered"))
        return bool(int.from_bytes(answer.output))

    @property
    def answer(self) -> bytes:
        """What that call answered."""
        raw = self._stage.machine.view(self.address, _codec().encode("answer")).output
        return bytes(_codec().decode("answer", raw)[0])
