"""Credits and payments: pull only, once only, whatever the payee does."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode

from chain import calldata
from chain.hexes import ZERO_ADDRESS
from tests.support.registry.contract_actor import ContractActor
from tests.support.registry.registry import OWNER, TERMS, refusal
from tests.support.registry.stage import (
    HOST,
    KEY,
    MODERATOR,
    OPERATOR,
    OTHER,
    PAYEE,
    STRANGER,
    Stage,
)
from tools.compiled import compiled

FAILED_CALL = "FailedCall"


def owed_by_one_room(stage: Stage, host: ContractActor) -> int:
    """Create and end a room; what is owed for it."""
    host.call("createRoom", 1, 1, 0, ZERO_ADDRESS, KEY, b"", value=stage.price)
    host.call("endRoom", stage.views.number("roomCount"))
    return stage.credit(host.address)


def test_withdraw__owed__is_paid_in_full_once(stage: Stage) -> None:
    stage.act(HOST, "endRoom", stage.create())
    before = stage.machine.balance(OTHER)
    stage.act(HOST, "withdrawTo", OTHER)
    assert stage.machine.balance(OTHER) == before + stage.terms.deposit
    assert stage.credit(HOST) == 0
    assert stage.refuse(HOST, "withdrawTo", OTHER) == ("NothingToWithdraw", HOST)


def test_withdraw__open_rooms_left__they_are_still_counted(stage: Stage) -> None:
    stage.create()
    stage.act(HOST, "endRoom", stage.create())
    stage.act(HOST, "withdrawTo", HOST)
    assert stage.open_rooms(HOST) == 1


@pytest.mark.parametrize("who", [OWNER, STRANGER, HOST])
def test_withdraw__nothing_owed__is_refused(stage: Stage, who: str) -> None:
    stage.create()
    assert stage.refuse(who, "withdrawTo", who) == ("NothingToWithdraw", who)


def test_withdraw__to_nobody__is_refused(stage: Stage) -> None:
    stage.act(HOST, "endRoom", stage.create())
    assert stage.refuse(HOST, "withdrawTo", ZERO_ADDRESS) == ("ZeroAddress",)


def test_withdraw__to_the_contract_itself__is_refused_and_nothing_is_lost(stage: Stage) -> None:
    stage.act(HOST, "endRoom", stage.create())
    outcome = stage.machine.send(HOST, stage.address, calldata.withdraw_to(stage.address))
    assert not outcome.ok and refusal(outcome.output)[0] == FAILED_CALL
    assert stage.credit(HOST) == stage.terms.deposit


def test_withdraw__payee_and_host__each_their_own(stage: Stage) -> None:
    stage.act(HOST, "endRoom", stage.active())
    stage.act(PAYEE, "withdrawTo", PAYEE)
    stage.act(HOST, "withdrawTo", HOST)
    assert stage.refuse(OPERATOR, "withdrawTo", OPERATOR) == ("NothingToWithdraw", OPERATOR)
    assert stage.machine.balance(PAYEE) == stage.terms.fee
    assert stage.machine.balance(stage.address) == 0


def test_withdraw__largest_amounts__nothing_overflows() -> None:
    most = (2**48 - 1) * 10**9
    stage = Stage(TERMS._replace(deposit=most, fee=most))
    rooms = [stage.create() for _ in range(5)]
    for room_id in rooms:
        stage.act(HOST, "endRoom", room_id)
    assert stage.credit(HOST) == stage.credit(PAYEE) == 5 * most
    assert stage.open_rooms(HOST) == 0
    stage.act(HOST, "withdrawTo", OTHER)
    stage.compare()


def test_withdraw__reentrant_payee__is_paid_once(stage: Stage) -> None:
    greedy = ContractActor(stage)
    owed = owed_by_one_room(stage, greedy)
    stage.create(OTHER)  # somebody else's money is there to be taken
    greedy.when_paid("withdrawTo", greedy.address)
    before = stage.machine.balance(greedy.address)
    greedy.call("withdrawTo", greedy.address)
    assert stage.machine.balance(greedy.address) == before + owed
    assert not greedy.reentered
    assert refusal(greedy.answer) == ("NothingToWithdraw", greedy.address)


def test_withdraw__payee_ends_a_room_meanwhile__both_count(stage: Stage) -> None:
    busy = ContractActor(stage)
    owed_by_one_room(stage, busy)
    busy.call("createRoom", 1, 1, 0, ZERO_ADDRESS, KEY, b"", value=stage.price)
    busy.when_paid("endRoom", 2)
    busy.call("withdrawTo", busy.address)
    assert busy.reentered
    assert stage.credit(busy.address) == stage.terms.deposit
    assert stage.open_rooms(busy.address) == 0


def test_withdraw__payee_that_refuses__loses_nothing_and_can_go_elsewhere(stage: Stage) -> None:
    proud = ContractActor(stage)
    owed = owed_by_one_room(stage, proud)
    proud.refuse_payment()
    outcome = proud.send(calldata.withdraw_to(proud.address))
    assert not outcome.ok
    assert stage.credit(proud.address) == owed
    proud.call("withdrawTo", OTHER)


def test_end__host_that_refuses_money__cannot_hold_anybody_up(stage: Stage) -> None:
    proud = ContractActor(stage)
    proud.call("createRoom", 1, 1, 0, ZERO_ADDRESS, KEY, b"", value=stage.price)
    proud.refuse_payment()
    stage.create(OTHER)
    stage.machine.advance(stage.terms.fulfill_deadline_seconds)
    assert len(stage.act(STRANGER, "expire", [1, 2])) == 2


def test_money__sent_without_a_call__is_refused(stage: Stage) -> None:
    stage.machine.fund(STRANGER, 10)
    assert not stage.machine.send(STRANGER, stage.address, b"", 1).ok
    assert not stage.machine.send(STRANGER, stage.address, b"\x01\x02\x03\x04").ok


def test_money__forced_in__belongs_to_nobody_and_changes_nothing(stage: Stage) -> None:
    room_id = stage.create()
    code = compiled("Forcer").bytecode + encode(["address"], [stage.address])
    stage.machine.create(STRANGER, code, 5)
    stage.gifts = 5
    stage.act(MODERATOR, "takeDown", room_id, 1)
    stage.act(HOST, "withdrawTo", HOST)
    assert stage.machine.balance(stage.address) == 5
