"""What a host does with a room: update, rekey, transfer, accept, end."""

from __future__ import annotations

import pytest

from chain.enums import EndReason, Status
from chain.events import Credited, RoomEnded
from chain.hexes import ZERO_ADDRESS
from tests.support.registry.registry import OWNER, TERMS
from tests.support.registry.stage import HOST, KEY, OPERATOR, OTHER, PAYEE, STRANGER, Stage

SECOND_KEY = bytes(range(1, 33))
# every function that only an open room's host may call, with arguments after the room's number
HOSTS_OWN = {
    "updateRoom": (b"title",),
    "describeRoom": (1, b"details"),
    "rekeyRoom": (SECOND_KEY,),
    "transferRoom": (OTHER,),
    "endRoom": (),
}
NEEDS_OPEN = {**HOSTS_OWN, "acceptRoom": (bytes(12), SECOND_KEY)}


@pytest.mark.parametrize("name", HOSTS_OWN)
def test_host_call__from_another__is_refused(stage: Stage, name: str) -> None:
    room_id = stage.create()
    assert stage.refuse(OTHER, name, room_id, *HOSTS_OWN[name]) == ("NotHost", room_id, OTHER)


@pytest.mark.parametrize("name", NEEDS_OPEN)
def test_host_call__unknown_room__is_refused(stage: Stage, name: str) -> None:
    assert stage.refuse(HOST, name, 9, *NEEDS_OPEN[name]) == ("RoomUnknown", 9)


@pytest.mark.parametrize("name", NEEDS_OPEN)
def test_host_call__ended_room__is_refused(stage: Stage, name: str) -> None:
    room_id = stage.ended()
    refused = stage.refuse(HOST, name, room_id, *NEEDS_OPEN[name])
    assert refused == ("RoomNotOpen", room_id)


@pytest.mark.parametrize("name", sorted(set(NEEDS_OPEN) - {"endRoom"}))
@pytest.mark.parametrize("pending", [True, False])
def test_host_call__expirable_room__is_refused(stage: Stage, name: str, pending: bool) -> None:
    room_id = stage.create() if pending else stage.active()
    terms = stage.terms
    life = terms.fulfill_deadline_seconds if pending else terms.max_room_seconds
    stage.machine.advance(life - 1)
    stage.act(HOST, "transferRoom", room_id, HOST)
    stage.machine.advance(1)
    refused = stage.refuse(HOST, name, room_id, *NEEDS_OPEN[name])
    assert refused == ("RoomNotOpen", room_id)


@pytest.mark.parametrize("name", sorted(set(NEEDS_OPEN) - {"endRoom"}))
def test_host_call__operator_revoked__is_refused(stage: Stage, name: str) -> None:
    room_id = stage.active()
    stage.act(HOST, "transferRoom", room_id, HOST)
    stage.act(OWNER, "setOperatorAccount", 1, ZERO_ADDRESS)
    refused = stage.refuse(HOST, name, room_id, *NEEDS_OPEN[name])
    assert refused == ("RoomNotOpen", room_id)


# --- update -----------------------------------------------------------------------------------


@pytest.mark.parametrize("title", [b"", b"x" * 96, "🎥".encode() * 24, b"\xff\xfe"])
def test_update__any_title_up_to_the_limit__is_told(stage: Stage, title: bytes) -> None:
    room_id = stage.create()
    stage.act(HOST, "updateRoom", room_id, title)
    assert stage.room(room_id).events == 2


def test_update__title_over_the_limit__is_refused(stage: Stage) -> None:
    room_id = stage.create()
    assert stage.refuse(HOST, "updateRoom", room_id, b"x" * 97) == ("TitleTooLong", 97, 96)


@pytest.mark.parametrize("name", sorted(set(HOSTS_OWN) - {"endRoom"}))
def test_host_call__events_used_up__only_the_end_is_left(stage: Stage, name: str) -> None:
    room_id = stage.active()
    limit = stage.terms.max_room_events
    for _ in range(limit - 2):
        stage.act(HOST, "updateRoom", room_id, b"")
    refused = stage.refuse(HOST, name, room_id, *HOSTS_OWN[name])
    assert refused == ("TooManyRoomEvents", room_id, limit)
    stage.fulfill(room_id)
    stage.act(HOST, "endRoom", room_id)


def test_accept__events_used_up__is_refused(stage: Stage) -> None:
    room_id = stage.active()
    limit = stage.terms.max_room_events
    for _ in range(limit - 2):
        stage.act(HOST, "transferRoom", room_id, OTHER)
    refused = stage.refuse(OTHER, "acceptRoom", room_id, stage.tag(room_id), KEY)
    assert refused == ("TooManyRoomEvents", room_id, limit)


