"""Where the API reads: the index, as a few questions.

Promises: the documents are those of `indexer.documents`; nothing is written. Any trouble with the
database is an `IndexUnavailable`.
Assumes: the indexer writes events, then rooms, then the checkpoint, so that a reader of the
checkpoint and then of a room sees a room at least as new.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from indexer.queries import RoomFilter

Document = Mapping[str, Any]


class IndexUnavailable(Exception):
    """The database does not answer, or has no checkpoint yet; the text, for anybody, says which.

    `for_operator`: what to do about it, for the log and /readyz; it may name hosts and users.
    """

    def __init__(self, text: str, for_operator: str | None = None) -> None:
        super().__init__(text)
        fix = "check MONGODB_URI, the database and the indexer"
        self.for_operator = for_operator or f"{text}: {fix}"


@dataclass(frozen=True)
class RoomQuery:
    """Which rooms. Addresses are lower case. `pending_host`: rooms not over, offered to it.
    `tokens`: each must be among a title's tokens. `access`: public, gate or invitation."""

    status: str | None = None
    host: str | None = None
    mode: str | None = None
    tokens: tuple[str, ...] = ()
    pending_host: str | None = None
    access: str | None = None

    @property
    def filter(self) -> RoomFilter:
        """Without the tokens."""
        return RoomFilter(self.status, self.host, self.mode, self.pending_host, self.access)


class RoomPage(NamedTuple):
    """Rooms, newest first. `below`: the search goes on below this number; None: that was all."""

    rooms: list[Document]
    below: int | None


class IndexSource(Protocol):
    """Questions to the index; each raises `IndexUnavailable`."""

    def checkpoints(self, contracts: Sequence[str]) -> dict[str, Document]:
        """The checkpoints there are, by contract."""
        ...

    def room(self, number: int) -> Document | None: ...

    def rooms_by_id(self, numbers: Sequence[int]) -> list[Document]:
        """Those of these rooms that there are, in the order asked."""
        ...

    def rooms(self, query: RoomQuery, top: int, bottom: int, limit: int) -> RoomPage:
        """Rooms with numbers from `top` down to `bottom`. It may stop early, even with none found,
        when it takes too long; the page says where to go on."""
        ...

    def room_events(self, number: int, after_seq: int, limit: int) -> list[Document]:
        """A room's events after `after_seq`, in their order."""
        ...

    def events(self, contract: str, from_seq: int, to_seq: int) -> list[Document]:
        """A contract's events in their order, both ends included."""
        ...

    def operators(self, contract: str) -> list[Document]: ...

    def terms(self, contract: str, terms_id: int) -> Document | None: ...

    def recordings(self, contract: str, number: int) -> list[Document]:
        """What the oracle noted of a room's recordings; not part of the index."""
        ...

    def close(self) -> None: ...
