"""A block's position, as far as everybody needs it.

Promises: pure parsing of a JSON-RPC block or header object.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Head(NamedTuple):
    """A block header's position. Hashes are 0x, lower case; `base_fee` is wei per gas."""

    number: int
    hash: str
    parent_hash: str
    timestamp: int
    base_fee: int


def parse_head(block: Mapping[str, Any]) -> Head:
    """The head in a header or block object. Raises KeyError or ValueError if it is malformed."""
    return Head(
        number=int(block["number"], 16),
        hash=str(block["hash"]).lower(),
        parent_hash=str(block["parentHash"]).lower(),
        timestamp=int(block["timestamp"], 16),
        base_fee=int(block.get("baseFeePerGas") or "0x0", 16),
    )
