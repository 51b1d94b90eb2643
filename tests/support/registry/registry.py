"""The contract under test, with the index's fold and the rules beside it.

Promises: `act` sends a call and holds the outcome against the rules: the same events with the same
values in the same order, or the same error with the same arguments, and the right answer of a
batch. Then it folds the events and compares what they touched with the contract: history hash,
balance, rooms, accounts. `compare` compares everything. An AssertionError says which call differed.
Assumes: nothing but `act` (and `trust`) changes the contract.
"""

from __future__ import annotations

import copy
import os
from pathlib import Path
from typing import Any

from eth_abi.abi import decode as abi_decode

from chain import artifact, calls
from chain import eventtypes as t
from chain.calls import Terms
from chain.events import decode
from chain.history import genesis, step
from chain.reverts import contract_errors
from chain.rooms import RoomView
from indexer.fold import apply
from indexer.ledger import Ledger
from tests.support.evm.machine import Machine, Outcome
from tests.support.registry.calldata import BATCHES, Call
from tests.support.registry.comparing import compare_all, compare_touched
from tests.support.registry.judging import Expected, Refused
from tests.support.registry.rules import Rules
from tests.support.registry.views import Views

OWNER = "0x" + "a1" * 20
TERMS = Terms(10**15, 2 * 10**14, 86_400, 600, 5, 40, 60)
BASE = "https://customer-m033z5x00ks6nunl.cloudflarestream.com"
RICH = 10**30
MUTANT = "LIVESTREAM_TEST_BYTECODE"
"""Names a folder with the bytecode to test instead of the artifacts' (`bench.audit` sets it)."""


def bytecode(name: str = "LivestreamRooms") -> bytes:
    """A contract's creation code."""
    folder = os.environ.get(MUTANT)
    if folder is None:
        return artifact.load(name).bytecode
    return bytes.fromhex((Path(folder) / f"{name}.hex").read_text())


def refusal(data: bytes) -> tuple[Any, ...]:
    """(name, argument, ...) of revert data; ("",) if there is none."""
    if not data:
        return ("",)
    error = contract_errors().errors[data[:4]]
    values = abi_decode([kind for kind, _ in error.inputs], data[4:])
    return (error.name, *(v.lower() if isinstance(v, str) and v[:2] == "0x" else v for v in values))


