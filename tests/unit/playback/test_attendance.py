"""Who was there, and who may know."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from playback.store import StoreUnavailable
from tests.support.playback.scene import DAY, TOKEN_SECONDS, PlaybackScene, refused


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[PlaybackScene]:
    made = PlaybackScene(tmp_path)
    yield made
    made.service.close()


def test_attendance__of_a_lesson__tells_entry_last_renewal_and_leaving(
    scene: PlaybackScene,
) -> None:
    granted = scene.delegate()
    began = scene.now
    stays = scene.enter(scene.invite(1, granted=granted), 1)["session"]
    leaves = scene.enter(scene.invite(2, granted=granted), 2)["session"]
    silent = scene.enter(scene.invite(3, granted=granted), 3)["session"]
    scene.wait(300)
    for session in (stays, leaves, silent):
        scene.service.renew(session)
    scene.wait(200)
    scene.service.leave(leaves)
    scene.service.renew(stays)
    scene.wait(401)
    scene.service.renew(stays)
    told = scene.service.host.attendance(scene.host_session(granted))
    rows = [(row["who"]["number"], row["entered"] - began, row["last"] - began,
             row["left"] and row["left"] - began) for row in told["rows"]]  # fmt: skip
    assert rows == [(1, 0, 901, None), (2, 0, 500, 500), (3, 0, 300, 300)]
    assert told["now"] == scene.now and all(row["role"] == "invited" for row in told["rows"])


def test_attendance__of_a_wallet__names_its_address(scene: PlaybackScene) -> None:
    scene.gate.holders = {scene.viewer.account}
    scene.sign_in(scene.viewer)
    scene.sign_in(scene.host)  # the host is not noted
    scene.service.tick()
    (row,) = scene.memory.attendance(scene.gated, scene.host.account)
    assert row.who == f"w:{scene.viewer.account}"


def test_attendance__older_than_it_is_kept__is_not_told_though_not_deleted_yet(
    scene: PlaybackScene,
) -> None:
    granted = scene.delegate()
    scene.enter(scene.invite(1, granted=granted), 1)
    scene.service.tick()
    scene.wait(30 * DAY + 1)
    (row,) = scene.memory.attendance(scene.room, scene.host.account)
    assert row.last < scene.now - 30 * DAY
    assert scene.service.host.attendance(scene.host_session(scene.delegate()))["rows"] == []


def test_attendance__after_the_room_was_given_away__each_host_sees_its_own_time(
    scene: PlaybackScene,
) -> None:
    scene.gate.holders = {scene.viewer.account}
    session = scene.sign_in(scene.viewer)["session"]
    scene.wait(100)
    scene.transfer(scene.gated, scene.other_host)
    given = scene.now
    scene.service.renew(session)
    scene.service.tick()
    (before,) = scene.memory.attendance(scene.gated, scene.host.account)
    (after,) = scene.memory.attendance(scene.gated, scene.other_host.account)
    assert before.last < given and after.entered == given


def test_attendance__while_the_database_is_away__waits_and_is_written(
    scene: PlaybackScene,
) -> None:
    session = scene.enter(scene.invite())["session"]
    scene.memory.down = True
    with pytest.raises(StoreUnavailable):
        scene.service.tick()
    scene.memory.down = False
    scene.wait(5)
    scene.service.renew(session)
    scene.service.tick()
    (row,) = scene.memory.rows.values()
    assert row.last - row.entered == 5


def test_attendance__after_its_days__is_deleted(scene: PlaybackScene) -> None:
    scene.enter(scene.invite())
    scene.service.tick()
    scene.wait(30 * DAY)
    scene.service.tick()
    assert scene.memory.rows
    scene.wait(601)
    scene.service.tick()
    assert not scene.memory.rows


def test_attendance__who_came_back__has_not_left(scene: PlaybackScene) -> None:
    session = scene.enter(scene.invite())["session"]
    scene.service.leave(session)
    scene.wait(5)
    scene.service.renew(session)
    scene.service.tick()
    (row,) = scene.memory.rows.values()
    assert row.left == 0 and row.last - row.entered == 5
    scene.wait(TOKEN_SECONDS + 1)
    refused("session-invalid", lambda: scene.service.leave("ls1.x.y"))
