"""Following the index: cheaply while it goes on, and truly when it goes back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from chain.events import CONTRACT_VERSION
from indexer.documents import FORMAT
from presence.room_index import IndexUnusable, RoomFollower
from tests.support.manual_clock import ManualClock

CONTRACT = "0x" + "c0" * 20


class _Index:
    """Events as (room, block hash); every question is counted."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.history: list[tuple[int, str]] = []
        self.active: set[int] = set()
        self.asked: list[str] = []
        self.there = True
        self.updated_at = clock.now()
        self.format = FORMAT

    def emit(self, room: int, block: str = "a") -> None:
        self.history.append((room, block))

    async def positions(self) -> list[dict[str, Any]]:
        point = {
            "_id": CONTRACT, "format": self.format, "version": CONTRACT_VERSION,
            "seq": len(self.history), "history": repr(self.history), "updated_at": self.updated_at,
        }  # fmt: skip
        return [point] if self.there else []

    async def events(self, contract: str, first: int, last: int) -> list[dict[str, Any]]:
        self.asked.append(f"events {first}-{last}")
        return [
            {"seq": seq, "room_id": room, "block_hash": block, "log_index": 0}
            for seq, (room, block) in enumerate(self.history, 1)
            if first <= seq <= last
        ]

    async def rooms_by_id(self, ids: Sequence[int]) -> list[dict[str, Any]]:
        self.asked.append(f"rooms {sorted(ids)}")
        return [self._doc(n) for n in ids]

    async def open_rooms(self, now: int) -> list[dict[str, Any]]:
        self.asked.append("all")
        return [self._doc(n) for n in sorted(self.active)]

    def _doc(self, n: int) -> dict[str, Any]:
        return {
            "_id": n, "contract": CONTRACT, "status": "active" if n in self.active else "ended",
            "mode": "webrtc", "uid": "ab" * 16, "playback_base": "https://x.example", "gate": None,
            "created_at": 1, "provisioned_at": 2, "expire_at": 3 if n in self.active else None,
        }  # fmt: skip

    def told(self) -> list[str]:
        asked, self.asked = self.asked, []
        return asked


class _Scene:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.index = _Index(self.clock)
        self.follower = RoomFollower(self.index, [CONTRACT], self.clock)


async def _begun(*rooms: int) -> _Scene:
    scene = _Scene()
    for room in rooms:
        scene.index.emit(room)
        scene.index.active.add(room)
    change = await scene.follower.step()
    assert change.complete
    assert [room.n for room in change.active] == sorted(rooms)
    scene.index.told()
    return scene


async def test_step__nothing_happened__asks_for_the_checkpoint_alone() -> None:
    scene = await _begun(1, 2)
    assert await scene.follower.step() == ([], [], False)
    assert scene.index.told() == []


async def test_step__new_events__reads_the_rooms_that_they_are_about() -> None:
    scene = await _begun(1, 2)
    scene.index.emit(3)
    scene.index.active.add(3)
    scene.index.emit(1)
    scene.index.active.discard(1)
    change = await scene.follower.step()
    assert ([room.n for room in change.active], change.over) == ([2, 3], [1])
    assert scene.index.told() == ["events 2-4", "rooms [1, 2, 3]"]
    assert (await scene.follower.step()).active == []


async def test_step__a_reorg__reads_what_was_and_what_is_and_soon_everything() -> None:
    scene = await _begun(1)
    scene.index.emit(2, "b")
    scene.index.active.add(2)
    await scene.follower.step()
    scene.index.history[-1] = (3, "c")
    scene.index.active = {1, 3}
    change = await scene.follower.step()
    assert ([room.n for room in change.active], change.over) == ([1, 3], [2])
    scene.index.told()
    scene.clock.tick(31)
    change = await scene.follower.step()
    assert change.complete
    assert scene.index.told()[0] == "all"


async def test_step__an_index_that_is_shorter_than_before__is_read_anew_soon() -> None:
    scene = await _begun(1, 2, 3)
    del scene.index.history[1:]
    scene.index.active = {1}
    await scene.follower.step()
    scene.clock.tick(31)
    change = await scene.follower.step()
    assert (change.complete, [room.n for room in change.active]) == (True, [1])


async def test_step__every_ten_minutes__reads_everything() -> None:
    scene = await _begun(1)
    scene.clock.tick(599)
    await scene.follower.step()
    assert scene.index.told() == []
    scene.clock.tick(2)
    assert (await scene.follower.step()).complete


async def test_step__no_index_or_one_of_another_format__says_what_to_do() -> None:
    scene = await _begun(1)
    scene.index.there = False
    with pytest.raises(IndexUnusable, match="start the indexer"):
        await scene.follower.step()
    scene.index.there, scene.index.format = True, FORMAT + 1
    with pytest.raises(IndexUnusable, match="indexer rebuild"):
        await scene.follower.step()


async def test_step__an_indexer_that_is_silent__is_noted_and_goes_on() -> None:
    scene = await _begun(1)
    scene.clock.tick(120)
    await scene.follower.step()
    assert scene.follower.note is not None
    scene.index.updated_at = scene.clock.now()
    await scene.follower.step()
    assert scene.follower.note is None


async def test_step__a_read_that_failed__is_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = await _begun(1)
    scene.index.emit(2)
    scene.index.active.add(2)

    async def fails(ids: Sequence[int]) -> list[dict[str, Any]]:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(scene.index, "rooms_by_id", fails)
        with pytest.raises(ConnectionError):
            await scene.follower.step()
    assert [room.n for room in (await scene.follower.step()).active] == [1, 2]
