"""How single values are written in answers: addresses, wei, codes of decline and take-down.

Promises: pure functions. Addresses get their EIP-55 checksum, wei stay exact as decimal strings.
"""

from __future__ import annotations

from functools import lru_cache

from chain.enums import DETAILS
from chain.hexes import ZERO_ADDRESS, keccak

_DETAILS = {reason.word: codes for reason, codes in DETAILS.items()}


@lru_cache(maxsize=16384)
def checksum(address: str) -> str:
    """An address (0x and 40 hex digits, any case) with its EIP-55 checksum."""
    digits = address[2:].lower()
    nibbles = keccak(digits.encode()).hex()
    return "0x" + "".join(
        char.upper() if int(nibble, 16) >= 8 else char
        for char, nibble in zip(digits, nibbles, strict=False)
    )


def checksum_or_none(address: str | None) -> str | None:
    """The same; None stays, and the zero address, which stands for nobody, becomes None."""
    return None if address is None or address == ZERO_ADDRESS else checksum(address)


def wei(amount: str | int) -> str:
    """Wei as a decimal string; the index pads them with zeros."""
    return str(int(amount))


def detail_words(reason: str, detail: int) -> str | None:
    """What a decline's or take-down's code means."""
    table = _DETAILS.get(reason)
    return None if table is None else table.get(detail, f"code {detail}")
