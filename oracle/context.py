"""What the steps on a room work with: who this oracle is, what is known of its operator, and all
that a step may touch.

Assumes: `oracle.bootstrap` fills it, `oracle.health_monitor` keeps `OperatorStanding` up to date.
On restart: nothing is known of the operator until it was read from the chain.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from common.clock import Clock
from oracle.cloudflare.live_input_spec import Owner, RecordingPolicy
from oracle.index_view import IndexView
from oracle.interfaces import CloudflareApi, Recordings, SealFunction
from oracle.journal import OpenRecords, RoomRecord
from oracle.sealing import seal


@dataclass(frozen=True, slots=True)
class Identity:
    """For whom this oracle acts. `contract` is 0x, lower case."""

    chain_id: int
    contract: str
    operator_id: int
    account: str
    """The account that signs, 0x, lower case."""
    cloudflare_account: str


@dataclass(slots=True)
class OperatorStanding:
    """What is known of the operator on chain; `problem` says why nothing may be provisioned."""

    playback_base: str | None = None
    problem: str | None = "the operator has not been read from the chain yet"
    broke: str | None = None
    """Why nothing new is begun for want of money; what has begun is brought to its end."""
    mismatch: tuple[float, str] | None = None
    """When (unix seconds) a live input last was not what was asked, and what was wrong with it."""
    account_proven: bool = False
    """Cloudflare showed an input of ours in this process's life: it is the right account, so that
    a "not found" can be believed."""


@dataclass(frozen=True)
class Context:
    """Everything a step may touch."""

    me: Identity
    clock: Clock
    records: OpenRecords
    index: IndexView
    cloudflare: CloudflareApi
    recordings: Recordings
    policy: RecordingPolicy
    keep_recordings: bool
    standing: OperatorStanding = field(default_factory=OperatorStanding)
    seal: SealFunction = seal

    def owner(self, record: RoomRecord) -> Owner:
        """Whose the live input of the record's present attempt is."""
        me = self.me
        return Owner(me.chain_id, me.contract, record.room_id, record.tag0, record.attempt)

    async def save(self, record: RoomRecord) -> RoomRecord:
        """Write a record, with the time. Whatever is worked on is open again."""
        return await self.records.save(replace(record, closed=False, updated_at=self.clock.now()))

    async def rest(self, record: RoomRecord) -> RoomRecord:
        """Write that nothing is left to do for a room."""
        at_rest = replace(record, closed=True, reason=None, updated_at=self.clock.now())
        return await self.records.save(at_rest)
