"""Whose live input is asked for its status, and what becomes of the answers."""

from __future__ import annotations

import asyncio
from collections import Counter
from types import SimpleNamespace
from typing import Any, cast

from chain.enums import Mode
from common.live_status import LiveStatusNote
from oracle.cloudflare.errors import CloudflareError, Gone, ServerTrouble
from oracle.cloudflare.operations import Operation, Priority
from oracle.live_status import (
    EAGER_SECONDS,
    IDLE_SECONDS,
    NEW_SECONDS,
    LiveStatusTurns,
    LiveStatusWatch,
)
from oracle.metrics import OracleMetrics
from tests.support.manual_clock import ManualClock

CONTRACT = "0x" + "c0" * 20


def asked(turns: LiveStatusTurns, since: float, seconds: int) -> Counter[int]:
    """How often each room is asked about, once a second at most."""
    found: Counter[int] = Counter()
    for now in range(int(since), int(since) + seconds):
        if (due := turns.next(now)) is not None:
            turns.asked(due[0], now)
            found[due[0]] += 1
    return found


def test_turns__nobody_there__nobody_asked() -> None:
    assert LiveStatusTurns().next(0.0) is None


def test_turns__new_or_on_air__often_and_the_silent_rarely() -> None:
    turns = LiveStatusTurns()
    turns.update({1: "a", 2: "b"}, 0.0)
    assert asked(turns, 0, 60) == {1: 60 / EAGER_SECONDS, 2: 60 / EAGER_SECONDS}
    turns.told(2, live=True)
    later = int(NEW_SECONDS) + 1
    assert asked(turns, later, 90) == {1: 90 / IDLE_SECONDS, 2: 90 / EAGER_SECONDS}


def test_turns__a_room_with_another_input__is_new() -> None:
    turns = LiveStatusTurns()
    turns.update({1: "a"}, 0.0)
    turns.asked(1, 10.0)
    turns.update({1: "a"}, 10.0)
    assert turns.next(11.0) is None
    turns.update({1: "b"}, 10.0)
    assert turns.next(11.0) == (1, "b")
    turns.drop(1)
    assert turns.next(99.0) is None


def test_turns__too_many__each_gets_its_turn_and_those_on_air_more() -> None:
    turns = LiveStatusTurns()
    turns.update(dict.fromkeys(range(200), "x"), -2 * NEW_SECONDS)
    turns.told(7, live=True)
    found = asked(turns, 0, 1000)
    assert sum(found.values()) == 1000, "one a second, never more"
    assert min(found.values()) >= 4 and len(found) == 200
    assert found[7] >= 7 * min(found.values())


class Notes:
    def __init__(self) -> None:
        self.rows: dict[int, LiveStatusNote] = {}

    async def write(self, note: LiveStatusNote) -> None:
        self.rows[note["_id"]] = note

    async def remove(self, room_id: int) -> None:
        self.rows.pop(room_id, None)

    async def rooms(self) -> list[int]:
        return list(self.rows)


class Scene:
    """A watch, on a clock, whose rooms, answers and rate limit the test owns."""

    def __init__(self) -> None:
        self.clock, self.notes, self.metrics = ManualClock(), Notes(), OracleMetrics()
        self.inputs: dict[int, str] = {}
        self.answers: dict[str, bool | CloudflareError] = {}
        self.asked: list[str] = []
        self.spare = 1.0
        context = SimpleNamespace(
            me=SimpleNamespace(contract=CONTRACT, operator_id=3), index=self, cloudflare=self
        )
        self.watch = LiveStatusWatch(
            cast(Any, context), self.notes, self.metrics, self.clock, lambda: self.spare
        )

    async def active_inputs(self, _now: int, mode: Mode) -> list[tuple[int, str]]:
        assert mode is Mode.WEBRTC
        return list(self.inputs.items())

    async def get(self, uid: str, *, priority: Priority) -> Any:
        assert priority is max(Priority), "the least urgent of all"
        self.asked.append(uid)
        answer = self.answers[uid]
        if isinstance(answer, CloudflareError):
            raise answer
        return SimpleNamespace(input=SimpleNamespace(connected=answer))

    def look(self, seconds: int) -> None:
        for _ in range(seconds):
            asyncio.run(self.watch.look())
            self.clock.tick(1.0)

    def count(self, result: str) -> float | None:
        return self.metrics.registry.get_sample_value(
            "oracle_live_status_total", {"result": result}
        )


def test_watch__rooms_on_and_off_air__noted_and_forgotten_when_over() -> None:
    scene = Scene()
    scene.inputs, scene.answers = {1: "a", 2: "b"}, {"a": True, "b": False}
    begun = int(scene.clock.now())
    scene.look(2)
    note: LiveStatusNote = {
        "_id": 1, "contract": CONTRACT, "operator_id": 3, "live": True, "at": begun,
    }  # fmt: skip
    assert scene.notes.rows[1] == note
    assert scene.notes.rows[2] == {**note, "_id": 2, "live": False, "at": begun + 1}
    scene.answers["a"] = False
    scene.look(6)
    assert scene.notes.rows[1]["live"] is False
    del scene.inputs[1]
    scene.look(12)
    assert list(scene.notes.rows) == [2]
    assert scene.count("on air") == 1.0


def test_watch__notes_of_a_former_life__of_rooms_that_are_over_are_removed() -> None:
    scene = Scene()
    note: Any = {"_id": 9, "contract": CONTRACT, "operator_id": 3, "live": True, "at": 1}
    scene.notes.rows[9] = note
    scene.look(1)
    assert scene.notes.rows == {}


def test_watch__little_of_the_rate_limit_is_free__nothing_is_asked() -> None:
    scene = Scene()
    scene.inputs, scene.answers, scene.spare = {1: "a"}, {"a": True}, 0.49
    scene.look(30)
    assert scene.asked == []
    scene.spare = 0.5
    scene.look(1)
    assert scene.asked == ["a"]


def test_watch__cloudflare_fails__counted_with_growing_pauses_and_no_note() -> None:
    scene = Scene()
    scene.inputs = {1: "a"}
    scene.answers = {"a": ServerTrouble(Operation.GET, "HTTP 500", status=500)}
    scene.look(600)
    assert scene.notes.rows == {}
    assert len(scene.asked) <= 10
    assert scene.count(scene_label()) == float(len(scene.asked))
    scene.answers = {"a": True}
    scene.look(120)
    assert scene.notes.rows[1]["live"] is True


def scene_label() -> str:
    error = ServerTrouble(Operation.GET, "HTTP 500", status=500)
    return error.label()


def test_watch__the_input_is_gone__its_note_too() -> None:
    scene = Scene()
    scene.inputs, scene.answers = {1: "a"}, {"a": True}
    scene.look(1)
    scene.answers = {"a": Gone(Operation.GET, "no such input", status=404)}
    scene.look(9)
    assert scene.notes.rows == {}
    assert scene.count("gone") == 1.0
