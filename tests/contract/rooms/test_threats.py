"""What a stolen key, a host and anybody can and cannot do: docs/contract.md's table, line by line.

A line is one test; `test_document__...` holds the two lists against each other.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from chain.calldata import Declination, Fulfillment
from chain.enums import EndReason, Status
from chain.events import RoomProvisioned, RoomRekeyed
from chain.hexes import ZERO_ADDRESS
from tests.support.registry.random_walk import answering
from tests.support.registry.registry import OWNER
from tests.support.registry.stage import (
    HOST,
    KEY,
    MODERATOR,
    OPERATOR,
    OTHER,
    PAYEE,
    SEALED,
    SECOND_OPERATOR,
    STRANGER,
    UID,
    Stage,
)

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = ROOT / "docs" / "contract.md"
GAS = ROOT / "bench" / "gas" / "snapshot.json"
CREATION = (1, 1, 0, ZERO_ADDRESS, KEY, b"")
SECOND_KEY = bytes(range(1, 33))
THIEF = STRANGER


def spend_by_sealing(stage: Stage, room_id: int) -> None:
    while stage.fulfill(room_id):
        pass


# --- a stolen operator key --------------------------------------------------------------------


def test_stolen_operator__can_use_up_the_fees_of_its_pending_rooms_for_nothing(
    stage: Stage,
) -> None:
    stage.act(OPERATOR, "fulfill", [stage.entry(stage.create(), UID, b"worthless")])
    assert stage.credit(PAYEE) == stage.terms.fee
    stage.act(HOST, "endRoom", 1)
    assert stage.credit(HOST) == stage.terms.deposit


def test_stolen_operator__cannot_take_fees_or_turn_them_to_itself(stage: Stage) -> None:
    stage.active()
    assert stage.refuse(OPERATOR, "withdrawTo", THIEF) == ("NothingToWithdraw", OPERATOR)
    assert stage.refuse(OPERATOR, "setOperatorPayee", 1, THIEF) == ("NotPayee", 1, OPERATOR)
    stage.act(PAYEE, "withdrawTo", PAYEE)
    assert stage.machine.balance(PAYEE) == stage.terms.fee


def test_stolen_operator__can_give_its_pending_rooms_another_live_input(stage: Stage) -> None:
    room_id = stage.create()
    stage.act(OPERATOR, "fulfill", [stage.entry(room_id, b"\x66" * 16)])
    assert "66" * 16 in stage.views.playback_url(room_id)


def test_stolen_operator__can_end_its_rooms_and_the_hosts_get_their_deposits(
    stage: Stage,
) -> None:
    stage.decline(stage.create(), stage.active(OTHER))
    assert stage.credit(HOST) == stage.price
    assert stage.credit(OTHER) == stage.terms.deposit


def test_stolen_operator__can_attest_a_release_that_is_not_true(stage: Stage) -> None:
    room_id = stage.ended()
    stage.release(room_id)
    assert stage.room(room_id).released


def test_stolen_operator__can_use_up_a_rooms_events_and_the_host_can_still_end_it(
    stage: Stage,
) -> None:
    room_id = stage.active()
    spend_by_sealing(stage, room_id)
    assert stage.refuse(HOST, "updateRoom", room_id, b"")[0] == "TooManyRoomEvents"
    stage.act(HOST, "endRoom", room_id)
    assert stage.credit(HOST) == stage.terms.deposit


def test_stolen_operator__can_stop_its_new_rooms(stage: Stage) -> None:
    stage.act(OPERATOR, "setOperatorAccepting", 1, False)
    refused = stage.refuse(HOST, "createRoom", *CREATION, value=stage.price)
    assert refused == ("OperatorNotAccepting", 1)


def test_stolen_operator__cannot_change_an_active_rooms_live_input(stage: Stage) -> None:
    room_id = stage.active()
    before = stage.room(room_id)
    assert stage.act(OPERATOR, "fulfill", [stage.entry(room_id, UID)]) == []
    assert stage.room(room_id) == before


def test_stolen_operator__cannot_touch_another_operators_rooms(stage: Stage) -> None:
    stage.act(OWNER, "addOperator", SECOND_OPERATOR, PAYEE, "https://second.example")
    pending, active = stage.create(operator=2), stage.create(operator=2)
    stage.fulfill(active, sender=SECOND_OPERATOR)
    stage.act(HOST, "endRoom", active)
    assert stage.fulfill(pending) == stage.decline(pending) == stage.release(active) == []


def test_stolen_operator__cannot_take_a_deposit(stage: Stage) -> None:
    room_id = stage.active()
    stage.decline(room_id)
    stage.release(room_id)
    assert stage.refuse(OPERATOR, "withdrawTo", THIEF) == ("NothingToWithdraw", OPERATOR)
    stage.act(HOST, "withdrawTo", OTHER)
    stage.act(PAYEE, "withdrawTo", PAYEE)
    assert stage.machine.balance(PAYEE) == stage.terms.fee
    assert stage.machine.balance(stage.address) == 0


def test_stolen_operator__cannot_make_a_fee_due_twice(stage: Stage) -> None:
    room_id = stage.active()
    stage.fulfill(room_id, room_id)
    stage.decline(room_id)
    assert stage.credit(PAYEE) == stage.terms.fee


def test_stolen_operator__cannot_hand_a_live_input_to_another_hosts_room(stage: Stage) -> None:
    mine, theirs = stage.create(), stage.create(OTHER)
    entry = Fulfillment(theirs, stage.tag(mine), UID, SEALED)
    assert stage.act(OPERATOR, "fulfill", [entry]) == []


def test_former_operator__keeps_nothing_but_its_own_old_credit(stage: Stage) -> None:
    stage.act(PAYEE, "setOperatorPayee", 1, OPERATOR)  # at worst the account was its own payee
    pending, active, ended = stage.create(), stage.active(), stage.ended()
    stage.act(OWNER, "setOperatorAccount", 1, SECOND_OPERATOR)
    stage.act(OWNER, "setOperatorPayee", 1, PAYEE)
    assert stage.fulfill(pending, active) == stage.decline(pending) == stage.release(ended) == []
    assert stage.refuse(OPERATOR, "setOperatorAccepting", 1, False)[0] == "NotOperator"
    assert stage.refuse(OPERATOR, "setOperatorPayee", 1, THIEF)[0] == "NotPayee"
    stage.fulfill(pending, sender=SECOND_OPERATOR)
    stage.act(OPERATOR, "withdrawTo", THIEF)
    assert stage.machine.balance(THIEF) == 2 * stage.terms.fee  # of the two fulfilled before
    assert stage.credit(PAYEE) == stage.terms.fee


def test_former_operator__still_earns_the_fees_if_it_is_the_payee(stage: Stage) -> None:
    stage.act(PAYEE, "setOperatorPayee", 1, OPERATOR)
    stage.act(OWNER, "setOperatorAccount", 1, SECOND_OPERATOR)
    stage.fulfill(stage.create(), sender=SECOND_OPERATOR)
    assert stage.credit(OPERATOR) == stage.terms.fee


# --- a stolen payee key -----------------------------------------------------------------------


def test_stolen_payee__can_take_fees_and_turn_those_to_come_to_itself(stage: Stage) -> None:
    stage.active()
    stage.act(PAYEE, "setOperatorPayee", 1, THIEF)
    stage.active()
    stage.act(PAYEE, "withdrawTo", THIEF)
    stage.act(THIEF, "withdrawTo", THIEF)
    assert stage.machine.balance(THIEF) == 2 * stage.terms.fee


def test_stolen_payee__cannot_keep_the_owner_from_turning_fees_back(stage: Stage) -> None:
    stage.act(PAYEE, "setOperatorPayee", 1, THIEF)
    stage.act(OWNER, "setOperatorPayee", 1, OTHER)
    stage.active()
    assert (stage.credit(THIEF), stage.credit(OTHER)) == (0, stage.terms.fee)
    for key in (PAYEE, THIEF):
        assert stage.refuse(key, "setOperatorPayee", 1, key) == ("NotPayee", 1, key)


def test_stolen_payee__cannot_act_as_operator_host_or_owner(stage: Stage) -> None:
    pending, active, ended = stage.create(), stage.active(), stage.ended()
    assert stage.fulfill(pending, sender=PAYEE) == stage.decline(active, sender=PAYEE) == []
    assert stage.release(ended, sender=PAYEE) == []
    assert stage.refuse(PAYEE, "endRoom", active)[0] == "NotHost"
    assert stage.refuse(PAYEE, "setOperatorAccepting", 1, False)[0] == "NotOperator"
    refused = stage.refuse(PAYEE, "setOperatorAccount", 1, PAYEE)
    assert refused == ("OwnableUnauthorizedAccount", PAYEE)


# --- a stolen moderator key -------------------------------------------------------------------


def test_stolen_moderator__can_end_any_room_and_the_hosts_get_their_deposits(
    stage: Stage,
) -> None:
    pending, active = stage.create(), stage.active(OTHER)
    for room_id in (pending, active):
        stage.act(MODERATOR, "takeDown", room_id, 3)
    assert stage.credit(HOST) == stage.price
    assert stage.credit(OTHER) == stage.terms.deposit


def test_stolen_moderator__cannot_take_anything(stage: Stage) -> None:
    stage.act(MODERATOR, "takeDown", stage.create(), 3)
    assert stage.refuse(MODERATOR, "withdrawTo", THIEF)[0] == "NothingToWithdraw"


def test_stolen_moderator__cannot_act_as_host_operator_or_owner(stage: Stage) -> None:
    room_id, ended = stage.active(), stage.ended()
    assert stage.refuse(MODERATOR, "endRoom", room_id)[0] == "NotHost"
    assert stage.refuse(MODERATOR, "transferRoom", room_id, THIEF)[0] == "NotHost"
    assert stage.fulfill(room_id, sender=MODERATOR) == []
    assert stage.release(ended, sender=MODERATOR) == []
    refused = stage.refuse(MODERATOR, "setModerator", THIEF, True)
    assert refused[0] == "OwnableUnauthorizedAccount"


def test_stolen_moderator__cannot_do_anything_once_dismissed(stage: Stage) -> None:
    stage.act(OWNER, "setModerator", MODERATOR, False)
    assert stage.refuse(MODERATOR, "takeDown", stage.create(), 3)[0] == "NotModerator"


# --- a stolen owner key -----------------------------------------------------------------------


def test_stolen_owner__can_stop_new_rooms(stage: Stage) -> None:
    stage.act(OWNER, "setPaused", True)
    refused = stage.refuse(HOST, "createRoom", *CREATION, value=stage.price)
    assert refused == ("CreationPaused",)


def test_stolen_owner__can_set_terms_for_creations_from_then_on(stage: Stage) -> None:
    price = stage.price
    stage.act(OWNER, "setTerms", stage.terms._replace(deposit=0, fee=price))
    stage.active()
    assert stage.credit(PAYEE) == price


def test_stolen_owner__cannot_bind_a_creation_on_its_way_to_other_terms(stage: Stage) -> None:
    price = stage.price
    stage.act(OWNER, "setTerms", stage.terms._replace(deposit=0, fee=price))
    refused = stage.refuse(HOST, "createRoom", *CREATION, value=price)
    assert refused == ("TermsChanged", 1, 2)


def test_stolen_owner__can_turn_fees_to_come_to_itself(stage: Stage) -> None:
    pending, _ = stage.create(), stage.active()
    stage.act(OWNER, "setOperatorPayee", 1, THIEF)
    stage.fulfill(pending)
    stage.act(HOST, "endRoom", stage.create())
    assert stage.credit(THIEF) == 2 * stage.terms.fee
    assert stage.credit(PAYEE) == stage.terms.fee  # what was earned before


def test_stolen_owner__can_act_as_any_operator_and_give_pending_rooms_another_live_input(
    stage: Stage,
) -> None:
    pending, active = stage.create(), stage.active(OTHER)
    stage.act(OWNER, "setOperatorAccount", 1, THIEF)
    stage.act(THIEF, "fulfill", [stage.entry(pending, b"\x66" * 16)])
    assert "66" * 16 in stage.views.playback_url(pending)
    stage.decline(active, sender=THIEF)
    assert stage.credit(OTHER) == stage.terms.deposit


def test_stolen_owner__can_revoke_an_operator_and_then_anybody_can_end_all_its_rooms(
    stage: Stage,
) -> None:
    rooms = [stage.create(), stage.active(), stage.active(OTHER)]
    stage.act(OWNER, "setOperatorAccount", 1, ZERO_ADDRESS)
    stage.act(THIEF, "expire", rooms)
    assert stage.credit(HOST) == stage.price + stage.terms.deposit
    assert stage.credit(OTHER) == stage.terms.deposit


def test_stolen_owner__can_appoint_moderators(stage: Stage) -> None:
    stage.act(OWNER, "setModerator", THIEF, True)
    stage.act(THIEF, "takeDown", stage.create(), 4)


def test_stolen_owner__can_hand_the_contract_over(stage: Stage) -> None:
    stage.act(OWNER, "transferOwnership", THIEF)
    stage.act(THIEF, "acceptOwnership")
    assert stage.views.address("owner") == THIEF


def test_stolen_owner__can_retire_for_good_and_name_a_false_successor(stage: Stage) -> None:
    pending, active = stage.create(), stage.active()
    false = stage.machine.create(THIEF, answering(1_000)).address
    stage.book.first_room_ids[false] = 1_000
    stage.act(OWNER, "retire", false)
    stage.act(OWNER, "transferOwnership", OTHER)
    stage.act(OTHER, "acceptOwnership")
    refused = stage.refuse(HOST, "createRoom", *CREATION, value=stage.price)
    assert refused == ("RegistryRetired", false)
    assert stage.refuse(OTHER, "setPaused", False) == ("RegistryRetired", false)
    assert stage.refuse(OTHER, "retire", ZERO_ADDRESS) == ("RegistryRetired", false)
    stage.fulfill(pending)
    for room_id in (pending, active):
        stage.act(HOST, "endRoom", room_id)
    assert stage.credit(HOST) == 2 * stage.terms.deposit


def test_stolen_owner__cannot_take_deposits_or_credits(stage: Stage) -> None:
    stage.act(HOST, "endRoom", stage.active())
    stage.create(OTHER)
    assert stage.refuse(OWNER, "withdrawTo", THIEF) == ("NothingToWithdraw", OWNER)
    assert stage.machine.balance(stage.address) == stage.state.obligations()


def test_stolen_owner__cannot_end_or_change_a_room_itself(stage: Stage) -> None:
    room_id = stage.active()
    before = stage.room(room_id)
    for name, *args in (
        ("endRoom",),
        ("updateRoom", b"mine"),
        ("rekeyRoom", SECOND_KEY),
        ("transferRoom", THIEF),
    ):
        assert stage.refuse(OWNER, name, room_id, *args)[0] == "NotHost"
    assert stage.refuse(OWNER, "takeDown", room_id, 1)[0] == "NotModerator"
    assert stage.fulfill(room_id, sender=OWNER) == stage.decline(room_id, sender=OWNER) == []
    assert stage.room(room_id) == before


def test_stolen_owner__cannot_change_the_terms_of_a_room_that_exists(stage: Stage) -> None:
    room_id = stage.active()
    deposit = stage.terms.deposit
    stage.act(OWNER, "setTerms", stage.terms._replace(deposit=0, max_room_seconds=600))
    stage.machine.advance(601)
    assert stage.act(THIEF, "expire", [room_id]) == []
    stage.act(HOST, "endRoom", room_id)
    assert stage.credit(HOST) == deposit


def test_stolen_owner__cannot_stop_ends_or_withdrawals(stage: Stage) -> None:
    room_id = stage.active()
    stage.act(OWNER, "setPaused", True)
    stage.act(OWNER, "setOperatorEnabled", 1, False)
    stage.act(OWNER, "setOperatorAccount", 1, ZERO_ADDRESS)
    stage.act(HOST, "endRoom", room_id)
    stage.act(HOST, "withdrawTo", HOST)


def test_stolen_owner__cannot_change_where_an_operator_plays(stage: Stage) -> None:
    room_id = stage.active()
    url = stage.views.playback_url(room_id)
    stage.act(OWNER, "addOperator", OPERATOR, PAYEE, "https://evil.example")
    assert stage.views.playback_url(room_id) == url


def test_stolen_owner__cannot_leave_the_contract_without_an_owner(stage: Stage) -> None:
    assert stage.refuse(OWNER, "renounceOwnership") == ("RenounceDisabled",)
    stage.act(OWNER, "transferOwnership", ZERO_ADDRESS)
    assert stage.views.address("owner") == OWNER


# --- a stolen host key ------------------------------------------------------------------------


def test_stolen_host__can_end_and_give_away_its_rooms_and_take_its_credit(stage: Stage) -> None:
    given, ended = stage.active(), stage.active()
    stage.act(HOST, "transferRoom", given, THIEF)
    stage.act(THIEF, "acceptRoom", given, stage.tag(given), SECOND_KEY)
    stage.act(HOST, "endRoom", ended)
    stage.act(HOST, "withdrawTo", THIEF)
    assert stage.machine.balance(THIEF) == stage.terms.deposit


def test_stolen_host__can_get_fresh_credentials_by_a_new_key(stage: Stage) -> None:
    room_id = stage.active()
    (rekeyed,) = stage.act(HOST, "rekeyRoom", room_id, SECOND_KEY)
    assert isinstance(rekeyed, RoomRekeyed) and rekeyed.ingest_key == SECOND_KEY
    (provisioned,) = stage.fulfill(room_id)
    assert provisioned.tag == rekeyed.tag


def test_stolen_host__can_spend_its_credit_on_rooms(stage: Stage) -> None:
    for _ in range(2):
        stage.act(HOST, "endRoom", stage.active())
    stage.act(HOST, "createRoom", *CREATION)
    assert stage.credit(HOST) == 2 * stage.terms.deposit - stage.price


def test_stolen_host__cannot_touch_another_hosts_room(stage: Stage) -> None:
    room_id = stage.active(OTHER)
    assert stage.refuse(HOST, "endRoom", room_id)[0] == "NotHost"
    assert (
        stage.refuse(HOST, "acceptRoom", room_id, stage.tag(room_id), SECOND_KEY)[0]
        == "NotPendingHost"
    )
    assert stage.refuse(HOST, "rekeyRoom", room_id, SECOND_KEY)[0] == "NotHost"


def test_stolen_host__cannot_spend_another_hosts_credit(stage: Stage) -> None:
    for _ in range(2):
        stage.act(OTHER, "endRoom", stage.active(OTHER))
    refused = stage.refuse(HOST, "createRoom", *CREATION)
    assert refused == ("WrongPayment", stage.price, 0, 0)


# --- a host who means harm --------------------------------------------------------------------


def test_host__cannot_make_an_operator_work_for_nothing_by_ending(stage: Stage) -> None:
    room_id = stage.create()
    late = stage.entry(room_id)  # the live input is made, its fulfilment on its way
    stage.act(HOST, "endRoom", room_id)
    assert stage.act(OPERATOR, "fulfill", [late]) == []
    assert stage.credit(PAYEE) == stage.terms.fee


def test_host__cannot_make_an_operator_work_for_nothing_by_a_new_key(stage: Stage) -> None:
    room_id = stage.create()
    late = stage.entry(room_id)
    assert stage.refuse(HOST, "rekeyRoom", room_id, SECOND_KEY) == ("RoomNotActive", room_id)
    stage.act(OPERATOR, "fulfill", [late])
    assert stage.credit(PAYEE) == stage.terms.fee


def test_host__cannot_make_an_operator_work_for_nothing_by_accepting(stage: Stage) -> None:
    room_id = stage.create()
    late = stage.entry(room_id)
    stage.act(HOST, "transferRoom", room_id, HOST)
    refused = stage.refuse(HOST, "acceptRoom", room_id, stage.tag(room_id), SECOND_KEY)
    assert refused == ("RoomNotActive", room_id)
    stage.act(OPERATOR, "fulfill", [late])
    assert stage.credit(PAYEE) == stage.terms.fee


def test_host__cannot_make_an_operator_work_for_nothing_by_expiry(stage: Stage) -> None:
    room_id = stage.create()
    stage.machine.advance(stage.terms.fulfill_deadline_seconds - 1)
    assert stage.act(HOST, "expire", [room_id]) == []
    stage.fulfill(room_id)
    stage.machine.advance(stage.terms.max_room_seconds)
    stage.act(HOST, "expire", [room_id])
    assert (stage.credit(PAYEE), stage.credit(HOST)) == (stage.terms.fee, stage.terms.deposit)


# --- anybody ----------------------------------------------------------------------------------


def test_anybody__learns_a_gated_rooms_uid(stage: Stage) -> None:
    room_id = stage.create(gate=stage.address)
    (provisioned, _) = stage.act(OPERATOR, "fulfill", [stage.entry(room_id, UID)])
    assert isinstance(provisioned, RoomProvisioned) and provisioned.uid == UID
    assert stage.room(room_id).gated and stage.room(room_id).uid == UID
    assert UID.hex() in stage.views.playback_url(room_id)


def test_anybody__can_fill_the_registry_at_no_less_than_the_price_told(stage: Stage) -> None:
    """By rooms, the cheaper way, as the figures of bench/gas have it; what is open goes on as ever
    (`test_storage`)."""
    gas = json.loads(GAS.read_text())
    loop = gas["a room created and ended, in a loop"], 2**32
    ways = (loop, (gas["createRoom"] + gas["endRoom"], 2**32), (gas["an event, in a loop"], 2**38))
    told = DOCUMENT.read_text().split("<!-- price -->")[1].split("\n\n")[1].splitlines()[2:]
    for line, (each, times) in zip(told, ways, strict=True):
        each_told, total, dear, cheap = (
            float(cell.split()[0].replace(",", "")) for cell in line.split("|")[2:6]
        )
        assert each_told == each and each * times >= loop[0] * loop[1]
        assert total == round(each * times / 10**14, 2)
        assert (dear, cheap) == (round(each * times / 10**9), round(each * times / 10**11))


def test_anybody__cannot_end_a_room_before_its_time(stage: Stage) -> None:
    rooms = [stage.create(), stage.active()]
    assert stage.act(THIEF, "expire", rooms) == []
    assert stage.act(THIEF, "decline", [Declination(1, stage.tag(1), 1)]) == []


def test_anybody__cannot_fill_a_hosts_limit(stage: Stage) -> None:
    room_id = stage.create()
    stage.act(HOST, "transferRoom", room_id, OTHER)
    assert stage.open_rooms(OTHER) == 0
    assert stage.refuse(HOST, "acceptRoom", room_id, stage.tag(room_id), KEY)[0] == "NotPendingHost"


def test_anybody__cannot_keep_a_room_from_ending(stage: Stage) -> None:
    room_id = stage.active()
    spend_by_sealing(stage, room_id)
    stage.machine.advance(stage.terms.max_room_seconds)
    stage.act(THIEF, "expire", [room_id])
    room = stage.room(room_id)
    assert (room.status, room.end_reason) == (Status.ENDED, EndReason.EXPIRED)


def test_document__its_table__names_every_test_and_no_other() -> None:
    told = set(re.findall(r"`(test_(?:stolen|former|host|anybody)_\w+)`", DOCUMENT.read_text()))
    here = {name for name in globals() if re.match(r"test_(stolen|former|host|anybody)", name)}
    assert told == here
