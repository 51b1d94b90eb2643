"""Search in titles, for a mode among a host's rooms, or for who may watch: ranges of room numbers,
newest first, until the page is full or its time over.

Promises: a question to the database has one equality (open rooms: one for each mode) and a range of
room numbers, along an index; what else is wanted is compared here, which no planner can get wrong.
A page takes about `BUDGET`: what recent candidates cost says how many the time left will pay for,
and how many there were says how wide a range has so many. A page whose time is over says
where to go on, perhaps with nothing found: two words that are common each but rarely stand together
would otherwise make it read a great deal.
Where a search begins is chosen so that few candidates are read: a host's rooms, those offered to an
account, the open rooms, or those with the rarest of the words, as far as searches have shown.
Assumes: the indexes of `indexer.queries`.
On restart: the words' rarity is learnt again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from api.index_source import Document, RoomPage, RoomQuery
from indexer.queries import OPEN, RoomFilter, equalities, window
from indexer.reader import Reader

BUDGET = 0.020  # seconds
FIRST_RANGE = 64  # room numbers, where nothing is known
WIDEST_FIRST = 4096
GROWTH, LEAP = 4, 16  # of a range over the one before, where that had candidates and where none
FEWEST, MOST = 16, 100  # candidates in one range
TOO_MANY = 1000  # candidates in one answer of the database
SPARE = 1.3  # that many times the candidates that a page needs on average
REMEMBERED = 4096  # words


class RoomSearch:
    """`monotonic`: seconds."""

    def __init__(self, reader: Reader, monotonic: Callable[[], float]) -> None:
        self._reader = reader
        self._monotonic = monotonic
        self._densities: dict[str, float] = {}  # of words: candidates per room number
        self._cost = 0.0002  # seconds per candidate

    def page(self, query: RoomQuery, top: int, bottom: int, limit: int) -> RoomPage:
        """As `api.index_source.IndexSource.rooms`; the query has words, a host or an access."""
        deadline = self._monotonic() + BUDGET
        word = min(query.tokens, key=lambda token: self._densities.get(token, 0.0), default="")
        lookups = _lookups(query, word)
        led_by_word = "search" in lookups[0]
        density = self._densities.get(word) if led_by_word else None
        wanted_rooms = query.filter
        found: list[Document] = []
        seen, high, width = 0, top + 1, 0
        while high > bottom:
            wanted = self._affordable(deadline, limit - len(found), len(found), seen)
            width = _width(wanted, density, width)
            candidates, low = self._read(lookups, max(bottom, high - width), high)
            seen += len(candidates)
            density = len(candidates) / (high - low)
            found += [doc for doc in candidates if _matches(doc, wanted_rooms, query.tokens)]
            high = low
            if len(found) >= limit or self._monotonic() >= deadline:
                break
        if led_by_word and top >= high:
            self._remember(word, seen / (top + 1 - high))
        if len(found) > limit or (len(found) == limit and high > bottom):
            return RoomPage(found[:limit], int(found[limit - 1]["n"]))
        return RoomPage(found, high if high > bottom else None)

    def _read(
        self, lookups: Sequence[Mapping[str, str]], low: int, high: int
    ) -> tuple[list[dict[str, Any]], int]:
        """The candidates in [low, high), and how far down, unless they are too many."""
        started = self._monotonic()
        docs, low = self._reader.run(window(lookups, low, high, TOO_MANY))
        if len(docs) >= FEWEST:
            self._cost += ((self._monotonic() - started) / len(docs) - self._cost) / 4
        return docs, low

    def _affordable(self, deadline: float, missing: int, found: int, seen: int) -> int:
        """How many candidates to read next: as many as the page needs, or as there is time for."""
        share = max(found, 1) / seen if seen else 1.0  # of the candidates that match
        needed = SPARE * missing / share
        payable = (deadline - self._monotonic()) / self._cost
        return max(FEWEST, int(min(needed, payable, MOST)))

    def _remember(self, word: str, density: float) -> None:
        if len(self._densities) >= REMEMBERED:
            self._densities.pop(next(iter(self._densities)), None)
        self._densities[word] = density


def _lookups(query: RoomQuery, word: str) -> Sequence[Mapping[str, str]]:
    """The look-ups that together find every candidate."""
    if not query.tokens or query.host or query.pending_host or query.status in OPEN:
        return equalities(query.filter)
    return [{"search": word}]


def _width(wanted: int, density: float | None, before: int) -> int:
    """How many room numbers to look at for so many candidates. `before`: in the last range."""
    if density is None:
        return FIRST_RANGE
    if not density:
        return before * LEAP if before else WIDEST_FIRST
    most = before * GROWTH if before else WIDEST_FIRST
    return max(FIRST_RANGE, min(most, int(wanted / density)))


def _matches(doc: Document, wanted: RoomFilter, tokens: Sequence[str]) -> bool:
    return wanted.matches(doc) and all(token in doc["search"] for token in tokens)
