"""A signer for commands that only look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chain.send.signer import SignedTx, SignerError


class ReadOnlySigner:
    """Stands where a signer would, for commands that only look."""

    def __init__(self, address: str) -> None:
        self._address = address

    @property
    def address(self) -> str:
        return self._address

    async def check(self) -> None:
        """Nothing will be signed."""

    async def sign(self, _tx: Mapping[str, Any]) -> SignedTx:
        """Refuses."""
        raise SignerError("this command is read-only and signs nothing")
