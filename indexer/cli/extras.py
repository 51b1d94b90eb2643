"""Documents that no event accounts for.

Promises: reads only; names every document of a contract that is none of those which its events up
to a verified position make. What was written after that position is left out, as the index may be
followed meanwhile.
This alone reads whole collections: that nothing is there too much cannot be told otherwise.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Container, Mapping
from typing import Any

from indexer.documents import Checkpoint
from indexer.mongo_store import MongoStore
from indexer.projection.ledger import NAMES

_POSITIONS = ("seq", "last_seq", "as_of", "seqs")


async def extras(
    store: MongoStore, point: Checkpoint, known: Mapping[str, Container[Any]]
) -> AsyncIterator[str]:
    """In words, each of them. `known`: per collection, the numbers or addresses that should be."""
    for kind, names in known.items():
        field = NAMES[kind]
        async for doc in store.every(kind, point["_id"], (field, *_POSITIONS)):
            name = doc.get(field)
            if name not in names and _since(doc) <= point["seq"]:
                yield f"{kind} {name} is in the index, but no event made it"


def written_at(doc: Mapping[str, Any]) -> int:
    """The number of the newest event that a document holds; 0: it does not say. A document that is
    ahead of the checkpoint belongs to a write under way."""
    found = doc.get("last_seq", doc.get("seq", (doc.get("as_of") or {}).get("seq")))
    return found if isinstance(found, int) else 0


def _since(doc: Mapping[str, Any]) -> int:
    """The number of the event since which a document may be there; 0: it does not say."""
    first = next(iter(doc.get("seqs") or ()), None)
    return first if isinstance(first, int) else written_at(doc)
