"""What the sender needs of a database.

Promises asked of an implementation: `insert` and `save` are atomic for one row and durable when
they return; `save` refuses a row changed since it was read, and a nonce that another open row of
the account holds. No transaction over several rows is needed.
"""

from __future__ import annotations

from typing import Protocol

from chain.send.model import SendRequest


class SenderStore(Protocol):
    """Rows by key. `bucket`s: queued, open (signed, broadcast, mined) and final."""

    async def insert(self, request: SendRequest) -> SendRequest:
        """Add a new row; the row that is there already, if its key is known."""
        ...

    async def save(self, request: SendRequest) -> SendRequest:
        """Replace the row of that key and version; returns it with its new version.

        Raises `StoreConflict` if the version or the nonce is not ours any more.
        """
        ...

    async def get(self, key: str) -> SendRequest | None: ...

    async def queued(self, account: str, limit: int) -> list[SendRequest]:
        """The oldest queued rows, oldest first."""
        ...

    async def open(self, account: str) -> list[SendRequest]:
        """All rows that hold a nonce and are not final, by nonce."""
        ...

    async def floor(self, account: str) -> int:
        """The lowest nonce that no final row of ours used; 0 if unknown."""
        ...

    async def raise_floor(self, account: str, nonce: int) -> None:
        """All nonces below `nonce` are final. Never lowers it."""
        ...

    async def counts(self, account: str) -> tuple[int, int]:
        """How many rows are (queued, open)."""
        ...
