"""Every view of the contract, decoded."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from chain import views
from chain.calldata import Terms
from chain.history import HASH_BYTES, HistoryView
from chain.views import AccountView, CreationView, OperatorView, RoomView, decode_view, view_call
from tests.support.evm.machine import Machine

_asking = lru_cache(maxsize=4096, typed=True)(view_call)
"""A call's bytes: the same questions are asked after every step, and web3.py takes its time."""


class RegistryViews:
    """Asks the contract now."""

    def __init__(self, machine: Machine, address: str) -> None:
        self._machine = machine
        self._address = address

    def ask(self, name: str, *args: Any) -> Any:
        """The decoded answer of a view; AssertionError with the revert data if it reverts."""
        outcome = self._machine.view(self._address, _asking(name, *args))
        assert outcome.ok, f"{name}{args} reverted: 0x{outcome.output.hex()}"
        values = decode_view(name, outcome.output)
        return values[0] if len(values) == 1 else values

    def rooms(self, ids: list[int]) -> list[RoomView]:
        rows = self.ask("rooms", tuple(ids))
        return [views.room_of(row) for row in rows]

    def room(self, room_id: int) -> RoomView:
        return views.room_of(self.ask("room", room_id))

    def playback_url(self, room_id: int) -> str:
        return str(self.ask("playbackURL", room_id))

    def history(self) -> HistoryView:
        count, digest = self.ask("history")
        assert digest[HASH_BYTES:] == bytes(32 - HASH_BYTES)
        return HistoryView(count, digest[:HASH_BYTES])

    def account(self, who: str) -> AccountView:
        return AccountView(*self.ask("account", who))

    def operator(self, number: int) -> OperatorView:
        row = self.ask("operator", number)
        return OperatorView(row[0].lower(), row[1].lower(), *row[2:])

    def creation(self, operator_id: int, host: str) -> CreationView:
        terms_id, terms, paused, successor, *rest = self.ask("creation", operator_id, host)
        return CreationView(terms_id, Terms(*terms), paused, successor.lower(), *rest)

    def terms(self, number: int) -> Terms:
        return Terms(*self.ask("terms", number))

    def number(self, name: str) -> int:
        """A view without arguments that answers a number: roomCount, operatorCount ..."""
        return int(self.ask(name))

    def flag(self, name: str, *account: str) -> bool:
        """paused, or isModerator of an account."""
        return bool(self.ask(name, *account))

    def address(self, name: str) -> str:
        """owner or pendingOwner."""
        return str(self.ask(name)).lower()
