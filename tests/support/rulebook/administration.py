"""Operators, terms, moderators, pause, retirement, ownership: what the owner, or an owner to be,
may do, and what operators and payees may change of themselves.

Each method is a function of the contract, by its name; its arguments are those of `chain.calldata`.
"""

from __future__ import annotations

from typing import Any

from chain import events as t
from chain.calldata import Terms
from chain.hexes import ZERO_ADDRESS
from chain.units import GWEI
from tests.support.rulebook.state import Emitted, ModeratorRow, OperatorRow, TermsRow
from tests.support.rulebook.turn import BRIM, OWNERS_BRIM, Refused, Turn

BASE_BYTES = 128
_PLAIN = set("abcdefghijklmnopqrstuvwxyz0123456789.-:")
BOUNDS = {
    "maxRoomSeconds": (60, 30 * 86400),
    "maxOpenRooms": (1, 65535),
    "maxRoomEvents": (8, 4000),
}


class AdministrationRules(Turn):
    """See the module."""

    def _only_owner(self) -> None:
        if self.state.owner != self.sender:
            raise Refused("OwnableUnauthorizedAccount", self.sender)

    def _emit_of_owner(self, kind: type[t.ChainEvent], *values: Any) -> Emitted:
        """An event that the owner needs at the brim, too."""
        return self.emit(kind, *values, limit=OWNERS_BRIM)

    def _not_retired(self) -> None:
        if self.state.retired:
            raise Refused("RegistryRetired", self.state.successor)

    def addOperator(  # noqa: N802 - the contract's names
        self, account: str, payee: str, base: str
    ) -> None:
        self._only_owner()
        self._not_retired()
        self.not_zero(account)
        self.not_zero(payee)
        scheme, _, host = base.partition("://")
        fits = scheme in ("http", "https") and host and set(host) <= _PLAIN
        if not fits or len(base) > BASE_BYTES:
            raise Refused("PlaybackBaseInvalid", base)
        number = len(self.state.operators) + 1
        event = self.emit(t.OperatorAdded, number, account, payee, base.encode())
        self.state.operators[number] = OperatorRow(
            account, payee, base, self.now, updated=event.place, seqs=(event.seq,)
        )

    def _change_operator(self, number: int, event: Emitted, **values: Any) -> None:
        operator = self.state.operators[number]
        self.state.operators[number] = operator._replace(
            updated=event.place, seqs=(*operator.seqs, event.seq), **values
        )

    def setOperatorAccount(self, operator_id: int, account: str) -> None:  # noqa: N802
        self._only_owner()
        self.operator(operator_id)
        event = self._emit_of_owner(t.OperatorAccountChanged, operator_id, account)
        self._change_operator(operator_id, event, account=account)

    def setOperatorPayee(self, operator_id: int, payee: str) -> None:  # noqa: N802
        by_owner = self.sender == self.state.owner
        if self.sender != self.operator(operator_id).payee and not by_owner:
            raise Refused("NotPayee", operator_id, self.sender)
        self.not_zero(payee)
        limit = OWNERS_BRIM if by_owner else BRIM
        event = self.emit(t.OperatorPayeeChanged, operator_id, payee, limit=limit)
        self._change_operator(operator_id, event, payee=payee)

    def setOperatorEnabled(self, operator_id: int, on: bool) -> None:  # noqa: N802
        self._only_owner()
        self.operator(operator_id)
        event = self._emit_of_owner(t.OperatorEnabledChanged, operator_id, on)
        self._change_operator(operator_id, event, enabled=on)

    def setOperatorAccepting(self, operator_id: int, on: bool) -> None:  # noqa: N802
        if self.operator(operator_id).account != self.sender:
            raise Refused("NotOperator", operator_id, self.sender)
        event = self.emit(t.OperatorAcceptingChanged, operator_id, on)
        self._change_operator(operator_id, event, accepting=on)

    def setTerms(self, terms: Terms) -> None:  # noqa: N802
        self._only_owner()
        self._not_retired()
        check_terms(terms)
        self.take_terms(terms)

    def take_terms(self, terms: Terms) -> None:
        """The next terms, checked before."""
        number = len(self.state.terms) + 1
        event = self.emit(t.TermsSet, number, *terms)
        self.state.terms[number] = TermsRow(terms, event.seq, event.place)
        self._of_the_contract(event)

    def setModerator(self, account: str, allowed: bool) -> None:  # noqa: N802
        self._only_owner()
        self.not_zero(account)
        event = self._emit_of_owner(t.ModeratorChanged, account, allowed)
        before = self.state.moderators.get(account)
        seqs = before.seqs if before else ()
        self.state.moderators[account] = ModeratorRow(allowed, event.place, (*seqs, event.seq))

    def setPaused(self, on: bool) -> None:  # noqa: N802
        self._only_owner()
        self._not_retired()
        self._of_the_contract(self._emit_of_owner(t.PauseChanged, on))
        self.state.paused = on

    def retire(self, successor: str) -> None:
        self._only_owner()
        self._not_retired()
        if successor != ZERO_ADDRESS:
            at_least = self.book.first_room_id + len(self.state.rooms)
            first = self.book.first_room_ids.get(successor, 0)
            if first < at_least:
                raise Refused("SuccessorUnfit", successor, first, at_least)
        self._of_the_contract(self._emit_of_owner(t.Retired, successor))
        self.state.retired, self.state.successor = True, successor

    def transferOwnership(self, to: str) -> None:  # noqa: N802
        self._only_owner()
        self._of_the_contract(self._emit_of_owner(t.OwnerProposed, to))
        self.state.pending_owner = to

    def acceptOwnership(self) -> None:  # noqa: N802
        if self.state.pending_owner != self.sender:
            raise Refused("OwnableUnauthorizedAccount", self.sender)
        self.take_ownership(self.sender)

    def take_ownership(self, owner: str) -> None:
        """A new owner; nobody else is proposed any more."""
        self._of_the_contract(self._emit_of_owner(t.OwnerChanged, owner))
        self.state.owner, self.state.pending_owner = owner, ZERO_ADDRESS

    def renounceOwnership(self) -> None:  # noqa: N802
        raise Refused("RenounceDisabled")

    def _of_the_contract(self, event: Emitted) -> None:
        self.state.contract_seqs = (*self.state.contract_seqs, event.seq)


def check_terms(terms: Terms) -> None:
    """`Refused` unless terms are within their bounds; the first that is not counts."""
    deadline = (30, terms.max_room_seconds)
    for field, value, (low, high) in (
        ("maxRoomSeconds", terms.max_room_seconds, BOUNDS["maxRoomSeconds"]),
        ("fulfillDeadlineSeconds", terms.fulfill_deadline_seconds, deadline),
        ("maxOpenRooms", terms.max_open_rooms, BOUNDS["maxOpenRooms"]),
        ("maxRoomEvents", terms.max_room_events, BOUNDS["maxRoomEvents"]),
    ):
        if not low <= value <= high:
            raise Refused("TermsOutOfBounds", field, value, low, high)
    for field, value in (("deposit", terms.deposit), ("fee", terms.fee)):
        if value % GWEI:
            raise Refused("TermsNotInGwei", field, value)
        if value > (2**48 - 1) * GWEI:
            raise Refused("TermsOutOfBounds", field, value, 0, (2**48 - 1) * GWEI)
