"""The owner's half of the rules: operators, terms, moderators, pause, ownership."""

from __future__ import annotations

from chain import calls
from chain import eventtypes as t
from chain.hexes import ZERO_ADDRESS
from chain.units import GWEI
from indexer.ledger import Ledger
from tests.support.registry.calldata import Call
from tests.support.registry.judging import Expected, Refused

BASE_BYTES = 128
_PLAIN = set("abcdefghijklmnopqrstuvwxyz0123456789.-:")
BOUNDS = {
    "maxRoomSeconds": (60, 30 * 86400),
    "maxOpenRooms": (1, 65535),
    "maxRoomEvents": (8, 4000),
}


class OwnerRules:
    """What only the owner, or an owner to be, may do."""

    ledger: Ledger
    _call: Call

    def _only_owner(self) -> None:
        if self.ledger.totals.owner != self._call.sender:
            raise Refused("OwnableUnauthorizedAccount", self._call.sender)

    def _operator(self, operator_id: int) -> None:
        if operator_id not in self.ledger.operators:
            raise Refused("OperatorUnknown", operator_id)

    def _addOperator(self, account: str, base: str) -> list[Expected]:  # noqa: N802
        self._only_owner()
        if account == ZERO_ADDRESS:
            raise Refused("ZeroAddress")
        scheme, _, host = base.partition("://")
        fits = scheme in ("http", "https") and host and set(host) <= _PLAIN
        if not fits or len(base) > BASE_BYTES:
            raise Refused("PlaybackBaseInvalid", base)
        number = len(self.ledger.operators) + 1
        return [Expected(t.OperatorAdded, (number, account, base.encode()))]

    def _setOperatorAccount(self, operator_id: int, account: str) -> list[Expected]:  # noqa: N802
        self._only_owner()
        self._operator(operator_id)
        return [Expected(t.OperatorAccountChanged, (operator_id, account))]

    def _setOperatorEnabled(self, operator_id: int, on: bool) -> list[Expected]:  # noqa: N802
        self._only_owner()
        self._operator(operator_id)
        return [Expected(t.OperatorEnabledChanged, (operator_id, on))]

    def _setTerms(self, terms: calls.Terms) -> list[Expected]:  # noqa: N802
        self._only_owner()
        check_terms(terms)
        number = (self.ledger.totals.current_terms or 0) + 1
        return [Expected(t.TermsSet, (number, *terms))]

    def _setModerator(self, account: str, allowed: bool) -> list[Expected]:  # noqa: N802
        self._only_owner()
        if account == ZERO_ADDRESS:
            raise Refused("ZeroAddress")
        return [Expected(t.ModeratorChanged, (account, allowed))]

    def _setPaused(self, on: bool) -> list[Expected]:  # noqa: N802
        self._only_owner()
        return [Expected(t.PauseChanged, (on,))]

    def _transferOwnership(self, to: str) -> list[Expected]:  # noqa: N802
        self._only_owner()
        return [Expected(t.OwnerProposed, (to,))]

    def _acceptOwnership(self) -> list[Expected]:  # noqa: N802
        sender = self._call.sender
        if self.ledger.totals.pending_owner != sender:
            raise Refused("OwnableUnauthorizedAccount", sender)
        return [Expected(t.OwnerChanged, (sender,))]

    def _renounceOwnership(self) -> list[Expected]:  # noqa: N802
        raise Refused("RenounceDisabled")


def check_terms(terms: calls.Terms) -> None:
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
