"""Recordings of BROADCAST inputs."""

from __future__ import annotations

import pytest

from localnet.stream.errors import ApiError
from localnet.stream.input_change import parse
from localnet.stream.model import StandInLiveInput
from localnet.stream.video import LIVE, READY
from tests.unit.stream.conftest import StandInParts


def _broadcast(world: StandInParts, days: int | None = None) -> StandInLiveInput:
    body = {
        "meta": {"name": "Evening"},
        "recording": {"mode": "automatic"},
        "deleteRecordingAfterDays": days,
    }
    return world.inputs.create(world.account, parse(body))


def test_broadcast__rtmp_with_recording__makes_one_video(world: StandInParts) -> None:
    live = _broadcast(world)
    world.inputs.connected(live.uid, "rtmp")
    (video,) = world.recordings.list(world.account.id, live.uid)
    assert video.state == LIVE
    assert video.render()["liveInput"] == live.uid
    world.clock.tick(90)
    world.inputs.disconnected(live.uid)
    (video,) = world.recordings.list(world.account.id, live.uid)
    assert video.state == READY
    assert video.duration == 90
    assert video.size > 0


def test_broadcast__whip__is_never_recorded(world: StandInParts) -> None:
    live = _broadcast(world)
    world.inputs.connected(live.uid, "webrtc")
    assert world.recordings.list(world.account.id) == []


def test_broadcast__recording_off__is_not_recorded(world: StandInParts) -> None:
    live = world.create()
    world.inputs.connected(live.uid, "rtmp")
    assert world.recordings.list(world.account.id) == []


def test_delete__while_live__conflicts_then_works(world: StandInParts) -> None:
    live = _broadcast(world)
    world.inputs.connected(live.uid, "rtmp")
    (video,) = world.recordings.list(world.account.id)
    with pytest.raises(ApiError) as error:
        world.recordings.delete(world.account.id, video.uid)
    assert (error.value.status, error.value.errors[0]["code"]) == (409, 10046)
    world.inputs.set_enabled(world.account.id, live.uid, False)
    world.recordings.delete(world.account.id, video.uid)
    with pytest.raises(ApiError):
        world.recordings.get(world.account.id, video.uid)


def test_recording__input_deleted__outlives_it(world: StandInParts) -> None:
    live = _broadcast(world)
    world.inputs.connected(live.uid, "srt")
    world.inputs.delete(world.account.id, live.uid)
    (video,) = world.recordings.list(world.account.id, live.uid)
    assert video.state == READY


def test_retention__days_pass__the_recording_is_gone(world: StandInParts) -> None:
    live = _broadcast(world, days=45)
    world.inputs.connected(live.uid, "rtmp")
    world.inputs.disconnected(live.uid)
    world.clock.tick(45 * 86400 - 1)
    assert len(world.recordings.list(world.account.id)) == 1
    world.clock.tick(1)
    assert world.recordings.list(world.account.id) == []


def test_get__video_of_another_account__is_not_found(world: StandInParts) -> None:
    live = _broadcast(world)
    world.inputs.connected(live.uid, "rtmp")
    (video,) = world.recordings.list(world.account.id)
    with pytest.raises(ApiError):
        world.recordings.get("b" * 32, video.uid)
