"""A header's logsBloom: what a block's logs may contain.

Promises: pure. "No" is certain; "yes" may be chance. A bloom that is absent, all zero or unreadable
says nothing, since some chains do not compute it.
Source: the yellow paper, M3:2048.
"""

from __future__ import annotations

from functools import lru_cache

from chain.hexes import keccak

_HEX_DIGITS = 512
_DIGITS = {digit: int(digit, 16) for digit in "0123456789abcdefABCDEF"}
_EMPTY = "0x" + "0" * _HEX_DIGITS

Bits = tuple[tuple[int, int], ...]


@lru_cache(maxsize=4096)
def bits(item: str) -> Bits:
    """Where `item` (0x address or topic) leaves its three marks: (hex digit after 0x, mask)."""
    digest = keccak(bytes.fromhex(item[2:]))
    places = []
    for i in (0, 2, 4):
        bit = int.from_bytes(digest[i : i + 2]) & 2047
        places.append((2 + _HEX_DIGITS - 1 - bit // 4, 1 << bit % 4))
    return tuple(places)


def is_silent(bloom: str | None) -> bool:
    """The bloom carries no information."""
    return not bloom or bloom == _EMPTY or len(bloom) != 2 + _HEX_DIGITS


def excludes(bloom: str | None, *items: str) -> bool:
    """Whether the block certainly has no log with any one of `items`."""
    if bloom is None or is_silent(bloom):
        return False
    for item in items:
        for place, mask in bits(item):
            if not _DIGITS.get(bloom[place], 15) & mask:
                return True
    return False


def make(items: list[str]) -> str:
    """The bloom of logs with these addresses and topics; for simulations."""
    digits = [0] * (2 + _HEX_DIGITS)
    for item in items:
        for place, mask in bits(item):
            digits[place] |= mask
    return "0x" + "".join(f"{digit:x}" for digit in digits[2:])
