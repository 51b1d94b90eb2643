"""AllowList: a gate kept by its owner."""

from __future__ import annotations

from typing import Any

import pytest

from chain import abi
from chain.contract import ContractCodec
from chain.hexes import ZERO_ADDRESS, keccak
from tests.support.evm.machine import CallOutcome, ConstructorReverted
from tests.support.evm.revm import Revm
from tests.support.registry.registry import bytecode
from tests.support.registry.stage import HOST, OTHER, STRANGER, Stage

ADDED = "0x" + keccak(b"Added(address)").hex()
REMOVED = "0x" + keccak(b"Removed(address)").hex()


class Listing:
    """An AllowList of HOST's on a machine."""

    def __init__(self, machine: Revm, *first: str, owner: str = HOST) -> None:
        self._machine = machine
        self.codec = ContractCodec(abi.load("AllowList").abi)
        code = bytecode("AllowList") + self.codec.encode_constructor(owner, list(first))
        created = machine.create(HOST, code)
        self.address, self.created = created.address, created.outcome

    def send(self, sender: str, name: str, *accounts: str) -> CallOutcome:
        data = self.codec.encode(name, list(accounts))
        return self._machine.send(sender, self.address, data)

    def balance(self, account: str) -> int:
        outcome = self._machine.view(self.address, self.codec.encode("balanceOf", account))
        return int(self.codec.decode("balanceOf", outcome.output)[0])


def events(outcome: CallOutcome) -> list[tuple[str, str]]:
    assert outcome.ok
    told = [log["topics"] for log in outcome.logs]
    return [(topics[0], "0x" + topics[1][-40:]) for topics in told]


@pytest.fixture
def listing() -> Listing:
    return Listing(Revm(), OTHER)


def test_list__at_first__holds_the_first_accounts(listing: Listing) -> None:
    assert [listing.balance(a) for a in (OTHER, HOST, STRANGER, ZERO_ADDRESS)] == [1, 0, 0, 0]
    assert (ADDED, OTHER) in [(log["topics"][0], "0x" + log["topics"][-1][-40:])
                              for log in listing.created.logs]  # fmt: skip


def test_add__new_and_old__only_the_new_are_told(listing: Listing) -> None:
    outcome = listing.send(HOST, "add", OTHER, STRANGER, STRANGER)
    assert events(outcome) == [(ADDED, STRANGER)]
    assert listing.balance(STRANGER) == listing.balance(OTHER) == 1


def test_remove__listed_and_not__only_the_listed_are_told(listing: Listing) -> None:
    outcome = listing.send(HOST, "remove", STRANGER, OTHER, OTHER)
    assert events(outcome) == [(REMOVED, OTHER)]
    assert listing.balance(OTHER) == 0


@pytest.mark.parametrize("name", ["add", "remove"])
def test_change__nobody_named__changes_nothing(listing: Listing, name: str) -> None:
    assert events(listing.send(HOST, name)) == []


@pytest.mark.parametrize("name", ["add", "remove"])
def test_change__not_the_owner__is_refused(listing: Listing, name: str) -> None:
    outcome = listing.send(STRANGER, name, STRANGER)
    assert not outcome.ok
    assert outcome.output[:4] == keccak(b"OwnableUnauthorizedAccount(address)")[:4]


def test_add__nobody__is_refused(listing: Listing) -> None:
    outcome = listing.send(HOST, "add", STRANGER, ZERO_ADDRESS)
    assert not outcome.ok and outcome.output == keccak(b"ZeroAddress()")[:4]
    assert listing.balance(STRANGER) == 0


@pytest.mark.parametrize(
    ("owner", "first", "error"),
    [
        (ZERO_ADDRESS, (OTHER,), b"OwnableInvalidOwner(address)"),
        (HOST, (OTHER, ZERO_ADDRESS), b"ZeroAddress()"),
    ],
)
def test_create__bad_arguments__are_refused(
    owner: str, first: tuple[str, ...], error: bytes
) -> None:
    with pytest.raises(ConstructorReverted) as refused:
        Listing(Revm(), *first, owner=owner)
    assert refused.value.data[:4] == keccak(error)[:4]


def test_ownership__handed_over__in_two_steps(listing: Listing) -> None:
    machine: Any = listing._machine
    machine.send(HOST, listing.address, listing.codec.encode("transferOwnership", OTHER))
    assert not listing.send(OTHER, "add", STRANGER).ok
    machine.send(OTHER, listing.address, listing.codec.encode("acceptOwnership"))
    assert listing.send(OTHER, "add", STRANGER).ok
    assert not listing.send(HOST, "add", HOST).ok


def test_gate__of_a_room__is_taken_by_the_registry() -> None:
    stage = Stage()
    listing = Listing(stage.machine, OTHER)
    stage.book.code.add(listing.address)
    assert stage.room(stage.create(gate=listing.address)).gated
    stage.compare()
