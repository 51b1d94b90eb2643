"""The index, as the oracle reads it: proposals of rooms, and how far it is.

Promises: reads only, bounded answers. Nothing here is believed: the rooms are read again from the
contract before anything is done.
Assumes: the documents have the indexer's shape.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from pymongo.asynchronous.database import AsyncDatabase

from chain.enums import Mode
from chain.events import OperatorAcceptingChanged
from chain.hexes import to_bytes
from indexer.documents import why_unreadable
from indexer.operator_queries import Frontier
from indexer.reader import AsyncReader
from oracle.facts import Proposal
from oracle.self_closing import LastChange

MOST_CHANGES = 20
"""Of an operator that are looked through for one of its own switch."""


@dataclass(frozen=True, slots=True)
class IndexProgress:
    """Where the index stands. `stopped`: why it has stopped or cannot be read, if so."""

    block: int
    block_hash: str
    seq: int
    history: bytes
    stopped: str | None


class Published(NamedTuple):
    """The credentials that a room's last RoomProvisioned carries; `at`: its block time."""

    tag: bytes
    data: bytes
    at: int


class IndexView(Protocol):
    """What the oracle asks of the index."""

    async def progress(self) -> IndexProgress | None:
        """None while there is no index yet."""
        ...

    async def work(self, kind: str, limit: int) -> list[Proposal]:
        """The operator's rooms with that work, at most `limit`, oldest first."""
        ...

    async def expirable(self, now: int, limit: int) -> list[Proposal]:
        """The operator's open rooms whose time is over."""
        ...

    async def rooms(self, ids: Sequence[int]) -> dict[int, Proposal]:
        """The rooms of these numbers that the index has, whoever serves them."""
        ...

    async def active_inputs(self, now: int, mode: Mode | None = None) -> list[tuple[int, str]]:
        """Number and uid of every active room of the operator. `now`: unix seconds, about. `mode`:
        only rooms of it."""
        ...

    async def published(self, room_id: int) -> Published | None:
        """None if there is none yet."""
        ...

    async def waiting(self, kind: str) -> int:
        """How many of the operator's rooms have that work."""
        ...

    async def accepting_change(self) -> LastChange | None:
        """The newest change of the operator's own switch; None if there is none of late."""
        ...


class MongoIndexView:
    """The index in MongoDB, through the indexer's own reader."""

    def __init__(
        self, database: AsyncDatabase[dict[str, Any]], contract: str, operator_id: int
    ) -> None:
        self._reader = AsyncReader(database, [contract])
        self._contract = contract
        self._operator_id = operator_id
        self._frontiers: defaultdict[str, Frontier] = defaultdict(Frontier)

    async def progress(self) -> IndexProgress | None:
        doc = await self._reader.checkpoint(self._contract)
        if doc is None:
            return None
        if (why := why_unreadable(doc)) is not None:
            return IndexProgress(0, "", 0, b"", why)
        stopped = doc["stop_reason"] or "no reason given" if doc["state"] == "stopped" else None
        return IndexProgress(
            doc["block"], doc["block_hash"], doc["seq"], to_bytes(doc["history"]), stopped
        )

    async def work(self, kind: str, limit: int) -> list[Proposal]:
        found = await self._reader.work(
            self._contract, self._operator_id, kind, limit, self._frontiers[kind]
        )
        return [to_proposal(doc) for doc in found]

    async def expirable(self, now: int, limit: int) -> list[Proposal]:
        found = await self._reader.expirable(
            self._contract, self._operator_id, now, limit, self._frontiers["expire"]
        )
        return [to_proposal(doc) for doc in found]

    async def rooms(self, ids: Sequence[int]) -> dict[int, Proposal]:
        found = await self._reader.rooms_by_id(ids)
        return {d["_id"]: to_proposal(d) for d in found if d["contract"] == self._contract}

    async def active_inputs(self, now: int, mode: Mode | None = None) -> list[tuple[int, str]]:
        word = None if mode is None else mode.word
        found = await self._reader.live_inputs(self._contract, self._operator_id, now, word)
        return list(found.items())

    async def published(self, room_id: int) -> Published | None:
        doc = await self._reader.room(room_id)
        if doc is None or doc["contract"] != self._contract or doc["sealed"] is None:
            return None
        sealed = doc["sealed"]
        return Published(to_bytes(sealed["tag"]), to_bytes(sealed["data"]), sealed["at"])

    async def waiting(self, kind: str) -> int:
        return await self._reader.count_work(self._contract, self._operator_id, kind)

    async def accepting_change(self) -> LastChange | None:
        doc = await self._reader.operator(self._contract, self._operator_id)
        for seq in reversed(doc["seqs"][-MOST_CHANGES:] if doc is not None else []):
            for event in await self.events(seq, seq):
                if event["name"] == OperatorAcceptingChanged.__name__:
                    accepting = bool(event["args"]["accepting"])
                    return LastChange(accepting, event["tx"], event["block"])
        return None

    async def events(self, first: int, last: int) -> list[dict[str, Any]]:
        """The contract's events with these sequence numbers, both included, as stored."""
        return await self._reader.events(self._contract, first, last)


def to_proposal(doc: dict[str, Any]) -> Proposal:
    """The proposal in a document of `livestreams`."""
    end, sealed, former = doc.get("end"), doc.get("sealed"), doc.get("former_tag")
    return Proposal(
        room_id=doc["_id"],
        operator_id=doc["operator_id"],
        host=doc["host"],
        status=doc["status"],
        end_reason=end["reason"] if end else None,
        gate=doc["gate"],
        tag=to_bytes(doc["tag"]),
        tag0=to_bytes(doc["tag_at_creation"]),
        former_tag=to_bytes(former) if former else None,
        ingest_key=to_bytes(doc["ingest_key"]),
        key_version=doc["key_version"],
        sealed_tag=to_bytes(sealed["tag"]) if sealed else None,
        created_block=doc["created"]["block"],
        work=doc["work"],
        expire_at=doc["expire_at"],
    )
