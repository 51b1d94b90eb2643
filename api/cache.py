"""What was read from the index lately, kept until the index says it changed.

Promises: each question answers a value that was loaded after the last change of what it depends on,
so with a fresh `IndexWatch` it is as fresh as the index. Concurrent askers of one key share one
load. A load during which something changed is answered (it was true when it began) but not kept.
Assumes: `changed` is called for each change before the snapshot that contains it is served.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, TypeVar, cast

from api.index_source import Document, IndexUnavailable
from api.index_watch import Change

V = TypeVar("V")
MOST_ROOMS = 20_000  # entries of one room each, a few kB
MOST_LISTS = 500
PATIENCE = 5.0  # seconds
_MONEY = frozenset({"Credited", "Withdrawn"})  # without a room, and no business of the API


class _Flight:
    """A load under way; `dirty` once something changed meanwhile."""

    __slots__ = ("dirty", "future")

    def __init__(self) -> None:
        self.future: Future[Any] = Future()
        self.dirty = False


class _Shelf:
    """Values of one kind of dependence, at most `most` of them."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.values: dict[Hashable, Any] = {}
        self.flights: dict[Hashable, _Flight] = {}

    def clear(self) -> None:
        self.values.clear()
        for flight in self.flights.values():
            flight.dirty = True

    def forget(self, key: Hashable) -> None:
        self.values.pop(key, None)
        flight = self.flights.get(key)
        if flight is not None:
            flight.dirty = True


class IndexMemory:
    """One per process. `on_lookup(hit)` counts."""

    def __init__(self, on_lookup: Callable[[bool], None] = lambda hit: None) -> None:
        self._on_lookup = on_lookup
        self._rooms = _Shelf(MOST_ROOMS)
        self._lists = _Shelf(MOST_LISTS)
        self._administration = _Shelf(MOST_LISTS)
        self._lock = threading.Lock()

    def room(self, number: int, load: Callable[[], V]) -> V:
        """What `load` answers for a room: kept until that room changes."""
        return self._get(self._rooms, number, load)

    def anything(self, key: Hashable, load: Callable[[], V]) -> V:
        """For what may depend on any room: kept until anything changes."""
        return self._get(self._lists, key, load)

    def administration(self, key: Hashable, load: Callable[[], V]) -> V:
        """For operators, terms and the like: kept until an event that concerns no room."""
        return self._get(self._administration, key, load)

    def changed(self, change: Change) -> None:
        """Forget what the change touches."""
        with self._lock:
            self._lists.clear()
            if change.events is None:
                self._rooms.clear()
                self._administration.clear()
                return
            for event in change.events:
                self._touch(event)

    def _touch(self, event: Document) -> None:
        if event["room_id"] is not None:
            self._rooms.forget(event["room_id"])
        elif event["name"] not in _MONEY:
            self._administration.clear()

    def _get(self, shelf: _Shelf, key: Hashable, load: Callable[[], V]) -> V:
        found = shelf.values.get(key)
        self._on_lookup(found is not None)
        if found is not None:
            return cast(V, found)
        while True:
            with self._lock:
                flight = shelf.flights.get(key)
                mine = flight is None or flight.dirty
                if flight is None or mine:
                    flight = shelf.flights[key] = _Flight()
            if mine:
                return self._fly(shelf, key, flight, load)
            try:
                value = flight.future.result(timeout=PATIENCE)
            except TimeoutError:
                raise IndexUnavailable("the database takes too long to answer") from None
            if not flight.dirty:
                return cast(V, value)

    def _fly(self, shelf: _Shelf, key: Hashable, flight: _Flight, load: Callable[[], V]) -> V:
        try:
            value = load()
        except BaseException as error:
            self._land(shelf, key, flight)
            flight.future.set_exception(error)
            raise
        with self._lock:
            if not flight.dirty:
                if len(shelf.values) >= shelf.most:
                    shelf.values.pop(next(iter(shelf.values)))  # the oldest goes
                shelf.values[key] = value
        self._land(shelf, key, flight)
        flight.future.set_result(value)
        return value

    def _land(self, shelf: _Shelf, key: Hashable, flight: _Flight) -> None:
        with self._lock:
            if shelf.flights.get(key) is flight:
                del shelf.flights[key]
