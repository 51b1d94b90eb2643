"""Server-sent events: one reader of the index, any number of listeners.

Promises: each change of a room is written once per process as the bytes of a server-sent event into
a ring; a listener holds only its place in the ring, so a slow one costs nothing and one that falls
out of the ring is sent `reset`, to start afresh. A listener is woken by changes of its room alone.
The id of an event is a place in each contract's history, joined by dots (one contract: just one):
the sequence number of the event there and the first eight digits of its block's hash, as in
`107-1a2b3c4d`. So `Last-Event-ID` says exactly what has been seen, and on which branch of the
chain.
Assumes: `changed` is called in order by the one reading thread.
On restart: listeners connect again with `Last-Event-ID` and miss nothing.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import orjson

from api import response_shapes
from api.index_source import Document
from api.index_watch import IndexChange, IndexWatch
from api.response_types import StreamPositionJson

RING = 4096
_PLACE = re.compile(r"0|([1-9]\d{0,9})-([0-9a-f]{8})", re.ASCII)
_EVERYTHING = 0  # no room has this number


class Place(NamedTuple):
    """Up to which event somebody has seen a history. `block`: the beginning of the event's block
    hash; "" where there is none, or where it is not known."""

    seq: int
    block: str

    @classmethod
    def of(cls, event: Document) -> Place:
        return cls(event["seq"], event["block_hash"][2:10])

    def __str__(self) -> str:
        return f"{self.seq}-{self.block}" if self.block else str(self.seq)


BEGINNING = Place(0, "")


class RingItem(NamedTuple):
    """What a listener may have to send. `room`: None concerns every listener."""

    offset: int
    room: int | None
    chunk: bytes


class Batch(NamedTuple):
    """What is new since a place in the ring. `lost`: the ring has moved on past that place."""

    chunks: list[bytes]
    offset: int
    lost: bool = False


@dataclass(slots=True)
class _WaitChannel:
    """Those who wait for one room, or for everything."""

    event: threading.Event
    waiters: int = 0


class EventHub:
    """One per process. `on_listeners(change)`: plus or minus one."""

    def __init__(
        self,
        watch: IndexWatch,
        contracts: Sequence[str],
        most: int,
        on_listeners: Callable[[int], None] = lambda change: None,
        *,
        ring: int = RING,
    ) -> None:
        self._watch = watch
        self._contracts = tuple(contracts)
        self._most = most
        self._on_listeners = on_listeners
        self._ring: deque[RingItem] = deque(maxlen=ring)
        self._offset = 0
        self._places: dict[str, Place] = {}
        self._channels: dict[int, _WaitChannel] = {}
        self._lock = threading.Lock()
        self._listeners = 0
        self.closed = False

    # --- the reading thread --------------------------------------------------------------------

    def changed(self, change: IndexChange) -> None:
        """Publish a change."""
        contract = change.position.contract
        end = Place(change.position.seq, "")
        if change.newest is not None:
            end = Place.of(change.newest)
        with self._lock:
            if change.events is None:
                self._places[contract] = end
                self._put(None, reset_chunk(self._id(), "reorg" if change.rollback else "gap"))
                touched = set(self._channels)
            else:
                touched = {_EVERYTHING}
                for event in change.events:
                    self._places[contract] = Place.of(event)
                    if event["room_id"] is not None:
                        self._put(event["room_id"], event_chunk(self._id(), event))
                        touched.add(event["room_id"])
                self._places[contract] = end
            waiting = [self._channels[room] for room in touched if room in self._channels]
        for channel in waiting:
            channel.event.set()

    def wake_rooms(self, rooms: Container[int] | None) -> None:
        """Wake the listeners of these rooms, None: of each, for something beside the chain's story
        is different."""
        with self._lock:
            waiting = [
                channel
                for room, channel in self._channels.items()
                if room != _EVERYTHING and (rooms is None or room in rooms)
            ]
        for channel in waiting:
            channel.event.set()

    def wake_list(self) -> None:
        """The same, of those who listen to everything."""
        with self._lock:
            channel = self._channels.get(_EVERYTHING)
        if channel is not None:
            channel.event.set()

    def _put(self, room: int | None, chunk: bytes) -> None:
        self._offset += 1
        self._ring.append(RingItem(self._offset, room, chunk))

    def _id(self) -> str:
        return self.ids(self._places)

    # --- listeners -----------------------------------------------------------------------------

    def enter(self) -> bool:
        """Take a listener's place; False: all are taken."""
        with self._lock:
            if self.closed or self._listeners >= self._most:
                return False
            self._listeners += 1
        self._on_listeners(1)
        self._watch.hold()
        return True

    def leave(self) -> None:
        """Give it back."""
        with self._lock:
            self._listeners -= 1
        self._on_listeners(-1)
        self._watch.release()

    def here(self) -> tuple[int, str, dict[str, Place]]:
        """The ring's end, its id, and the places that it stands for."""
        with self._lock:
            return self._offset, self._id(), dict(self._places)

    def ids(self, places: Mapping[str, Place]) -> str:
        """The id of places in the histories."""
        return ".".join(str(places.get(contract, BEGINNING)) for contract in self._contracts)

    def parse(self, text: str) -> dict[str, Place] | None:
        """The places of an id; None: it is malformed, of other contracts, or names no block."""
        found = [_PLACE.fullmatch(part) for part in text.split(".")]
        if len(found) != len(self._contracts) or None in found:
            return None
        places = [Place(int(one[1] or 0), one[2] or "") for one in found if one is not None]
        return dict(zip(self._contracts, places, strict=True))

    def since(self, offset: int, room: int | None) -> Batch:
        """What there is after `offset` for a listener of `room` (None: of all)."""
        with self._lock:
            if self._offset == offset:
                return Batch([], offset)
            oldest = self._ring[0].offset
            if offset + 1 < oldest:
                return Batch([], self._offset, lost=True)
            fresh = [self._ring[index] for index in range(offset + 1 - oldest, len(self._ring))]
        chunks = [
            item.chunk for item in fresh if room is None or item.room is None or item.room == room
        ]
        return Batch(chunks, fresh[-1].offset)

    def wait(
        self,
        offset: int,
        room: int | None,
        seconds: float,
        ready: Callable[[], bool] = lambda: False,
    ) -> Batch:
        """Wait until there may be something after `offset`, at most `seconds`; not at all if
        `ready`."""
        key = _EVERYTHING if room is None else room
        with self._lock:
            channel = self._channels.get(key)
            if channel is None or channel.event.is_set():
                # a set event has done its work: those who still wait on it are on their way
                channel = self._channels[key] = _WaitChannel(threading.Event())
            channel.waiters += 1
        try:
            batch = self.since(offset, room)  # after joining: nothing falls between
            if batch.chunks or batch.lost or self.closed or ready():
                return batch
            channel.event.wait(seconds)
            return self.since(batch.offset, room)
        finally:
            with self._lock:
                channel.waiters -= 1
                if channel.waiters == 0 and self._channels.get(key) is channel:
                    del self._channels[key]

    def close(self) -> None:
        """Wake everybody for good."""
        with self._lock:
            self.closed = True
            channels = list(self._channels.values())
        for channel in channels:
            channel.event.set()


def event_chunk(event_id: str, event: Document) -> bytes:
    """A change of a room."""
    data = orjson.dumps(response_shapes.event(event))
    return b"id: " + event_id.encode() + b"\ndata: " + data + b"\n\n"


def named_chunk(name: str, event_id: str, data: bytes) -> bytes:
    """An event that is not a change of a room."""
    return f"id: {event_id}\nevent: {name}\ndata: ".encode() + data + b"\n\n"


def reset_chunk(event_id: str, reason: str) -> bytes:
    """What the listener knows may be wrong: it should ask afresh."""
    return named_chunk("reset", event_id, orjson.dumps({"reason": reason}))


def position_chunk(event_id: str, content: StreamPositionJson) -> bytes:
    """Where the stream stands."""
    return named_chunk("position", event_id, orjson.dumps(content))
