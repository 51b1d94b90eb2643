"""What the index says of rooms, moderators and recordings, at most a second old.

Promises: reads only; a room, a moderator or a checkpoint is read again once it is `MAX_AGE` old, by
one reader for all who ask meanwhile. A database that does not answer, an index of another chain or
format, one whose indexer has stopped or has not looked at the chain for `SILENT` seconds is an
`IndexAway`.
Assumes: the indexer writes rooms before the checkpoint.
On restart: the first question reads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

from pymongo import MongoClient

from common.clock import Clock
from common.database_errors import DatabaseErrors
from indexer.documents import SILENT, why_unreadable
from indexer.reader import Reader
from playback.admission import PrivateRoom

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")
MAX_AGE = 1.0
RECORDINGS = "oracle_recordings"  # written by `oracle.recordings`, which we may not import
MOST_RECORDINGS = 200
MOST_EVENTS = 1000
MOST_KEPT = 20_000


class IndexAway(Exception):
    """The index cannot be asked; the text is for anybody, `for_operator` for the log."""

    def __init__(self, text: str, for_operator: str | None = None) -> None:
        super().__init__(text)
        self.for_operator = for_operator or text


class PlaybackIndex(Protocol):
    """The documents of `indexer.documents`; each question raises `IndexAway`."""

    def checkpoint(self, contract: str) -> Mapping[str, Any] | None: ...

    def room(self, number: int) -> Mapping[str, Any] | None: ...

    def moderator(self, contract: str, address: str) -> Mapping[str, Any] | None: ...

    def recordings(self, contract: str, number: int) -> list[Mapping[str, Any]]: ...

    def room_events(self, number: int) -> list[Mapping[str, Any]]: ...

    def close(self) -> None: ...


class Fresh(Generic[K, V]):
    """Values that are read again once they are `seconds` old."""

    def __init__(self, clock: Clock, read: Callable[[K], V], seconds: float = MAX_AGE) -> None:
        self._clock = clock
        self._read = read
        self._seconds = seconds
        self._kept: dict[K, tuple[float, V]] = {}
        self._reading: dict[K, threading.Lock] = {}

    def get(self, key: K) -> V:
        """Raises what `read` raises; nothing is kept then."""
        kept = self._kept.get(key)
        if kept is not None and self._clock.monotonic() - kept[0] < self._seconds:
            return kept[1]
        lock = self._reading.setdefault(key, threading.Lock())
        with lock:
            kept = self._kept.get(key)
            now = self._clock.monotonic()
            if kept is not None and now - kept[0] < self._seconds:
                return kept[1]
            value = self._read(key)
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
                self._reading.clear()
            self._kept[key] = (now, value)
            return value

    def old(self, key: K) -> V | None:
        """What is kept, however old."""
        kept = self._kept.get(key)
        return None if kept is None else kept[1]

    def forget(self, key: K) -> None:
        self._kept.pop(key, None)


class RoomsView:
    """`contracts`: lower case, newest last."""

    def __init__(
        self, index: PlaybackIndex, clock: Clock, chain_id: int, contracts: Sequence[str]
    ) -> None:
        self._index = index
        self._clock = clock
        self._chain_id = chain_id
        self._contracts = tuple(contracts)
        self._points = Fresh(clock, index.checkpoint)
        self._rooms = Fresh(clock, self._read_room)
        self._moderators = Fresh(clock, self._read_moderator)

    def room(self, number: int) -> PrivateRoom | None:
        """Raises `IndexAway`."""
        room = self._rooms.get(number)
        if room is None:
            # what no contract has, nobody's index has to be fresh for, but the newest one's
            self._usable(self._contracts[-1])
            return None
        self._usable(room.contract)
        return room

    def moderates(self, contract: str, address: str) -> bool:
        """`address`: lower case. Raises `IndexAway`."""
        return self._moderators.get((contract, address))

    def former_hosts(self, number: int) -> set[str]:
        """Who hosted the room before, lower case. Raises `IndexAway`."""
        return {
            event["args"]["former_host"]
            for event in self._index.room_events(number)
            if event["name"] == "RoomTransferred"
        }

    def recordings(self, room: PrivateRoom) -> list[Mapping[str, Any]]:
        """Those that are kept, newest first; none of a room that was taken down. Raises
        `IndexAway`."""
        if room.taken_down:
            return []
        now = self._clock.now()
        found = self._index.recordings(room.contract, room.number)
        kept = [doc for doc in found if doc["delete_at"] is None or doc["delete_at"] > now]
        return sorted(kept, key=lambda doc: -(doc["created"] or 0))

    def block_seconds(self) -> float | None:
        """The chain's block time as the indexer measured it; None: not known here."""
        point = self._points.old(self._contracts[-1])
        seconds = (point or {}).get("head", {}).get("block_seconds")
        return None if seconds is None else float(seconds)

    def unready(self) -> list[str]:
        """Why rooms cannot be looked up, for the operator."""
        reasons = []
        for contract in self._contracts:
            try:
                self._usable(contract)
            except IndexAway as error:
                reasons.append(error.for_operator)
        return reasons

    def close(self) -> None:
        self._index.close()

    def _read_room(self, number: int) -> PrivateRoom | None:
        doc = self._index.room(number)
        if doc is None or doc["contract"] not in self._contracts:
            return None
        return PrivateRoom.of(doc)

    def _read_moderator(self, key: tuple[str, str]) -> bool:
        doc = self._index.moderator(*key)
        return doc is not None and bool(doc["allowed"])

    def _usable(self, contract: str) -> None:
        point = self._points.get(contract)
        if point is None:
            raise IndexAway("the index has not begun", f"the index of {contract} has not begun")
        if (why := why_unreadable(point)) is not None:
            raise IndexAway("the index is of another format", why)
        if point["chain_id"] != self._chain_id:
            raise IndexAway(
                "the index is of another chain",
                f"the index of {contract} belongs to chain {point['chain_id']}, not to"
                f" {self._chain_id}: check CHAIN_ID and MONGODB_DATABASE",
            )
        if point["state"] == "stopped":
            raise IndexAway(
                "the indexer has stopped",
                f"the indexer has stopped: {point.get('stop_reason') or 'see its log'}",
            )
        silent = self._clock.now() - float(point.get("updated_at") or 0)
        if silent > SILENT:
            raise IndexAway(
                "the index is too old",
                f"the indexer has not read the chain for {silent:.0f} s: check that it is running,"
                " and its machine's clock and this one's",
            )