# --- rekey ------------------------------------------------------------------------------------


def test_rekey__changes_tag_and_version__and_says_when(stage: Stage) -> None:
    room_id = stage.active()
    before = stage.room(room_id)
    stage.machine.advance(77)
    stage.act(HOST, "rekeyRoom", room_id, SECOND_KEY)
    after = stage.room(room_id)
    assert after.tag != before.tag
    assert (after.key_version, after.rekeyed_at) == (2, before.created_at + 77)
    assert (after.uid, after.status) == (before.uid, Status.ACTIVE)


def test_rekey__in_the_second_of_creation__its_time_is_kept(stage: Stage) -> None:
    room_id = stage.active()
    stage.act(HOST, "rekeyRoom", room_id, SECOND_KEY)
    assert stage.room(room_id).rekeyed_at == stage.machine.now


def test_rekey__within_the_cooldown__is_refused_until_its_end(stage: Stage) -> None:
    room_id = stage.active()
    stage.act(HOST, "rekeyRoom", room_id, SECOND_KEY)
    available = stage.machine.now + stage.terms.rekey_cooldown
    stage.machine.advance(stage.terms.rekey_cooldown - 1)
    refused = stage.refuse(HOST, "rekeyRoom", room_id, KEY)
    assert refused == ("RekeyTooSoon", room_id, available)
    stage.machine.advance(1)
    stage.act(HOST, "rekeyRoom", room_id, KEY)
    assert stage.room(room_id).key_version == 3


def test_rekey__without_a_cooldown__twice_in_a_second() -> None:
    stage = Stage(TERMS._replace(rekey_cooldown=0))
    room_id = stage.active()
    for _ in range(2):
        stage.act(HOST, "rekeyRoom", room_id, KEY)
    stage.compare()


def test_rekey__at_the_end_of_the_longest_life__its_time_is_exact() -> None:
    stage = Stage(TERMS._replace(max_room_seconds=30 * 86_400, rekey_cooldown=65_535))
    room_id = stage.active()
    stage.machine.advance(30 * 86_400 - 1)
    stage.act(HOST, "rekeyRoom", room_id, SECOND_KEY)
    room = stage.room(room_id)
    assert room.rekeyed_at == room.created_at + 30 * 86_400 - 1
    assert (room.host, room.operator_id, room.terms_id) == (HOST, 1, 1)


def test_rekey__as_often_as_events_allow__versions_and_tags_stay_whole() -> None:
    stage = Stage(TERMS._replace(max_room_events=4000, rekey_cooldown=0))
    room_id = stage.active()
    uid = stage.room(room_id).uid
    for n in range(3998):
        stage.act(HOST, "rekeyRoom", room_id, (n + 1).to_bytes(32))
    room = stage.room(room_id)
    assert (room.key_version, room.events, room.uid) == (3999, 4000, uid)
    for _ in range(4000):
        stage.fulfill(room_id)
    assert stage.room(room_id).events == 8000
    assert stage.fulfill(room_id) == []  # no more sealing: the room can only end
    stage.act(HOST, "endRoom", room_id)
    stage.release(room_id)
    room = stage.room(room_id)
    assert (room.key_version, room.events, room.released) == (3999, 8002, True)
    assert room.end_reason == EndReason.HOST
    stage.compare()


def test_rekey__pending__is_refused(stage: Stage) -> None:
    room_id = stage.create()
    before = stage.room(room_id)
    assert stage.refuse(HOST, "rekeyRoom", room_id, SECOND_KEY) == ("RoomNotActive", room_id)
    assert stage.room(room_id) == before


def test_rekey__zero_key__is_refused(stage: Stage) -> None:
    room_id = stage.active()
    assert stage.refuse(HOST, "rekeyRoom", room_id, bytes(32)) == ("IngestKeyZero",)


# --- transfer and accept ----------------------------------------------------------------------


def test_accept__offered__room_deposit_and_count_move(stage: Stage) -> None:
    room_id = stage.active()
    before = stage.room(room_id)
    stage.act(HOST, "transferRoom", room_id, OTHER)
    assert stage.room(room_id).pending_host == OTHER
    stage.act(OTHER, "acceptRoom", room_id, stage.tag(room_id), SECOND_KEY)
    room = stage.room(room_id)
    assert (room.host, room.pending_host, room.key_version) == (OTHER, ZERO_ADDRESS, 2)
    assert room.tag != before.tag and room.uid == before.uid
    assert (stage.open_rooms(HOST), stage.open_rooms(OTHER)) == (0, 1)
    assert stage.refuse(HOST, "endRoom", room_id) == ("NotHost", room_id, HOST)
    stage.act(OTHER, "endRoom", room_id)
    assert (stage.credit(HOST), stage.credit(OTHER)) == (0, stage.terms.deposit)


