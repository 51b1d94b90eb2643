"""What one live input in Cloudflare's list is to us: the sweep's judgement, pure.

Promises: ORPHAN is said on positive proof only (see `oracle.sweep`); whatever is not certain WAITS.
Assumes: the look is of a node whose history was checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chain.enums import Status
from chain.views import RoomView
from oracle.chain_snapshot import ChainSnapshot, ViewsByDepth
from oracle.cloudflare.live_input_spec import Owner
from oracle.cloudflare.models import ListedInput
from oracle.facts import Proposal, lineage

SKEW_SECONDS = 3600.0
"""How far apart Cloudflare's clock and the chain's may be."""


class Verdict(StrEnum):
    """What an input is to us."""

    FOREIGN = "foreign"
    """It does not carry our meta."""
    ELSEWHERE = "elsewhere"
    """Another contract's, or another operator's."""
    NEEDED = "needed"
    OFF = "switched off"
    """Needed, and disabled."""
    WAITS = "waits"
    ORPHAN = "orphan"


@dataclass(frozen=True, slots=True)
class NodeView:
    """One node's view of the room that an input claims to be for."""

    snapshot: ChainSnapshot
    views: ViewsByDepth
    proposal: Proposal | None
    operator_id: int

    def shows(self, view: RoomView | None, block: int, owner: Owner) -> bool:
        """Whether `view` is of the very room that the input was made for."""
        return lineage(view, block, self.proposal) == owner.tag


def judge(
    listed: ListedInput, owner: Owner, node_view: NodeView, first_seen: int | None
) -> tuple[Verdict, str]:
    """The verdict, and why. `first_seen`: the head when a sweep first met the input."""
    newest, final = node_view.views.latest, node_view.views.final
    if newest is not None and node_view.shows(newest, node_view.snapshot.latest.number, owner):
        if newest.operator_id != node_view.operator_id:
            return Verdict.ELSEWHERE, "it belongs to another operator's room"
        if newest.status is Status.ACTIVE and newest.uid.hex() == listed.uid:
            if listed.enabled:
                return Verdict.NEEDED, "its room is active"
            return Verdict.OFF, "its room is active, but it is disabled"
    if final is None or not node_view.shows(final, node_view.snapshot.final_number, owner):
        return _no_room(listed, owner, node_view, first_seen)
    if final.status is Status.PENDING:
        return Verdict.WAITS, "its room was pending when the last block became final"
    return _final_room(listed, final)


def _final_room(listed: ListedInput, final: RoomView) -> tuple[Verdict, str]:
    """Its room is on the final chain, active or ended."""
    if any(final.uid) and final.uid.hex() != listed.uid:
        return Verdict.ORPHAN, f"another input serves room {final.room_id}"
    if final.status is Status.ENDED and not any(final.uid):
        return Verdict.ORPHAN, f"room {final.room_id} ended without it"
    if final.status is Status.ENDED and final.released:
        return Verdict.ORPHAN, f"room {final.room_id} was released"
    return Verdict.WAITS, "its room has ended; the release is in progress"


def _no_room(
    listed: ListedInput, owner: Owner, node_view: NodeView, first_seen: int | None
) -> tuple[Verdict, str]:
    """Its tag is not on the final chain: proof only if a room that old would have to be there."""
    snapshot, views, proposal = node_view.snapshot, node_view.views, node_view.proposal
    if (
        node_view.shows(views.latest, snapshot.latest.number, owner)
        or node_view.shows(views.acting, snapshot.acting.number, owner)
        or (proposal is not None and proposal.tag0 == owner.tag)
    ):
        return Verdict.WAITS, "its room is not final yet"
    if snapshot.final is None:
        return Verdict.WAITS, "nothing is final yet"
    made = listed.created
    old = made is not None and made.timestamp() + SKEW_SECONDS < snapshot.final.timestamp
    if old or (first_seen is not None and first_seen <= snapshot.final.number):
        return Verdict.ORPHAN, f"no room {owner.room_id} with its tag exists on the chain"
    return Verdict.WAITS, "its room is not on the chain, but may still appear"