class MongoPlaybackIndex:
    """`PlaybackIndex` over pymongo."""

    def __init__(
        self,
        client: MongoClient[dict[str, Any]],
        database: str,
        contracts: Sequence[str],
        *,
        oracle_database: str,
        errors: DatabaseErrors,
    ) -> None:
        self._client = client
        self._reader = Reader(client[database], contracts)
        self._recordings = client[oracle_database][RECORDINGS]
        self._errors = errors

    def checkpoint(self, contract: str) -> Mapping[str, Any] | None:
        return self._guard(lambda: self._reader.checkpoint(contract))

    def room(self, number: int) -> Mapping[str, Any] | None:
        return self._guard(lambda: self._reader.room(number))

    def moderator(self, contract: str, address: str) -> Mapping[str, Any] | None:
        return self._guard(lambda: self._reader.moderator(contract, address))

    def recordings(self, contract: str, number: int) -> list[Mapping[str, Any]]:
        wanted = {"contract": contract, "room_id": number}
        return self._guard(lambda: list(self._recordings.find(wanted).limit(MOST_RECORDINGS)))

    def room_events(self, number: int) -> list[Mapping[str, Any]]:
        return self._guard(lambda: list(self._reader.room_events(number, limit=MOST_EVENTS)))

    def close(self) -> None:
        self._client.close()

    def _guard(self, question: Callable[[], T]) -> T:
        return self._errors.told(question, IndexAway)
