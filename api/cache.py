"""The cache of what was read from the index, emptied of what the index says has changed.

Promises: each question answers a value that was loaded after the last change of what it depends on,
so with a fresh `IndexWatch` the cache is as fresh as the index. Concurrent askers of one key share
one load. A load during which something changed is answered (it was true when it began), not cached.
Assumes: `changed` is called for each change before the snapshot that contains it is served.
On restart: empty; the first questions read the index."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar, cast

from api.index_source import Document, IndexUnavailable
from api.index_watch import IndexChange

V = TypeVar("V")
MOST_ROOMS = 20_000  # entries of one room each, a few kB
MOST_LISTS = 500
PATIENCE = 5.0  # seconds
_MONEY = frozenset({"Credited", "Withdrawn"})  # without a room, and no business of the API


class _PendingLoad:
    """A load under way; `dirty` once something changed meanwhile."""

    __slots__ = ("dirty", "future")

    def __init__(self) -> None:
        self.future: Future[Any] = Future()
        self.dirty = False


class _Section:
    """Cached values that the same changes make invalid, at most `most` of them."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.values: dict[Hashable, Any] = {}
        self.pending: dict[Hashable, _PendingLoad] = {}

    def keep(self, key: Hashable, value: Any) -> None:
        if len(self.values) >= self.most:
            self.values.pop(next(iter(self.values)))  # the oldest goes
        self.values[key] = value

    def clear(self) -> None:
        self.values.clear()
        for pending in self.pending.values():
            pending.dirty = True

    def forget(self, key: Hashable) -> None:
        self.values.pop(key, None)
        pending = self.pending.get(key)
        if pending is not None:
            pending.dirty = True


class IndexCache:
    """One per process. `on_lookup(hit)` counts. `before_load()` may refuse, by an exception, what
    would read the database for an asker's sake; who only waits for another's load is not asked."""

    def __init__(self, on_lookup: Callable[[bool], None] = lambda hit: None) -> None:
        self._on_lookup = on_lookup
        self.before_load: Callable[[], None] = lambda: None
        self._rooms = _Section(MOST_ROOMS)
        self._lists = _Section(MOST_LISTS)
        self._administration = _Section(MOST_LISTS)
        self._lock = threading.Lock()
        self._changes = 0

    def room(self, number: int, load: Callable[[], V]) -> V:
        """What `load` answers for a room: cached until that room changes."""
        return self._get(self._rooms, number, load, self.before_load)

    def known_room(self, number: int) -> object | None:
        """What is cached of a room, without a look at the index."""
        return self._rooms.values.get(number)

    def rooms(
        self, numbers: Sequence[int], load: Callable[[Sequence[int]], Mapping[int, V]]
    ) -> dict[int, V]:
        """Several rooms, those that are not cached in one question: `load` answers a value for
        each number."""
        found: dict[int, V] = {}
        missing = []
        for number in numbers:
            known = self._rooms.values.get(number)
            self._on_lookup(known is not None)
            if known is None:
                missing.append(number)
            else:
                found[number] = known
        if not missing:
            return found
        self.before_load()
        with self._lock:
            before = self._changes
        loaded = load(missing)
        with self._lock:
            if self._changes == before:
                for number, value in loaded.items():
                    self._rooms.keep(number, value)
        return {**found, **loaded}

    def anything(self, key: Hashable, load: Callable[[], V]) -> V:
        """For what may depend on any room: cached until anything changes."""
        return self._get(self._lists, key, load, self.before_load)

    def administration(self, key: Hashable, load: Callable[[], V]) -> V:
        """For operators, terms and the like: cached until an event that concerns no room. Never
        refused: they are few, and nobody's page opens without them."""
        return self._get(self._administration, key, load)

    def changed(self, change: IndexChange) -> None:
        """Forget what the change touches."""
        with self._lock:
            self._changes += 1
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

    def _get(
        self,
        section: _Section,
        key: Hashable,
        load: Callable[[], V],
        before_load: Callable[[], None] = lambda: None,
    ) -> V:
        found = section.values.get(key)
        self._on_lookup(found is not None)
        if found is not None:
            return cast(V, found)
        if key not in section.pending:
            before_load()
        while True:
            with self._lock:
                pending = section.pending.get(key)
                mine = pending is None or pending.dirty
                if pending is None or mine:
                    pending = section.pending[key] = _PendingLoad()
            if mine:
                return self._load_and_share(section, key, pending, load)
            try:
                value = pending.future.result(timeout=PATIENCE)
            except TimeoutError:
                raise IndexUnavailable("the database takes too long to answer") from None
            if not pending.dirty:
                return cast(V, value)

    def _load_and_share(
        self, section: _Section, key: Hashable, pending: _PendingLoad, load: Callable[[], V]
    ) -> V:
        try:
            value = load()
        except BaseException as error:
            self._load_ended(section, key, pending)
            pending.future.set_exception(error)
            raise
        with self._lock:
            if not pending.dirty:
                section.keep(key, value)
        self._load_ended(section, key, pending)
        pending.future.set_result(value)
        return value

    def _load_ended(self, section: _Section, key: Hashable, pending: _PendingLoad) -> None:
        with self._lock:
            if section.pending.get(key) is pending:
                del section.pending[key]