class Registry:
    """Deployed on a machine."""

    def __init__(
        self,
        machine: Machine,
        *,
        owner: str = OWNER,
        terms: Terms = TERMS,
        first_room_id: int = 1,
        contracts: tuple[str, ...] = (),
    ) -> None:
        """`contracts`: other addresses that have code."""
        self.machine = machine
        machine.fund(owner, RICH)
        code = bytecode() + calls.constructor(owner, first_room_id, terms)
        created = machine.create(owner, code)
        self.address = created.address
        self.views = Views(machine, self.address)
        self.ledger = Ledger(self.address)
        self.rules = Rules(self.ledger, machine.chain_id, {self.address, *contracts}, first_room_id)
        self.hash = genesis(machine.chain_id, self.address)
        self.seq = 0
        self.gifts = 0  # wei forced upon the contract, owed to nobody
        self.last_refusal: tuple[Any, ...] = ()
        self.events: list[t.ChainEvent] = []
        events = [event for log in created.outcome.logs if (event := decode(log)) is not None]
        first = [Expected(t.OwnerChanged, (owner,)), Expected(t.TermsSet, (1, *terms))]
        self._match(Call(owner, "constructor"), created.outcome, events, first)
        self._fold(events)

    # --- acting -------------------------------------------------------------------------------

    def act(self, sender: str, name: str, *args: Any, value: int = 0) -> list[t.ChainEvent]:
        """Send a call that the rules allow; its events. AssertionError if either disagrees."""
        events = self.attempt(Call(sender, name, args, value))
        assert events is not None, f"{name}{args} was refused"
        return events

    def refuse(self, sender: str, name: str, *args: Any, value: int = 0) -> tuple[Any, ...]:
        """Send a call that the rules refuse; (error name, arguments ...)."""
        call = Call(sender, name, args, value)
        assert self.attempt(call) is None, f"{name}{args} was not refused"
        return self.last_refusal

    def attempt(self, call: Call) -> list[t.ChainEvent] | None:
        """Send a call, whatever the rules say of it; its events, or None if it is refused."""
        if call.value > self.machine.balance(call.sender):
            self.machine.fund(call.sender, call.value)
        outcome = self.machine.send(call.sender, self.address, call.data, call.value)
        return self._settle(call, outcome)

    def _settle(self, call: Call, outcome: Outcome) -> list[t.ChainEvent] | None:
        try:
            expected = self.rules.judge(call, outcome.at, self.seq)
        except Refused as refused:
            assert not outcome.ok, f"{call} went through; the rules refuse it: {refused}"
            self.last_refusal = refusal(outcome.output)
            wanted = (refused.name, *refused.values)
            assert self.last_refusal == wanted, f"{call}: {self.last_refusal}, not {wanted}"
            compare_touched(self, [])
            return None
        assert outcome.ok, f"{call} was refused: {refusal(outcome.output)}"
        events = [event for log in outcome.logs if (event := decode(log)) is not None]
        self._match(call, outcome, events, expected)
        self._fold(events)
        compare_touched(self, events)
        return events

    def _match(
        self,
        call: Call,
        outcome: Outcome,
        events: list[t.ChainEvent],
        expected: list[Expected],
    ) -> None:
        got = [(type(event), tuple(event)[5:]) for event in events]
        assert got == [tuple(e) for e in expected], f"{call} emitted {got}, not {expected}"
        for offset, event in enumerate(events):
            assert event.meta.contract == self.address
            assert event.seq == self.seq + 1 + offset, f"{call}: {event} has the wrong number"
            assert event.actor == call.sender and event.timestamp == outcome.at, f"{call}: {event}"
        if call.name in BATCHES and outcome.output:
            applied = sum(e.kind is not t.Credited for e in expected)
            assert int.from_bytes(outcome.output) == applied, f"{call} answered {outcome.output!r}"

    def trust(self, outcome: Outcome) -> list[t.ChainEvent]:
        """Fold what a transaction of another contract's did here, and compare."""
        assert outcome.ok, f"reverted: 0x{outcome.output.hex()}"
        events = [event for log in outcome.logs if (event := decode(log)) is not None]
        self._fold(events)
        compare_touched(self, events)
        return events

    def _fold(self, events: list[t.ChainEvent]) -> None:
        for event in events:
            apply(self.ledger, event)
            self.hash = step(self.hash, event)
            self.seq += 1
            self.events.append(event)

    # --- comparing, and going back ------------------------------------------------------------

    def obligations(self) -> int:
        """Wei that the contract must hold: deposits and fees of open rooms, and credits."""
        total = sum(int(doc["credit"]) for doc in self.ledger.accounts.values())
        for doc in self.ledger.rooms.values():
            if doc["status"] != "ended":
                terms = self.ledger.terms[doc["terms_id"]]
                total += int(terms["deposit"])
                total += int(terms["fee"]) if doc["uid"] is None else 0
        return total

    def compare(self) -> None:
        """Everything that the contract tells, against the fold."""
        compare_all(self)

    def room(self, room_id: int) -> RoomView:
        """A room as the contract tells it."""
        return self.views.room(room_id)

    def snapshot(self) -> Any:
        """The state of chain and fold, to go back to once: a reorg."""
        kept = (copy.deepcopy(self.ledger), self.hash, self.seq, len(self.events))
        return self.machine.snapshot(), kept

    def revert(self, snapshot: Any) -> None:
        """Go back."""
        on_chain, (ledger, self.hash, self.seq, count) = snapshot
        self.machine.revert(on_chain)
        self.ledger = self.rules.ledger = ledger
        del self.events[count:]
