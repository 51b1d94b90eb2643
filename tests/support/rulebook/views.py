"""What the contract's views must answer in a state."""

from __future__ import annotations

from chain.enums import EndReason, Status
from chain.hexes import ZERO_ADDRESS
from chain.views import RoomView
from tests.support.rulebook.state import State


def room_view(state: State, room_id: int, now: int) -> RoomView | None:
    """What `room` answers at a time; None: it reverts."""
    room = state.rooms.get(room_id)
    if room is None:
        return None
    status = effective = room.status
    reason = why = room.end.reason if room.end else EndReason.NONE
    if room.end is None and state.expirable(room, now):
        effective = Status.ENDED
        why = EndReason.EXPIRED if room.fulfilled else EndReason.UNFULFILLED
    return RoomView(
        room_id=room_id,
        host=room.host,
        pending_host=room.pending_host,
        created_at=room.created.at,
        expires_at=state.expires_at(room),
        rekeyed_at=room.rekeyed_at,
        operator_id=room.operator_id,
        terms_id=room.terms_id,
        mode=room.mode,
        gated=room.gate != ZERO_ADDRESS,
        status=status,
        end_reason=reason,
        effective_status=effective,
        effective_reason=why,
        released=room.released,
        uid=room.uid,
        tag=room.tag,
        key_version=room.key_version,
        events=room.events,
    )
