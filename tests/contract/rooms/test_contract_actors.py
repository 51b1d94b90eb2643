"""Every role played by a contract: who calls counts, not who signed the transaction."""

from __future__ import annotations

from chain import calldata
from chain.calldata import Declination, Release
from chain.hexes import ZERO_ADDRESS
from tests.support.registry.contract_actor import ContractActor
from tests.support.registry.registry import BASE, OWNER, refusal
from tests.support.registry.stage import HOST, KEY, OTHER, STRANGER, Stage

SECOND_KEY = bytes(range(1, 33))


def test_owner__a_contract__does_all_that_owners_do(stage: Stage) -> None:
    multisig = ContractActor(stage)
    stage.act(OWNER, "transferOwnership", multisig.address)
    multisig.call("acceptOwnership")
    multisig.call("addOperator", OTHER, OTHER, BASE)
    multisig.call("setOperatorAccount", 2, STRANGER)
    multisig.call("setOperatorEnabled", 2, False)
    multisig.call("setTerms", stage.terms._replace(rekey_cooldown=1))
    multisig.call("setOperatorPayee", 2, STRANGER)
    multisig.call("setModerator", OTHER, True)
    multisig.call("setPaused", True)
    multisig.call("setPaused", False)
    multisig.call("transferOwnership", OWNER)
    multisig.call("retire", ZERO_ADDRESS)
    assert stage.views.address("owner") == multisig.address


def test_operator__a_contract__does_all_that_operators_do(stage: Stage) -> None:
    operator = ContractActor(stage)
    stage.act(OWNER, "setOperatorAccount", 1, operator.address)
    first, second, third = stage.create(), stage.create(), stage.create()
    operator.call("fulfill", [stage.entry(first), stage.entry(second)])
    operator.call("decline", [Declination(third, stage.tag(third), 2)])
    stage.act(HOST, "endRoom", first)
    operator.call("release", [Release(first, stage.tag(first))])
    operator.call("setOperatorAccepting", 1, False)
    assert not stage.views.operator(1).accepting


def test_payee__a_contract__does_all_that_payees_do(stage: Stage) -> None:
    payee = ContractActor(stage)
    stage.act(OWNER, "setOperatorPayee", 1, payee.address)
    stage.active()
    assert stage.credit(payee.address) == stage.terms.fee
    payee.call("withdrawTo", OTHER)
    payee.call("setOperatorPayee", 1, OTHER)
    assert stage.views.operator(1).payee == OTHER


def test_moderator__a_contract__takes_down(stage: Stage) -> None:
    moderator = ContractActor(stage)
    stage.act(OWNER, "setModerator", moderator.address, True)
    moderator.call("takeDown", stage.create(), 1)


def test_host__a_contract__does_all_that_hosts_do(stage: Stage) -> None:
    host = ContractActor(stage)
    host.call("createRoom", 1, 1, 0, ZERO_ADDRESS, KEY, b"", value=stage.price)
    assert stage.room(1).host == host.address and stage.open_rooms(host.address) == 1
    host.call("updateRoom", 1, b"new")
    host.call("describeRoom", 1, 0, b"more")
    stage.fulfill(1)
    host.call("rekeyRoom", 1, SECOND_KEY)
    stage.machine.advance(stage.terms.rekey_cooldown)
    host.call("transferRoom", 1, host.address)
    host.call("acceptRoom", 1, stage.tag(1), KEY)
    host.call("endRoom", 1)
    missing = stage.price - stage.credit(host.address)
    host.call("createRoom", 1, 1, 0, ZERO_ADDRESS, KEY, b"", value=missing)
    assert stage.credit(host.address) == 0
    host.call("endRoom", 2)
    host.call("withdrawTo", OTHER)
    assert stage.credit(host.address) == 0


def test_host__a_contract_at_its_limit__is_named_in_the_refusal(stage: Stage) -> None:
    host = ContractActor(stage)
    data = calldata.create_room(1, 1, 0, ZERO_ADDRESS, KEY, b"")
    for _ in range(stage.terms.max_open_rooms):
        host.call("createRoom", 1, 1, 0, ZERO_ADDRESS, KEY, b"", value=stage.price)
    outcome = host.send(data, stage.price)
    assert refusal(outcome.output) == (
        "TooManyOpenRooms",
        host.address,
        stage.terms.max_open_rooms,
    )


def test_tag__of_a_contracts_room__names_the_contract(stage: Stage) -> None:
    from chain.history import room_tag

    host = ContractActor(stage)
    host.call("createRoom", 1, 1, 0, ZERO_ADDRESS, KEY, b"", value=stage.price)
    chain_id, contract = stage.machine.chain_id, stage.address
    first = room_tag(chain_id, contract, 1, host.address, 1, 0, ZERO_ADDRESS, KEY, 1)
    assert stage.tag(1) == first
    stage.fulfill(1)
    host.call("rekeyRoom", 1, SECOND_KEY)
    assert stage.tag(1) == room_tag(chain_id, contract, 1, host.address, 1, 0, first, SECOND_KEY, 2)


def test_refusals__of_a_contract__name_the_contract(stage: Stage) -> None:
    nobody, room_id = ContractActor(stage), stage.active()
    for data, wanted in (
        (calldata.end_room(room_id), ("NotHost", room_id, nobody.address)),
        (
            calldata.accept_room(room_id, bytes(12), KEY),
            ("NotPendingHost", room_id, nobody.address),
        ),
        (calldata.take_down(room_id, 1), ("NotModerator", nobody.address)),
        (calldata.set_operator_accepting(1, False), ("NotOperator", 1, nobody.address)),
        (calldata.set_operator_payee(1, OTHER), ("NotPayee", 1, nobody.address)),
        (calldata.withdraw_to(OTHER), ("NothingToWithdraw", nobody.address)),
    ):
        assert refusal(nobody.send(data).output) == wanted


def test_anybody__a_contract__expires(stage: Stage) -> None:
    keeper, room_id = ContractActor(stage), stage.create()
    stage.machine.advance(stage.terms.fulfill_deadline_seconds)
    keeper.call("expire", [room_id])
