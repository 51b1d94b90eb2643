"""The contract under test, with the rule book and the index's fold beside it.

Promises: `act` sends a call and holds the outcome against the rule book: the same events with the
same values in the same order, or the same error with the same arguments, and the right answer of a
batch. Then it folds the events, and compares what they touched with the book's state: history
hash, balance, rooms and accounts of the contract, documents of the fold. `compare` compares
everything. An AssertionError says which call differed.
Assumes: nothing but `act` (and `settle`) changes the contract.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from eth_abi.abi import decode as abi_decode

from chain import abi
from chain import calldata as calls
from chain import events as t
from chain.calldata import Terms
from chain.event_codec import decode
from chain.reverts import contract_errors
from chain.views import RoomView
from indexer.projection.contract import apply
from indexer.projection.ledger import Ledger
from tests.support.evm.machine import CallOutcome, Machine
from tests.support.evm.revm import Revm
from tests.support.registry.calldata import BATCHES, calldata
from tests.support.registry.compare import compare_all, compare_touched
from tests.support.registry.views import RegistryViews
from tests.support.rulebook.book import RuleBook, Taken
from tests.support.rulebook.state import ChainPlace, Emitted
from tests.support.rulebook.turn import ContractCall, Refused

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
        return abi.load(name).bytecode
    return bytes.fromhex((Path(folder) / f"{name}.hex").read_text())


def refusal(data: bytes) -> tuple[Any, ...]:
    """(name, argument, ...) of revert data; ("",) if there is none."""
    if not data:
        return ("",)
    error = contract_errors().errors[data[:4]]
    values = abi_decode([kind for kind, _ in error.inputs], data[4:])
    return (error.name, *(v.lower() if isinstance(v, str) and v[:2] == "0x" else v for v in values))


HEAD_SLOT = 2
HEAD_FIELDS = (32, 40, 184)
"""Of the history's head, from the low bit: rooms, events, hash."""


def pretend_events(registry: Registry, machine: Revm, count: int) -> None:
    """Make contract and rule book believe that there were so many events."""
    rooms, events, _ = HEAD_FIELDS
    head = machine.peek(registry.address, HEAD_SLOT)
    others = head & ~((1 << events) - 1 << rooms)
    machine.poke(registry.address, HEAD_SLOT, others | count << rooms)
    registry.state = replace(registry.state, count=count)


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
        self.views = RegistryViews(machine, self.address)
        self.ledger = Ledger(self.address)
        self.book = RuleBook(
            machine.chain_id, self.address, first_room_id=first_room_id, code=contracts
        )
        self.gifts = 0  # wei forced upon the contract, owed to nobody
        self.last_refusal: tuple[Any, ...] = ()
        self.events: list[t.ChainEvent] = []
        events = _events(created.outcome)
        taken = self.book.deploy(owner, owner, terms, _place(created.outcome, events))
        self.state = taken.state
        self._match(ContractCall(owner, "constructor"), created.outcome, events, taken.events)
        self._fold(events)

    # --- acting -------------------------------------------------------------------------------

    def act(self, sender: str, name: str, *args: Any, value: int = 0) -> list[t.ChainEvent]:
        """Send a call that the rules allow; its events. AssertionError if either disagrees."""
        events = self.attempt(ContractCall(sender, name, args, value))
        assert events is not None, f"{name}{args} was refused"
        return events

    def refuse(self, sender: str, name: str, *args: Any, value: int = 0) -> tuple[Any, ...]:
        """Send a call that the rules refuse; (error name, arguments ...)."""
        call = ContractCall(sender, name, args, value)
        assert self.attempt(call) is None, f"{name}{args} was not refused"
        return self.last_refusal

    def attempt(self, call: ContractCall) -> list[t.ChainEvent] | None:
        """Send a call, whatever the rules say of it; its events, or None if it is refused."""
        if call.value > self.machine.balance(call.sender):
            self.machine.fund(call.sender, call.value)
        outcome = self.machine.send(call.sender, self.address, calldata(call), call.value)
        return self.settle(call, outcome)

    def settle(
        self, call: ContractCall, outcome: CallOutcome, *, when_paid: ContractCall | None = None
    ) -> list[t.ChainEvent] | None:
        """Hold the outcome of a call that was sent against the rules, as `attempt` does.

        `when_paid`: what the payee called in turn; it may be refused for itself.
        """
        events = _events(outcome) if outcome.ok else []
        try:
            state, expected = self._judge(call, _place(outcome, events), when_paid)
        except Refused as refused:
            assert not outcome.ok, f"{call} went through; the rules refuse it: {refused}"
            self.last_refusal = refusal(outcome.output)
            wanted = (refused.name, *refused.values)
            assert self.last_refusal == wanted, f"{call}: {self.last_refusal}, not {wanted}"
            compare_touched(self, [])
            return None
        assert outcome.ok, f"{call} was refused: {refusal(outcome.output)}"
        self._match(call, outcome, events, expected)
        self.state = state
        self._fold(events)
        compare_touched(self, events)
        return events

    def _judge(
        self, call: ContractCall, place: ChainPlace, when_paid: ContractCall | None
    ) -> Taken:
        state, events = self.book.act(self.state, call, place)
        if when_paid is not None:
            later = place._replace(log_index=place.log_index + len(events))
            try:
                state, more = self.book.act(state, when_paid, later)
            except Refused:
                more = []
            events = events + more
        return Taken(state, events)

    def _match(
        self,
        call: ContractCall,
        outcome: CallOutcome,
        events: list[t.ChainEvent],
        expected: list[Emitted],
    ) -> None:
        got = [(type(event), tuple(event)[5:]) for event in events]
        assert got == [tuple(e[:2]) for e in expected], f"{call} emitted {got}, not {expected}"
        for event, wanted in zip(events, expected, strict=True):
            assert event.meta.contract == self.address
            assert event.seq == wanted.seq, f"{call}: {event} has the wrong number"
            assert event.actor == wanted.actor and event.timestamp == outcome.at, f"{call}: {event}"
        if call.name in BATCHES and outcome.output:
            applied = sum(e.kind is not t.Credited for e in expected)  # no batch forfeits a fee
            assert int.from_bytes(outcome.output) == applied, f"{call} answered {outcome.output!r}"

    def _fold(self, events: Sequence[t.ChainEvent]) -> None:
        apply(self.ledger, *events)
        self.events += events

    # --- comparing, and going back ------------------------------------------------------------

    def compare(self) -> None:
        """All that the contract tells and all that the fold holds, against the rule book."""
        compare_all(self)

    def room(self, room_id: int) -> RoomView:
        """A room as the contract tells it."""
        return self.views.room(room_id)

    def snapshot(self) -> Any:
        """The state of chain, book and fold, to go back to once: a reorg."""
        kept = (copy.deepcopy(self.ledger), self.state, len(self.events))
        return self.machine.snapshot(), kept

    def revert(self, snapshot: Any) -> None:
        """Go back."""
        on_chain, (self.ledger, self.state, count) = snapshot
        self.machine.revert(on_chain)
        del self.events[count:]


def _events(outcome: CallOutcome) -> list[t.ChainEvent]:
    """The events that have a number: OpenZeppelin's have none."""
    return [event for log in outcome.logs if (event := decode(log)) is not None]


def _place(outcome: CallOutcome, events: Sequence[t.ChainEvent]) -> ChainPlace:
    if not events:
        return ChainPlace(outcome.at)
    meta = events[0].meta
    return ChainPlace(
        outcome.at, meta.block_number, meta.block_hash, meta.tx_hash, meta.tx_index, meta.log_index
    )
