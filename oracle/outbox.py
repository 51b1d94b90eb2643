"""From steps that are transactions to batches in the sender's queue.

Promises
1. A batch is tried on a node before it is queued: rooms that the contract would skip are sorted
   out, a batch that needs too much gas is halved.
2. What is about to become public (which credentials, sealed for which tag) is in the journal
   before the sender hears of it; so is the name of the transaction.
3. A batch is named by its content, so that the same batch is never queued twice. Right before the
   first signing `still_wanted` reads the rooms at the newest block once more: sealed credentials
   never leave for a room that ended or changed its key, nor if the journal knows nothing of it,
   since a later run may have rotated the keys.
On restart: a room whose transaction is unknown to the sender is planned anew.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chain import calldata as calls
from chain.enums import Status
from chain.hexes import hex_data, keccak
from chain.reverts import ErrorTable
from chain.rpc.client import Rpc
from chain.send import Sender, SendRequest
from chain.send.simulate import CallTx, GasAboveCeiling, Reverted, estimate_gas, simulate
from chain.views import RoomView
from oracle.context import Context
from oracle.journal import RoomRecord
from oracle.plan import Act

MAX_GAS = 12_000_000
"""Of one transaction: under EIP-7825's cap of 2**24, with room for a bump's changes."""
MAX_ITEMS = 150

Newest = Callable[[Sequence[int]], Awaitable[Sequence[RoomView]]]
"""Reads rooms at the newest block; an unknown room has status NONE."""

Known = Callable[[Sequence[str]], Awaitable[Mapping[str, RoomRecord]]]
"""Reads the journal's records of these names."""


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One room's part of a transaction."""

    act: Act
    record: RoomRecord
    view: RoomView
    code: int = 0

    @property
    def reseals(self) -> bool:
        """Whether it seals anew what an active room has already."""
        return self.act is Act.FULFILL and self.view.status is Status.ACTIVE


class Outbox:
    """See the module. `skipped` is called for each room that the contract would skip."""

    def __init__(
        self,
        context: Context,
        sender: Sender,
        pick: Callable[[], Rpc],
        errors: ErrorTable,
        skipped: Callable[[RoomRecord, str], None],
    ) -> None:
        self._context = context
        self._sender = sender
        self._pick = pick
        self._errors = errors
        self._skipped = skipped

    async def post(self, items: Sequence[BatchItem]) -> None:
        """Queue transactions for all items.

        Raises `RpcError` and the database's errors."""
        for act in (Act.DECLINE, Act.FULFILL, Act.EXPIRE, Act.RELEASE):
            mine = [item for item in items if item.act is act]
            for start in range(0, len(mine), MAX_ITEMS):
                await self._post(act, mine[start : start + MAX_ITEMS])

    async def _post(self, act: Act, items: list[BatchItem]) -> None:
        data = hex_data(calldata(act, items))
        tx = CallTx(self._sender.account, self._context.me.contract, data)
        node = self._pick()
        trial = await simulate(node, tx, errors=self._errors)
        applied = calls.applied(act.value, trial.returned) if trial.ok else 0
        if applied < len(items):
            why = trial.reason or "the contract would skip it"
            await self._sort_out(act, items, why)
            return
        try:
            gas = await estimate_gas(node, tx, MAX_GAS, errors=self._errors)
        except (GasAboveCeiling, Reverted) as error:
            await self._sort_out(act, items, str(error))
            return
        key = await self._fresh_key(act, data)
        await self._context.records.save_all([self._marked(item, key) for item in items])
        meta = {"act": act.value, "rooms": [_label(item) for item in items]}
        await self._sender.submit(key, self._context.me.contract, data, gas, meta=meta)

    async def post_call(
        self, act: str, data: str, remember: Callable[[str], Awaitable[None]]
    ) -> str | None:
        """Queue one call that is about no room, after `remember(key)` has written it down.

        Why it was not queued, in words: the contract would revert. Raises `RpcError` and the
        database's errors."""
        tx = CallTx(self._sender.account, self._context.me.contract, data)
        node = self._pick()
        trial = await simulate(node, tx, errors=self._errors)
        if not trial.ok:
            return trial.reason
        try:
            gas = await estimate_gas(node, tx, MAX_GAS, errors=self._errors)
        except (GasAboveCeiling, Reverted) as error:
            return str(error)
        key = f"{self._name(act, data)}:at {self._context.clock.now():.3f}"
        await remember(key)
        await self._sender.submit(key, self._context.me.contract, data, gas, meta={"act": act})
        return None

    async def _sort_out(self, act: Act, items: list[BatchItem], why: str) -> None:
        if len(items) == 1:
            self._skipped(items[0].record, why)
            return
        middle = len(items) // 2
        await self._post(act, items[:middle])
        await self._post(act, items[middle:])

    async def _fresh_key(self, act: Act, data: str) -> str:
        name = self._name(act.value, data)
        n = 1
        while await self._sender.status(f"{name}:{n}") is not None:
            n += 1
        return f"{name}:{n}"

    def _name(self, act: str, data: str) -> str:
        """The same for the same call of the same account."""
        return f"{act}:{keccak(f'{self._sender.account}:{data}'.encode()).hex()[:32]}"

    def _marked(self, item: BatchItem, key: str) -> RoomRecord:
        record = replace(item.record, sent=key, updated_at=self._context.clock.now(), closed=False)
        if item.act is Act.FULFILL:
            return replace(record, stale=False, verified=None)
        return record


