"""What the contract's views must answer in a state."""

from __future__ import annotations

from chain.enums import EndReason, Status
from chain.hexes import ZERO_ADDRESS
from chain.views import CreationView, RoomView
from tests.support.rulebook.state import AccountRow, ContractState


def creation_view(state: ContractState, operator_id: int, host: str) -> CreationView:
    """What `creation` answers."""
    operator = state.operators.get(operator_id)
    served = operator is not None and operator.account != ZERO_ADDRESS
    account = state.accounts.get(host, AccountRow())
    current = len(state.terms)
    return CreationView(
        terms_id=current,
        terms=state.terms[current].terms,
        paused=state.paused,
        successor=state.successor,
        retired=state.retired,
        accepting=bool(operator and served and operator.accepting and operator.enabled),
        credit=account.credit,
        open_rooms=account.open_rooms,
    )


def room_view(state: ContractState, room_id: int, now: int) -> RoomView | None:
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
