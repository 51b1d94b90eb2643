"""A block's header, as JSON-RPC tells it, and its bloom: what the block's logs may contain.

Promises: pure parsing. Two shapes of one block, each for those who need it: `Header` for the
follower, `Head` for all who act at a head. A block of another shape is a `MalformedAnswer`.
A true bloom's "no" is certain, its "yes" may be chance; one that is absent, all zero or unreadable
says nothing, since some chains do not compute it. Whether a node's blooms are true is the caller's
question.
Source: the yellow paper, M3:2048.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from chain.hexes import keccak
from chain.rpc.answers import amount, digest, fields, number, shown, what_is_wrong
from chain.rpc.errors import MalformedAnswer

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
    """The header in a block object. Raises `MalformedAnswer`, also for null."""
    try:
        bloom = fields(block).get("logsBloom")
        if bloom is not None and not isinstance(bloom, str):
            raise ValueError(f"not a bloom: {shown(bloom)}")
        return Header(
            number(block["number"]),
            digest(block["hash"]),
            digest(block["parentHash"]),
            number(block["timestamp"]),
            bloom,
        )
    except (KeyError, ValueError) as error:
        raise _no_block(error, endpoint) from None


class Head(NamedTuple):
    """What the sender, the oracle and the watcher of new heads act at: a block's position and fee.

    Hashes are 0x, lower case; `base_fee` is wei per gas.
    """

    number: int
    hash: str
    parent_hash: str
    timestamp: int
    base_fee: int


def parse_head(block: Any, *, endpoint: str = "") -> Head:
    """The head in a header or block object. Raises `MalformedAnswer`, also for null."""
    try:
        base_fee = fields(block).get("baseFeePerGas")
        return Head(
            number=number(block["number"]),
            hash=digest(block["hash"]),
            parent_hash=digest(block["parentHash"]),
            timestamp=number(block["timestamp"]),
            base_fee=0 if base_fee is None else amount(base_fee),
        )
    except (KeyError, ValueError) as error:
        raise _no_block(error, endpoint) from None


def _no_block(error: Exception, endpoint: str) -> MalformedAnswer:
    text = f"{what_is_wrong(error)}, in a block"
    return MalformedAnswer(text, endpoint=endpoint, method="eth_getBlockByNumber")


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
    """Whether the block, if its bloom is true, has no log with some one of `items`."""
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
