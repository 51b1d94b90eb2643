"""One call under judgement: who calls what, where, on a state of its own that it may change.

A refusal leaves nothing behind, since the state before is not touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from chain import events as t
from chain.hexes import ZERO_ADDRESS
from tests.support.rulebook.history import step
from tests.support.rulebook.state import AccountRow, ChainPlace, ContractState, Emitted, OperatorRow

if TYPE_CHECKING:
    from tests.support.rulebook.book import RuleBook

BRIM = 2**38
"""After so many events nothing is opened any more."""
OWNERS_BRIM = 2**39
"""After so many the owner can do no more either."""
CLOSING = (t.RoomEnded, t.RoomReleased, t.Credited, t.CreditSpent, t.Withdrawn)
"""What is taken always."""


class ContractCall(NamedTuple):
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

    def __init__(
        self, book: RuleBook, state: ContractState, sender: str, value: int, at: ChainPlace
    ) -> None:
        self.book, self.state = book, state
        self.sender, self.value, self.place = sender, value, at
        self.now = at.at
        self.events: list[Emitted] = []

    @property
    def at_brim(self) -> bool:
        """Whether the history takes nothing that opens something."""
        return self.state.count >= BRIM

    def emit(self, kind: type[t.ChainEvent], *values: Any, limit: int = BRIM) -> Emitted:
        """The next event of the history, `Refused` if it has no room for such a one."""
        state, place = self.state, self.place
        if state.count >= limit and kind not in CLOSING:
            raise Refused("CounterFull")
        state.count += 1
        at = place._replace(log_index=place.log_index + len(self.events))
        event = Emitted(kind, values, state.count, self.sender, at)
        state.digest = step(state.digest, kind, state.count, self.sender, self.now, values)
        self.events.append(event)
        return event

    def account(self, who: str) -> AccountRow:
        return self.state.accounts.get(who) or AccountRow()

    def change_account(self, who: str, credit: int, open_rooms: int) -> None:
        """Add to an account; each such change is counted."""
        a = self.account(who)
        self.state.accounts[who] = AccountRow(
            a.credit + credit, a.open_rooms + open_rooms, a.changes + 1
        )

    def operator(self, operator_id: int) -> OperatorRow:
        """An operator. Raises `Refused`."""
        operator = self.state.operators.get(operator_id)
        if operator is None:
            raise Refused("OperatorUnknown", operator_id)
        return operator

    def not_zero(self, address: str) -> None:
        if address == ZERO_ADDRESS:
            raise Refused("ZeroAddress")
