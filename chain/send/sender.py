"""The sender itself: the public calls, and the steps of a tick (see the package's promises)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import structlog

from chain.header import Head
from chain.identity import check_chain_id
from chain.rpc.client import Rpc
from chain.send import decide
from chain.send.broadcast import NO_LEASE, Broadcaster
from chain.send.fees import Fees, SendPolicy
from chain.send.model import ChainView, KeyReused, SendRequest, SendState
from chain.send.nonce_gate import NonceGate
from chain.send.observe import observe
from chain.send.signer import Signer, SignerError
from chain.send.store import SenderStore
from chain.send.txpool_errors import TxpoolRefusal
from common.clock import Clock

log = structlog.get_logger(__name__)

SIGNER_PAUSE_SECONDS = 0.9
"""A signer that failed is left alone for so long: what is signed is offered meanwhile."""
KNOWN_TIP_SECONDS = 600.0
"""For so long a tip that a node insisted on is offered at once, without a first refusal."""

Observer = Callable[[str, SendRequest], None]
StillWanted = Callable[[SendRequest], Awaitable[str | None]]


def _always(_seconds: float) -> bool:
    return True


def _unobserved(_event: str, _request: SendRequest) -> None:
    return None


class Sender:
    """Sends for one account on one chain.

    `pick` gives an `Rpc` bound to one node (`NodePool.pick`), for reading; `broadcast` is where
    signed bytes go (the pool itself, which fails over). `finalized(head)` answers the number of the
    last final block. `may_act(seconds)` is asked before every broadcast: whether we may act for so
    long (the lease). `still_wanted(request)` is asked right before a request is first signed; a
    string withdraws it for that reason. `observe(event, request)` is called at each change: signed,
    bumped, cancelled, broadcast, refused, mined, reorged, requeued, confirmed, failed.
    """

    def __init__(
        self,
        *,
        chain_id: int,
        signer: Signer,
        pick: Callable[[], Rpc],
        broadcast: Rpc,
        store: SenderStore,
        clock: Clock,
        finalized: Callable[[Head], Awaitable[int]],
        policy: SendPolicy | None = None,
        may_act: Callable[[float], bool] = _always,
        still_wanted: StillWanted | None = None,
        observe: Observer = _unobserved,
    ) -> None:
        self.account = signer.address
        self._signer = signer
        self.blocked: str | None = None
        self._chain_id = chain_id
        self._pick = pick
        self._store = store
        self._clock = clock
        self._finalized = finalized
        self._policy = policy or SendPolicy()
        self._still_wanted = still_wanted
        self._observe = observe
        self._out = Broadcaster(
            chain_id, signer, broadcast, store, clock, self._policy, may_act, observe
        )
        self._lock = asyncio.Lock()
        self._ticked = asyncio.Event()
        self._gate = NonceGate(clock, self._policy)
        self._unsigned = (float("-inf"), "")  # when the signer last failed, and how
        self._known_tip = (float("-inf"), 0)  # when a node took it after refusing a smaller one

    async def start(self) -> None:
        """Check that the signer can sign, and that the node is on our chain. Raises `SignerError`,
        `WrongChain` or `RpcError`."""
        await self._signer.check()
        await check_chain_id(self._pick(), self._chain_id)

    async def submit(
        self,
        key: str,
        to: str,
        data: str,
        gas_limit: int,
        value: int = 0,
        meta: Mapping[str, Any] | None = None,
    ) -> SendRequest:
        """Queue an intent, once per `key`: a known key answers with the row it has.

        `to` and `data` are 0x; `value` is wei; `meta` is kept for the caller (BSON types). Raises
        `KeyReused` if the key stands for another transaction. The next `tick` sends it.
        """
        now = self._clock.now()
        request = SendRequest(
            key=key,
            account=self.account,
            to=to.lower(),
            data=data.lower(),
            value=value,
            gas_limit=gas_limit,
            meta=dict(meta or {}),
            created_at=now,
            updated_at=now,
        )
        stored = await self._store.insert(request)
        if not stored.same_intent(request):
            raise KeyReused(f"the key {key} already belongs to another transaction")
        return stored

    async def status(self, key: str) -> SendRequest | None:
        """The row of `key` as stored; None if unknown."""
        return await self._store.get(key)

    async def withdraw(self, key: str, reason: str) -> SendRequest:
        """Give an intent up. Queued: it fails at once. In flight: its nonce is used up by a
        self-transfer, unless it is mined first; see the final state. Raises KeyError."""
        async with self._lock:
            row = await self._store.get(key)
            if row is None:
                raise KeyError(key)
            if row.final or row.withdrawn:
                return row
            if row.state is SendState.QUEUED:
                return await self._save(
                    replace(row, state=SendState.FAILED, reason=reason), "failed"
                )
            return await self._save(replace(row, withdrawn=True, reason=reason), None)

    async def wait_mined(self, key: str) -> SendRequest:
        """Wait until `key` is mined or final. Needs ticks to go on. Raises KeyError."""
        return await self._wait(key, lambda row: row.final or row.state is SendState.MINED)

    async def wait_final(self, key: str) -> SendRequest:
        """Wait until `key` is confirmed or failed. Needs ticks to go on. Raises KeyError."""
        return await self._wait(key, lambda row: row.final)

    async def tick(self, head: Head) -> None:
        """Advance everything. Call it on each new head, after `submit`, and every few seconds.

        Raises `RpcError`, `StoreConflict` or the database's errors; nothing is lost then, the next
        tick starts over.
        """
        async with self._lock:
            try:
                await self._tick(head)
            finally:
                ticked, self._ticked = self._ticked, asyncio.Event()
                ticked.set()

    async def _tick(self, head: Head) -> None:
        rows = await self._store.open(self.account)
        queued = await self._store.queued(self.account, self._policy.max_in_flight)
        self._out.blocked = None
        if rows or queued:
            view = await observe(
                self._pick(), self.account, rows, head, await self._finalized(head)
            )
            floor = await self._store.floor(self.account)
            rows = await self._confirm(rows, view)
            floor = max(floor, self._out.floor)
            if not queued:
                await self._fill_gap(rows, view, floor)
            rows = [await self._resend(row, view) for row in rows]
            await self._start(rows, view, floor)
        self.blocked = self._out.blocked

    async def _confirm(self, rows: list[SendRequest], view: ChainView) -> list[SendRequest]:
        now = self._clock.now()
        still_open = []
        for row in rows:
            after = decide.confirm(row, view, now, self._policy)
            if after is not row:
                event = _event(row, after)
                if after.state not in (SendState.SIGNED, SendState.BROADCAST, SendState.MINED):
                    # Its nonce is final, and so are all below: remember it first.
                    self._out.floor = max(self._out.floor, row.held_nonce + 1)
                    await self._store.raise_floor(self.account, row.held_nonce + 1)
                if after != row:
                    after = await self._save(after, event)
            if after.nonce is not None and not after.final:
                still_open.append(after)
        return still_open

    async def _fill_gap(self, rows: list[SendRequest], view: ChainView, floor: int) -> None:
        """Queue a self-transfer for a nonce that all of ours wait for and nobody uses."""
        nonce = self._gate.gap({row.held_nonce for row in rows}, view, floor)
        if nonce is not None:
            log.warning("nonce gap, filling it", account=self.account, nonce=nonce)
            key = f"{decide.FILL}:{self.account}:{nonce}:{self._clock.now():.3f}"
            gas, meta = self._policy.cancel_gas, {decide.FILL: nonce}
            await self.submit(key, self.account, "0x", gas, meta=meta)

    async def _resend(self, row: SendRequest, view: ChainView) -> SendRequest:
        step, fees = decide.next_step(row, view, self._clock.now(), self._policy)
        if step is decide.SendStep.SIGN and fees is not None:
            return await self._sign(row, row.held_nonce, fees, view)
        if step is decide.SendStep.OFFER:
            row = await self._out.offer(row)
            if row.last.refusal == TxpoolRefusal.UNDERPRICED:
                return await self._pay_more(row, view)
        self._block_if_stuck(row, view)
        return row

    async def _sign(self, row: SendRequest, nonce: int, fees: Fees, view: ChainView) -> SendRequest:
        """Sign a new attempt and offer it; the row as it was if there is no signature."""
        if self._clock.monotonic() - self._unsigned[0] < SIGNER_PAUSE_SECONDS:
            self._out.block(self._unsigned[1])
            return row
        try:
            signed = await self._out.sign(row, nonce, fees, cancel=row.withdrawn)
        except SignerError as error:
            self._unsigned = (self._clock.monotonic(), f"no signature: {error}")
            self._out.block(self._unsigned[1])
            return row
        first = not row.attempts
        row = await self._out.offer(signed)
        if not first and row.last.sent_at is not None:
            self._learn(row)
        if first and row.last.refusal == TxpoolRefusal.UNDERPRICED:
            return await self._pay_more(row, view)
        self._block_if_stuck(row, view)
        return row

    async def _pay_more(self, row: SendRequest, view: ChainView) -> SendRequest:
        """What was just refused as underpriced, once more and at once."""
        step, fees = decide.next_step(row, view, self._clock.now(), self._policy)
        if step is decide.SendStep.SIGN and fees is not None:
            return await self._sign(row, row.held_nonce, fees, view)
        self._block_if_stuck(row, view)
        return row

    def _learn(self, row: SendRequest) -> None:
        """The last attempt was taken: what the one before it lacked, the next ones give at once."""
        if row.attempts[-2].refusal == TxpoolRefusal.UNDERPRICED:
            self._known_tip = (self._clock.monotonic(), row.last.priority_fee)

    def _lately_needed(self) -> int:
        since, tip = self._known_tip
        return tip if self._clock.monotonic() - since < KNOWN_TIP_SECONDS else 0

    def _block_if_stuck(self, row: SendRequest, view: ChainView) -> None:
        why = decide.stuck(row, view, self._policy)
        if why is not None:
            self._out.block(why)

    async def _start(self, rows: list[SendRequest], view: ChainView, floor: int) -> None:
        pending = [row for row in rows if row.state is not SendState.MINED]
        room = self._policy.max_in_flight - len(pending)
        # A gap is filled even if enough is in flight: all of that waits for it.
        room = max(room, len(decide.gaps({row.held_nonce for row in rows}, view, floor)))
        queued = await self._store.queued(self.account, room)
        for request in queued:
            waits = self._gate.closed(rows, view, floor)
            if waits is None and not self._out.may_act():
                waits = NO_LEASE
            if waits is not None:
                self._out.block(waits)
                return
            held = {row.held_nonce for row in rows}
            nonce = decide.free_nonce(held, view, floor)
            unwanted = await self._unwanted(request, nonce, held)
            if unwanted is not None:
                await self._save(
                    replace(request, state=SendState.FAILED, reason=unwanted), "failed"
                )
                continue
            fees = decide.first_fees(view, self._policy, self._lately_needed())
            row = await self._sign(request, nonce, fees, view)
            if row.nonce is None:
                return
            rows = [*rows, row]

    async def _unwanted(self, request: SendRequest, nonce: int, held: set[int]) -> str | None:
        if decide.FILL in request.meta:
            return None if any(other > nonce for other in held) else "the gap no longer exists"
        if self._still_wanted is None:
            return None
        return await self._still_wanted(request)

    async def _save(self, row: SendRequest, event: str | None) -> SendRequest:
        saved = await self._store.save(replace(row, updated_at=self._clock.now()))
        if event is not None:
            self._observe(event, saved)
            log.info(event, key=row.key, nonce=saved.nonce, tx=saved.tx_hash, reason=saved.reason)
        return saved

    async def _wait(self, key: str, done: Callable[[SendRequest], bool]) -> SendRequest:
        while True:
            ticked = self._ticked
            row = await self._store.get(key)
            if row is None:
                raise KeyError(key)
            if done(row):
                return row
            await ticked.wait()


def _event(before: SendRequest, after: SendRequest) -> str | None:
    if after.state is SendState.QUEUED:
        return "requeued"
    if before.state is SendState.MINED and after.state is SendState.BROADCAST:
        return "reorged"
    if after.state is not before.state:
        return after.state.value
    return None
