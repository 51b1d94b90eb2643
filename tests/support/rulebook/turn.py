"""One call under judgement: who calls what, where, on a state of its own that it may change.

A refusal leaves nothing behind, since the state before is not touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from chain import events as t
from chain.hexes import ZERO_ADDRESS
from tests.support.rulebook.history import step
from tests.support.rulebook.state import Account, Emitted, Operator, Place, State

if TYPE_CHECKING:
    from tests.support.rulebook.book import RuleBook

OPENING_EVENTS = 800_000_000
CLOSING = (t.RoomEnded, t.RoomReleased, t.Credited, t.Withdrawn)
"""What is still taken when the history is nearly full."""


class Call(NamedTuple):
    """A call of the contract as a value: which function, with what, from whom.

    `args` as the builder in `chain.calldata` takes them.
    """

    sender: str
    name: str
    args: tuple[Any, ...] = ()
    value: int = 0


class Refused(Exception):
    """The call reverts: the error's name and arguments. No name: it reverts without data."""

    def __init__(self, name: str = "", *args: Any) -> None:
        super().__init__(name, *args)
        self.name, self.values = name, args


class Turn:
    """`state` is the call's own; `events`: what it has emitted so far."""

    def __init__(self, book: RuleBook, state: State, sender: str, value: int, at: Place) -> None:
        self.book, self.state = book, state
        self.sender, self.value, self.place = sender, value, at
        self.now = at.at
        self.events: list[Emitted] = []

    def emit(self, kind: type[t.ChainEvent], *values: Any) -> Emitted:
        """The next event of the history, `Refused` if it has no room for such a one."""
        state, place = self.state, self.place
        if state.count >= OPENING_EVENTS and kind not in CLOSING:
            raise Refused("CounterFull")
        state.count += 1
        at = place._replace(log_index=place.log_index + len(self.events))
        event = Emitted(kind, values, state.count, self.sender, at)
        state.digest = step(state.digest, kind, state.count, self.sender, self.now, values)
        self.events.append(event)
        return event

    def account(self, who: str) -> Account:
        return self.state.accounts.get(who) or Account()

    def change_account(self, who: str, credit: int, open_rooms: int) -> None:
        """Add to an account; each such change is counted."""
        a = self.account(who)
        self.state.accounts[who] = Account(
            a.credit + credit, a.open_rooms + open_rooms, a.changes + 1
        )

    def operator(self, operator_id: int) -> Operator:
        """An operator. Raises `Refused`."""
        operator = self.state.operators.get(operator_id)
        if operator is None:
            raise Refused("OperatorUnknown", operator_id)
        return operator

    def not_zero(self, address: str) -> None:
        if address == ZERO_ADDRESS:
            raise Refused("ZeroAddress")
