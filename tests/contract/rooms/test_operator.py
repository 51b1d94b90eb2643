"""What an operator does: fulfill, seal anew, decline, release, and the batches' skipping."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from chain.calldata import Declination, Fulfillment, Release
from chain.enums import EndReason, Status
from chain.hexes import ZERO_ADDRESS
from tests.support.registry.registry import OWNER, TERMS
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

SECOND_KEY = bytes(range(1, 33))


def names(events: Sequence[object]) -> list[str]:
    return [type(event).__name__ for event in events]


# --- fulfill ----------------------------------------------------------------------------------


def test_fulfill__pending__is_active_and_the_fee_is_the_payees(stage: Stage) -> None:
    room_id = stage.create()
    stage.act(OPERATOR, "fulfill", [stage.entry(room_id, UID)])
    room = stage.room(room_id)
    assert (room.status, room.uid, room.events) == (Status.ACTIVE, UID, 2)
    assert room.expires_at == room.created_at + stage.terms.max_room_seconds
    assert stage.credit(PAYEE) == stage.terms.fee


def test_fulfill__batch__one_credit_for_all_fees(stage: Stage) -> None:
    rooms = [stage.create(), stage.create(OTHER), stage.create()]
    events = stage.fulfill(*rooms)
    assert names(events) == ["RoomProvisioned"] * 3 + ["Credited"]
    assert stage.credit(PAYEE) == 3 * stage.terms.fee


def test_fulfill__no_fee__no_credit() -> None:
    stage = Stage(TERMS._replace(fee=0))
    assert names(stage.fulfill(stage.create())) == ["RoomProvisioned"]
    stage.compare()


def test_fulfill__twice_in_one_batch__pays_once(stage: Stage) -> None:
    room_id = stage.create()
    assert names(stage.fulfill(room_id, room_id)) == [
        "RoomProvisioned",
        "RoomProvisioned",
        "Credited",
    ]
    assert stage.credit(PAYEE) == stage.terms.fee


def test_fulfill__active_with_the_same_uid__seals_anew_without_a_fee(stage: Stage) -> None:
    room_id = stage.active()
    assert names(stage.fulfill(room_id)) == ["RoomProvisioned"]
    assert stage.room(room_id).events == 3
    assert stage.credit(PAYEE) == stage.terms.fee


def test_fulfill__active_with_another_uid__is_skipped(stage: Stage) -> None:
    room_id = stage.active()
    assert stage.act(OPERATOR, "fulfill", [stage.entry(room_id, UID)]) == []


@pytest.mark.parametrize("size", [1, 350, 1024])
def test_fulfill__sealed_bytes_within_the_limits__are_told(stage: Stage, size: int) -> None:
    entry = stage.entry(stage.create(), sealed=b"\xff" * size)
    assert len(stage.act(OPERATOR, "fulfill", [entry])) == 2


@pytest.mark.parametrize("size", [0, 1025])
def test_fulfill__sealed_bytes_out_of_the_limits__is_skipped(stage: Stage, size: int) -> None:
    bad, good = stage.create(), stage.create()
    entries = [stage.entry(bad, sealed=b"x" * size), stage.entry(good)]
    events = stage.act(OPERATOR, "fulfill", entries)
    assert names(events) == ["RoomProvisioned", "Credited"]
    assert stage.room(bad).status == Status.PENDING


def test_fulfill__zero_uid__is_skipped(stage: Stage) -> None:
    room_id = stage.create()
    assert stage.act(OPERATOR, "fulfill", [stage.entry(room_id, bytes(16))]) == []


def test_fulfill__former_tag__is_skipped(stage: Stage) -> None:
    room_id = stage.active()
    entry = stage.entry(room_id)
    stage.act(HOST, "rekeyRoom", room_id, SECOND_KEY)
    assert stage.act(OPERATOR, "fulfill", [entry]) == []
    assert len(stage.fulfill(room_id)) == 1


@pytest.mark.parametrize("room_id", [0, 2, 2**256 - 1])
def test_fulfill__unknown_room__is_skipped(stage: Stage, room_id: int) -> None:
    stage.create()
    entry = Fulfillment(room_id, bytes(12), UID, SEALED)
    assert stage.act(OPERATOR, "fulfill", [entry]) == []


@pytest.mark.parametrize("who", [OWNER, HOST, MODERATOR, STRANGER])
def test_fulfill__not_the_operator__is_skipped(stage: Stage, who: str) -> None:
    assert stage.fulfill(stage.create(), sender=who) == []


def test_fulfill__another_operators_room__is_skipped(stage: Stage) -> None:
    stage.act(OWNER, "addOperator", SECOND_OPERATOR, PAYEE, "https://second.example")
    mine, theirs = stage.create(), stage.create(operator=2)
    assert len(stage.fulfill(mine, theirs, sender=SECOND_OPERATOR)) == 2
    assert stage.room(mine).status == Status.PENDING
    assert stage.room(theirs).status == Status.ACTIVE


def test_fulfill__two_operators_of_one_account__both_are_served(stage: Stage) -> None:
    stage.act(OWNER, "addOperator", OPERATOR, PAYEE, "https://second.example")
    assert len(stage.fulfill(stage.create(), stage.create(operator=2))) == 4


def test_fulfill__account_rotated__the_new_one_serves(stage: Stage) -> None:
    room_id = stage.create()
    stage.act(OWNER, "setOperatorAccount", 1, OTHER)
    assert stage.fulfill(room_id) == []
    assert len(stage.fulfill(room_id, sender=OTHER)) == 2


def test_fulfill__ended__is_skipped(stage: Stage) -> None:
    room_id = stage.create()
    stage.act(HOST, "endRoom", room_id)
    assert stage.fulfill(room_id) == []


@pytest.mark.parametrize("late", [0, 1])
def test_fulfill__at_the_deadline__is_skipped(stage: Stage, late: int) -> None:
    room_id = stage.create()
    stage.machine.advance(stage.terms.fulfill_deadline_seconds - 1 + late)
    assert len(stage.fulfill(room_id)) == (0 if late else 2)


@pytest.mark.parametrize("late", [0, 1])
def test_fulfill__active_past_its_life__is_skipped(stage: Stage, late: int) -> None:
    room_id = stage.active()
    stage.machine.advance(stage.terms.max_room_seconds - 1 + late)
    assert len(stage.fulfill(room_id)) == (0 if late else 1)


def test_fulfill__hosts_events_used_up__the_first_fulfilment_still_counts(stage: Stage) -> None:
    room_id = stage.create()
    limit = stage.terms.max_room_events
    for _ in range(limit - 1):
        stage.act(HOST, "updateRoom", room_id, b"")
    assert len(stage.fulfill(room_id)) == 2
    for _ in range(limit - 1):
        assert len(stage.fulfill(room_id)) == 1
    assert stage.fulfill(room_id) == []
    assert stage.room(room_id).events == 2 * limit


def test_fulfill__empty_batch__does_nothing(stage: Stage) -> None:
    assert stage.act(OPERATOR, "fulfill", []) == []


# --- decline ----------------------------------------------------------------------------------


@pytest.mark.parametrize("fulfilled", [True, False])
def test_decline__open__ends_and_gives_back(stage: Stage, fulfilled: bool) -> None:
    room_id = stage.active() if fulfilled else stage.create()
    stage.decline(room_id, reason=65_535)
    assert stage.room(room_id).end_reason == EndReason.DECLINED
    assert stage.credit(HOST) == (stage.terms.deposit if fulfilled else stage.price)


def test_decline__expirable__still_ends_it(stage: Stage) -> None:
    room_id = stage.create()
    stage.machine.advance(stage.terms.fulfill_deadline_seconds)
    assert len(stage.decline(room_id)) == 1


@pytest.mark.parametrize("who", [OWNER, HOST, MODERATOR, STRANGER])
def test_decline__not_the_operator__is_skipped(stage: Stage, who: str) -> None:
    assert stage.decline(stage.create(), sender=who) == []


def test_decline__bad_entries__the_good_ones_take_effect(stage: Stage) -> None:
    good, ended, rekeyed = stage.create(), stage.ended(), stage.active()
    old = stage.tag(rekeyed)
    stage.act(HOST, "rekeyRoom", rekeyed, SECOND_KEY)
    entries = [
        Declination(ended, stage.tag(ended), 1),
        Declination(rekeyed, old, 1),
        Declination(99, bytes(12), 1),
        Declination(good, stage.tag(good), 1),
        Declination(good, stage.tag(good), 2),
    ]
    events = stage.act(OPERATOR, "decline", entries)
    assert names(events) == ["RoomEnded"]
    assert stage.room(good).status == Status.ENDED


# --- release ----------------------------------------------------------------------------------


def test_release__ended__says_that_the_live_input_is_gone(stage: Stage) -> None:
    room_id = stage.ended()
    stage.release(room_id)
    room = stage.room(room_id)
    assert (room.released, room.events, room.end_reason) == (True, 4, EndReason.HOST)


def test_release__twice__the_second_is_skipped(stage: Stage) -> None:
    room_id = stage.ended()
    assert len(stage.release(room_id, room_id)) == 1
    assert stage.release(room_id) == []


def test_release__open__is_skipped(stage: Stage) -> None:
    assert stage.release(stage.active()) == []


def test_release__never_fulfilled__is_skipped(stage: Stage) -> None:
    room_id = stage.create()
    stage.act(HOST, "endRoom", room_id)
    assert stage.release(room_id) == []


@pytest.mark.parametrize("who", [OWNER, HOST, MODERATOR, STRANGER])
def test_release__not_the_operator__is_skipped(stage: Stage, who: str) -> None:
    assert stage.release(stage.ended(), sender=who) == []


def test_release__wrong_tag_or_room__is_skipped(stage: Stage) -> None:
    room_id = stage.ended()
    entries = [Release(room_id, bytes(12)), Release(99, bytes(12))]
    assert stage.act(OPERATOR, "release", entries) == []


def test_release__long_after_its_life__still_counts(stage: Stage) -> None:
    room_id = stage.ended()
    stage.machine.advance(10 * stage.terms.max_room_seconds)
    assert len(stage.release(room_id)) == 1


# --- the operator's switch --------------------------------------------------------------------


@pytest.mark.parametrize("who", [OWNER, HOST, MODERATOR, STRANGER])
def test_accepting__not_the_operator__is_refused(stage: Stage, who: str) -> None:
    assert stage.refuse(who, "setOperatorAccepting", 1, False) == ("NotOperator", 1, who)


@pytest.mark.parametrize("number", [0, 2])
def test_accepting__unknown_operator__is_refused(stage: Stage, number: int) -> None:
    assert stage.refuse(OPERATOR, "setOperatorAccepting", number, False) == (
        "OperatorUnknown",
        number,
    )


def test_accepting__switched_off__open_rooms_are_still_served(stage: Stage) -> None:
    room_id = stage.create()
    stage.act(OPERATOR, "setOperatorAccepting", 1, False)
    stage.act(OWNER, "setOperatorEnabled", 1, False)
    stage.fulfill(room_id)
    stage.act(HOST, "rekeyRoom", room_id, KEY)
    stage.fulfill(room_id)
    stage.act(HOST, "endRoom", room_id)
    stage.release(room_id)
    assert not stage.views.operator(1).accepting
    assert stage.views.operator(1).account != ZERO_ADDRESS
