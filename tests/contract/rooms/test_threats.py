"""What a stolen key can and cannot do: the table of docs/contract.md, line by line.

A line is one test; `test_document__...` holds the two lists against each other.
"""

from __future__ import annotations

import re
from pathlib import Path

from chain.calldata import Declination, Fulfillment
from chain.enums import EndReason, Status
from chain.hexes import ZERO_ADDRESS
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

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "contract.md"
SECOND_KEY = bytes(range(1, 33))
THIEF = STRANGER


def spend_by_sealing(stage: Stage, room_id: int) -> None:
    while stage.fulfill(room_id):
        pass


# --- a stolen operator key --------------------------------------------------------------------


def test_stolen_operator__can_take_the_fees_of_its_pending_rooms(stage: Stage) -> None:
    stage.act(OPERATOR, "fulfill", [stage.entry(stage.create(), UID, b"worthless")])
    stage.act(OPERATOR, "withdrawTo", THIEF)
    assert stage.machine.balance(THIEF) == stage.terms.fee


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
    args = (1, 1, 0, ZERO_ADDRESS, KEY, b"")
    assert stage.refuse(HOST, "createRoom", *args, value=stage.price)[0] == "OperatorNotAccepting"


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
    stage.act(OPERATOR, "withdrawTo", THIEF)
    assert stage.machine.balance(THIEF) == stage.terms.fee
    assert stage.machine.balance(stage.address) == stage.credit(HOST) == stage.terms.deposit


def test_stolen_operator__cannot_take_a_fee_twice(stage: Stage) -> None:
    room_id = stage.active()
    stage.fulfill(room_id, room_id)
    assert stage.credit(OPERATOR) == stage.terms.fee


def test_stolen_operator__cannot_hand_a_live_input_to_another_hosts_room(stage: Stage) -> None:
    mine, theirs = stage.create(), stage.create(OTHER)
    entry = Fulfillment(theirs, stage.tag(mine), UID, SEALED)
    assert stage.act(OPERATOR, "fulfill", [entry]) == []


def test_stolen_operator__cannot_do_anything_once_its_account_is_changed(stage: Stage) -> None:
    pending, active, ended = stage.create(), stage.active(), stage.ended()
    stage.act(OWNER, "setOperatorAccount", 1, SECOND_OPERATOR)
    assert stage.fulfill(pending, active) == stage.decline(pending) == stage.release(ended) == []
    assert stage.refuse(OPERATOR, "setOperatorAccepting", 1, False)[0] == "NotOperator"


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
    args = (1, 1, 0, ZERO_ADDRESS, KEY, b"")
    assert stage.refuse(HOST, "createRoom", *args, value=stage.price) == ("CreationPaused",)


def test_stolen_owner__can_set_terms_and_a_creation_on_its_way_is_bound_by_its_sum_only(
    stage: Stage,
) -> None:
    price = stage.price
    stage.act(OWNER, "setTerms", stage.terms._replace(deposit=0, fee=price))
    stage.fulfill(stage.create())
    assert stage.credit(OPERATOR) == price  # what the host meant to get back went as a fee


def test_stolen_owner__can_act_as_any_operator(stage: Stage) -> None:
    room_id = stage.create()
    stage.act(OWNER, "setOperatorAccount", 1, THIEF)
    stage.fulfill(room_id, sender=THIEF)
    assert stage.credit(THIEF) == stage.terms.fee


def test_stolen_owner__can_end_all_rooms_and_the_hosts_get_their_deposits(stage: Stage) -> None:
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


# --- a stolen host key, and anybody -----------------------------------------------------------


def test_stolen_host__can_end_and_give_away_its_rooms_and_take_its_credit(stage: Stage) -> None:
    given, ended = stage.active(), stage.active()
    stage.act(HOST, "transferRoom", given, THIEF)
    stage.act(THIEF, "acceptRoom", given, stage.tag(given), SECOND_KEY)
    stage.act(HOST, "endRoom", ended)
    stage.act(HOST, "withdrawTo", THIEF)
    assert stage.machine.balance(THIEF) == stage.terms.deposit


def test_stolen_host__cannot_touch_another_hosts_room(stage: Stage) -> None:
    room_id = stage.active(OTHER)
    assert stage.refuse(HOST, "endRoom", room_id)[0] == "NotHost"
    assert (
        stage.refuse(HOST, "acceptRoom", room_id, stage.tag(room_id), SECOND_KEY)[0]
        == "NotPendingHost"
    )
    assert stage.refuse(HOST, "rekeyRoom", room_id, SECOND_KEY)[0] == "NotHost"


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
    told = set(re.findall(r"`(test_(?:stolen_\w+|anybody__\w+))`", DOCUMENT.read_text()))
    here = {name for name in globals() if re.match(r"test_(stolen|anybody)", name)}
    assert told == here
