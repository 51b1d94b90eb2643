"""What listeners of event streams are told of who is on air.

Promises: an event `presence` has no id, so that `Last-Event-ID` stays the chain's, and is never
sent again: what holds when a stream begins stands in `position`. A listener of one room compares
what it was told with what is known now, so nothing is kept for it, and however much changes at once
is one event. Listeners of all rooms share a ring of batches, one a second at most and
`MOST_IN_BATCH` rooms in each: public rooms alone, those on air before the others. Without such a
listener nothing is looked up.
Assumes: `changed` is called after each reading of presence, about once a second, in one thread.
On restart: listeners connect again and are told how things stand.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

import orjson

from api.event_hub import EventHub
from api.index_source import IndexUnavailable
from api.on_air import OnAir
from api.response_types import PresenceChangesJson, RoomPresenceJson
from chain.enums import room_name

BATCH_SECONDS = 0.9  # least time between two batches: readings come each second
MOST_IN_BATCH = 100
MOST_WAITING = 2000  # rooms; the rest is found by who asks
RING = 120  # batches


class RoomStates(Protocol):
    """What is known of rooms now (`api.services.Services`)."""

    def on_air_now(self, number: int) -> OnAir:
        """Of a room, without asking the index."""
        ...

    def public_on_air(self, numbers: Sequence[int]) -> dict[int, OnAir]:
        """Of those of these rooms that exist and anybody may watch. Raises `IndexUnavailable`."""
        ...


class StreamNews(Protocol):
    """One listener's place in what is told."""

    def waits(self) -> bool:
        """Whether there is news."""
        ...

    def news(self) -> bytes | None:
        """The events since the last time; None: some are lost."""
        ...


class _Batch(NamedTuple):
    offset: int
    chunk: bytes


class PresenceFeed:
    """One per process. `monotonic`: seconds."""

    def __init__(
        self, hub: EventHub, states: RoomStates, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._hub = hub
        self._states = states
        self._monotonic = monotonic
        self._ring: deque[_Batch] = deque(maxlen=RING)
        self._offset = 0
        self._listeners = 0
        self._waiting: dict[int, None] = {}
        self._sent_at = float("-inf")
        self._lock = threading.Lock()

    # --- the reading thread ---------------------------------------------------------------------

    def changed(self, before: Mapping[int, OnAir], everything: bool) -> None:
        """Publish what became different. `before`: what was known of these rooms; `everything`:
        any room may be known, or unknown, only now."""
        if before or everything:
            self._hub.wake_rooms(None if everything else before)
        with self._lock:
            if not self._listeners:
                self._waiting.clear()
                return
        for number in before:
            if len(self._waiting) >= MOST_WAITING:
                break
            self._waiting[number] = None
        if self._waiting and self._monotonic() - self._sent_at >= BATCH_SECONDS:
            self._send()

    def _send(self) -> None:
        numbers = sorted(
            self._waiting, key=lambda number: not self._states.on_air_now(number).live
        )[:MOST_IN_BATCH]
        try:
            found = self._states.public_on_air(numbers)
        except IndexUnavailable:
            return  # they wait for the next time
        for number in numbers:
            self._waiting.pop(number, None)
        if not found:
            return
        self._sent_at = self._monotonic()
        chunk = presence_chunk([_room(number, on_air) for number, on_air in found.items()])
        with self._lock:
            self._offset += 1
            self._ring.append(_Batch(self._offset, chunk))
        self._hub.wake_list()

    # --- listeners ------------------------------------------------------------------------------

    def follow_room(self, number: int, told: OnAir) -> StreamNews:
        """`told`: what the listener knows already."""
        return _RoomNews(self._states, number, told)

    def follow_all(self) -> StreamNews:
        """From now on."""
        with self._lock:
            return _ListNews(self, self._offset)

    def enter(self) -> None:
        """A listener of all rooms comes."""
        with self._lock:
            self._listeners += 1

    def leave(self) -> None:
        """It goes."""
        with self._lock:
            self._listeners -= 1

    def offset(self) -> int:
        """The number of the last batch."""
        return self._offset

    def since(self, offset: int) -> tuple[bytes | None, int]:
        """The batches after `offset`, None if one of them is gone, and the last one's number."""
        with self._lock:
            missed = self._offset - offset
            if missed > len(self._ring):
                return None, self._offset
            fresh = list(self._ring)[len(self._ring) - missed :]
        return b"".join(batch.chunk for batch in fresh), offset + missed


class _RoomNews:
    def __init__(self, states: RoomStates, number: int, told: OnAir) -> None:
        self._states = states
        self._number = number
        self._told = told

    def waits(self) -> bool:
        return self._states.on_air_now(self._number) != self._told

    def news(self) -> bytes | None:
        now = self._states.on_air_now(self._number)
        if now == self._told:
            return b""
        self._told = now
        return presence_chunk([_room(self._number, now)])


class _ListNews:
    def __init__(self, feed: PresenceFeed, offset: int) -> None:
        self._feed = feed
        self._offset = offset

    def waits(self) -> bool:
        return self._feed.offset() != self._offset

    def news(self) -> bytes | None:
        found, self._offset = self._feed.since(self._offset)
        return found


def presence_chunk(rooms: list[RoomPresenceJson]) -> bytes:
    """The event, without an id."""
    content: PresenceChangesJson = {"rooms": rooms}
    return b"event: presence\ndata: " + orjson.dumps(content) + b"\n\n"


def _room(number: int, on_air: OnAir) -> RoomPresenceJson:
    return {"room_id": room_name(number), **on_air.json()}
