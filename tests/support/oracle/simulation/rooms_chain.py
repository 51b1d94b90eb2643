"""The oracle's simulated chain: blocks of hosts' transactions and operators' batches.

It answers what the sender and the outbox ask over RPC; rooms are read without encoding (`node`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from eth_abi.abi import decode, encode

from chain import calldata
from chain.hexes import keccak
from chain.history import HISTORY_CALL
from chain.rpc.errors import UnknownBlock
from tests.support.oracle.simulation import sim_contract as c
from tests.support.rulebook.state import ContractState
from tests.support.simchain import tree
from tests.support.simchain.chain import BLOCK_SECONDS, PooledChain
from tests.support.simchain.pool import SimTx

FINALITY = 6
Block = tree.Block[ContractState]

_SIGNATURES = {
    "fulfill": "(uint256,bytes12,bytes16,bytes)[]",
    "decline": "(uint256,bytes12,uint16)[]",
    "release": "(uint256,bytes12)[]",
    "expire": "uint256[]",
    c.SWITCH: "uint16,bool",
}
_ENTRIES: dict[str, Callable[..., Any]] = {
    "fulfill": calldata.Fulfillment,
    "decline": calldata.Declination,
    "release": calldata.Release,
}
_NAMES = {keccak(f"{name}({types})".encode())[:4]: name for name, types in _SIGNATURES.items()}


@lru_cache(maxsize=4096)
def parse(data: str) -> tuple[str, tuple[Any, ...]] | None:
    """The call in an operator's transaction; None for anything else."""
    raw = bytes.fromhex(data[2:])
    name = _NAMES.get(raw[:4])
    if name is None:
        return None
    if name == c.SWITCH:
        return name, tuple(decode(_SIGNATURES[name].split(","), raw[4:]))
    (rows,) = decode([_SIGNATURES[name]], raw[4:])
    make = _ENTRIES.get(name)
    return name, tuple(make(*row) for row in rows) if make else tuple(rows)


class RoomsChain(PooledChain[ContractState]):
    """`host_pool`: hosts' transactions that wait; those of a block are its `wishes`."""

    def __init__(self, state: ContractState) -> None:
        super().__init__()
        self.host_pool: list[c.HostTx] = []
        self.begin(state)

    @property
    def final(self) -> Block:
        return self.at(self.number - FINALITY)

    def executed(
        self, state: ContractState, tx: SimTx, number: int, timestamp: int
    ) -> ContractState:
        call = parse(tx.data)
        if call is None:
            return state
        return c.operator_call(state, tx.sender, *call, number, timestamp, tx.hash)[0]

    def mine_at(
        self, now: float, *, host_txs: Sequence[c.HostTx] = (), with_pool: bool = True
    ) -> Block:
        """A block with these host transactions, taken out of their pool, and the operator's."""
        timestamp = max(self.top.timestamp + BLOCK_SECONDS, int(now))
        state = self.top.state
        for tx in host_txs:
            if tx in self.host_pool:
                self.host_pool.remove(tx)
            state = c.host_tx(state, tx, self.number + 1, timestamp)
        return self.seal(state, timestamp, with_pool=with_pool, wishes=tuple(host_txs))

    def _eth_call(self, tx: Mapping[str, Any], block: Any) -> str:
        if bytes.fromhex(tx["data"][2:]) == HISTORY_CALL:
            at = self.canonical(block["blockHash"])
            if at is None:
                raise UnknownBlock(-32000, "unknown block", method="eth_call")
            words = [at.state.count, at.state.digest.ljust(32, b"\0")]
            return "0x" + encode(["uint256", "bytes32"], words).hex()
        call = parse(tx["data"])
        assert call is not None, "an unknown view was asked for"
        sender = tx["from"].lower()
        number, now = self.number + 1, self.top.timestamp + BLOCK_SECONDS
        _, applied = c.operator_call(self.top.state, sender, *call, number, now)
        return "0x" + applied.to_bytes(32).hex()
