"""What auditors ask."""

from __future__ import annotations

import pytest

from chain.enums import Status
from chain.hexes import ZERO_ADDRESS, keccak
from chain.views import view_call
from tests.support.registry.registry import BASE, OWNER, refusal
from tests.support.registry.stage import HOST, KEY, OPERATOR, STRANGER, UID, Stage


def ask(stage: Stage, name: str, number: int) -> tuple[object, ...]:
    return refusal(stage.machine.view(stage.address, view_call(name, number)).output)


@pytest.mark.parametrize(("mode", "path"), [(0, "/webRTC/play"), (1, "/manifest/video.m3u8")])
def test_playback_url__active__is_where_the_mode_plays(stage: Stage, mode: int, path: str) -> None:
    room_id = stage.create(mode=mode)
    stage.act(OPERATOR, "fulfill", [stage.entry(room_id, UID)])
    assert stage.views.playback_url(room_id) == f"{BASE}/{UID.hex()}{path}"


def test_playback_url__every_digit__is_lower_case_hex(stage: Stage) -> None:
    for n, uid in enumerate((bytes(range(0, 256, 16)), bytes(range(1, 17)), b"\xff" * 16), 1):
        room_id = stage.create()
        stage.act(OPERATOR, "fulfill", [stage.entry(room_id, uid)])
        assert stage.views.playback_url(n) == f"{BASE}/{uid.hex()}/webRTC/play"


def test_playback_url__not_active__is_refused(stage: Stage) -> None:
    pending, ended = stage.create(), stage.ended()
    assert ask(stage, "playbackURL", pending) == ("RoomNotActive", pending)
    assert ask(stage, "playbackURL", ended) == ("RoomNotActive", ended)
    assert ask(stage, "playbackURL", 99) == ("RoomUnknown", 99)


def test_room__unknown__is_refused_alone_and_empty_among_others(stage: Stage) -> None:
    room_id = stage.create()
    assert ask(stage, "room", 2) == ("RoomUnknown", 2)
    views = stage.views.rooms([0, room_id, 2, 2**256 - 1, room_id])
    assert [view.room_id for view in views] == [0, room_id, 0, 0, room_id]
    assert all(view.status == Status.NONE and view.host == ZERO_ADDRESS for view in views[2:4])
    assert views[1] == views[4] == stage.room(room_id)


def test_rooms__none_asked__none_told(stage: Stage) -> None:
    assert stage.views.rooms([]) == []


@pytest.mark.parametrize("number", [0, 2])
def test_operator__unknown__is_refused(stage: Stage, number: int) -> None:
    assert ask(stage, "operator", number) == ("OperatorUnknown", number)


def test_account__never_seen__owes_and_hosts_nothing(stage: Stage) -> None:
    assert stage.views.account(STRANGER) == (0, 0)


def test_creation__a_host_and_an_operator__all_that_a_creation_depends_on(stage: Stage) -> None:
    stage.create()
    stage.act(HOST, "endRoom", stage.active())
    terms = stage.terms._replace(fee=0)
    stage.act(OWNER, "setTerms", terms)
    view = stage.views.creation(1, HOST)
    assert view == (2, terms, False, ZERO_ADDRESS, False, True, terms.deposit, 1)


@pytest.mark.parametrize("number", [0, 2, 65_535])
def test_creation__unknown_operator__does_not_accept(stage: Stage, number: int) -> None:
    view = stage.views.creation(number, STRANGER)
    assert (view.accepting, view.credit, view.open_rooms) == (False, 0, 0)


def test_creation__operators_switches__each_says_that_it_does_not_accept(stage: Stage) -> None:
    for who, name, off, on in (
        (OPERATOR, "setOperatorAccepting", False, True),
        (OWNER, "setOperatorEnabled", False, True),
        (OWNER, "setOperatorAccount", ZERO_ADDRESS, OPERATOR),
    ):
        stage.act(who, name, 1, off)
        assert not stage.views.creation(1, HOST).accepting
        stage.act(who, name, 1, on)
        assert stage.views.creation(1, HOST).accepting


def test_creation__paused_then_retired__says_so(stage: Stage) -> None:
    stage.act(OWNER, "setPaused", True)
    view = stage.views.creation(1, HOST)
    assert (view.paused, view.retired, view.successor) == (True, False, ZERO_ADDRESS)
    stage.act(OWNER, "retire", ZERO_ADDRESS)
    view = stage.views.creation(1, HOST)
    assert (view.paused, view.retired, view.accepting) == (True, True, True)


def test_gate__the_registry_itself__answers_no_balance(stage: Stage) -> None:
    """By invitation only: whoever asks it as a token meets a revert, and lets nobody in."""
    asked = keccak(b"balanceOf(address)")[:4] + bytes(12) + bytes.fromhex(HOST[2:])
    assert not stage.machine.view(stage.address, asked).ok
    assert stage.room(stage.create(gate=stage.address)).gated


def test_tag_of__arguments__agree_with_the_stored_tag(stage: Stage) -> None:
    room_id = stage.create()
    first = stage.views.ask("tagOf", 1, HOST, 1, 0, bytes(32), KEY, 1)
    assert first == stage.tag(room_id)
    stage.fulfill(room_id)
    stage.act(HOST, "rekeyRoom", room_id, b"\x01" * 32)
    args = [1, HOST, 1, 0, first.ljust(32, b"\0"), b"\x01" * 32, 2]
    assert stage.views.ask("tagOf", *args) == stage.tag(room_id)


def test_version__asked__is_told(stage: Stage) -> None:
    assert stage.views.ask("VERSION") == "1.1.0"
