"""A chain with one account's pool: mining, reorgs, and the answers of a node that is honest and at
once. No EVM, no sockets; faults are put around it.

A simulation says by `executed` what a mined transaction does to its state.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from chain.hexes import ZERO_HASH
from chain.rpc.client import Call
from chain.rpc.errors import classify_error
from chain.units import GWEI
from tests.support.simchain.pool import JsonSigner, SimTx, admit, read_tx
from tests.support.simchain.tree import START, Block, S, Tree, header_of

ACCOUNT = "0x00000000000000000000000000000000000000AA"
BLOCK_SECONDS = 2
CHAIN_ID = 31337


@dataclass
class PooledChain(Tree[S]):
    """`reverts`: data that reverts when mined; `strict_base_fee`: the pool refuses what cannot be
    mined now (anvil), else it holds it (geth); `blind_pending`: the pending nonce leaves the pool
    out, as some gateways' does; `pruned`: the node has no state but the latest.

    `least_tip`: the pool takes no smaller one, `tip_words` being its refusal; miners wait for one,
    too. `suggested_tip`: what the node suggests, None: it cannot. `l1_fee`: what each transaction
    costs beside its gas, None: receipts do not say."""

    base_fee: int = GWEI
    balance: int = 10**21
    strict_base_fee: bool = False
    blind_pending: bool = False
    pruned: bool = False
    least_tip: int = 0
    tip_words: str = "transaction underpriced: gas tip cap {have}, minimum needed {want}"
    suggested_tip: int | None = GWEI // 10
    l1_fee: int | None = None
    reverts: set[str] = field(default_factory=set)
    pool: dict[int, SimTx] = field(default_factory=dict)
    chain_id: int = CHAIN_ID
    mined_in: dict[str, Block[S]] = field(default_factory=dict)
    """By a transaction's hash, the block that had it last."""

    # --- what a simulation does to it -----------------------------------------------------------

    def begin(self, state: S) -> None:
        """The first block."""
        self.append(Block(0, self.next_hash(), ZERO_HASH, START, state, self.base_fee))

    def executed(self, state: S, tx: SimTx, number: int, timestamp: int) -> S:
        """The state after a transaction of the account."""
        return state

    def seal(
        self, state: S, timestamp: int, *, with_pool: bool = True, wishes: tuple[Any, ...] = ()
    ) -> Block[S]:
        """The next block: with what the pool holds that can be mined at the base fee, or without.

        `state`: after the parent and `wishes`.
        """
        number, nonce, txs = self.top.number + 1, self.top.nonce, []
        while with_pool and nonce in self.pool and self._pays(self.pool[nonce]):
            tx = self.pool.pop(nonce)
            state = self.executed(state, tx, number, timestamp)
            txs.append(tx)
            nonce += 1
        block = Block(
            number, self.next_hash(), self.top.hash, timestamp, state, self.base_fee, tuple(txs),
            nonce, wishes,
        )  # fmt: skip
        self.append(block)
        self.mined_in.update((tx.hash, block) for tx in txs)
        for old in [n for n in self.pool if n < nonce]:
            del self.pool[old]
        return block

    def _pays(self, tx: SimTx) -> bool:
        return min(tx.priority_fee, tx.max_fee - self.base_fee) >= self.least_tip

    def mine(self, count: int = 1, *, empty: bool = False) -> None:
        """Blocks in which nothing happens but the account's transactions."""
        for _ in range(count):
            top = self.top
            self.seal(top.state, top.timestamp + BLOCK_SECONDS, with_pool=not empty)

    def reorg(self, depth: int, *, keep_pool: bool = True) -> None:
        """Undo `depth` blocks; their transactions return to the pool, or are lost."""
        for tx in (tx for block in self.undo(depth) for tx in block.txs):
            if keep_pool:
                self.pool.setdefault(tx.nonce, tx)

    def lagging(self, blocks: int) -> PooledChain[S]:
        """A node that is so many blocks behind, and whose pool is empty. For reading only."""
        behind = copy.copy(self)
        behind.blocks = self.blocks[: max(1, len(self.blocks) - blocks)]
        behind.pool = {}
        return behind

    def drop(self, nonces: Iterable[int] | None = None) -> None:
        """The pool forgets these nonces, or all."""
        for nonce in list(self.pool) if nonces is None else list(nonces):
            self.pool.pop(nonce, None)

    @property
    def number(self) -> int:
        return self.top.number

    def nonce(self, number: int | None = None) -> int:
        """Transactions of the account up to block `number`."""
        return self.top.nonce if number is None else self.at(number).nonce

    def transactions(self) -> list[SimTx]:
        """Those of the account that are mined."""
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
        return header_of(self.blocks[number]) if number < len(self.blocks) else None

    def _eth_feeHistory(self, _count: str, _newest: str, _percents: Any) -> Any:  # noqa: N802
        return {"baseFeePerGas": [hex(self.base_fee)], "reward": [[hex(GWEI // 10)]]}

    def _eth_maxPriorityFeePerGas(self) -> str:  # noqa: N802
        if self.suggested_tip is None:
            raise classify_error("", {"code": -32601, "message": "the method does not exist"})
        return hex(self.suggested_tip)

    def _eth_estimateGas(self, _tx: Any, _block: str) -> str:  # noqa: N802
        return hex(200_000)

    def _eth_getTransactionCount(self, _account: str, tag: str) -> str:  # noqa: N802
        nonce = self.nonce()
        if tag == "pending" and not self.blind_pending:
            while nonce in self.pool:
                nonce += 1
            return hex(nonce)
        if tag in ("latest", "pending"):
            return hex(nonce)
        if self.pruned:
            raise classify_error("", {"code": -32000, "message": "missing trie node"})
        return hex(self.nonce(int(tag, 16)))

    def _eth_getTransactionReceipt(self, tx_hash: str) -> Any:  # noqa: N802
        block = self.mined_in.get(tx_hash)
        if block is None or self.canonical(block.hash) is None:
            return None
        index = next(i for i, tx in enumerate(block.txs) if tx.hash == tx_hash)
        tx = block.txs[index]
        paid = {} if self.l1_fee is None else {"l1Fee": hex(self.l1_fee)}
        return paid | {
            "transactionHash": tx.hash,
            "blockNumber": hex(block.number),
            "blockHash": block.hash,
            "transactionIndex": hex(index),
            "gasUsed": hex(21_000),
            "effectiveGasPrice": hex(block.base_fee + tx.priority_fee),
            "status": hex(int(tx.data not in self.reverts)),
        }

    def _eth_sendRawTransaction(self, raw_hex: str) -> str:  # noqa: N802
        tx = read_tx(bytes.fromhex(raw_hex[2:]))
        least = self.base_fee if self.strict_base_fee else 0
        admit(self.pool, tx, self.nonce(), self.balance, least, self.least_tip, self.tip_words)
        return tx.hash


class SimChain(PooledChain[None]):
    """A chain on which nothing but the account's transactions counts."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.begin(None)


async def foreign(chain: SimChain, nonce: int, *, fee: int = 50 * GWEI) -> SimTx:
    """Somebody else with the same key sends something at `nonce`, straight into the pool."""
    signed = await JsonSigner(ACCOUNT, "foreign").sign(
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
    tx = read_tx(signed.raw)
    chain.pool[nonce] = tx
    return tx
