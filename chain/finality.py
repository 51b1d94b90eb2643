"""From when on a block cannot go away.

Promises: one function that follows the setting: the node's `finalized` or `safe` tag, or a depth
below its head. Nothing depends on a chain id. A node that does not know the tag is a
`FinalityUnknown` that says which setting to change.
"""

from __future__ import annotations

from typing import Any, Literal, Protocol

from chain.blocks import parse_header
from chain.errors import JsonRpcError, UnknownBlock
from chain.rpc import Rpc


class FinalitySetting(Protocol):
    """`settings.Finality`: "finalized", "safe", or "depth" with its number of blocks."""

    @property
    def kind(self) -> Literal["finalized", "safe", "depth"]: ...

    @property
    def depth(self) -> int: ...


class FinalityUnknown(Exception):
    """The node has no such tag; the text says what to set."""


async def final_number(node: Rpc, head: int, setting: FinalitySetting) -> int:
    """The highest block number that is final by `setting`, -1 if there is none yet."""
    if setting.kind == "depth":
        return max(-1, head - setting.depth)
    try:
        block: Any = await node.call("eth_getBlockByNumber", [setting.kind, False])
    except UnknownBlock:
        return -1
    except JsonRpcError as error:
        if error.transient:
            raise
        raise FinalityUnknown(
            f"the node does not know the tag {setting.kind!r} ({error.message}): "
            "set FINALITY=depth:N to a depth that the chain's operators call final"
        ) from None
    if block is None:
        return -1
    return min(parse_header(block, endpoint=str(getattr(node, "name", ""))).number, head)
