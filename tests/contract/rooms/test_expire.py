"""Ends that others bring about: expire by anyone, take-down by a moderator."""

from __future__ import annotations

import pytest

from chain.enums import EndReason, Status
from chain.hexes import ZERO_ADDRESS
from tests.support.registry.registry import OWNER, TERMS
from tests.support.registry.stage import HOST, MODERATOR, OPERATOR, OTHER, STRANGER, Stage


@pytest.mark.parametrize("early", [1, 0])
def test_expire__pending_past_the_deadline__ends_as_unfulfilled(stage: Stage, early: int) -> None:
    room_id = stage.create()
    stage.machine.advance(stage.terms.fulfill_deadline_seconds - early)
    assert len(stage.act(STRANGER, "expire", [room_id])) == (0 if early else 1)
    if not early:
        assert stage.room(room_id).end_reason == EndReason.UNFULFILLED
        assert stage.credit(HOST) == stage.price


@pytest.mark.parametrize("early", [1, 0])
def test_expire__active_past_its_life__ends_as_expired(stage: Stage, early: int) -> None:
    room_id = stage.active()
    stage.machine.advance(stage.terms.max_room_seconds - early)
    assert len(stage.act(STRANGER, "expire", [room_id])) == (0 if early else 1)
    if not early:
        assert stage.room(room_id).end_reason == EndReason.EXPIRED
        assert stage.credit(HOST) == stage.terms.deposit


@pytest.mark.parametrize("fulfilled", [True, False])
def test_expire__operator_revoked__ends_at_once(stage: Stage, fulfilled: bool) -> None:
    room_id = stage.active() if fulfilled else stage.create()
    assert stage.act(STRANGER, "expire", [room_id]) == []
    stage.act(OWNER, "setOperatorAccount", 1, ZERO_ADDRESS)
    room = stage.room(room_id)
    why = EndReason.EXPIRED if fulfilled else EndReason.UNFULFILLED
    assert (room.effective_status, room.effective_reason) == (Status.ENDED, why)
    stage.act(STRANGER, "expire", [room_id])
    assert stage.room(room_id).end_reason == why


def test_expire__operator_back_in_time__the_room_lives_on(stage: Stage) -> None:
    room_id = stage.active()
    stage.act(OWNER, "setOperatorAccount", 1, ZERO_ADDRESS)
    stage.act(OWNER, "setOperatorAccount", 1, OTHER)
    assert stage.act(STRANGER, "expire", [room_id]) == []


def test_expire__mixed_batch__only_what_is_due(stage: Stage) -> None:
    due, ended, active = stage.create(), stage.ended(), stage.active()
    stage.machine.advance(stage.terms.fulfill_deadline_seconds)
    fresh = stage.create()
    events = stage.act(STRANGER, "expire", [0, due, ended, active, fresh, 2**256 - 1, due])
    assert [type(event).__name__ for event in events] == ["RoomEnded"]
    assert events[0].room_id == due  # type: ignore[union-attr]


def test_expire__deadline_as_long_as_the_life__both_bounds_hold() -> None:
    stage = Stage(TERMS._replace(max_room_seconds=60, fulfill_deadline_seconds=60))
    pending, active = stage.create(), stage.active()
    stage.machine.advance(60)
    assert len(stage.act(STRANGER, "expire", [pending, active])) == 2
    stage.compare()


def test_effective_status__before_and_after__follows_time_not_storage(stage: Stage) -> None:
    room_id = stage.create()
    stage.machine.advance(stage.terms.fulfill_deadline_seconds)
    room = stage.room(room_id)
    assert (room.status, room.end_reason) == (Status.PENDING, EndReason.NONE)
    assert (room.effective_status, room.effective_reason) == (
        Status.ENDED,
        EndReason.UNFULFILLED,
    )


def test_effective_status__ended_long_ago__keeps_its_reason(stage: Stage) -> None:
    room_id = stage.ended()
    stage.machine.advance(10 * stage.terms.max_room_seconds)
    assert stage.room(room_id).effective_reason == EndReason.HOST


# --- take-down --------------------------------------------------------------------------------


@pytest.mark.parametrize("fulfilled", [True, False])
def test_take_down__open__ends_and_gives_back(stage: Stage, fulfilled: bool) -> None:
    room_id = stage.active() if fulfilled else stage.create()
    events = stage.act(MODERATOR, "takeDown", room_id, 65_535)
    assert events[0].detail == 65_535  # type: ignore[union-attr]
    assert stage.room(room_id).end_reason == EndReason.TAKEN_DOWN
    assert stage.credit(HOST) == (stage.terms.deposit if fulfilled else stage.price)


@pytest.mark.parametrize("who", [OWNER, HOST, OPERATOR, STRANGER])
def test_take_down__not_a_moderator__is_refused(stage: Stage, who: str) -> None:
    assert stage.refuse(who, "takeDown", stage.create(), 1) == ("NotModerator", who)


def test_take_down__moderator_dismissed__is_refused(stage: Stage) -> None:
    stage.act(OWNER, "setModerator", MODERATOR, False)
    assert stage.refuse(MODERATOR, "takeDown", stage.create(), 1) == ("NotModerator", MODERATOR)


def test_take_down__ended__is_refused(stage: Stage) -> None:
    room_id = stage.ended()
    assert stage.refuse(MODERATOR, "takeDown", room_id, 1) == ("RoomNotOpen", room_id)


def test_take_down__unknown__is_refused(stage: Stage) -> None:
    assert stage.refuse(MODERATOR, "takeDown", 5, 1) == ("RoomUnknown", 5)


def test_take_down__expirable__still_ends_it(stage: Stage) -> None:
    room_id = stage.create()
    stage.machine.advance(stage.terms.fulfill_deadline_seconds)
    stage.act(MODERATOR, "takeDown", room_id, 3)
