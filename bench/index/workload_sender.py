"""Sends a workload to an anvil that mines on demand: unlocked accounts, nonces counted here.

Promises: the transactions of a block are mined in the order given.
Assumes: nobody else sends from these accounts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.index import workload
from chain import calldata
from chain.units import GWEI
from localnet.anvil import LocalNode
from localnet.rooms_on_anvil import RoomsOnAnvil, creation_code

SECONDS = 2  # between blocks
_PRICE = 1000 * GWEI


class WorkloadSender:
    """Sends transactions block by block. `accounts`: the node's unlocked ones."""

    def __init__(self, node: LocalNode) -> None:
        self._node = node
        self.accounts = node.accounts
        self._nonces: list[int] = []
        self._time = 0
        self.read()

    def read(self) -> None:
        """Take nonces and time from the node's head."""
        asked = [("eth_getTransactionCount", (a, "latest")) for a in self.accounts]
        self._nonces = [int(count, 16) for count in self._node.batch(asked)]
        self._time = self._node.block_time()

    def fields(self, tx: workload.WorkloadTx, to: str | None, place: int = 0) -> dict[str, Any]:
        """The transaction as the node wants it, without its nonce; `place`: in its block."""
        found = {
            "from": self.accounts[tx.sender],
            "data": "0x" + tx.data.hex(),
            "value": hex(tx.value),
            "gas": hex(250_000 + 400 * len(tx.data)),
            "gasPrice": hex(_PRICE - place * GWEI),  # a block is ordered by price
        }
        return found | ({"to": to} if to else {})

    def send(self, txs: Sequence[workload.WorkloadTx], to: str | None) -> list[str]:
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
        self._node.mine(timestamp=self._time)

    def mine(self, txs: Sequence[workload.WorkloadTx], to: str | None) -> list[str]:
        """One block of `txs` in this order; returns their hashes."""
        hashes = self.send(txs, to)
        self.seal()
        return hashes

    def deploy(self) -> RoomsOnAnvil:
        """The contract with operator 1."""
        code = creation_code(self.accounts[0], workload.TERMS)
        (made,) = self.mine([workload.WorkloadTx(0, code)], None)
        receipt = self._node.receipt(made)
        block = int(receipt["blockNumber"], 16)
        rooms = RoomsOnAnvil(self._node, receipt["contractAddress"], block, workload.TERMS)
        base = workload.PLAYBACK_BASE
        operator = calldata.add_operator(self.accounts[1], self.accounts[0], base)
        self.mine([workload.WorkloadTx(0, operator)], rooms.address)
        return rooms
