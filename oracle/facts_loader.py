"""Loads what is known of rooms: chain views, the index's proposals, records, transactions.

Promises: one snapshot of the chain for all rooms of a run; a key counts as known only if the tag on
chain proves it. A room that is not on the chain at the acting depth, and that nothing was begun
for, is left out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from chain.send import SendRequest, SendState
from common.clock import Clock
from oracle.chain_snapshot import ChainSnapshot, SnapshotReader, ViewsByDepth
from oracle.context import Identity
from oracle.facts import Facts, Flight, KeyState, Proposal, key_proven
from oracle.index_view import IndexView
from oracle.journal import OpenRecords, RoomRecord, record_id
from oracle.sealing import is_usable

usable = lru_cache(maxsize=8192)(is_usable)


class IndexStopped(Exception):
    """The index has stopped and says why: nothing may be done before that is mended."""


@dataclass(frozen=True, slots=True)
class RoomCandidate:
    """A room that may need something: proposed by the index, or known to the journal."""

    id: str
    room_id: int
    host: str
    proposal: Proposal | None = None


def proposed(contract: str, proposal: Proposal) -> RoomCandidate:
    """A candidate from the index."""
    name = record_id(contract, proposal.room_id, proposal.tag0)
    return RoomCandidate(name, proposal.room_id, proposal.host, proposal)


def remembered(record: RoomRecord) -> RoomCandidate:
    """A candidate from the journal."""
    return RoomCandidate(record.id, record.room_id, record.host)


class FactsLoader:
    """See the module. `status` answers the sender's row of a key."""

    def __init__(
        self,
        me: Identity,
        clock: Clock,
        snapshot_reader: SnapshotReader,
        index: IndexView,
        records: OpenRecords,
        status: Callable[[str], Awaitable[SendRequest | None]],
    ) -> None:
        self._me = me
        self._clock = clock
        self._snapshot_reader = snapshot_reader
        self._index = index
        self._records = records
        self._status = status

    async def load(self, candidates: Sequence[RoomCandidate]) -> list[Facts]:
        """The facts of each candidate, in order. Raises `RpcError`, `IndexStopped` and the
        database's errors."""
        if not candidates:
            return []
        progress = await self._index.progress()
        if progress is not None and progress.stopped is not None:
            raise IndexStopped(progress.stopped)
        snapshot = await self._snapshot_reader.read()
        ids = sorted({c.room_id for c in candidates})
        views = await snapshot.rooms(ids)
        records = await self._records.get([c.id for c in candidates])
        proposals = {c.room_id: c.proposal for c in candidates if c.proposal is not None}
        missing = [room_id for room_id in ids if room_id not in proposals]
        proposals |= await self._index.rooms(missing) if missing else {}
        rows = await self._rows(records.values())
        blocks = await snapshot.block_hashes(_mined_in(rows.values()))
        index_block = progress.block if progress is not None else 0
        found = []
        for candidate in candidates:
            three, proposal = views[candidate.room_id], proposals.get(candidate.room_id)
            record = records.get(candidate.id) or self._begin(candidate, three, snapshot)
            if record is None or record.operator_id != self._me.operator_id:
                continue
            row = rows.get(record.sent) if record.sent else None
            found.append(self._facts(record, three, proposal, row, snapshot, blocks, index_block))
        return found

    def _begin(
        self, candidate: RoomCandidate, views: ViewsByDepth, snapshot: ChainSnapshot
    ) -> RoomRecord | None:
        """A new record for a room that is on the chain at the acting depth; not yet written."""
        view, proposal = views.acting, candidate.proposal
        if view is None or proposal is None or view.operator_id != self._me.operator_id:
            return None
        if view.tag != proposal.tag and not (view.key_version == 1 and view.tag == proposal.tag0):
            return None
        return RoomRecord(
            id=candidate.id,
            operator_id=view.operator_id,
            room_id=view.room_id,
            tag0=proposal.tag0,
            mode=view.mode,
            gated=view.gated,
            host=view.host,
            created_at=view.created_at,
            seen_block=snapshot.acting.number,
            suspect=view.key_version > 1,
        )

    def _facts(
        self,
        record: RoomRecord,
        views: ViewsByDepth,
        proposal: Proposal | None,
        row: SendRequest | None,
        snapshot: ChainSnapshot,
        blocks: Mapping[int, str],
        index_block: int,
    ) -> Facts:
        flight, landed = _flight(row, snapshot.acting.number, blocks, self._me.account)
        key = KeyState.UNKNOWN
        if proposal is not None and views.acting is not None:
            me = self._me
            if key_proven(proposal, views.acting, me.chain_id, me.contract):
                key = KeyState.USABLE if usable(proposal.ingest_key) else KeyState.UNUSABLE
        return Facts(
            now=self._clock.now(),
            record=record,
            latest=views.latest,
            acting=views.acting,
            final=views.final,
            acting_block=snapshot.acting.number,
            final_block=snapshot.final_number,
            proposal=proposal,
            index_block=index_block,
            flight=flight,
            landed_block=landed,
            key=key,
        )

    async def _rows(self, records: Iterable[RoomRecord]) -> dict[str, SendRequest]:
        keys = {record.sent for record in records if record.sent}
        found = {key: await self._status(key) for key in sorted(keys)}
        return {key: row for key, row in found.items() if row is not None}


def _mined_in(rows: Iterable[SendRequest]) -> list[int]:
    """The blocks that rows were mined in, as the sender last saw it."""
    mined = {row.block_number for row in rows if row.state is SendState.MINED}
    return sorted(number for number in mined if number is not None)


def _flight(
    row: SendRequest | None, acting_block: int, blocks: Mapping[int, str], account: str
) -> tuple[Flight, int | None]:
    """Where a transaction stands. `blocks`: hashes of the blocks that rows were mined in."""
    if row is None or row.state is SendState.FAILED or row.account.lower() != account:
        # Of another account: the operator's key was changed, nobody will send that any more.
        return Flight.NONE, None
    number = row.block_number
    if number is None or number > acting_block:
        return Flight.FLYING, None
    if row.state is SendState.CONFIRMED:
        return Flight.LANDED, number
    if row.state is SendState.MINED and blocks.get(number) == row.block_hash:
        return Flight.LANDED, number
    # Mined in a block that a reorg took; the sender will see to it.
    return Flight.FLYING, None