def calldata(act: Act, items: Sequence[BatchItem]) -> bytes:
    """The call of a batch."""
    if act is Act.FULFILL:
        return calls.fulfill([_fulfillment(item) for item in items])
    if act is Act.DECLINE:
        return calls.decline([calls.Declination(p.view.room_id, p.view.tag, p.code) for p in items])
    if act is Act.RELEASE:
        return calls.release([calls.Release(p.view.room_id, p.view.tag) for p in items])
    return calls.expire([item.view.room_id for item in items])


def _fulfillment(item: BatchItem) -> calls.Fulfillment:
    record = item.record
    if record.seal is None or record.uid is None or record.seal.tag != item.view.tag:
        raise ValueError(f"room {record.room_id} has nothing sealed for its present key")
    uid = bytes.fromhex(record.uid)
    return calls.Fulfillment(record.room_id, item.view.tag, uid, record.seal.data)


def _label(item: BatchItem) -> dict[str, Any]:
    """What `still_wanted` needs to know of an item, and a reader of the sender's rows."""
    return {
        "room": item.view.room_id,
        "entry": item.record.id,
        "tag": item.view.tag.hex(),
        "uid": item.record.uid,
        "again": item.reseals,
        "created_at": item.view.created_at,
    }


async def still_wanted(request: SendRequest, newest: Newest, known: Known) -> str | None:
    """Why a queued batch must not be signed any more, or None. Raises `RpcError` and the
    database's errors.

    One changed room withdraws a whole fulfilment: its sealed credentials must not become public.
    Of the other kinds one wanted room is enough, since the contract skips the rest.
    """
    labels: list[dict[str, Any]] = list(request.meta.get("rooms", []))
    act = request.meta.get("act")
    if not labels or act is None:
        return None
    views = await newest([label["room"] for label in labels])
    changed = [
        label["room"]
        for label, view in zip(labels, views, strict=True)
        if not _fits(Act(act), label, view)
    ]
    if len(changed) == len(labels) or (changed and act == Act.FULFILL):
        return f"no longer needed: room(s) {', '.join(map(str, changed[:5]))} changed"
    if act == Act.FULFILL:
        records = await known([label["entry"] for label in labels])
        named = [record for record in records.values() if record.sent == request.key]
        if len(named) < len(labels):
            return "no longer needed: the journal has no entry for it"
    return None


def _fits(act: Act, label: dict[str, Any], view: RoomView) -> bool:
    if act is Act.EXPIRE:
        return view.expirable
    if view.tag.hex() != label["tag"]:
        return False
    if act is Act.RELEASE:
        return view.status is Status.ENDED and not view.released and any(view.uid)
    if act is Act.DECLINE:
        return view.status in (Status.PENDING, Status.ACTIVE)
    if view.effective_status is Status.ENDED:
        return False
    if label["again"]:
        return view.uid.hex() == str(label["uid"])
    return view.status is Status.PENDING