@pytest.mark.parametrize("who", [HOST, STRANGER, OWNER])
def test_accept__not_offered_to_the_caller__is_refused(stage: Stage, who: str) -> None:
    room_id = stage.create()
    stage.act(HOST, "transferRoom", room_id, OTHER)
    refused = stage.refuse(who, "acceptRoom", room_id, stage.tag(room_id), SECOND_KEY)
    assert refused == ("NotPendingHost", room_id, who)


def test_accept__offer_taken_back__is_refused(stage: Stage) -> None:
    room_id = stage.create()
    stage.act(HOST, "transferRoom", room_id, OTHER)
    stage.act(HOST, "transferRoom", room_id, ZERO_ADDRESS)
    refused = stage.refuse(OTHER, "acceptRoom", room_id, stage.tag(room_id), SECOND_KEY)
    assert refused == ("NotPendingHost", room_id, OTHER)


def test_accept__pending__is_refused_until_it_is_active(stage: Stage) -> None:
    room_id = stage.create()
    stage.act(HOST, "transferRoom", room_id, OTHER)
    args = (room_id, stage.tag(room_id), SECOND_KEY)
    assert stage.refuse(OTHER, "acceptRoom", *args) == ("RoomNotActive", room_id)
    stage.fulfill(room_id)
    stage.act(OTHER, "acceptRoom", *args)


def test_accept__key_changed_meanwhile__is_refused(stage: Stage) -> None:
    room_id = stage.active()
    stage.act(HOST, "transferRoom", room_id, OTHER)
    offered = stage.tag(room_id)
    stage.act(HOST, "rekeyRoom", room_id, SECOND_KEY)
    refused = stage.refuse(OTHER, "acceptRoom", room_id, offered, KEY)
    assert refused == ("TagChanged", room_id, offered, stage.tag(room_id))


def test_accept__host_changed_meanwhile_and_offered_again__is_refused(stage: Stage) -> None:
    room_id = stage.active()
    stage.act(HOST, "transferRoom", room_id, OTHER)
    offered = stage.tag(room_id)
    stage.act(OTHER, "acceptRoom", room_id, offered, SECOND_KEY)
    stage.act(OTHER, "transferRoom", room_id, HOST)
    refused = stage.refuse(HOST, "acceptRoom", room_id, offered, KEY)
    assert refused == ("TagChanged", room_id, offered, stage.tag(room_id))


def test_accept__twice__is_refused(stage: Stage) -> None:
    room_id = stage.active()
    stage.act(HOST, "transferRoom", room_id, OTHER)
    stage.act(OTHER, "acceptRoom", room_id, stage.tag(room_id), SECOND_KEY)
    stage.machine.advance(60)
    refused = stage.refuse(OTHER, "acceptRoom", room_id, stage.tag(room_id), SECOND_KEY)
    assert refused == ("NotPendingHost", room_id, OTHER)


def test_accept__new_host_at_the_limit__is_refused(stage: Stage) -> None:
    room_id = stage.active()
    stage.act(HOST, "transferRoom", room_id, OTHER)
    limit = stage.terms.max_open_rooms
    theirs = [stage.create(OTHER) for _ in range(limit)]
    refused = stage.refuse(OTHER, "acceptRoom", room_id, stage.tag(room_id), SECOND_KEY)
    assert refused == ("TooManyOpenRooms", OTHER, limit)
    stage.act(OTHER, "endRoom", theirs[0])
    stage.act(OTHER, "acceptRoom", room_id, stage.tag(room_id), SECOND_KEY)
    assert stage.open_rooms(OTHER) == limit


def test_accept__from_oneself_at_the_limit__counts_once(stage: Stage) -> None:
    rooms = [stage.active() for _ in range(stage.terms.max_open_rooms)]
    stage.act(HOST, "transferRoom", rooms[0], HOST)
    stage.act(HOST, "acceptRoom", rooms[0], stage.tag(rooms[0]), SECOND_KEY)
    assert stage.open_rooms(HOST) == len(rooms)


def test_accept__within_the_cooldown__is_refused_until_its_end(stage: Stage) -> None:
    room_id = stage.active()
    stage.act(HOST, "transferRoom", room_id, OTHER)
    stage.act(HOST, "rekeyRoom", room_id, SECOND_KEY)
    assert stage.refuse(OTHER, "acceptRoom", room_id, stage.tag(room_id), KEY)[0] == "RekeyTooSoon"
    stage.machine.advance(stage.terms.rekey_cooldown)
    stage.act(OTHER, "acceptRoom", room_id, stage.tag(room_id), KEY)


