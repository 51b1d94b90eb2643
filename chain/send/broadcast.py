"""Signing and offering: the two effects of the sender.

Promises: `sign` stores the bytes before it returns, `offer` broadcasts only what is stored, and
only if `may_act` allows it for as long as the call may take. No answer means "perhaps": the row
stays as it is, and is offered again. What one node refuses in words that nobody knows (a read-only
address) is offered to another one: the same bytes, so at most one of them is mined.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import structlog

from chain.hexes import hex_data
from chain.rpc.client import Rpc
from chain.rpc.errors import JsonRpcError, RpcError
from chain.rpc.pool import NodePool
from chain.send.fee_demand import read_demand
from chain.send.fees import Fees, SendPolicy
from chain.send.model import Attempt, SendRequest, SendState
from chain.send.signer import Signer
from chain.send.store import SenderStore
from chain.send.txpool_errors import TxpoolRefusal, classify_refusal
from common.clock import Clock, within

log = structlog.get_logger(__name__)

NO_LEASE = "the lease does not last long enough to act"


class Broadcaster:
    """The sender's hands. `blocked`: why something could not go out in this tick."""

    def __init__(
        self,
        chain_id: int,
        signer: Signer,
        rpc: Rpc,
        store: SenderStore,
        clock: Clock,
        policy: SendPolicy,
        may_act: Callable[[float], bool],
        observe: Callable[[str, SendRequest], None],
    ) -> None:
        self._chain_id = chain_id
        self._signer = signer
        self._rpc = rpc
        self._store = store
        self._clock = clock
        self._policy = policy
        self._may_act = may_act
        self._observe = observe
        self.blocked: str | None = None
        self.floor = 0

    def may_act(self) -> bool:
        """Whether the lease lasts for a broadcast."""
        return self._may_act(self._policy.act_seconds)

    def block(self, reason: str) -> None:
        """Note why nothing goes out; the first reason of a tick stands."""
        if self.blocked is None:
            self.blocked = reason

    async def sign(
        self, row: SendRequest, nonce: int, fees: Fees, *, cancel: bool = False
    ) -> SendRequest:
        """A new attempt on `nonce`, stored. Raises `SignerError`, `StoreConflict`."""
        tx = {
            "chainId": self._chain_id,
            "nonce": nonce,
            "to": row.account if cancel else row.to,
            "value": 0 if cancel else row.value,
            "data": "0x" if cancel else row.data,
            "gas": self._policy.cancel_gas if cancel else row.gas_limit,
            "maxFeePerGas": fees.max_fee,
            "maxPriorityFeePerGas": fees.priority_fee,
        }
        signed = await self._signer.sign(tx)
        now = self._clock.now()
        attempt = Attempt(
            n=len(row.attempts) + 1,
            nonce=nonce,
            hash=signed.hash,
            raw=signed.raw,
            max_fee=fees.max_fee,
            priority_fee=fees.priority_fee,
            kind="cancel" if cancel else "send",
            created_at=now,
        )
        event = "cancelled" if cancel else ("bumped" if row.attempts else "signed")
        # A row that a node took stays "broadcast": its earlier attempts are still out there.
        state = SendState.SIGNED if row.state is SendState.QUEUED else row.state
        row = await self._store.save(
            replace(
                row, state=state, nonce=nonce, attempts=(*row.attempts, attempt), updated_at=now
            )
        )
        self._observe(event, row)
        log.info(event, key=row.key, nonce=nonce, tx=attempt.hash, **fees._asdict())
        return row

    async def offer(self, row: SendRequest) -> SendRequest:
        """Broadcast the last attempt and note what came of it."""
        if not self.may_act():
            self.block(NO_LEASE)
            return row
        pool = self._rpc if isinstance(self._rpc, NodePool) else None
        asked = pool.current if pool else ""
        try:
            refusal, text = await self._refusal(self._rpc, row)
            if refusal is TxpoolRefusal.OTHER and pool:
                other = pool.other_than(asked)
                if other is not None and self.may_act():
                    log.warning("refused, offered to another node", endpoint=asked, text=text)
                    refusal, text = await self._refusal(other, row)
        except (RpcError, TimeoutError) as error:
            # The answer is lost: the same bytes are offered again by the next tick.
            self.block(f"no answer to a broadcast: {error}")
            log.warning("broadcast unanswered", key=row.key, nonce=row.nonce, error=str(error))
            return row
        return await self._noted(row, refusal, text)

    async def _refusal(self, rpc: Rpc, row: SendRequest) -> tuple[TxpoolRefusal | None, str]:
        """Why the last attempt is not taken, and in which words; None if it is. Raises `RpcError`,
        TimeoutError."""
        call = rpc.call("eth_sendRawTransaction", [hex_data(row.last.raw)])
        try:
            # However many nodes it is offered to: never longer than the lease was asked for.
            await within(self._clock, self._policy.act_seconds, call)
        except JsonRpcError as error:
            # Some put what they mean beside the message.
            text = f"{error.message} {error.data}" if _tells(error.data) else error.message
            return classify_refusal(text), text
        return None, ""

    async def _noted(
        self, row: SendRequest, refusal: TxpoolRefusal | None, text: str
    ) -> SendRequest:
        now = self._clock.now()
        demand = None
        if refusal is TxpoolRefusal.UNDERPRICED:
            is_cancel = row.last.kind == "cancel"
            demand = read_demand(text, self._policy.cancel_gas if is_cancel else row.gas_limit)
        taken = refusal is None or refusal in (TxpoolRefusal.KNOWN, TxpoolRefusal.NONCE_LOW)
        attempt = replace(
            row.last,
            tried_at=now,
            sent_at=now if taken else row.last.sent_at,
            refusal=None if taken else str(refusal),
            demand=demand,
        )
        was = row.state
        row = replace(row, attempts=(*row.attempts[:-1], attempt), updated_at=now)
        if refusal is None or taken:
            row = replace(row, state=SendState.BROADCAST)
        elif refusal is TxpoolRefusal.FATAL and attempt.kind == "send":
            # These bytes can never be mined, but their nonce is ours: use it up.
            row = replace(row, withdrawn=True, reason=f"refused by the node: {text}")
        row = await self._store.save(row)
        if not taken:
            self._observe("refused", row)
            log.warning("refused", key=row.key, nonce=row.nonce, refusal=str(refusal), text=text)
        elif was is SendState.SIGNED:
            self._observe("broadcast", row)
        return row


def _tells(data: object) -> bool:
    return isinstance(data, str) and not data.startswith("0x")
