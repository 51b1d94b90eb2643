"""A small index for the oracle's tests: folds the whole chain anew whenever its head changes.

It uses the indexer's own fold, so documents are the real ones; it is no indexer: everything is read
again each time, which is fine for a few hundred blocks.
"""

from __future__ import annotations

import threading
from typing import Any

import httpx
import pymongo

from chain import history
from chain.event_codec import decode
from chain.events import CONTRACT_VERSION
from indexer.documents import CHECKPOINT, EVENTS, FORMAT, OPERATORS, ROOMS
from indexer.event_pages import event_doc, pack_events
from indexer.projection.contract import fold
from localnet.anvil import LocalNode, NodeError

PAUSE_SECONDS = 0.02


class MiniIndex:
    """Keeps a database's rooms, operators, events and checkpoint up to date, in a thread of its
    own."""

    def __init__(self, node_url: str, mongo_uri: str, database: str, contract: str) -> None:
        self._contract = contract.lower()
        self._client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(
            mongo_uri, serverSelectionTimeoutMS=500, socketTimeoutMS=2000
        )
        self._database = self._client[database]
        self._node = LocalNode(node_url, timeout=10.0)
        self._stop = threading.Event()
        self._paused = threading.Event()
        self._head = ""
        self._known: dict[str, dict[Any, dict[str, Any]]] = {}
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join(10)
        self._client.close()
        self._node.close()

    def pause(self, paused: bool = True) -> None:
        """While paused it falls behind."""
        if paused:
            self._paused.set()
        else:
            self._paused.clear()

    def _run(self) -> None:
        while not self._stop.wait(PAUSE_SECONDS):
            if self._paused.is_set():
                continue
            try:
                self._step()
            except (httpx.HTTPError, pymongo.errors.PyMongoError, NodeError, KeyError):
                self._head = ""  # the node or the database is away, or the chain changed meanwhile
                self._known = {}

    def _step(self) -> None:
        block = self._node.block()
        if block["hash"] == self._head:
            return
        number = block["number"]
        query = {"address": self._contract, "fromBlock": "0x0", "toBlock": number}
        events = [e for e in map(decode, self._node.rpc("eth_getLogs", query)) if e is not None]
        if self._node.block(number)["hash"] != block["hash"]:
            return
        chain_id = self._node.chain_id()
        digest = history.genesis(chain_id, self._contract)
        for event in events:
            digest = history.step(digest, event)
        ledger = fold(self._contract, events)
        docs = [event_doc(event) for event in events]
        rooms = {n: dict(doc) for n, doc in ledger.rooms.items()}
        self._keep(ROOMS, rooms)
        self._keep(OPERATORS, {doc["_id"]: dict(doc) for doc in ledger.operators.values()})
        self._keep(EVENTS, {page["_id"]: dict(page) for page in pack_events(docs)})
        self._database[CHECKPOINT].replace_one(
            {"_id": self._contract},
            {
                "_id": self._contract,
                "chain_id": chain_id,
                "block": int(number, 16),
                "block_hash": block["hash"],
                "seq": len(events),
                "history": "0x" + digest.hex(),
                "first_room_id": min(rooms, default=1),
                "rooms": ledger.totals.rooms,
                "state": "following",
                "stop_reason": None,
                "format": FORMAT,
                "version": CONTRACT_VERSION,
            },
            upsert=True,
        )
        self._head = block["hash"]

    def _keep(self, name: str, docs: dict[Any, dict[str, Any]]) -> None:
        """Make a collection hold these documents and no others."""
        collection, known = self._database[name], self._known.get(name, {})
        changed = [
            pymongo.ReplaceOne({"_id": key}, doc, upsert=True)
            for key, doc in docs.items()
            if known.get(key) != doc
        ]
        if changed:
            collection.bulk_write(changed, ordered=False)
        for key in set(known) - set(docs):
            collection.delete_one({"_id": key})
        self._known[name] = docs
