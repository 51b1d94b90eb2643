"""What is kept, and when it is forgotten."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from api.cache import MOST_ROOMS, IndexCache
from api.index_position import IndexPosition
from api.index_watch import IndexChange
from tests.support.index_story import Story


class Kept:
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
def kept() -> Kept:
    return Kept()


def test_room__its_own_event__asked_anew(kept: Kept) -> None:
    assert [kept.cache.room(7, kept.load) for _ in range(3)] == [1, 1, 1]
    kept.change(room_id=8)
    assert kept.cache.room(7, kept.load) == 1
    kept.change(room_id=7)
    assert kept.cache.room(7, kept.load) == 2


def test_list__any_event__asked_anew(kept: Kept) -> None:
    assert [kept.cache.anything("x", kept.load) for _ in range(2)] == [1, 1]
    kept.change(room_id=8)
    assert kept.cache.anything("x", kept.load) == 2


@pytest.mark.parametrize(
    ("event", "kept_on"),
    [
        ({"room_id": 7}, True),
        ({"name": "Credited"}, True),
        ({"name": "Withdrawn"}, True),
        ({"name": "TermsSet"}, False),
        ({"name": "OperatorAccountChanged"}, False),
    ],
)
def test_administration__events__asked_anew_only_by_its_own(
    kept: Kept, event: dict[str, Any], kept_on: bool
) -> None:
    kept.cache.administration("terms", kept.load)
    kept.change(**event)
    assert kept.cache.administration("terms", kept.load) == (1 if kept_on else 2)


def test_all__reorg__everything_asked_anew(kept: Kept) -> None:
    questions: list[Callable[[], int]] = [
        lambda: kept.cache.room(7, kept.load),
        lambda: kept.cache.anything("x", kept.load),
        lambda: kept.cache.administration("y", kept.load),
    ]
    before = [ask() for ask in questions]
    kept.anything_may_differ()
    assert not set(before) & {ask() for ask in questions}


def test_room__changed_while_it_loads__answered_but_not_kept(kept: Kept) -> None:
    def load() -> str:
        kept.change(room_id=7)
        return "old"

    assert kept.cache.room(7, load) == "old"
    assert kept.cache.room(7, lambda: "new") == "new"
    assert kept.cache.room(7, lambda: "newer") == "new"


def test_room__load_fails__next_asker_tries_again(kept: Kept) -> None:
    def fail() -> int:
        raise RuntimeError("down")

    with pytest.raises(RuntimeError):
        kept.cache.room(7, fail)
    assert kept.cache.room(7, kept.load) == 1


def test_room__many_at_once__one_load(kept: Kept) -> None:
    entered, leave = threading.Event(), threading.Event()
    answers: list[int] = []

    def slowly() -> int:
        entered.set()
        assert leave.wait(5)
        return kept.load()

    def ask() -> None:
        answers.append(kept.cache.room(7, slowly))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert entered.wait(5)
    leave.set()
    for thread in threads:
        thread.join(5)
    assert answers == [1] * 8


def test_rooms__more_than_fit__oldest_goes(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept.cache._rooms, "most", 3)
    for number in range(1, 10):
        kept.cache.room(number, kept.load)
    assert len(kept.cache._rooms.values) == 3
    assert MOST_ROOMS > 1000
