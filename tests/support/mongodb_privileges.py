"""Which rights MongoDB asks for a command, and which its roles give, by its manual.

"Privilege Actions" says what a command needs, "Built-In Roles" what a role gives (MongoDB 8.0). A
command that is not listed here raises KeyError: look it up and add it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from localnet.mongo_wire import MongoCommand

READ = frozenset(
    {"changeStream", "collStats", "dbHash", "dbStats", "find", "killCursors", "listIndexes",
     "listCollections"}
)  # fmt: skip
BUILT_IN = {
    "read": READ,
    "readWrite": READ
    | {"convertToCapped", "createCollection", "dropCollection", "createIndex", "dropIndex"}
    | {"insert", "remove", "renameCollectionSameDB", "update"},
}
WRITES = BUILT_IN["readWrite"] - READ
# What anybody may do who has logged in, or must be able to do before.
FREE = frozenset(
    {"buildinfo", "endsessions", "hello", "ismaster", "killcursors", "ping", "saslstart",
     "saslcontinue", "connectionstatus"}
)  # fmt: skip
# An update may insert (upsert); a findAndModify may do any of the four.
NEEDS: Mapping[str, frozenset[str]] = {
    "find": frozenset({"find"}),
    "getmore": frozenset({"find"}),
    "aggregate": frozenset({"find"}),
    "count": frozenset({"find"}),
    "distinct": frozenset({"find"}),
    "listindexes": frozenset({"listIndexes"}),
    "listcollections": frozenset({"listCollections"}),
    "insert": frozenset({"insert"}),
    "update": frozenset({"find", "update", "insert"}),
    "delete": frozenset({"find", "remove"}),
    "findandmodify": frozenset({"find", "update", "insert", "remove"}),
    "createindexes": frozenset({"createIndex"}),
    "create": frozenset({"createCollection"}),
    "drop": frozenset({"dropCollection"}),
    "dropindexes": frozenset({"dropIndex"}),
    "renamecollection": frozenset({"renameCollectionSameDB", "dropCollection"}),
}
PIPELINE_WRITES = ("$out", "$merge")
EVERY = ""


class Right(NamedTuple):
    """To do `action` in a collection; in `EVERY` collection of the database."""

    database: str
    collection: str
    action: str


def needed(command: MongoCommand) -> set[Right]:
    """The rights without which MongoDB refuses it."""
    if command.name in FREE:
        return set()
    stages = [next(iter(stage), "") for stage in command.body.get("pipeline", [])]
    if any(stage in PIPELINE_WRITES for stage in stages):
        raise KeyError(f"aggregate with {stages}")
    name, database, collection = command.name, command.database, command.collection
    if name == "explain":  # the rights of what it explains
        name, collection = next(iter(command.body["explain"].items()))
    if name == "renamecollection":  # it is sent to admin, and names both in full
        database, _, collection = command.collection.partition(".")
    return {Right(database, collection, action) for action in NEEDS[name.lower()]}


def granted(user: Mapping[str, Any], roles: Iterable[Mapping[str, Any]]) -> set[Right]:
    """What a user of `usersInfo` may do; `roles`: the database's own ones, of `rolesInfo`."""
    own = {role["role"]: role for role in roles}
    rights = set()
    for role in user["roles"]:
        if role["role"] in BUILT_IN:
            rights |= {Right(role["db"], EVERY, action) for action in BUILT_IN[role["role"]]}
        else:
            for privilege in own[role["role"]]["privileges"]:
                where = privilege["resource"]
                rights |= {
                    Right(where["db"], where["collection"], action)
                    for action in privilege["actions"]
                }
    return rights


def missing(wanted: Iterable[Right], rights: set[Right]) -> set[Right]:
    """Those of `wanted` that nothing gives."""
    return {
        right
        for right in wanted
        if right not in rights and right._replace(collection=EVERY) not in rights
    }
