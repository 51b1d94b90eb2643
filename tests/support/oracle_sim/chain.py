"""A simulated chain: blocks of host transactions and operators' batches, a pool, reorgs, JSON-RPC.

It answers what the sender and the outbox ask over RPC; rooms are read without encoding (`node`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from eth_abi.abi import decode, encode

from chain import calls
from chain.classify import classify
from chain.errors import UnknownBlock
from chain.head import Head
from chain.rooms import HISTORY_CALL
from chain.rpc import Call
from chain.signer import SignedTx
from tests.support.oracle_sim import contract as c
from tests.support.rulebook.state import State

GWEI = 10**9
BLOCK_SECONDS = 2
START = 1_700_000_000
FINALITY = 6

_SIGNATURES = {
    "fulfill": "(uint256,bytes12,bytes16,bytes)[]",
    "decline": "(uint256,bytes12,uint16)[]",
    "release": "(uint256,bytes12)[]",
    "expire": "uint256[]",
}
_ENTRIES: dict[str, Callable[..., Any]] = {
    "fulfill": calls.Fulfillment,
    "decline": calls.Declination,
    "release": calls.Release,
}
_NAMES = {calls.selector(f"{name}({types})"): name for name, types in _SIGNATURES.items()}


@lru_cache(maxsize=4096)
def parse(data: bytes) -> tuple[str, tuple[Any, ...]] | None:
    """The call in an operator's transaction; None for anything else."""
    name = _NAMES.get(data[:4])
    if name is None:
        return None
    (rows,) = decode([_SIGNATURES[name]], data[4:])
    make = _ENTRIES.get(name)
    return name, tuple(make(*row) for row in rows) if make else tuple(rows)


@dataclass(frozen=True, slots=True)
class OpTx:
    """An operator's signed transaction."""

    hash: str
    sender: str
    nonce: int
    max_fee: int
    tip: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Block:
    number: int
    hash: str
    parent: str
    timestamp: int
    state: State
    nonces: Mapping[str, int]
    host_txs: tuple[c.HostTx, ...] = ()
    op_txs: tuple[OpTx, ...] = ()

    @property
    def head(self) -> Head:
        return Head(self.number, self.hash, self.parent, self.timestamp, GWEI)


class SimSigner:
    """Signs by writing the transaction down."""

    def __init__(self, address: str) -> None:
        self._address = address

    @property
    def address(self) -> str:
        return self._address

    async def sign(self, tx: Mapping[str, Any]) -> SignedTx:
        raw = orjson.dumps({**tx, "from": self._address}, option=orjson.OPT_SORT_KEYS)
        return SignedTx(raw, "0x" + hashlib.sha256(raw).hexdigest())


