"""A seeded world around the sender: faults of the node, the store, the signer and the process.

Every await of the sender's (a call, a write, a signature) is a point where the world may refuse
before the effect, lose the answer after it, or kill the process (`SenderCrash`). In some histories
the chain demands a tip, in words of its own or none, and the node's suggestion may be a lie. After
the troubled part the world becomes quiet, and at rest I5 must hold.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace

from chain.header import Head
from chain.rpc.errors import TransportError
from chain.send import Sender, SendPolicy, SendState, StoreConflict
from chain.units import GWEI
from tests.support.manual_clock import ManualClock
from tests.support.sender.faults import (
    FaultyRpc,
    FaultySigner,
    FaultyStore,
    SenderCrash,
    SenderFaults,
    StoreDown,
)
from tests.support.simchain.chain import SimChain, foreign

FINALITY = 6
POLICY = SendPolicy(
    fee_ceiling=100 * GWEI,
    min_tip=GWEI // 100,
    max_tip=GWEI,
    bump_seconds=30.0,
    rebroadcast_seconds=15.0,
    patience_seconds=40.0,
    max_in_flight=4,
)


DEMANDING = replace(POLICY, max_tip=50 * GWEI)
TIP_WORDS = (
    "transaction underpriced: gas tip cap {have}, minimum needed {want}",
    "transaction underpriced",
    "FeeTooLow, EffectivePriorityFeePerGas too low {have} < {want}, BaseFee: 7",
)


class SenderSim:
    """One history: `run` lives it and checks I5 at the end."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        # Chance of its own, and seeds that were kept before it are left out: they stay the same.
        self.tips = random.Random(f"tips of {seed}") if seed % 7 in (0, 6) else None
        self.policy = POLICY if self.tips is None else DEMANDING
        self.clock = ManualClock()
        self.faults = SenderFaults(self.rng)
        self.chain = SimChain(
            strict_base_fee=self.rng.random() < 0.5, blind_pending=self.rng.random() < 0.2
        )
        self.store = FaultyStore(self.faults)
        self.keys: dict[str, str] = {}
        self.withdrawn: set[str] = set()
        self.hopeless: set[str] = set()
        self.lease = True
        self.foreigners = 0
        self.store_lost = False
        self.sender = self._new_sender()

    def _new_sender(self) -> Sender:
        rpc = FaultyRpc(self.chain, self.store, self.faults, lambda: self.lease)

        async def finalized(head: Head) -> int:
            return head.number - FINALITY

        return Sender(
            chain_id=31337,
            signer=FaultySigner(self.faults, self.policy.fee_ceiling),
            pick=lambda: rpc,
            broadcast=rpc,
            store=self.store,
            clock=self.clock,
            finalized=finalized,
            policy=self.policy,
            may_act=lambda _seconds: self.lease,
        )

    async def run(self) -> None:
        severity = self.rng.choice((0.0, 0.02, 0.1))
        self.faults.before = severity
        self.faults.after = severity
        self.faults.crash = severity / 2
        for _ in range(self.rng.randint(15, 45)):
            await self._event()
        await self._settle()
        self._check()

    # --- the troubled part ----------------------------------------------------------------------

    async def _event(self) -> None:
        roll = self.rng.random()
        if self.tips is not None and self.tips.random() < 0.1:
            self._demand(self.tips)
        for row in self.store.rows.values():
            assert not (row.state is SendState.QUEUED and row.withdrawn), (
                "a withdrawn intent came back"
            )
        if roll < 0.15:
            await self._submit()
        elif roll < 0.5:
            await self._tick()
        elif roll < 0.72:
            self._mine(self.rng.randint(1, 2))
        elif roll < 0.78:
            self._reorg()
        elif roll < 0.84:
            self.chain.drop([n for n in self.chain.pool if self.rng.random() < 0.6])
        elif roll < 0.89:
            self.chain.base_fee = self.rng.choice((GWEI, 10 * GWEI, 30 * GWEI, 200 * GWEI))
        elif roll < 0.92:
            await self._withdraw()
        elif roll < 0.94:
            self.foreigners += 1
            top = self.chain.nonce()
            await foreign(self.chain, self.rng.randint(top, top + 2))
        elif roll < 0.96:
            self.lease = not self.lease
        elif roll < 0.97:
            await self._two_at_once()
        elif roll < 0.975:
            # The store is lost; the caller asks again for what it still wants.
            self.store_lost = True
            self.store.rows.clear()
            self.store.floors.clear()
            self.sender = self._new_sender()
        else:
            self.sender = self._new_sender()
        self.clock.tick(self.rng.choice((0.2, 1.0, 5.0, 20.0)))

    def _demand(self, rng: random.Random, least: int | None = None) -> None:
        """Other tips are demanded and suggested; the pool forgets what pays less."""
        chain = self.chain
        chain.least_tip = rng.choice((0, 2, 25, 40)) * GWEI if least is None else least
        chain.tip_words = rng.choice(TIP_WORDS)
        chain.suggested_tip = rng.choice((None, GWEI // 10, 24 * GWEI, 10_000 * GWEI))
        chain.drop([n for n, tx in chain.pool.items() if tx.priority_fee < chain.least_tip])

    async def _submit(self) -> None:
        number = len(self.keys)
        key, data = f"intent-{number}", f"0x{number + 1:04x}"
        self.keys[key] = data
        if self.rng.random() < 0.05:
            self.chain.reverts.add(data)
        elif self.rng.random() < 0.07:
            self.hopeless.add(key)
        await self._ask(key)

    async def _ask(self, key: str) -> None:
        gas = 20_000 if key in self.hopeless else 100_000
        try:
            await self.sender.submit(key, "0x" + "11" * 20, self.keys[key], gas)
        except StoreDown:
            pass
        except SenderCrash:
            self.sender = self._new_sender()

    async def _withdraw(self) -> None:
        if not self.keys:
            return
        key = self.rng.choice(sorted(self.keys))
        self.withdrawn.add(key)
        try:
            await self.sender.withdraw(key, "not wanted")
        except (StoreDown, KeyError):
            pass
        except SenderCrash:
            self.sender = self._new_sender()

    async def _tick(self) -> None:
        try:
            await self.sender.tick(self.chain.top.head)
        except (TransportError, StoreDown, StoreConflict):
            pass
        except SenderCrash:
            self.sender = self._new_sender()

    async def _two_at_once(self) -> None:
        """The lease was given away, but both act: the store must keep them apart."""
        first, second = self.sender, self._new_sender()
        self.faults.interleave = True
        head = self.chain.top.head
        for _ in range(2):
            ends = await asyncio.gather(first.tick(head), second.tick(head), return_exceptions=True)
            for end in ends:
                if isinstance(end, AssertionError):
                    raise end
        self.faults.interleave = False
        self.sender = second

    def _mine(self, count: int) -> None:
        for _ in range(count):
            self.chain.mine(empty=self.rng.random() < 0.2)

    def _reorg(self) -> None:
        """Other blocks win, never below finality; the chain ends up longer."""
        depth = self.rng.randint(1, FINALITY)
        if depth <= self.chain.number:
            self.chain.reorg(depth, keep_pool=self.rng.random() < 0.6)
            if self.rng.random() < 0.3:
                self.foreigners += 1
                self.chain.drop()
            self._mine(depth + 1)

    # --- the quiet part -------------------------------------------------------------------------

    async def _settle(self) -> None:
        self.faults.before = self.faults.after = self.faults.crash = 0.0
        self.lease = True
        # Dearer than much of what was signed: that must be bumped to be mined at all.
        self.chain.base_fee = 30 * GWEI
        if self.tips is not None:
            # Not 25: a lost store's transaction with the highest tip and signed at a base fee of
            # 1 gwei could neither be mined then nor be outbid, and waits in words for lower fees.
            self._demand(self.tips, 20 * GWEI)
        for key in self.keys:
            await self._ask(key)
        for _ in range(200):
            await self.sender.tick(self.chain.top.head)
            if self._at_rest():
                return
            self.chain.mine()
            self.clock.tick(4.0)
        waiting = [
            f"{row.key}: {row.state} nonce={row.nonce} attempts={len(row.attempts)}"
            for row in self.store.rows.values()
            if not row.final
        ]
        raise AssertionError(
            f"something waits for ever: {waiting or 'the pool'}; blocked: {self.sender.blocked};"
            f" chain nonce {self.chain.nonce()}, pool {sorted(self.chain.pool)}"
        )

    def _at_rest(self) -> bool:
        return all(row.final for row in self.store.rows.values())

    def _check(self) -> None:
        mined = [tx.data for tx in self.chain.transactions()]
        for key, data in self.keys.items():
            row = self.store.rows[key]
            for attempt in row.attempts[:1]:
                assert attempt.priority_fee <= self.policy.max_tip, "a tip above the limit"
            count = mined.count(data)
            if row.state is SendState.CONFIRMED:
                assert count >= 1, f"{key} is confirmed but was not mined"
            elif not self.store_lost:
                expected = int(row.reason == "the transaction reverted")
                assert count == expected, f"{key} failed ({row.reason}) but was mined {count} times"
            if not self.store_lost:
                assert count <= 1, f"{key} was mined {count} times"
            if key not in self.withdrawn | self.hopeless:
                good = row.state is SendState.CONFIRMED or row.reason == "the transaction reverted"
                assert good, f"{key} failed for no reason: {row.reason}"
        if self.foreigners or self.store_lost:
            return
        assert not self.chain.pool, f"nonces wait in the pool: {sorted(self.chain.pool)}"
        if not self.withdrawn and not self.hopeless:
            others = [data for data in mined if data not in self.keys.values()]
            assert not others, f"gas was wasted on {len(others)} self-transfers"
