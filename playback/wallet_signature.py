"""Whose key made a signature, and what kind of signature it is: pure.

Promises: `signer_of` takes r, s and v (27, 28, 0 or 1) with a low s alone, so that a signature has
no twin. A pure-Python recovery takes milliseconds, so answers are remembered: the same signature of
the same digest is always the same signer's.
"""

from __future__ import annotations

from functools import lru_cache

from eth_keys.constants import SECPK1_N
from eth_keys.datatypes import Signature
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError


@lru_cache(maxsize=4096)
def signer_of(digest: bytes, signature: bytes) -> str | None:
    """The address, lower case; None: it is no such signature."""
    if len(signature) != 65 or signature[64] not in (0, 1, 27, 28):
        return None
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")
    if not 0 < r < SECPK1_N or not 0 < s <= SECPK1_N // 2:
        return None
    try:
        made = Signature(vrs=(signature[64] % 27, r, s))
        return made.recover_public_key_from_msg_hash(digest).to_address()
    except (BadSignature, ValidationError, ValueError):
        return None
