"""All that is known of one room at one moment, from chain, index, journal and sender.

Promises: pure values. Views come from one node at three depths; `ours` says whether a view is of
the very room that the record is for, which a reorg can change.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from chain.enums import Status
from chain.hexes import ZERO_ADDRESS
from chain.history import room_tag
from chain.views import RoomView
from oracle.journal import RoomRecord


class Proposal(NamedTuple):
    """The index's document of a room, as far as the oracle needs it. A proposal only."""

    room_id: int
    operator_id: int
    host: str
    status: str
    end_reason: str | None
    gate: str | None
    tag: bytes
    tag0: bytes
    former_tag: bytes | None
    ingest_key: bytes
    key_version: int
    sealed_tag: bytes | None
    created_block: int
    work: str | None
    expire_at: int | None


class KeyState(Enum):
    """What is known of the room's present ingest key."""

    UNKNOWN = "unknown"
    """The index does not have it yet, or one that does not fit the tag on chain."""
    UNUSABLE = "unusable"
    """Nothing can be sealed to it."""
    USABLE = "usable"


class Flight(Enum):
    """Where the last transaction for a room stands, seen from the acting depth."""

    NONE = "none"
    """There is none, or it failed for good."""
    FLYING = "flying"
    """Queued, broadcast, or mined above the acting depth."""
    LANDED = "landed"
    """Mined at the acting depth."""


@dataclass(frozen=True, slots=True)
class Facts:
    """See the module. A view is None where the room's number is not given out.

    `final_block`: `NOTHING_FINAL` if nothing is. `landed_block`: where the last transaction was
    mined. `index_block`: how far the index is.
    """

    now: float
    record: RoomRecord
    latest: RoomView | None
    acting: RoomView | None
    final: RoomView | None
    acting_block: int
    final_block: int
    proposal: Proposal | None
    index_block: int
    flight: Flight = Flight.NONE
    landed_block: int | None = None
    key: KeyState = KeyState.UNKNOWN

    def ours(self, view: RoomView | None, block: int) -> bool:
        """Whether `view`, read at `block`, is of the record's room and not of a namesake."""
        return lineage(view, block, self.proposal) == self.record.tag0

    @property
    def uid(self) -> str:
        """The record's live input, in steps that `plan` gives only where there is one."""
        if self.record.uid is None:
            raise LookupError(f"room {self.record.room_id} has no live input")
        return self.record.uid

    @property
    def view(self) -> RoomView:
        """The acting view, in steps that `plan` gives only where there is one."""
        if self.acting is None:
            raise LookupError(f"room {self.record.room_id} is not on the confirmed chain")
        return self.acting

    @property
    def ours_final(self) -> RoomView | None:
        """The room as it is at the final block; None if it is not there."""
        return self.final if self.ours(self.final, self.final_block) else None

    @property
    def landed_not_final(self) -> bool:
        """Whether a reorg may still undo the last transaction, or bring another order."""
        return self.landed_block is not None and self.landed_block > self.final_block

    def agreed(self, view: RoomView) -> bool:
        """Whether the newest block still says what the acting depth says of status and key."""
        newest = self.latest
        return (
            newest is not None
            and newest.tag == view.tag
            and newest.status == view.status
            and newest.effective_status == view.effective_status
        )


def lineage(view: RoomView | None, block: int, proposal: Proposal | None) -> bytes | None:
    """The tag at creation of the room that `view`, read at `block`, shows; None if unknown."""
    if view is None or view.status is Status.NONE:
        return None
    if view.key_version == 1:
        return view.tag
    # The view no longer has the first tag; the index does, for what is canonical.
    return proposal.tag0 if proposal is not None and proposal.created_block <= block else None


def key_proven(proposal: Proposal, view: RoomView, chain_id: int, contract: str) -> bool:
    """Whether the proposal's ingest key is the one that `view.tag` stands for.

    So the index cannot make the oracle seal to another key than the host's, by error or by malice.
    """
    if proposal.tag != view.tag:
        return False
    binding: str | bytes = proposal.gate or ZERO_ADDRESS
    if view.key_version > 1:
        if proposal.former_tag is None:
            return False
        binding = proposal.former_tag
    return view.tag == room_tag(
        chain_id,
        contract,
        view.room_id,
        view.host,
        view.operator_id,
        view.mode,
        binding,
        proposal.ingest_key,
        view.key_version,
    )
