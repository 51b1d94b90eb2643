"""A sender on a simulated chain, for tests of one situation at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from chain.header import Head
from chain.rpc.client import Call, Rpc
from chain.rpc.errors import RpcTimeout, TransportError
from chain.send import MemorySenderStore, Sender, SendPolicy, SendRequest
from chain.send.signer import SignedTx, SignerError
from chain.units import GWEI
from tests.support.manual_clock import ManualClock
from tests.support.simchain.chain import ACCOUNT, PooledChain, SimChain
from tests.support.simchain.pool import JsonSigner

TO = "0x" + "11" * 20
FINALITY = 6
POLICY = SendPolicy(
    fee_ceiling=100 * GWEI,
    min_tip=GWEI // 100,
    max_tip=GWEI,
    bump_seconds=60.0,
    rebroadcast_seconds=30.0,
    patience_seconds=90.0,
    max_in_flight=4,
)


class FaultyLine:
    """The chain, with a broadcast that can be made to fail (`refuse`) or to lose its answer."""

    def __init__(self, chain: PooledChain[None]) -> None:
        self.chain = chain
        self.down = False
        self.lose_answers = False
        self.hangs = False

    async def call(self, method: str, params: Sequence[Any]) -> Any:
        if method == "eth_sendRawTransaction" and self.hangs:
            await asyncio.Event().wait()
        if method == "eth_sendRawTransaction" and self.down:
            raise TransportError("refused")
        result = await self.chain.call(method, params)
        if method == "eth_sendRawTransaction" and self.lose_answers:
            raise RpcTimeout("lost")
        return result

    async def batch(self, calls: Sequence[Call]) -> list[Any]:
        return [await self.call(method, params) for method, params in calls]


class FaultySigning(JsonSigner):
    """Counts, and can be told to fail."""

    def __init__(self) -> None:
        super().__init__(ACCOUNT)
        self.failures = 0
        self.signed = 0

    async def sign(self, tx: Mapping[str, Any]) -> SignedTx:
        if self.failures > 0:
            self.failures -= 1
            raise SignerError("the remote signer is away")
        self.signed += 1
        return await super().sign(tx)


class SenderBench:
    """`await bench.send("a")`, `await bench.tick()`, `bench.mine()`, `bench.row("a")`."""

    def __init__(self, policy: SendPolicy = POLICY) -> None:
        self.clock = ManualClock()
        self.chain = SimChain()
        self.line = FaultyLine(self.chain)
        self.broadcast: Rpc = self.line
        self.store = MemorySenderStore()
        self.signer = FaultySigning()
        self.policy = policy
        self.lease = True
        self.unwanted: dict[str, str] = {}
        self.events: list[tuple[str, str]] = []
        self.sender = self.restart()

    def restart(self) -> Sender:
        """A new process over the same store and chain."""

        async def finalized(head: Head) -> int:
            return head.number - FINALITY

        async def still_wanted(request: SendRequest) -> str | None:
            return self.unwanted.get(request.key)

        self.sender = Sender(
            chain_id=31337,
            signer=self.signer,
            pick=lambda: self.line,
            broadcast=self.broadcast,
            store=self.store,
            clock=self.clock,
            finalized=finalized,
            policy=self.policy,
            may_act=lambda _seconds: self.lease,
            still_wanted=still_wanted,
            observe=lambda event, row: self.events.append((event, row.key)),
        )
        return self.sender

    async def submit(self, *keys: str, gas: int = 100_000) -> None:
        for key in keys:
            await self.sender.submit(key, TO, "0x" + key.encode().hex(), gas)
            self.clock.tick(0.001)

    async def tick(self, seconds: float = 0.0) -> None:
        self.clock.tick(seconds)
        await self.sender.tick(self.chain.top.head)

    async def send(self, *keys: str) -> None:
        await self.submit(*keys)
        await self.tick()

    async def finish(self, rounds: int = 60) -> None:
        """Mine and tick until every row is final."""
        for _ in range(rounds):
            await self.tick(4.0)
            if all(row.final for row in self.store.rows.values()):
                return
            self.chain.mine()
        raise AssertionError(f"not final: {list(self.store.rows.values())}")

    def row(self, key: str) -> SendRequest:
        return self.store.rows[key]

    def mined(self, key: str) -> int:
        """How often the intent was mined."""
        data = "0x" + key.encode().hex()
        return sum(tx.data == data for tx in self.chain.transactions())
