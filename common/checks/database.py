"""Whether the database is there, knows us, and lets us do what the service does.

Promises: reads, and writes nothing: a right to write is tried by asking the server to explain a
write, for which it wants the same right and which it does not carry out.
Assumes: pymongo's errors are explained by `common.database_errors`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure

from common import process
from common.checks.rows import CheckFailed, CheckLevel
from common.database_errors import FORBIDDEN
from common.lease import LeaseStore

REACH_SECONDS = 3.0
ANSWER_SECONDS = 6.0
_NOBODY = "no document has this _id"


class Access(NamedTuple):
    """What a service does to these collections: reads them, or writes as well."""

    database: str
    collections: Sequence[str]
    writes: bool = False


def connect(uri: str) -> AsyncMongoClient[dict[str, Any]]:
    """A client that gives up early; its caller closes it."""
    return AsyncMongoClient(
        uri,
        serverSelectionTimeoutMS=int(REACH_SECONDS * 1000),
        connectTimeoutMS=int(REACH_SECONDS * 1000),
        socketTimeoutMS=int(ANSWER_SECONDS * 1000),
        appname="check",
    )


async def check_database(
    mongo: AsyncMongoClient[dict[str, Any]], accesses: Sequence[Access]
) -> str:
    """What it is and what we may do there, in words. Raises `CheckFailed`, pymongo's errors."""
    hello = await mongo.admin.command("hello")
    allowed = "; ".join([await _allowed(mongo, access) for access in accesses])
    kind = _kind(hello)
    if kind is None and any(access.writes for access in accesses):
        raise CheckFailed(
            f"{allowed}; a single server, no replica set: a write that it confirmed may be lost",
            "make it a replica set, of one member at least (rs.initiate())",
            CheckLevel.WARN,
        )
    return f"{allowed}; {kind or 'a single server'}"


async def lease_words(store: LeaseStore, name: str) -> str:
    """Who holds the lease, if anybody does."""
    row = await store.read(name)
    if row is None or row.holder is None:
        return "the lease is free"
    return f"the lease is held by {process.describe(row.holder)}"


def _kind(hello: Mapping[str, Any]) -> str | None:
    """What keeps writes safe; None: nothing does."""
    if hello.get("msg") == "isdbgrid":
        return "a sharded cluster"
    name = hello.get("setName")
    return None if name is None else f"replica set {name}"


async def _allowed(mongo: AsyncMongoClient[dict[str, Any]], access: Access) -> str:
    database = mongo[access.database]
    tried = True
    for name in access.collections:
        await database[name].find_one({}, {"_id": 1})
        if access.writes:
            tried = await _may_write(database, name) and tried
    if not access.writes:
        return f"{access.database} is readable"
    return f"{access.database} is {'writable' if tried else 'readable; writing cannot be tried'}"


async def _may_write(database: AsyncDatabase[dict[str, Any]], name: str) -> bool:
    """Whether we may; False: the server does not explain writes. Raises if we may not."""
    query = {"_id": _NOBODY}
    update = {"q": query, "u": {"$set": {"checked": True}}, "upsert": True}
    for write in (
        {"update": name, "updates": [update]},
        {"delete": name, "deletes": [{"q": query, "limit": 1}]},
    ):
        try:
            await database.command("explain", write, verbosity="queryPlanner")
        except OperationFailure as error:
            if error.code == FORBIDDEN:
                raise
            return False
    return True
