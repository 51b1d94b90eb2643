"""A chain for the sender's tests: blocks, a pool, fees, drops and reorgs; no EVM, no sockets.

`FakeChain` is an `Rpc` that always tells the truth at once; tests wrap it to add faults. Signed
transactions are JSON (`FakeSigner`), so a history costs microseconds, not signatures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from chain.classify import classify
from chain.head import Head
from chain.rpc import Call
from chain.signer import SignedTx
from chain.units import GWEI

ACCOUNT = "0x00000000000000000000000000000000000000AA"


@dataclass(frozen=True)
class FakeTx:
    """A transaction as the pool and the blocks hold it."""

    hash: str
    raw: bytes
    nonce: int
    max_fee: int
    priority_fee: int
    gas: int
    to: str
    data: str


@dataclass(frozen=True)
class FakeBlock:
    number: int
    hash: str
    parent: str
    timestamp: int
    base_fee: int
    txs: tuple[FakeTx, ...] = ()


class FakeSigner:
    """Signs for `ACCOUNT` by writing the transaction down."""

    address = ACCOUNT

    def __init__(self, salt: str = "") -> None:
        self._salt = salt

    async def sign(self, tx: Mapping[str, Any]) -> SignedTx:
        raw = orjson.dumps({**tx, "salt": self._salt}, option=orjson.OPT_SORT_KEYS)
        return SignedTx(raw, "0x" + hashlib.sha256(raw).hexdigest())


def refuse(text: str, code: int = -32000) -> Exception:
    return classify("eth_sendRawTransaction", {"code": code, "message": text})


@dataclass
class FakeChain:
    """One account's chain. `block_seconds` apart; `reverts`: data that reverts when mined;
    `strict_base_fee`: the pool refuses what cannot be mined now (anvil), else it holds it (geth);
    `blind_pending`: the pending nonce leaves the pool out, as some gateways' does; `pruned`: the
    node has no state but the latest."""

    chain_id: int = 31337
    base_fee: int = GWEI
    block_seconds: int = 2
    balance: int = 10**21
    strict_base_fee: bool = False
    blind_pending: bool = False
    pruned: bool = False
    reverts: set[str] = field(default_factory=set)
    blocks: list[FakeBlock] = field(default_factory=list)
    pool: dict[int, FakeTx] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    _salt: int = 0

    def __post_init__(self) -> None:
        self.blocks.append(FakeBlock(0, self._hash("0", 0), "0x00", 1_700_000_000, self.base_fee))

    # --- what a test does to it -----------------------------------------------------------------

    @property
    def number(self) -> int:
        return self.blocks[-1].number

    def head(self) -> Head:
        block = self.blocks[-1]
        return Head(block.number, block.hash, block.parent, block.timestamp, self.base_fee)

    def mine(self, count: int = 1, *, empty: bool = False) -> None:
        """Mine what is executable at the base fee."""
        for _ in range(count):
            txs: list[FakeTx] = []
            nonce = self.nonce()
            while not empty and nonce in self.pool and self.pool[nonce].max_fee >= self.base_fee:
                txs.append(self.pool.pop(nonce))
                nonce += 1
            parent = self.blocks[-1]
            self._salt += 1
            self.blocks.append(
                FakeBlock(
                    parent.number + 1,
                    self._hash(parent.hash, self._salt),
                    parent.hash,
                    parent.timestamp + self.block_seconds,
                    self.base_fee,
                    tuple(txs),
                )
            )
            for old in [n for n in self.pool if n < self.nonce()]:
                del self.pool[old]

    def reorg(self, depth: int, *, keep_pool: bool = True) -> None:
        """Undo `depth` blocks; their transactions return to the pool, or are lost."""
        undone = self.blocks[-depth:]
        del self.blocks[-depth:]
        for tx in (tx for block in undone for tx in block.txs):
            if keep_pool:
                self.pool.setdefault(tx.nonce, tx)

    def lagging(self, blocks: int) -> FakeChain:
        """A node that is so many blocks behind, and whose pool is empty. For reading only."""
        behind = FakeChain(self.chain_id, self.base_fee, reverts=self.reverts)
        behind.blocks = self.blocks[: max(1, len(self.blocks) - blocks)]
        return behind

    def drop(self, nonces: Iterable[int] | None = None) -> None:
        """The pool forgets these nonces, or all."""
        for nonce in list(self.pool) if nonces is None else list(nonces):
            self.pool.pop(nonce, None)

    def nonce(self, number: int | None = None) -> int:
        """Transactions of the account up to block `number`."""
        blocks = self.blocks if number is None else self.blocks[: number + 1]
        return sum(len(block.txs) for block in blocks)

    def mined(self) -> list[FakeTx]:
        return [tx for block in self.blocks for tx in block.txs]

    # --- Rpc ------------------------------------------------------------------------------------

    async def call(self, method: str, params: Sequence[Any]) -> Any:
        return getattr(self, f"_{method}")(*params)

    async def batch(self, calls: Sequence[Call]) -> list[Any]:
        return [await self.call(method, params) for method, params in calls]

    def _eth_chainId(self) -> str:  # noqa: N802
        return hex(self.chain_id)

    def _eth_blockNumber(self) -> str:  # noqa: N802
        return hex(self.number)

    def _eth_getBalance(self, _account: str, _block: str) -> str:  # noqa: N802
        return hex(self.balance)

    def _eth_getBlockByNumber(self, tag: str, _full: bool) -> Any:  # noqa: N802
        number = self.number if tag == "latest" else int(tag, 16)
        if number >= len(self.blocks):
            return None
        block = self.blocks[number]
        return {
            "number": hex(block.number),
            "hash": block.hash,
            "parentHash": block.parent,
            "timestamp": hex(block.timestamp),
            "baseFeePerGas": hex(block.base_fee),
        }

    def _eth_feeHistory(self, _count: str, _newest: str, _percents: Any) -> Any:  # noqa: N802
        return {"baseFeePerGas": [hex(self.base_fee)], "reward": [[hex(GWEI // 10)]]}

    def _eth_getTransactionCount(self, _account: str, tag: str) -> str:  # noqa: N802
        if tag == "pending" and not self.blind_pending:
            nonce = self.nonce()
            while nonce in self.pool:
                nonce += 1
            return hex(nonce)
        if tag in ("latest", "pending"):
            return hex(self.nonce())
        if self.pruned:
            raise classify("", {"code": -32000, "message": "missing trie node"})
        return hex(self.nonce(int(tag, 16)))

    def _eth_getTransactionReceipt(self, tx_hash: str) -> Any:  # noqa: N802
        for block in reversed(self.blocks):
            for index, tx in enumerate(block.txs):
                if tx.hash == tx_hash:
                    return {
                        "transactionHash": tx.hash,
                        "blockNumber": hex(block.number),
                        "blockHash": block.hash,
                        "transactionIndex": hex(index),
                        "gasUsed": hex(21_000),
                        "effectiveGasPrice": hex(block.base_fee + tx.priority_fee),
                        "status": hex(int(tx.data not in self.reverts)),
                    }
        return None

    def _eth_sendRawTransaction(self, raw_hex: str) -> str:  # noqa: N802
        raw = bytes.fromhex(raw_hex[2:])
        tx = _decode(raw)
        if tx.gas < 21_000:
            raise refuse("intrinsic gas too low")
        if tx.nonce < self.nonce():
            raise refuse("nonce too low")
        pending = self.pool.get(tx.nonce)
        if pending is not None and pending.hash == tx.hash:
            raise refuse("already known")
        if self.strict_base_fee and tx.max_fee < self.base_fee:
            raise refuse("max fee per gas less than block base fee")
        if tx.gas * tx.max_fee > self.balance:
            raise refuse("insufficient funds for gas * price + value")
        if pending is not None and (
            tx.max_fee * 10 < pending.max_fee * 11
            or tx.priority_fee * 10 < pending.priority_fee * 11
        ):
            raise refuse("replacement transaction underpriced")
        self.pool[tx.nonce] = tx
        self.sent.append(tx.hash)
        return tx.hash

    @staticmethod
    def _hash(parent: str, salt: int) -> str:
        return "0x" + hashlib.sha256(f"{parent}/{salt}".encode()).hexdigest()


def _decode(raw: bytes) -> FakeTx:
    fields = orjson.loads(raw)
    return FakeTx(
        hash="0x" + hashlib.sha256(raw).hexdigest(),
        raw=raw,
        nonce=fields["nonce"],
        max_fee=fields["maxFeePerGas"],
        priority_fee=fields["maxPriorityFeePerGas"],
        gas=fields["gas"],
        to=fields["to"].lower(),
        data=fields["data"],
    )


async def foreign(chain: FakeChain, nonce: int, *, fee: int = 50 * GWEI) -> FakeTx:
    """Somebody else with the same key sends something at `nonce`, straight into the pool."""
    signed = await FakeSigner("foreign").sign(
        {
            "chainId": chain.chain_id,
            "nonce": nonce,
            "to": ACCOUNT,
            "value": 0,
            "data": "0xf0",
            "gas": 21_000,
            "maxFeePerGas": fee,
            "maxPriorityFeePerGas": fee // 10,
        }
    )
    tx = replace(_decode(signed.raw))
    chain.pool[nonce] = tx
    return tx
