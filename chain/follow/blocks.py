"""Block headers, as the follower needs them.

Promises: pure parsing; a malformed header is a `BadResponse`, for the node's answer was bad.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from chain.rpc.errors import BadResponse


class Header(NamedTuple):
    """Hashes are 0x, lower case. `bloom`: the logsBloom, or None if the node gives none."""

    number: int
    hash: str
    parent_hash: str
    timestamp: int
    bloom: str | None


def parse_header(block: Any, *, endpoint: str = "") -> Header:
    """The header in a block object. Raises `BadResponse`, also for null."""
    try:
        if not isinstance(block, Mapping):
            raise TypeError("not an object")
        number = int(block["number"], 16)
        digest, parent = block["hash"].lower(), block["parentHash"].lower()
        if len(digest) != 66 or len(parent) != 66:
            raise ValueError("a hash of other than 32 bytes")
        bloom = block.get("logsBloom")
        if bloom is not None and not isinstance(bloom, str):
            raise TypeError("a bloom that is no text")
        return Header(number, digest, parent, int(block["timestamp"], 16), bloom)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        text = f"the answer is no block header: {error!r}"
        raise BadResponse(text, endpoint=endpoint, method="eth_getBlock") from None
