"""Faults around the sender: a bad line, a failing store, an absent signer, a process that dies."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chain.rpc.client import Call
from chain.rpc.errors import RpcTimeout, TransportError
from chain.send import MemorySenderStore, SendRequest
from chain.send.signer import SignedTx, SignerError
from tests.support.simchain.chain import ACCOUNT, PooledChain
from tests.support.simchain.pool import JsonSigner


class SenderCrash(BaseException):
    """The process dies here."""


class StoreDown(Exception):
    """The database does not answer."""


@dataclass
class SenderFaults:
    """Chances per await."""

    rng: random.Random
    before: float = 0.0
    after: float = 0.0
    crash: float = 0.0
    interleave: bool = False

    async def turn(self) -> None:
        """Let another process go first, if there is one."""
        while self.interleave and self.rng.random() < 0.5:
            await asyncio.sleep(0)

    def strike(self, error: Exception, *, after: bool = False) -> None:
        roll = self.rng.random()
        if roll < self.crash:
            raise SenderCrash
        if roll < self.crash + (self.after if after else self.before):
            raise error


class FaultyRpc:
    """The chain through a bad line. Checks that only stored bytes are broadcast."""

    def __init__(
        self,
        chain: PooledChain[None],
        store: MemorySenderStore,
        faults: SenderFaults,
        may_send: Callable[[], bool],
    ) -> None:
        self._chain = chain
        self._store = store
        self._faults = faults
        self._may_send = may_send

    async def call(self, method: str, params: Sequence[Any]) -> Any:
        if method == "eth_maxPriorityFeePerGas":
            # Asked beside eth_feeHistory, which has faults enough: kept seeds stay what they are.
            return await self._chain.call(method, params)
        await self._faults.turn()
        self._faults.strike(TransportError("refused"))
        if method == "eth_sendRawTransaction":
            raw = bytes.fromhex(params[0][2:])
            stored = {a.raw for row in self._store.rows.values() for a in row.attempts}
            assert raw in stored, "bytes were broadcast before they were stored"
            assert self._may_send(), "bytes were broadcast without the lease"
        result = await self._chain.call(method, params)
        self._faults.strike(RpcTimeout("lost"), after=True)
        return result

    async def batch(self, calls: Sequence[Call]) -> list[Any]:
        await self._faults.turn()
        self._faults.strike(TransportError("refused"))
        chain = self._chain
        if self._faults.rng.random() < self._faults.before:
            chain = chain.lagging(self._faults.rng.randint(1, 4))
        result = await chain.batch(calls)
        self._faults.strike(RpcTimeout("lost"), after=True)
        return result


class FaultyStore(MemorySenderStore):
    """A database that may fail before or after a write."""

    def __init__(self, faults: SenderFaults) -> None:
        super().__init__()
        self._faults = faults

    async def insert(self, request: SendRequest) -> SendRequest:
        await self._faults.turn()
        self._faults.strike(StoreDown())
        result = await super().insert(request)
        self._faults.strike(StoreDown(), after=True)
        return result

    async def save(self, request: SendRequest) -> SendRequest:
        await self._faults.turn()
        self._faults.strike(StoreDown())
        result = await super().save(request)
        self._faults.strike(StoreDown(), after=True)
        return result

    async def open(self, account: str) -> list[SendRequest]:
        await self._faults.turn()
        self._faults.strike(StoreDown())
        return await super().open(account)

    async def raise_floor(self, account: str, nonce: int) -> None:
        await self._faults.turn()
        self._faults.strike(StoreDown())
        await super().raise_floor(account, nonce)
        self._faults.strike(StoreDown(), after=True)


class FaultySigner(JsonSigner):
    """A signer that is away now and then. Checks the fee ceiling."""

    def __init__(self, faults: SenderFaults, fee_ceiling: int) -> None:
        super().__init__(ACCOUNT)
        self._faults = faults
        self._ceiling = fee_ceiling

    async def sign(self, tx: Mapping[str, Any]) -> SignedTx:
        await self._faults.turn()
        self._faults.strike(SignerError("the remote signer is away"))
        assert tx["maxFeePerGas"] <= self._ceiling, "a fee above the ceiling was signed"
        return await super().sign(tx)
