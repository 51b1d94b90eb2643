"""What the steps on a room work with, and who this oracle is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from common.clock import Clock
from oracle.cloudflare.live_input_spec import Owner, RecordingPolicy
from oracle.index_view import Index
from oracle.interfaces import Cloudflare, Recordings, Seal
from oracle.journal import Book, Entry
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
class Standing:
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
class Tools:
    """Everything a step may touch."""

    me: Identity
    clock: Clock
    book: Book
    index: Index
    cloudflare: Cloudflare
    recordings: Recordings
    policy: RecordingPolicy
    keep_recordings: bool
    standing: Standing = field(default_factory=Standing)
    seal: Seal = seal

    def owner(self, entry: Entry) -> Owner:
        """Whose the live input of the entry's present attempt is."""
        me = self.me
        return Owner(me.chain_id, me.contract, entry.room_id, entry.tag0, entry.attempt)

    async def save(self, entry: Entry) -> Entry:
        """Write an entry, with the time. Whatever is worked on is open again."""
        return await self.book.save(replace(entry, closed=False, updated_at=self.clock.now()))

    async def rest(self, entry: Entry) -> Entry:
        """Write that nothing is left to do for a room."""
        at_rest = replace(entry, closed=True, reason=None, updated_at=self.clock.now())
        return await self.book.save(at_rest)
