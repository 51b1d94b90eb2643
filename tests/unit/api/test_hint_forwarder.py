"""Hints on their way to presence: batches, what does not fit, what does not arrive."""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator

import httpx
import pytest

from api import hint_forwarder
from api.hint_forwarder import HintForwarder
from common.clock import SystemClock
from common.task_keeper import TaskKeeper
from localnet.waiting import wait_until
from presence.documents import MOST_HINTS

URL = "http://presence:9103"


class Presence:
    """Takes hints once it is let, and answers with `status`; None: not at all."""

    def __init__(self) -> None:
        self.got: list[list[int]] = []
        self.open = threading.Event()
        self.status: int | None = 202
        self.counted: Counter[str] = Counter()

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.open.wait(5)
        assert (request.method, str(request.url)) == ("POST", f"{URL}/hints")
        self.got.append(json.loads(request.content)["rooms"])
        if self.status is None:
            raise httpx.ReadTimeout("no answer")
        return httpx.Response(self.status)

    def count(self, result: str, rooms: int) -> None:
        self.counted[result] += rooms


@pytest.fixture
def presence(monkeypatch: pytest.MonkeyPatch) -> Presence:
    monkeypatch.setattr(hint_forwarder, "PAUSE", 0.0)
    return Presence()


@pytest.fixture
def forwarder(presence: Presence) -> Iterator[Callable[[str], HintForwarder]]:
    made: list[HintForwarder] = []

    def make(url: str = URL) -> HintForwarder:
        keeper = TaskKeeper(SystemClock(), random.Random(1))
        transport = httpx.MockTransport(presence.answer)
        made.append(HintForwarder(url, keeper=keeper, count=presence.count, transport=transport))
        return made[-1]

    yield make
    presence.open.set()
    for one in made:
        one.close()


def test_hints__many_at_once__each_handed_on_once_in_batches(
    presence: Presence, forwarder: Callable[..., HintForwarder]
) -> None:
    hints = forwarder()
    for number in [*range(1, 121), *range(1, 121)]:
        hints.give(number)
    presence.open.set()
    wait_until(lambda: presence.counted["sent"] >= 120, what="the hints")
    sent = [number for batch in presence.got for number in batch]
    assert sorted(set(sent)) == list(range(1, 121))
    assert max(map(len, presence.got)) <= MOST_HINTS


def test_hints__more_than_fit__dropped_and_counted(
    presence: Presence, forwarder: Callable[..., HintForwarder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hint_forwarder, "QUEUE", 10)
    hints = forwarder()
    for number in range(100):
        hints.give(number)
    assert presence.counted["dropped"] >= 100 - 10 - MOST_HINTS
    presence.open.set()
    wait_until(
        lambda: presence.counted["sent"] + presence.counted["dropped"] == 100, what="the rest"
    )


@pytest.mark.parametrize("status", [None, 503])
def test_hints__presence_does_not_take_them__counted_and_forgotten(
    presence: Presence, forwarder: Callable[..., HintForwarder], status: int | None
) -> None:
    hints = forwarder()
    presence.status = status
    presence.open.set()
    hints.give(7)
    wait_until(lambda: presence.counted["failed"] == 1, what="the failure")
    presence.status = 202
    hints.give(8)
    wait_until(lambda: presence.counted["sent"] == 1, what="the next one")
    assert presence.got == [[7], [8]]


def test_hints__no_address__nothing_is_kept_or_started(
    presence: Presence, forwarder: Callable[..., HintForwarder]
) -> None:
    hints = forwarder("")
    hints.give(7)
    assert hints._thread is None
    assert not hints._waiting
