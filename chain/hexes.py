"""Quantities, bytes and their hash, as the chain writes them.

Promises: pure functions; a malformed value is a `ValueError` that shows the value. One place
decides which implementation of keccak-256 runs.
Assumes: the C extension of safe-pysha3 (a digest of 300 bytes takes 1.4 us; pycryptodome's takes 4,
because it builds a Python object for each).
Source: the execution API's encoding rules (quantities: 0x, no leading zeros; data: 0x, two digits
a byte).
"""

from __future__ import annotations

from typing import Any

from sha3 import keccak_256

ZERO_ADDRESS = "0x" + "00" * 20
"""Nobody: a public room's gate, an offer taken back, an operator revoked."""
ZERO_HASH = "0x" + "00" * 32
"""No block: the parent of the first one."""


def to_hex(number: int) -> str:
    """A quantity: 0 -> "0x0", 255 -> "0xff"."""
    if number < 0:
        raise ValueError(f"a quantity cannot be negative: {number}")
    return hex(number)


def to_int(quantity: Any) -> int:
    """A quantity back to a number; plain ints pass, since some nodes send them."""
    if isinstance(quantity, bool):
        raise ValueError("a quantity cannot be a boolean")
    if isinstance(quantity, int):
        return quantity
    if not isinstance(quantity, str) or not quantity.startswith(("0x", "0X")):
        raise ValueError(f"not a hexadecimal quantity: {quantity!r}")
    return int(quantity, 16)


def to_bytes(data: Any) -> bytes:
    """Data ("0x..." or bytes) as bytes."""
    if isinstance(data, bytes):
        return data
    if not isinstance(data, str) or not data.startswith(("0x", "0X")):
        raise ValueError("data must begin with 0x")
    return bytes.fromhex(data[2:])


def hex_data(data: bytes) -> str:
    """Bytes as "0x..."."""
    return "0x" + data.hex()


def keccak(data: bytes) -> bytes:
    """The keccak-256 digest of `data`, 32 bytes."""
    digest: bytes = keccak_256(data).digest()
    return digest
