"""What an index must hold of a contract on a local chain, and what it holds."""

from __future__ import annotations

from typing import Any

from indexer.documents import EVENTS, FOLDED, VOLATILE
from indexer.event_pages import event_doc, pack_events
from indexer.projection.contract import fold
from localnet.rooms_on_anvil import RoomsOnAnvil


def dump(db: Any, contract: str) -> dict[str, dict[Any, Any]]:
    """The index's documents of a contract, without book-keeping."""
    return {
        kind: {
            doc["_id"]: {k: v for k, v in doc.items() if k not in VOLATILE}
            for doc in db[kind].find({"contract": contract})
        }
        for kind in (EVENTS, *FOLDED)
    }


def expected(chain: RoomsOnAnvil) -> dict[str, dict[Any, Any]]:
    """What the documents must be, folded here from the chain's own logs."""
    events = chain.events()
    ledger = fold(chain.address, events)
    found: dict[str, dict[Any, Any]] = {
        EVENTS: {page["_id"]: dict(page) for page in pack_events([event_doc(e) for e in events])}
    }
    for kind in FOLDED:
        found[kind] = {
            doc["_id"]: {k: v for k, v in doc.items() if k not in VOLATILE}
            for doc in ledger.held(kind).values()
        }
    return found
