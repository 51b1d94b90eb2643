"""createRoom: each condition it checks, and what it leaves behind."""

from __future__ import annotations

import pytest

from chain.enums import Mode, Status
from chain.hexes import ZERO_ADDRESS
from tests.support.registry.registry import OWNER
from tests.support.registry.stage import HOST, KEY, OPERATOR, OTHER, PAYEE, STRANGER, Stage

PUBLIC = (1, 1, 0, ZERO_ADDRESS, KEY, b"A room")


def test_create__first_room__is_pending_with_all_that_was_asked(stage: Stage) -> None:
    room_id = stage.create(mode=1, title="Phòng học số 7".encode())
    room = stage.room(room_id)
    assert room_id == 1
    assert (room.host, room.operator_id, room.terms_id, room.mode) == (HOST, 1, 1, Mode.BROADCAST)
    assert (room.status, room.key_version, room.events) == (Status.PENDING, 1, 1)
    assert room.created_at == stage.machine.now
    assert room.expires_at == room.created_at + stage.terms.fulfill_deadline_seconds
    assert (room.gated, room.released, room.rekeyed_at) == (False, False, 0)
    assert stage.open_rooms(HOST) == 1
    assert stage.machine.balance(stage.address) == stage.price


def test_create__numbers__go_up_by_one_from_the_first(stage: Stage) -> None:
    assert [stage.create(host) for host in (HOST, OTHER, HOST)] == [1, 2, 3]
    assert stage.views.number("roomCount") == 3


def test_create__under_a_first_room_id__numbers_begin_there() -> None:
    stage = Stage(first_room_id=4_000_000_000_000)
    assert stage.create() == 4_000_000_000_000
    assert stage.create() == 4_000_000_000_001
    assert stage.views.number("firstRoomId") == 4_000_000_000_000
    stage.compare()


@pytest.mark.parametrize("difference", [-1, 1])
def test_create__wrong_payment__is_refused(stage: Stage, difference: int) -> None:
    sent = stage.price + difference
    refused = stage.refuse(HOST, "createRoom", *PUBLIC, value=sent)
    assert refused == ("WrongPayment", stage.price, sent, 0)


def test_create__without_payment__is_refused(stage: Stage) -> None:
    assert stage.refuse(HOST, "createRoom", *PUBLIC)[0] == "WrongPayment"


def test_create__free_terms__takes_nothing(stage: Stage) -> None:
    stage.act(OWNER, "setTerms", stage.terms._replace(deposit=0, fee=0))
    stage.act(HOST, "createRoom", 2, *PUBLIC[1:])
    refused = stage.refuse(HOST, "createRoom", 2, *PUBLIC[1:], value=1)
    assert refused == ("WrongPayment", 0, 1, 0)


@pytest.mark.parametrize("length", [0, 1, 31, 32, 33, 96])
def test_create__title_up_to_the_limit__is_taken(stage: Stage, length: int) -> None:
    stage.create(title=b"\xff" * length)


def test_create__title_over_the_limit__is_refused(stage: Stage) -> None:
    refused = stage.refuse(
        HOST, "createRoom", 1, 1, 0, ZERO_ADDRESS, KEY, b"x" * 97, value=stage.price
    )
    assert refused == ("TitleTooLong", 97, 96)


def test_create__zero_key__is_refused(stage: Stage) -> None:
    args = (1, 1, 0, ZERO_ADDRESS, bytes(32), b"")
    assert stage.refuse(HOST, "createRoom", *args, value=stage.price) == ("IngestKeyZero",)


def test_create__unknown_mode__is_refused(stage: Stage) -> None:
    assert stage.refuse(HOST, "createRoom", 1, 1, 2, *PUBLIC[3:], value=stage.price) == ("",)


def test_create__gate_with_code__is_gated(stage: Stage) -> None:
    room_id = stage.create(gate=stage.address)
    assert stage.room(room_id).gated


def test_create__gate_without_code__is_refused(stage: Stage) -> None:
    refused = stage.refuse(HOST, "createRoom", 1, 1, 0, STRANGER, KEY, b"", value=stage.price)
    assert refused == ("GateWithoutCode", STRANGER)


@pytest.mark.parametrize("operator", [0, 2, 65535])
def test_create__unknown_operator__is_refused(stage: Stage, operator: int) -> None:
    refused = stage.refuse(HOST, "createRoom", 1, operator, *PUBLIC[2:], value=stage.price)
    assert refused == ("OperatorNotAccepting", operator)


def test_create__operator_not_accepting__is_refused_until_it_does(stage: Stage) -> None:
    stage.act(OPERATOR, "setOperatorAccepting", 1, False)
    refused = stage.refuse(HOST, "createRoom", *PUBLIC, value=stage.price)
    assert refused == ("OperatorNotAccepting", 1)
    stage.act(OPERATOR, "setOperatorAccepting", 1, True)
    stage.create()


def test_create__operator_disabled__is_refused_until_enabled(stage: Stage) -> None:
    stage.act(OWNER, "setOperatorEnabled", 1, False)
    refused = stage.refuse(HOST, "createRoom", *PUBLIC, value=stage.price)
    assert refused == ("OperatorNotAccepting", 1)
    stage.act(OWNER, "setOperatorEnabled", 1, True)
    stage.create()


def test_create__operator_revoked__is_refused_until_it_has_an_account(stage: Stage) -> None:
    stage.act(OWNER, "setOperatorAccount", 1, ZERO_ADDRESS)
    refused = stage.refuse(HOST, "createRoom", *PUBLIC, value=stage.price)
    assert refused == ("OperatorNotAccepting", 1)
    stage.act(OWNER, "setOperatorAccount", 1, OTHER)
    stage.create()


def test_create__paused__is_refused_until_it_goes_on(stage: Stage) -> None:
    stage.act(OWNER, "setPaused", True)
    refused = stage.refuse(HOST, "createRoom", *PUBLIC, value=stage.price)
    assert refused == ("CreationPaused",)
    stage.act(OWNER, "setPaused", False)
    stage.create()


def test_create__as_many_open_rooms_as_allowed__the_next_is_refused(stage: Stage) -> None:
    rooms = [stage.create() for _ in range(stage.terms.max_open_rooms)]
    refused = stage.refuse(HOST, "createRoom", *PUBLIC, value=stage.price)
    assert refused == ("TooManyOpenRooms", HOST, stage.terms.max_open_rooms)
    stage.create(OTHER)
    stage.act(HOST, "endRoom", rooms[2])
    stage.create()


def test_create__new_terms__rooms_keep_the_terms_they_were_created_under(stage: Stage) -> None:
    before = stage.create()
    old = stage.terms
    new = old._replace(
        deposit=5 * 10**9, fee=7 * 10**9, max_room_seconds=120, fulfill_deadline_seconds=60
    )
    stage.act(OWNER, "setTerms", new)
    after = stage.create()
    assert stage.price == 12 * 10**9
    assert [stage.room(r).terms_id for r in (before, after)] == [1, 2]
    stage.machine.advance(60)
    assert stage.room(after).effective_status == Status.ENDED
    assert stage.room(before).effective_status == Status.PENDING
    stage.act(STRANGER, "expire", [after])
    stage.act(HOST, "endRoom", before)
    assert stage.credit(HOST) == old.deposit + 12 * 10**9
    assert stage.credit(PAYEE) == old.fee