class SimChain:
    """See the module. All answers are true and at once; faults are put around it."""

    def __init__(self, state: State) -> None:
        self.blocks = [Block(0, self._hash("", 0), "0x00", START, state, {})]
        self.host_pool: list[c.HostTx] = []
        self.pool: dict[tuple[str, int], OpTx] = {}
        self.by_hash: dict[str, Block] = {self.blocks[0].hash: self.blocks[0]}
        self.receipts: dict[str, Block] = {}
        self._salt = 0

    @property
    def top(self) -> Block:
        return self.blocks[-1]

    def at(self, number: int) -> Block:
        return self.blocks[max(0, min(number, self.top.number))]

    @property
    def final(self) -> Block:
        return self.at(self.top.number - FINALITY)

    # --- what the world does to it --------------------------------------------------------------

    def mine(
        self, now: float, *, host_txs: Sequence[c.HostTx] = (), with_pool: bool = True
    ) -> Block:
        """A block with these host transactions, taken out of the pool, and what is executable."""
        parent, self._salt = self.top, self._salt + 1
        timestamp = max(parent.timestamp + BLOCK_SECONDS, int(now))
        number, state = parent.number + 1, parent.state
        for tx in host_txs:
            if tx in self.host_pool:
                self.host_pool.remove(tx)
            state = c.host_tx(state, tx, number, timestamp)
        nonces = dict(parent.nonces)
        mined: list[OpTx] = []
        if with_pool:
            for key in sorted(self.pool):
                sender, nonce = key
                if nonces.get(sender, 0) == nonce:
                    tx_ = self.pool.pop(key)
                    call = parse(tx_.data)
                    if call is not None:
                        state, _ = c.operator_call(state, sender, *call, number, timestamp)
                    nonces[sender] = nonce + 1
                    mined.append(tx_)
        block = Block(
            number, self._hash(parent.hash, self._salt), parent.hash, timestamp, state, nonces,
            tuple(host_txs), tuple(mined),
        )  # fmt: skip
        self.blocks.append(block)
        self.by_hash[block.hash] = block
        self.receipts.update(dict.fromkeys((tx.hash for tx in mined), block))
        for key in [k for k in self.pool if k[1] < nonces.get(k[0], 0)]:
            del self.pool[key]
        return block

    def undo(self, depth: int) -> list[Block]:
        """Take the newest blocks away; returns them. Their transactions are the caller's matter."""
        undone = self.blocks[-depth:]
        del self.blocks[-depth:]
        for block in undone:
            del self.by_hash[block.hash]
            for tx in block.op_txs:
                self.receipts.pop(tx.hash, None)
        return undone

    @staticmethod
    def _hash(parent: str, salt: int) -> str:
        return "0x" + hashlib.sha256(f"{parent}/{salt}".encode()).hexdigest()

    # --- Rpc ------------------------------------------------------------------------------------

    async def call(self, method: str, params: Sequence[Any]) -> Any:
        return getattr(self, f"_{method}")(*params)

    async def batch(self, batch: Sequence[Call]) -> list[Any]:
        return [await self.call(method, params) for method, params in batch]

    def _eth_chainId(self) -> str:  # noqa: N802
        return hex(c.CHAIN_ID)

    def _eth_getBlockByNumber(self, tag: str, _full: bool) -> Any:  # noqa: N802
        number = self.top.number if tag == "latest" else int(tag, 16)
        if number >= len(self.blocks):
            return None
        block = self.blocks[number]
        return {
            "number": hex(block.number),
            "hash": block.hash,
            "parentHash": block.parent,
            "timestamp": hex(block.timestamp),
            "baseFeePerGas": hex(GWEI),
        }

    def _eth_getTransactionCount(self, account: str, tag: str) -> str:  # noqa: N802
        account = account.lower()
        if tag not in ("latest", "pending"):
            return hex(self.at(int(tag, 16)).nonces.get(account, 0))
        nonce = self.top.nonces.get(account, 0)
        while tag == "pending" and (account, nonce) in self.pool:
            nonce += 1
        return hex(nonce)

    def _eth_feeHistory(self, *_: Any) -> Any:  # noqa: N802
        return {"baseFeePerGas": [hex(GWEI)], "reward": [[hex(GWEI // 10)]]}

    def _eth_getTransactionReceipt(self, tx_hash: str) -> Any:  # noqa: N802
        block = self.receipts.get(tx_hash)
        if block is None:
            return None
        return {
            "transactionHash": tx_hash,
            "blockNumber": hex(block.number),
            "blockHash": block.hash,
            "transactionIndex": "0x0",
            "gasUsed": hex(21_000),
            "effectiveGasPrice": hex(GWEI),
            "status": "0x1",
        }

    def _eth_estimateGas(self, _tx: Any) -> str:  # noqa: N802
        return hex(200_000)

    def _eth_call(self, tx: Mapping[str, Any], block: Any) -> str:
        data = bytes.fromhex(tx["data"][2:])
        if data == HISTORY_CALL:
            at = self.by_hash.get(block["blockHash"])
            if at is None:
                raise UnknownBlock(-32000, "unknown block", method="eth_call")
            count, digest = at.state.count, at.state.digest
            return "0x" + encode(["uint256", "bytes32"], [count, digest.ljust(32, b"\0")]).hex()
        call = parse(data)
        assert call is not None, "an unknown view was asked for"
        sender = tx["from"].lower()
        number, now = self.top.number + 1, self.top.timestamp + BLOCK_SECONDS
        _, applied = c.operator_call(self.top.state, sender, *call, number, now)
        return "0x" + applied.to_bytes(32).hex()

    def _eth_sendRawTransaction(self, raw_hex: str) -> str:  # noqa: N802
        raw = bytes.fromhex(raw_hex[2:])
        fields = orjson.loads(raw)
        tx = OpTx(
            "0x" + hashlib.sha256(raw).hexdigest(), fields["from"].lower(), fields["nonce"],
            fields["maxFeePerGas"], fields["maxPriorityFeePerGas"],
            bytes.fromhex(fields["data"][2:]),
        )  # fmt: skip
        key = (tx.sender, tx.nonce)
        pending = self.pool.get(key)
        if tx.nonce < self.top.nonces.get(tx.sender, 0):
            raise _refused("nonce too low")
        if pending is not None and pending.hash == tx.hash:
            raise _refused("already known")
        if pending is not None and tx.max_fee * 10 < pending.max_fee * 11:
            raise _refused("replacement transaction underpriced")
        self.pool[key] = tx
        return tx.hash


def _refused(text: str) -> Exception:
    return classify("eth_sendRawTransaction", {"code": -32000, "message": text})
