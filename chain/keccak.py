"""keccak-256, the chain's hash.

Promises: `keccak(data)` is the 32-byte digest. One place decides which implementation runs.
Assumes: the C extension of safe-pysha3 (a digest of 300 bytes takes 1.4 us; pycryptodome's takes 4,
because it builds a Python object for each).
"""

from __future__ import annotations

from sha3 import keccak_256


def keccak(data: bytes) -> bytes:
    """The keccak-256 digest of `data`, 32 bytes."""
    digest: bytes = keccak_256(data).digest()
    return digest
