"""The contract's views, read synchronously from a local node."""

from __future__ import annotations

from collections.abc import Sequence

from chain import calls
from chain.rooms import _ROOM_TYPE, HISTORY_CALL, RoomView, _room, decode_history, decode_view
from localnet.node import Node

CHUNK = 200


def read_rooms_at(
    node: Node, contract: str, ids: Sequence[int]
) -> tuple[list[RoomView], tuple[int, bytes]]:
    """All rooms, and the history's count and hash, at one block."""
    block = node.call("eth_blockNumber")
    views: list[RoomView] = []
    for start in range(0, len(ids), CHUNK):
        data = calls.call("rooms", ("uint256[]",), list(ids[start : start + CHUNK]))
        answer = node.call("eth_call", {"to": contract, "data": "0x" + data.hex()}, block)
        (rows,) = decode_view(answer, [f"{_ROOM_TYPE}[]"])
        views += [_room(row) for row in rows]
    told = node.call("eth_call", {"to": contract, "data": "0x" + HISTORY_CALL.hex()}, block)
    history = decode_history(told)
    return views, (history.count, history.hash)