def test_accept__starts_a_cooldown__for_the_new_host(stage: Stage) -> None:
    room_id = stage.active()
    stage.act(HOST, "transferRoom", room_id, OTHER)
    stage.act(OTHER, "acceptRoom", room_id, stage.tag(room_id), KEY)
    assert stage.refuse(OTHER, "rekeyRoom", room_id, SECOND_KEY)[0] == "RekeyTooSoon"


def test_accept__zero_key__is_refused(stage: Stage) -> None:
    room_id = stage.active()
    stage.act(HOST, "transferRoom", room_id, OTHER)
    assert stage.refuse(OTHER, "acceptRoom", room_id, stage.tag(room_id), bytes(32)) == (
        "IngestKeyZero",
    )


def test_transfer__room_ended_meanwhile__the_offer_is_void(stage: Stage) -> None:
    room_id = stage.active()
    stage.act(HOST, "transferRoom", room_id, OTHER)
    stage.act(HOST, "endRoom", room_id)
    assert stage.refuse(OTHER, "acceptRoom", room_id, stage.tag(room_id), KEY) == (
        "RoomNotOpen",
        room_id,
    )


# --- end --------------------------------------------------------------------------------------


def test_end__pending__the_deposit_comes_back_and_the_fee_is_the_payees(stage: Stage) -> None:
    room_id = stage.create()
    ended, credited = stage.act(HOST, "endRoom", room_id)
    assert isinstance(ended, RoomEnded) and ended.amount == stage.terms.deposit
    assert isinstance(credited, Credited)
    assert credited[-3:] == (PAYEE, stage.terms.fee, 1)
    room = stage.room(room_id)
    assert (room.status, room.end_reason) == (Status.ENDED, EndReason.HOST)
    assert (stage.credit(HOST), stage.open_rooms(HOST)) == (stage.terms.deposit, 0)


@pytest.mark.parametrize("early", [1, 0])
def test_end__pending_at_the_deadline__all_comes_back(stage: Stage, early: int) -> None:
    room_id = stage.create()
    stage.machine.advance(stage.terms.fulfill_deadline_seconds - early)
    stage.act(HOST, "endRoom", room_id)
    assert stage.credit(PAYEE) == (stage.terms.fee if early else 0)
    assert stage.credit(HOST) == stage.price - stage.credit(PAYEE)


def test_end__pending_with_a_revoked_operator__all_comes_back(stage: Stage) -> None:
    room_id = stage.create()
    stage.act(OWNER, "setOperatorAccount", 1, ZERO_ADDRESS)
    stage.act(HOST, "endRoom", room_id)
    assert (stage.credit(HOST), stage.credit(PAYEE)) == (stage.price, 0)


def test_end__pending_with_an_operator_that_takes_no_more__the_fee_is_the_payees(
    stage: Stage,
) -> None:
    room_id = stage.create()
    stage.act(OPERATOR, "setOperatorAccepting", 1, False)
    stage.act(OWNER, "setOperatorEnabled", 1, False)
    stage.act(HOST, "endRoom", room_id)
    assert stage.credit(PAYEE) == stage.terms.fee


def test_end__pending_of_a_host_who_is_the_payee__gets_both(stage: Stage) -> None:
    stage.act(PAYEE, "setOperatorPayee", 1, HOST)
    stage.act(HOST, "endRoom", stage.create())
    assert (stage.credit(HOST), stage.open_rooms(HOST)) == (stage.price, 0)


def test_end__pending_without_a_fee__credits_nobody_else() -> None:
    stage = Stage(TERMS._replace(fee=0))
    assert len(stage.act(HOST, "endRoom", stage.create())) == 1
    stage.compare()


def test_end__active__the_deposit_comes_back(stage: Stage) -> None:
    stage.act(HOST, "endRoom", stage.active())
    assert stage.credit(HOST) == stage.terms.deposit


def test_end__expirable__the_host_may_still_end_it(stage: Stage) -> None:
    room_id = stage.active()
    stage.machine.advance(stage.terms.max_room_seconds)
    stage.act(HOST, "endRoom", room_id)
    assert stage.room(room_id).end_reason == EndReason.HOST


def test_end__free_room__credits_nothing() -> None:
    stage = Stage(TERMS._replace(deposit=0, fee=0))
    (event,) = stage.act(HOST, "endRoom", stage.active())
    assert isinstance(event, RoomEnded) and event.amount == 0
    stage.compare()
