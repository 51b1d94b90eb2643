"""The sender's rows in MongoDB: a `SenderStore` on the oracle's journal database.

Promises: one document per request, its attempts inside, so that a nonce, its signed bytes and the
state change in one atomic write. `save` is an update guarded by the version; a unique index on
`slot` (account and nonce, present only while open) refuses a second owner of a nonce.
Assumes: acknowledged writes are durable (write concern majority with journal on a replica set).
Every query begins with an equality on an indexed field. Final rows expire after `keep_days`: a key
can be forgotten only then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import ASCENDING
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from chain.send.fee_demand import FeeDemand, Wanted
from chain.send.model import OPEN, Attempt, SendRequest, SendState, StoreConflict

Document = dict[str, Any]

# Numbers that may outgrow int64 are stored as decimal text.
_BIG = ("value", "gas_price", "l1_fee")
_BIG_ATTEMPT = ("max_fee", "priority_fee")


PREFIX = "send_"


def collections(prefix: str = PREFIX) -> tuple[str, str]:
    """The names of the two: of requests and of accounts."""
    return f"{prefix}requests", f"{prefix}accounts"


class MongoSenderStore:
    """The `collections` of `db`."""

    def __init__(
        self, db: AsyncDatabase[Document], *, prefix: str = PREFIX, keep_days: int = 90
    ) -> None:
        self._rows, self._accounts = (db[name] for name in collections(prefix))
        self._keep = timedelta(days=keep_days)

    async def ensure_indexes(self) -> None:
        """Create what is missing. Safe to repeat."""
        await self._rows.create_index([("bucket", ASCENDING)], name="bucket")
        await self._rows.create_index(
            [("slot", ASCENDING)],
            name="slot",
            unique=True,
            partialFilterExpression={"slot": {"$exists": True}},
        )
        await self._rows.create_index(
            [("expires_at", ASCENDING)], name="expires", expireAfterSeconds=0
        )

    async def insert(self, request: SendRequest) -> SendRequest:
        try:
            await self._rows.insert_one(self._document(request))
        except DuplicateKeyError:
            stored = await self.get(request.key)
            if stored is None:
                raise StoreConflict(f"{request.key} appeared and disappeared") from None
            return stored
        return request

    async def save(self, request: SendRequest) -> SendRequest:
        saved = replace(request, version=request.version + 1)
        document = self._document(saved)
        key = document.pop("_id")
        gone = {name: "" for name in ("slot", "expires_at") if name not in document}
        change: Document = {"$set": document}
        if gone:
            change["$unset"] = gone
        try:
            result = await self._rows.update_one({"_id": key, "version": request.version}, change)
        except DuplicateKeyError:
            raise StoreConflict(f"nonce {request.nonce} is held by another request") from None
        if result.modified_count != 1:
            raise StoreConflict(f"{request.key} was changed by another process")
        return saved

    async def get(self, key: str) -> SendRequest | None:
        document = await self._rows.find_one({"_id": key})
        return None if document is None else _request(document)

    async def queued(self, account: str, limit: int) -> list[SendRequest]:
        rows = await self._bucket(account, "queued")
        return sorted(rows, key=lambda row: (row.created_at, row.key))[:limit]

    async def open(self, account: str) -> list[SendRequest]:
        return sorted(await self._bucket(account, "open"), key=lambda row: row.held_nonce)

    async def floor(self, account: str) -> int:
        document = await self._accounts.find_one({"_id": account})
        return int(document["floor"]) if document else 0

    async def raise_floor(self, account: str, nonce: int) -> None:
        await self._accounts.update_one({"_id": account}, {"$max": {"floor": nonce}}, upsert=True)

    async def counts(self, account: str) -> tuple[int, int]:
        queued = await self._rows.count_documents({"bucket": f"{account}:queued"})
        opened = await self._rows.count_documents({"bucket": f"{account}:open"})
        return queued, opened

    async def spending(self, account: str, since: float) -> list[tuple[float, int]]:
        """What final transactions cost: (unix time, wei), oldest first, from `since` on."""
        query = {"bucket": f"{account}:final", "updated_at": {"$gte": since}}
        found = [_request(doc) async for doc in self._rows.find(query, {"attempts": 0})]
        return sorted((row.updated_at, row.spent) for row in found if row.spent)

    async def _bucket(self, account: str, name: str) -> list[SendRequest]:
        return [_request(doc) async for doc in self._rows.find({"bucket": f"{account}:{name}"})]

    def _document(self, request: SendRequest) -> Document:
        document: Document = {f.name: getattr(request, f.name) for f in fields(request)}
        document["_id"] = document.pop("key")
        document["state"] = request.state.value
        document["meta"] = dict(request.meta)
        document["dead_hashes"] = list(request.dead_hashes)
        document["attempts"] = [_attempt_document(attempt) for attempt in request.attempts]
        for name in _BIG:
            if document[name] is not None:
                document[name] = str(document[name])
        document["bucket"] = f"{request.account}:{_bucket_name(request.state)}"
        if request.state in OPEN:
            document["slot"] = f"{request.account}:{request.nonce}"
        if request.final:
            stamp = datetime.fromtimestamp(request.updated_at, UTC)
            document["expires_at"] = stamp + self._keep
        return document


def _bucket_name(state: SendState) -> str:
    if state is SendState.QUEUED:
        return "queued"
    return "open" if state in OPEN else "final"


def _attempt_document(attempt: Attempt) -> Document:
    document: Document = {f.name: getattr(attempt, f.name) for f in fields(attempt)}
    for name in _BIG_ATTEMPT:
        document[name] = str(document[name])
    if attempt.demand is not None:
        of, *amounts = attempt.demand
        document["demand"] = [of.value, *map(str, amounts)]
    return document


def _request(document: Mapping[str, Any]) -> SendRequest:
    names = {f.name for f in fields(SendRequest)}
    values: Document = {name: value for name, value in document.items() if name in names}
    values["key"] = document["_id"]
    values["state"] = SendState(document["state"])
    values["dead_hashes"] = tuple(document.get("dead_hashes", ()))
    values["attempts"] = tuple(_attempt(entry) for entry in document.get("attempts", ()))
    for name in _BIG:
        if values.get(name) is not None:
            values[name] = int(values[name])
    return SendRequest(**values)


def _attempt(document: Mapping[str, Any]) -> Attempt:
    names = {f.name for f in fields(Attempt)}
    values: Document = {name: value for name, value in document.items() if name in names}
    values["raw"] = bytes(document["raw"])
    for name in _BIG_ATTEMPT:
        values[name] = int(values[name])
    if values.get("demand") is not None:
        of, *amounts = values["demand"]
        values["demand"] = FeeDemand(Wanted(of), *map(int, amounts))
    return Attempt(**values)
