"""What an operator is told of the contract as a whole."""

from __future__ import annotations

from chain.hexes import ZERO_ADDRESS
from oracle.contract_standing import SUCCESSOR_ROOMS, ContractStanding

SUCCESSOR = "0x" + "5c" * 20


def test_contract__in_use__nothing_to_tell() -> None:
    state = ContractStanding(SUCCESSOR_ROOMS - 1, False, ZERO_ADDRESS)
    assert (state.retirement, state.crowded) == (None, None)


def test_contract__half_of_its_rooms_created__asks_for_a_successor() -> None:
    crowded = ContractStanding(SUCCESSOR_ROOMS, False, ZERO_ADDRESS).crowded
    assert crowded is not None and str(2**31) in crowded and "successor" in crowded


def test_contract__retired__the_successor_is_its_owners_word() -> None:
    named = ContractStanding(5, True, SUCCESSOR).retirement
    assert named is not None and f"its owner names {SUCCESSOR}" in named
    nobody = ContractStanding(5, True, ZERO_ADDRESS).retirement
    assert nobody is not None and "no successor" in nobody and ZERO_ADDRESS not in nobody
