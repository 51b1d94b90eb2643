"""What is cached, and when it is forgotten."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from api.cache import MOST_ROOMS, IndexCache
from api.index_position import IndexPosition
from api.index_watch import IndexChange
from tests.support.index_story import Story


class CountedLoads:
    """A cache, and a question that counts how often it was really asked."""

    def __init__(self) -> None:
        self.cache = IndexCache()
        self.story = Story()
        self.loads = 0

    def load(self) -> int:
        self.loads += 1
        return self.loads

    def change(self, **event: Any) -> None:
        doc = {"room_id": None, "name": "RoomUpdated", **event}
        position = IndexPosition.of(self.story.checkpoint())
        self.cache.changed(IndexChange(position, [doc], rollback=False))

    def anything_may_differ(self) -> None:
        position = IndexPosition.of(self.story.checkpoint())
        self.cache.changed(IndexChange(position, None, rollback=True))


@pytest.fixture
def loads() -> CountedLoads:
    return CountedLoads()


def test_room__its_own_event__asked_anew(loads: CountedLoads) -> None:
    assert [loads.cache.room(7, loads.load) for _ in range(3)] == [1, 1, 1]
    loads.change(room_id=8)
    assert loads.cache.room(7, loads.load) == 1
    loads.change(room_id=7)
    assert loads.cache.room(7, loads.load) == 2


def test_list__any_event__asked_anew(loads: CountedLoads) -> None:
    assert [loads.cache.anything("x", loads.load) for _ in range(2)] == [1, 1]
    loads.change(room_id=8)
    assert loads.cache.anything("x", loads.load) == 2


@pytest.mark.parametrize(
    ("event", "stays"),
    [
        ({"room_id": 7}, True),
        ({"name": "Credited"}, True),
        ({"name": "Withdrawn"}, True),
        ({"name": "TermsSet"}, False),
        ({"name": "OperatorAccountChanged"}, False),
    ],
)
def test_administration__events__asked_anew_only_by_its_own(
    loads: CountedLoads, event: dict[str, Any], stays: bool
) -> None:
    loads.cache.administration("terms", loads.load)
    loads.change(**event)
    assert loads.cache.administration("terms", loads.load) == (1 if stays else 2)


def test_all__reorg__everything_asked_anew(loads: CountedLoads) -> None:
    questions: list[Callable[[], int]] = [
        lambda: loads.cache.room(7, loads.load),
        lambda: loads.cache.anything("x", loads.load),
        lambda: loads.cache.administration("y", loads.load),
    ]
    before = [ask() for ask in questions]
    loads.anything_may_differ()
    assert not set(before) & {ask() for ask in questions}


def test_room__changed_while_it_loads__answered_but_not_cached(loads: CountedLoads) -> None:
    def load() -> str:
        loads.change(room_id=7)
        return "old"

    assert loads.cache.room(7, load) == "old"
    assert loads.cache.room(7, lambda: "new") == "new"
    assert loads.cache.room(7, lambda: "newer") == "new"


def test_room__load_fails__next_asker_tries_again(loads: CountedLoads) -> None:
    def fail() -> int:
        raise RuntimeError("down")

    with pytest.raises(RuntimeError):
        loads.cache.room(7, fail)
    assert loads.cache.room(7, loads.load) == 1


def test_room__many_at_once__one_load(loads: CountedLoads) -> None:
    entered, leave = threading.Event(), threading.Event()
    answers: list[int] = []

    def slowly() -> int:
        entered.set()
        assert leave.wait(5)
        return loads.load()

    def ask() -> None:
        answers.append(loads.cache.room(7, slowly))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert entered.wait(5)
    leave.set()
    for thread in threads:
        thread.join(5)
    assert answers == [1] * 8


def test_rooms__more_than_fit__oldest_goes(
    loads: CountedLoads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loads.cache._rooms, "most", 3)
    for number in range(1, 10):
        loads.cache.room(number, loads.load)
    assert len(loads.cache._rooms.values) == 3
    assert MOST_ROOMS > 1000
