"""A value that lets itself be read in one way only: by asking for it.

Promises: `repr`, `str`, `format`, logging and an exception's text never show the value; pickling
and copying are refused, so it cannot slip into a queue, a cache or a crash dump by accident.
Assumes: whoever calls `reveal()` hands the value on to its reader (the sealing, an HTTP header) and
keeps no copy. On restart nothing is left: the value lives in memory only.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import NoReturn


class Secret:
    """One secret string (a stream key, a WHIP URL, a passphrase)."""

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        """Raises ValueError for an empty value: an empty secret is a missing one."""
        if not value:
            raise ValueError("a secret must not be empty")
        self.__value = value

    def reveal(self) -> str:
        """The value in clear."""
        return self.__value

    def digest(self) -> bytes:
        """SHA-256 of the value: 32 bytes that compare without telling."""
        return hashlib.sha256(self.__value.encode()).digest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self.digest(), other.digest())

    def __hash__(self) -> int:
        return hash(self.digest())

    def __repr__(self) -> str:
        return "Secret(hidden)"

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError("a secret is neither pickled nor copied")
