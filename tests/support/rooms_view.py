"""The contract's views, read synchronously from a local node."""

from __future__ import annotations

from collections.abc import Sequence

from chain.rooms import HISTORY_CALL, RoomView, decode_history, decode_rooms, view_call
from localnet.node import Node

CHUNK = 200


def read_rooms_at(
    node: Node, contract: str, ids: Sequence[int]
) -> tuple[list[RoomView], tuple[int, bytes]]:
    """All rooms, and the history's count and hash, at one block."""
    block = node.call("eth_blockNumber")
    views: list[RoomView] = []
    for start in range(0, len(ids), CHUNK):
        data = view_call("rooms", list(ids[start : start + CHUNK]))
        answer = node.call("eth_call", {"to": contract, "data": "0x" + data.hex()}, block)
        views += decode_rooms(answer)
    told = node.call("eth_call", {"to": contract, "data": "0x" + HISTORY_CALL.hex()}, block)
    history = decode_history(told)
    return views, (history.count, history.hash)
