"""Hosts who create and end rooms, and readers who ask the API, beside a drill.

Promises: both are threads that end with their `with`; what they met is counted, never raised there:
a room that the contract refused, an answer that was none or wrong.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from random import Random
from types import TracebackType
from typing import Self

import httpx

from chain.enums import Mode, Status, room_name
from localnet.anvil import NodeError
from localnet.loopback import client
from localnet.process import ProgramError
from localnet.rooms_on_anvil import RoomsOnAnvil
from localnet.waiting import wait_until

HOSTS = 6


class _Beside:
    """A thread that calls `_turn` again and again, `pause` seconds apart, until it is left."""

    def __init__(self, pause: float) -> None:
        self._pause = pause
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go, daemon=True)

    def _go(self) -> None:
        while not self._over.is_set():
            self._turn()
            self._over.wait(self._pause)

    def _turn(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()

    def leave(self) -> None:
        """No more turns; what was met stays to be looked at."""
        self._over.set()
        self._thread.join(60)


class Hosts(_Beside):
    """They create a room every `pause` seconds and end the oldest beyond `most_open`."""

    def __init__(self, rooms: RoomsOnAnvil, pause: float = 0.5, most_open: int = 20) -> None:
        super().__init__(pause)
        self._rooms = rooms
        self._most_open = most_open
        self._open: list[int] = []
        self.created: dict[int, int] = {}
        self.ended: set[int] = set()
        self.refused: Counter[str] = Counter()

    def _turn(self) -> None:
        host = len(self.created) % HOSTS
        mode = Mode.BROADCAST if len(self.created) % 5 == 4 else Mode.WEBRTC
        try:
            room = self._rooms.create(f"room {len(self.created)}".encode(), host=host, mode=mode)
            self.created[room] = host
            self._open.append(room)
            if len(self._open) > self._most_open:
                first = self._open.pop(0)
                self._rooms.end(first, host=self.created[first])
                self.ended.add(first)
        except (NodeError, ProgramError) as error:
            self.refused[str(error)[:100]] += 1

    def wait_created(self, more: int, seconds: float = 120.0) -> None:
        """Until so many more rooms exist."""
        goal = len(self.created) + more
        wait_until(lambda: len(self.created) >= goal, seconds, f"{more} more rooms are created")

    def wait_served(self, seconds: float = 120.0) -> int:
        """Until every room that exists now has been served; how many that are."""
        numbers = sorted(self.created)

        def served() -> bool:
            views = self._rooms.rooms(numbers)
            return all(view.status is not Status.PENDING for view in views)

        wait_until(served, seconds, f"{len(numbers)} rooms are served")
        return len(numbers)


Judge = Callable[[httpx.Response], str | None]
"""What is wrong with an answer, in words; None if nothing is."""
Question = tuple[str, Judge]


class Readers(_Beside):
    """They ask the API at `urls` in turn. `statuses` counts answers, "none" where none came."""

    def __init__(
        self, urls: Sequence[str], questions: Callable[[Random], Question], pause: float = 0.02
    ) -> None:
        super().__init__(pause)
        self._urls = list(urls)
        self._questions = questions
        self._rng = Random(1)
        self._http = client(timeout=30.0)
        self.statuses: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.unanswered: list[str] = []
        self.slowest = 0.0

    def _turn(self) -> None:
        path, judge = self._questions(self._rng)
        url = self._urls[sum(self.statuses.values()) % len(self._urls)]
        began = time.monotonic()
        try:
            answer = self._http.get(url + path)
        except httpx.HTTPError as error:
            self.statuses["none"] += 1
            self.unanswered.append(f"{path}: {type(error).__name__}: {error}")
            return
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.statuses[str(answer.status_code)] += 1
        if said := judge(answer):
            self.wrong.append(f"{path}: {said}")

    @property
    def failed(self) -> list[str]:
        """Everything that was not answered, or wrongly."""
        return self.unanswered + self.wrong

    @property
    def asked(self) -> int:
        return sum(self.statuses.values())

    def wait_asked(self, more: int, seconds: float = 60.0) -> None:
        """Until so many more answers have come."""
        goal = self.asked + more
        wait_until(lambda: self.asked >= goal, seconds, f"{more} more answers")

    def counts(self) -> str:
        """For people: `200: 812, 503: 3`."""
        return ", ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items()))

    def leave(self) -> None:
        super().leave()
        self._http.close()


def served_or_away(answer: httpx.Response) -> str | None:
    """A success, or 503 that says when to come again."""
    if answer.is_success:
        return None
    if answer.status_code == 503 and "Retry-After" in answer.headers:
        return None
    return f"{answer.status_code} {answer.text[:120]}"


def success(answer: httpx.Response) -> str | None:
    """A success and nothing else."""
    return None if answer.is_success else f"{answer.status_code} {answer.text[:120]}"


def shop_window(rooms: Callable[[], Sequence[int]], judge: Judge) -> Callable[[Random], Question]:
    """What viewers ask: lists, a room, its events, the status."""

    def ask(rng: Random) -> Question:
        base = "/api/livestream/"
        known = rooms()
        pick = rng.randrange(5)
        if pick == 0 or not known:
            return f"{base}rooms?limit={rng.choice((5, 20, 50))}", judge
        if pick == 1:
            return f"{base}status", judge
        room = room_name(rng.choice(known))
        if pick == 2:
            return f"{base}rooms/{room}/events", judge
        return f"{base}rooms/{room}", judge

    return ask


def joined(urls: Sequence[str], room: int) -> list[int]:
    """How `join` answers for a room at each API; 0 where none does."""
    found = []
    with client() as http:
        for url in urls:
            found.append(0)
            with suppress(httpx.HTTPError):
                path = f"{url}/api/livestream/join?room_id={room_name(room)}"
                found[-1] = http.get(path).status_code
    return found
