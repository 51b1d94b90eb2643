"""The transaction that ends a room, and what ending it now means for its host's money.

Promises: which call ends the room, and what it costs, come from the room as it stands at the
node's latest block. A room past its time, or without an operator, is expired, whoever asks: all
that is left comes back, and nobody pays for having been late.
"""

from __future__ import annotations

from typing import NamedTuple

from api.index_source import Document
from api.unsigned_transactions import UnsignedTransaction, WantedCall, build_unsigned
from chain import calldata
from chain.enums import Status
from chain.rpc.client import Rpc
from chain.views import RoomView, read_rooms

GAS = 120_000  # for the case that it would revert now and cannot be estimated


class Ending(NamedTuple):
    """`expires`: by `expire`, not `endRoom`. `refund`, `forfeited`: wei. `full_refund_at`: from
    when nothing is forfeited; None: nothing is now."""

    expires: bool
    refund: int
    forfeited: int
    full_refund_at: int | None


async def build_ending(
    rpc: Rpc, chain_id: int, room: Document, terms: Document, sender: str
) -> tuple[Ending, UnsignedTransaction]:
    """Build the transaction and try it. `room`, `terms`: its documents. Raises `RpcError`."""
    (view,) = await read_rooms(rpc, room["contract"], [room["n"]], "latest")
    ending = what_ending_means(view, room["deadline_at"], int(terms["deposit"]), int(terms["fee"]))
    data = calldata.expire([room["n"]]) if ending.expires else calldata.end_room(room["n"])
    call = WantedCall(to=room["contract"], data=data, value=0, sender=sender, gas=GAS)
    return ending, await build_unsigned(rpc, chain_id, call)


def what_ending_means(view: RoomView, deadline_at: int, deposit: int, fee: int) -> Ending:
    """Of a room as the contract tells it."""
    if view.status not in (Status.PENDING, Status.ACTIVE):
        return Ending(False, 0, 0, None)  # ended since the index was written: it would revert
    if view.status is Status.ACTIVE:
        return Ending(view.expirable, deposit, 0, None)  # the fee was the operator's long ago
    if view.expirable:
        return Ending(True, deposit + fee, 0, None)
    return Ending(False, deposit, fee, deadline_at if fee else None)
