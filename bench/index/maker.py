"""Sending a story to an anvil that mines on demand: unlocked accounts, nonces of our own counting.

Promises: the transactions of a block are mined in the order given.
Assumes: nobody else sends from these accounts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx
import orjson

from bench.index import story
from chain import artifact, calls
from chain.hexes import hex_data
from chain.rooms import HISTORY_CALL, decode_history
from chain.units import GWEI

SECONDS = 2  # between blocks
_PRICE = 1000 * GWEI
_JSON = {"content-type": "application/json"}


class Node:
    """Plain JSON-RPC with batches; trusts its node."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=120.0, trust_env=False)

    def call(self, method: str, *params: Any) -> Any:
        """One result. RuntimeError with the node's message otherwise."""
        return self.batch([(method, params)])[0]

    def batch(self, requests: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        """The results in order; the node may carry them out in any order."""
        body = [
            {"jsonrpc": "2.0", "id": i, "method": method, "params": params}
            for i, (method, params) in enumerate(requests)
        ]
        answers = orjson.loads(
            self._http.post("", content=orjson.dumps(body), headers=_JSON).content
        )
        for answer in answers:
            if "error" in answer:
                raise RuntimeError(f"{requests[answer['id']][0]}: {answer['error']}")
        return [answer["result"] for answer in sorted(answers, key=lambda a: int(a["id"]))]

    def close(self) -> None:
        self._http.close()


def history(node: Node, contract: str) -> tuple[int, str]:
    """The contract's count of its events, and their hash (0x, 24 bytes), at the head."""
    call = {"to": contract, "data": hex_data(HISTORY_CALL)}
    told = decode_history(node.call("eth_call", call, "latest"))
    return told.count, hex_data(told.hash)


class Maker:
    """Sends transactions block by block. `accounts`: the node's unlocked ones."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.accounts: list[str] = node.call("eth_accounts")
        self._nonces: list[int] = []
        self._time = 0
        self.read()

    def read(self) -> None:
        """Take nonces and time from the node's head."""
        asked = [("eth_getTransactionCount", (a, "latest")) for a in self.accounts]
        self._nonces = [int(count, 16) for count in self._node.batch(asked)]
        self._time = int(self._node.call("eth_getBlockByNumber", "latest", False)["timestamp"], 16)

    def fields(self, tx: story.Tx, to: str | None, place: int = 0) -> dict[str, Any]:
        """The transaction as the node wants it, without its nonce; `place`: in its block."""
        found = {
            "from": self.accounts[tx.sender],
            "data": "0x" + tx.data.hex(),
            "value": hex(tx.value),
            "gas": hex(250_000 + 400 * len(tx.data)),
            "gasPrice": hex(_PRICE - place * GWEI),  # a block is ordered by price
        }
        return found | ({"to": to} if to else {})

    def send(self, txs: Sequence[story.Tx], to: str | None) -> list[str]:
        """Put transactions into the pool; returns their hashes."""
        requests = []
        for place, tx in enumerate(txs):
            fields = self.fields(tx, to, place) | {"nonce": hex(self._nonces[tx.sender])}
            self._nonces[tx.sender] += 1
            requests.append(("eth_sendTransaction", (fields,)))
        return self._node.batch(requests)

    def seal(self, timestamp: int | None = None) -> None:
        """Mine one block of what is in the pool, at `timestamp` or later."""
        self._time = max(self._time + (SECONDS if timestamp is None else 1), timestamp or 0)
        self._node.call("evm_mine", self._time)

    def mine(self, txs: Sequence[story.Tx], to: str | None) -> list[str]:
        """One block of `txs` in this order; returns their hashes."""
        hashes = self.send(txs, to)
        self.seal()
        return hashes

    def deploy(self) -> tuple[str, int]:
        """The contract with operator 1; returns its address (lower case) and block."""
        code = artifact.load().bytecode
        code += calls.constructor(self.accounts[0], 1, story.TERMS)
        (made,) = self.mine([story.Tx(0, code)], None)
        receipt = self._node.call("eth_getTransactionReceipt", made)
        contract = str(receipt["contractAddress"]).lower()
        base = story.PLAYBACK_BASE
        self.mine([story.Tx(0, calls.add_operator(self.accounts[1], base))], contract)
        return contract, int(receipt["blockNumber"], 16)
