"""The rule book: for each call the events it emits and the state after, or the error it meets.

Promises: pure. `act` and `deploy` never change the state they are given.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from chain.calldata import Terms
from tests.support.rulebook.administration import AdministrationRules
from tests.support.rulebook.history import genesis
from tests.support.rulebook.rooms import RoomRules
from tests.support.rulebook.state import ChainPlace, ContractState, Emitted
from tests.support.rulebook.turn import ContractCall, Refused


class Taken(NamedTuple):
    """A call that went through."""

    state: ContractState
    events: list[Emitted]


class _Rules(RoomRules, AdministrationRules):
    """All functions of the contract, by their names."""


class RuleBook:
    """One contract's. `code`: the addresses that have code; `first_room_ids`: what others answer to
    `firstRoomId()`."""

    def __init__(
        self, chain_id: int, contract: str, *, first_room_id: int = 1, code: Iterable[str] = ()
    ) -> None:
        self.chain_id, self.contract, self.first_room_id = chain_id, contract, first_room_id
        self.code = {contract, *code}
        self.first_room_ids: dict[str, int] = {}

    def deploy(self, sender: str, owner: str, terms: Terms, place: ChainPlace) -> Taken:
        """The constructor."""
        turn = _Rules(self, ContractState(genesis(self.chain_id, self.contract)), sender, 0, place)
        turn.take_ownership(owner)
        turn.take_terms(terms)
        return Taken(turn.state, turn.events)

    def act(self, state: ContractState, call: ContractCall, place: ChainPlace) -> Taken:
        """What a call does. Raises `Refused`."""
        if call.value and call.name != "createRoom":
            raise Refused
        turn = _Rules(self, state.copy(), call.sender, call.value, place)
        getattr(turn, call.name)(*call.args)
        return Taken(turn.state, turn.events)
