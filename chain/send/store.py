"""What the sender needs of a database, and the same in memory.

Promises asked of an implementation (`MemorySenderStore` here, `MongoSenderStore` beside): `insert`
and `save` are atomic for one row and durable when they return; `save` refuses a row changed since
it was read, and a nonce that another open row of the account holds. No transaction over several
rows is needed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from chain.send.model import OPEN, SendRequest, SendState, StoreConflict


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


class MemorySenderStore:
    """For tests and simulations: the same rules as the database's, lost with the process."""

    def __init__(self) -> None:
        self.rows: dict[str, SendRequest] = {}
        self.floors: dict[str, int] = {}

    async def insert(self, request: SendRequest) -> SendRequest:
        return self.rows.setdefault(request.key, request)

    async def save(self, request: SendRequest) -> SendRequest:
        stored = self.rows.get(request.key)
        if stored is None or stored.version != request.version:
            raise StoreConflict(f"{request.key} was changed by another process")
        if request.state in OPEN:
            for other in self._open(request.account):
                if other.nonce == request.nonce and other.key != request.key:
                    raise StoreConflict(f"nonce {request.nonce} is held by {other.key}")
        saved = replace(request, version=request.version + 1)
        self.rows[request.key] = saved
        return saved

    async def get(self, key: str) -> SendRequest | None:
        return self.rows.get(key)

    async def queued(self, account: str, limit: int) -> list[SendRequest]:
        rows = [
            r for r in self.rows.values() if r.account == account and r.state is SendState.QUEUED
        ]
        return sorted(rows, key=lambda r: (r.created_at, r.key))[:limit]

    async def open(self, account: str) -> list[SendRequest]:
        return sorted(self._open(account), key=lambda r: r.held_nonce)

    async def floor(self, account: str) -> int:
        return self.floors.get(account, 0)

    async def raise_floor(self, account: str, nonce: int) -> None:
        self.floors[account] = max(nonce, self.floors.get(account, 0))

    def _open(self, account: str) -> list[SendRequest]:
        return [r for r in self.rows.values() if r.account == account and r.state in OPEN]

    async def counts(self, account: str) -> tuple[int, int]:
        queued = await self.queued(account, len(self.rows))
        return len(queued), len(await self.open(account))
