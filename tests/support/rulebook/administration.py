"""Operators, terms, moderators, pause, ownership: what the owner, or an owner to be, may do.

Each method is a function of the contract, by its name; its arguments are those of `chain.calldata`.
"""

from __future__ import annotations

from typing import Any

from chain import events as t
from chain.calldata import Terms
from chain.hexes import ZERO_ADDRESS
from chain.units import GWEI
from tests.support.rulebook.state import Emitted, Moderator, Operator, TermsRow
from tests.support.rulebook.turn import Refused, Turn

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

    def addOperator(self, account: str, base: str) -> None:  # noqa: N802 - the contract's names
        self._only_owner()
        self.not_zero(account)
        scheme, _, host = base.partition("://")
        fits = scheme in ("http", "https") and host and set(host) <= _PLAIN
        if not fits or len(base) > BASE_BYTES:
            raise Refused("PlaybackBaseInvalid", base)
        number = len(self.state.operators) + 1
        event = self.emit(t.OperatorAdded, number, account, base.encode())
        self.state.operators[number] = Operator(
            account, base, self.now, updated=event.place, seqs=(event.seq,)
        )

    def _change_operator(self, number: int, event: Emitted, **values: Any) -> None:
        operator = self.state.operators[number]
        self.state.operators[number] = operator._replace(
            updated=event.place, seqs=(*operator.seqs, event.seq), **values
        )

    def setOperatorAccount(self, operator_id: int, account: str) -> None:  # noqa: N802
        self._only_owner()
        self.operator(operator_id)
        event = self.emit(t.OperatorAccountChanged, operator_id, account)
        self._change_operator(operator_id, event, account=account)

    def setOperatorEnabled(self, operator_id: int, on: bool) -> None:  # noqa: N802
        self._only_owner()
        self.operator(operator_id)
        event = self.emit(t.OperatorEnabledChanged, operator_id, on)
        self._change_operator(operator_id, event, enabled=on)

    def setOperatorAccepting(self, operator_id: int, on: bool) -> None:  # noqa: N802
        if self.operator(operator_id).account != self.sender:
            raise Refused("NotOperator", operator_id, self.sender)
        event = self.emit(t.OperatorAcceptingChanged, operator_id, on)
        self._change_operator(operator_id, event, accepting=on)

    def setTerms(self, terms: Terms) -> None:  # noqa: N802
        self._only_owner()
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
        event = self.emit(t.ModeratorChanged, account, allowed)
        before = self.state.moderators.get(account)
        seqs = before.seqs if before else ()
        self.state.moderators[account] = Moderator(allowed, event.place, (*seqs, event.seq))

    def setPaused(self, on: bool) -> None:  # noqa: N802
        self._only_owner()
        self._of_the_contract(self.emit(t.PauseChanged, on))
        self.state.paused = on

    def transferOwnership(self, to: str) -> None:  # noqa: N802
        self._only_owner()
        self._of_the_contract(self.emit(t.OwnerProposed, to))
        self.state.pending_owner = to

    def acceptOwnership(self) -> None:  # noqa: N802
        if self.state.pending_owner != self.sender:
            raise Refused("OwnableUnauthorizedAccount", self.sender)
        self.take_ownership(self.sender)

    def take_ownership(self, owner: str) -> None:
        """A new owner; nobody else is proposed any more."""
        self._of_the_contract(self.emit(t.OwnerChanged, owner))
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
