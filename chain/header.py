"""A block's header, as JSON-RPC tells it, and its bloom: what the block's logs may contain.

Promises: pure parsing. Two shapes of one block, each for those who need it: `Header` for the
follower, strict (a malformed one is a `BadResponse`, for the node's answer was bad), and `Head` for
all who act at a head. A bloom's "no" is certain, its "yes" may be chance; one that is absent, all
zero or unreadable says nothing, since some chains do not compute it.
Source: the yellow paper, M3:2048.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from chain.hexes import keccak
from chain.rpc.errors import BadResponse

_BLOOM_DIGITS = 512
_DIGITS = {digit: int(digit, 16) for digit in "0123456789abcdefABCDEF"}
_EMPTY_BLOOM = "0x" + "0" * _BLOOM_DIGITS

Bits = tuple[tuple[int, int], ...]


class Header(NamedTuple):
    """What the follower links and checks logs against: a block's position and bloom.

    Hashes are 0x, lower case. `bloom`: the logsBloom, or None if the node gives none.
    """

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


class Head(NamedTuple):
    """What the sender, the oracle and the watcher of new heads act at: a block's position and fee.

    Hashes are 0x, lower case; `base_fee` is wei per gas.
    """

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


@lru_cache(maxsize=4096)
def bloom_bits(item: str) -> Bits:
    """Where `item` (0x address or topic) leaves its three marks: (hex digit after 0x, mask)."""
    digest = keccak(bytes.fromhex(item[2:]))
    places = []
    for i in (0, 2, 4):
        bit = int.from_bytes(digest[i : i + 2]) & 2047
        places.append((2 + _BLOOM_DIGITS - 1 - bit // 4, 1 << bit % 4))
    return tuple(places)


def bloom_is_silent(bloom: str | None) -> bool:
    """The bloom carries no information: absent, all zero or of another length."""
    return not bloom or bloom == _EMPTY_BLOOM or len(bloom) != 2 + _BLOOM_DIGITS


def bloom_excludes(bloom: str | None, *items: str) -> bool:
    """Whether the block certainly has no log with any one of `items`."""
    if bloom is None or bloom_is_silent(bloom):
        return False
    for item in items:
        for place, mask in bloom_bits(item):
            if not _DIGITS.get(bloom[place], 15) & mask:
                return True
    return False


def make_bloom(items: list[str]) -> str:
    """The bloom of logs with these addresses and topics; for simulations."""
    digits = [0] * (2 + _BLOOM_DIGITS)
    for item in items:
        for place, mask in bloom_bits(item):
            digits[place] |= mask
    return "0x" + "".join(f"{digit:x}" for digit in digits[2:])
