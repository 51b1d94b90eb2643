"""From steps that are transactions to batches in the sender's queue.

Promises
1. A batch is tried on a node before it is queued: entries that the contract would skip are sorted
   out, a batch that needs too much gas is halved.
2. What is about to become public (which credentials, sealed for which tag) is in the journal
   before the sender hears of it; so is the name of the transaction.
3. A batch is named by its content, so that the same batch is never queued twice. Right before the
   first signing `still_wanted` reads the rooms at the newest block once more: sealed credentials
   never leave for a room that ended or changed its key, nor if the journal knows nothing of it,
   since the keys may have been rotated in a life that came after.
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
from oracle.context import Tools
from oracle.entry import Entry
from oracle.plan import Act

MAX_GAS = 12_000_000
"""Of one transaction: under EIP-7825's cap of 2**24, with room for a bump's changes."""
MAX_PARCELS = 150

Newest = Callable[[Sequence[int]], Awaitable[Sequence[RoomView]]]
"""Reads rooms at the newest block; an unknown room has status NONE."""

Known = Callable[[Sequence[str]], Awaitable[Mapping[str, Entry]]]
"""Reads the journal's entries of these names."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One room's part of a transaction."""

    act: Act
    entry: Entry
    view: RoomView
    code: int = 0

    @property
    def reseals(self) -> bool:
        """Whether it seals anew what an active room has already."""
        return self.act is Act.FULFILL and self.view.status is Status.ACTIVE


class Outbox:
    """See the module. `skipped` is told of rooms that the contract would skip."""

    def __init__(
        self,
        tools: Tools,
        sender: Sender,
        pick: Callable[[], Rpc],
        errors: ErrorTable,
        skipped: Callable[[Entry, str], None],
    ) -> None:
        self._tools = tools
        self._sender = sender
        self._pick = pick
        self._errors = errors
        self._skipped = skipped

    async def post(self, parcels: Sequence[Parcel]) -> None:
        """Queue transactions for all parcels. Raises `RpcError` and the database's errors."""
        for act in (Act.DECLINE, Act.FULFILL, Act.EXPIRE, Act.RELEASE):
            mine = [parcel for parcel in parcels if parcel.act is act]
            for start in range(0, len(mine), MAX_PARCELS):
                await self._post(act, mine[start : start + MAX_PARCELS])

    async def _post(self, act: Act, parcels: list[Parcel]) -> None:
        data = hex_data(calldata(act, parcels))
        tx = CallTx(self._sender.account, self._tools.me.contract, data)
        node = self._pick()
        trial = await simulate(node, tx, errors=self._errors)
        applied = int.from_bytes(trial.returned[:32]) if trial.ok else 0
        if applied < len(parcels):
            why = trial.reason or "the contract would skip it"
            await self._sort_out(act, parcels, why)
            return
        try:
            gas = await estimate_gas(node, tx, MAX_GAS, errors=self._errors)
        except (GasAboveCeiling, Reverted) as error:
            await self._sort_out(act, parcels, str(error))
            return
        key = await self._fresh_key(act, data)
        await self._tools.book.save_all([self._marked(parcel, key) for parcel in parcels])
        meta = {"act": act.value, "rooms": [_label(parcel) for parcel in parcels]}
        await self._sender.submit(key, self._tools.me.contract, data, gas, meta=meta)

    async def _sort_out(self, act: Act, parcels: list[Parcel], why: str) -> None:
        if len(parcels) == 1:
            self._skipped(parcels[0].entry, why)
            return
        middle = len(parcels) // 2
        await self._post(act, parcels[:middle])
        await self._post(act, parcels[middle:])

    async def _fresh_key(self, act: Act, data: str) -> str:
        digest = keccak(f"{self._sender.account}:{data}".encode()).hex()[:32]
        n = 1
        while await self._sender.status(f"{act.value}:{digest}:{n}") is not None:
            n += 1
        return f"{act.value}:{digest}:{n}"

    def _marked(self, parcel: Parcel, key: str) -> Entry:
        entry = replace(parcel.entry, sent=key, updated_at=self._tools.clock.now(), closed=False)
        if parcel.act is Act.FULFILL:
            return replace(entry, stale=False, verified=None)
        return entry


def calldata(act: Act, parcels: Sequence[Parcel]) -> bytes:
    """The call of a batch."""
    if act is Act.FULFILL:
        return calls.fulfill([_fulfillment(parcel) for parcel in parcels])
    if act is Act.DECLINE:
        return calls.decline(
            [calls.Declination(p.view.room_id, p.view.tag, p.code) for p in parcels]
        )
    if act is Act.RELEASE:
        return calls.release([calls.Release(p.view.room_id, p.view.tag) for p in parcels])
    return calls.expire([parcel.view.room_id for parcel in parcels])


def _fulfillment(parcel: Parcel) -> calls.Fulfillment:
    entry = parcel.entry
    if entry.seal is None or entry.uid is None or entry.seal.tag != parcel.view.tag:
        raise ValueError(f"room {entry.room_id} has nothing sealed for its present key")
    uid = bytes.fromhex(entry.uid)
    return calls.Fulfillment(entry.room_id, parcel.view.tag, uid, entry.seal.data)


def _label(parcel: Parcel) -> dict[str, Any]:
    """What `still_wanted` needs to know of a parcel, and a reader of the sender's rows."""
    return {
        "room": parcel.view.room_id,
        "entry": parcel.entry.id,
        "tag": parcel.view.tag.hex(),
        "uid": parcel.entry.uid,
        "again": parcel.reseals,
        "created_at": parcel.view.created_at,
    }


async def still_wanted(request: SendRequest, newest: Newest, known: Known) -> str | None:
    """Why a queued batch must not be signed any more, or None. Raises `RpcError` and the
    database's errors.

    One changed room withdraws a whole fulfilment: its sealed credentials must not become public.
    Of the other kinds one wanted entry is enough, since the contract skips the rest.
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
        return f"no longer wanted: room(s) {', '.join(map(str, changed[:5]))} changed"
    if act == Act.FULFILL:
        entries = await known([label["entry"] for label in labels])
        named = [entry for entry in entries.values() if entry.sent == request.key]
        if len(named) < len(labels):
            return "no longer wanted: the journal does not tell of it"
    return None


def _fits(act: Act, label: dict[str, Any], view: RoomView) -> bool:
    open_now = view.status in (Status.PENDING, Status.ACTIVE)
    if act is Act.EXPIRE:
        return open_now and view.effective_status is Status.ENDED
    if view.tag.hex() != label["tag"]:
        return False
    if act is Act.RELEASE:
        return view.status is Status.ENDED and not view.released and any(view.uid)
    if act is Act.DECLINE:
        return open_now
    if view.effective_status is Status.ENDED:
        return False
    if label["again"]:
        return view.uid.hex() == str(label["uid"])
    return view.status is Status.PENDING
