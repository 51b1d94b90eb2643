"""The end of a registry: what stops, what goes on, and which successors it takes."""

from __future__ import annotations

from typing import Any

import pytest

from chain.hexes import ZERO_ADDRESS
from chain.views import view_call
from tests.support.registry.random_walk import answering, gate_code
from tests.support.registry.registry import BASE, OWNER, TERMS, Registry
from tests.support.registry.stage import HOST, KEY, OPERATOR, OTHER, PAYEE, STRANGER, Stage

REVERTING = bytes.fromhex("6003600c60003960036000f35f5ffd")
CREATION = (1, 1, 0, ZERO_ADDRESS, KEY, b"")
STOPPED: dict[str, tuple[str, tuple[Any, ...]]] = {
    "createRoom": (HOST, CREATION),
    "setPaused": (OWNER, (False,)),
    "setTerms": (OWNER, (TERMS,)),
    "addOperator": (OWNER, (OTHER, PAYEE, BASE)),
    "retire": (OWNER, (ZERO_ADDRESS,)),
}


def successor(stage: Stage, first: int) -> str:
    """A contract that answers with a number, and so claims to begin with it."""
    address = stage.machine.create(OWNER, answering(first)).address
    stage.book.first_room_ids[address] = first
    return address


@pytest.mark.parametrize("name", STOPPED)
@pytest.mark.parametrize("named", [True, False])
def test_retired__what_opens_anything__is_refused_with_the_successor(
    stage: Stage, name: str, named: bool
) -> None:
    to = successor(stage, 1) if named else ZERO_ADDRESS
    stage.act(OWNER, "retire", to)
    sender, args = STOPPED[name]
    value = stage.price if name == "createRoom" else 0
    assert stage.refuse(sender, name, *args, value=value) == ("RegistryRetired", to)


def test_retired__all_else__goes_on(stage: Stage) -> None:
    pending, active = stage.create(), stage.active()
    stage.act(OWNER, "retire", ZERO_ADDRESS)
    stage.fulfill(pending)
    stage.act(HOST, "updateRoom", pending, b"on")
    stage.act(HOST, "rekeyRoom", pending, KEY)
    stage.fulfill(pending)
    stage.act(HOST, "transferRoom", active, OTHER)
    stage.act(OTHER, "acceptRoom", active, stage.tag(active), KEY)
    stage.act(OTHER, "endRoom", active)
    stage.decline(pending)
    stage.release(pending, active)
    for who in (HOST, OTHER, PAYEE):
        stage.act(who, "withdrawTo", who)
    stage.act(OWNER, "setOperatorAccount", 1, OTHER)
    stage.act(OWNER, "setOperatorPayee", 1, OTHER)
    stage.act(OWNER, "setOperatorEnabled", 1, False)
    stage.act(OWNER, "setModerator", OTHER, True)
    stage.act(OWNER, "transferOwnership", OTHER)
    stage.act(OTHER, "acceptOwnership")
    assert stage.machine.balance(stage.address) == 0


def test_retired__while_paused__stays_paused(stage: Stage) -> None:
    stage.act(OWNER, "setPaused", True)
    stage.act(OWNER, "retire", ZERO_ADDRESS)
    view = stage.views.creation(1, HOST)
    assert (view.paused, view.retired) == (True, True)


@pytest.mark.parametrize("who", [OPERATOR, PAYEE, HOST, STRANGER])
def test_retire__not_the_owner__is_refused(stage: Stage, who: str) -> None:
    assert stage.refuse(who, "retire", ZERO_ADDRESS) == ("OwnableUnauthorizedAccount", who)


@pytest.mark.parametrize("rooms", [0, 3])
@pytest.mark.parametrize("beyond", [0, 1])
def test_retire__for_a_successor_beyond_the_last_room__is_told(rooms: int, beyond: int) -> None:
    stage = Stage(first_room_id=100)
    for _ in range(rooms):
        stage.create()
    to = successor(stage, 100 + rooms + beyond)
    stage.act(OWNER, "retire", to)
    view = stage.views.creation(1, HOST)
    assert (view.retired, view.successor) == (True, to)
    stage.compare()


@pytest.mark.parametrize("rooms", [0, 3])
def test_retire__for_a_successor_whose_rooms_are_ours__is_refused(rooms: int) -> None:
    stage = Stage(first_room_id=100)
    for _ in range(rooms):
        stage.create()
    to = successor(stage, 99 + rooms)
    refused = stage.refuse(OWNER, "retire", to)
    assert refused == ("SuccessorUnfit", to, 99 + rooms, 100 + rooms)
    assert not stage.views.creation(1, HOST).retired


def test_retire__for_a_real_successor__is_taken(stage: Stage) -> None:
    stage.create()
    real = Registry(stage.machine, first_room_id=2)
    stage.book.first_room_ids[real.address] = 2
    stage.act(OWNER, "retire", real.address)


def test_retire__for_itself__is_refused_even_without_rooms(stage: Stage) -> None:
    assert stage.views.ask("firstRoomId") == 1
    refused = stage.refuse(OWNER, "retire", stage.address)
    assert refused == ("SuccessorUnfit", stage.address, 0, 1)


@pytest.mark.parametrize("kind", ["account", "precompile", "silent", "reverting"])
def test_retire__for_what_tells_no_first_room__is_refused(stage: Stage, kind: str) -> None:
    """The precompile of SHA-256 answers anything with 32 bytes; it has no code."""
    address = {
        "account": STRANGER,
        "precompile": "0x" + "00" * 19 + "02",
        "silent": stage.machine.create(OWNER, gate_code()).address,
        "reverting": stage.machine.create(OWNER, REVERTING).address,
    }[kind]
    answer = stage.machine.view(address, view_call("firstRoomId"))
    assert len(answer.output) == (32 if kind == "precompile" else 0)
    refused = stage.refuse(OWNER, "retire", address)
    assert refused == ("SuccessorUnfit", address, 0, 1)


def test_retire__at_once_before_any_room__is_for_good(stage: Stage) -> None:
    stage.act(OWNER, "retire", ZERO_ADDRESS)
    assert stage.refuse(OWNER, "retire", ZERO_ADDRESS) == ("RegistryRetired", ZERO_ADDRESS)
