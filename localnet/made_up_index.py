"""An index whose rooms are made up: the real fold and the real store, without a chain below it.

For what reads rooms by the index and asks nothing of the contract. One contract, one operator.
Promises: documents are the indexer's own; `write` writes them in its order, the checkpoint last.
Assumes: nobody else writes this index.
"""

from __future__ import annotations

import time
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from chain import events as t
from chain.enums import EndReason, Mode
from chain.follow.window import BlockPosition
from chain.hexes import ZERO_ADDRESS, ZERO_HASH
from chain.history import HASH_BYTES
from chain.units import GWEI
from indexer.checkpoint import Origin, fresh_checkpoint, move_checkpoint
from indexer.documents import FOLDED
from indexer.event_pages import event_doc
from indexer.mongo_store import MongoStore
from indexer.projection.contract import apply
from indexer.projection.ledger import Ledger
from localnet.dev_accounts import CHAIN_ID

CONTRACT = "0x" + "c0" * 20
OWNER, OPERATOR, HOST = (f"0x{number:040x}" for number in (1, 2, 3))
DAY = 86_400


class MadeUpIndex:
    """`playback_base`: the operator's."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], playback_base: str) -> None:
        self._store = MongoStore(database, "made-up")
        self._ledger = Ledger(CONTRACT)
        self._docs: list[Any] = []
        self._seq = 0
        self._rooms = 0
        self._written = False
        self._emit(t.OwnerChanged, OWNER, account=OWNER)
        self._emit(
            t.TermsSet, OWNER, terms_id=1, deposit=GWEI, fee=GWEI, max_room_seconds=30 * DAY,
            fulfill_deadline_seconds=3600, max_open_rooms=10**6, max_room_events=4000,
            rekey_cooldown=60,
        )  # fmt: skip
        self._emit(
            t.OperatorAdded, OWNER, operator_id=1, account=OPERATOR, payee=OPERATOR,
            playback_base=playback_base.encode(),
        )  # fmt: skip

    def room(
        self, uid: str, mode: Mode, *, gate: str = ZERO_ADDRESS, made_at: float | None = None
    ) -> int:
        """An active room with this live input; its number. `made_at`: unix seconds, now if None."""
        self._rooms += 1
        number, tag = self._rooms, self._rooms.to_bytes(12, "big")
        made_at = time.time() if made_at is None else made_at
        self._emit(
            t.RoomCreated, HOST, made_at, room_id=number, operator_id=1, terms_id=1, mode=mode,
            gate=gate, ingest_key=bytes(32), tag=tag, title=b"made up",
        )  # fmt: skip
        self._emit(
            t.RoomProvisioned, OPERATOR, made_at, room_id=number, tag=tag, uid=bytes.fromhex(uid),
            sealed_ingest=bytes(250),
        )  # fmt: skip
        return number

    def end(self, number: int) -> None:
        """Its host ends it."""
        self._emit(
            t.RoomEnded, HOST, room_id=number, host=HOST, reason=EndReason.HOST, detail=0,
            amount=GWEI,
        )  # fmt: skip

    async def write(self) -> None:
        """Everything so far."""
        if not self._written:
            await self._store.ensure_indexes()
        await self._store.insert_events(self._docs)
        self._docs = []
        for kind in FOLDED:
            await self._store.replace(kind, list(self._ledger.held(kind).values()))
        point = fresh_checkpoint(Origin(CONTRACT, CHAIN_ID, 1, ZERO_HASH, 1), bytes(HASH_BYTES))
        last = BlockPosition(
            self._seq, f"0x{self._seq:064x}", self._seq, self._seq.to_bytes(HASH_BYTES, "big")
        )
        move_checkpoint(point, self._ledger.totals, [last], None)
        point["state"], point["updated_at"] = "following", time.time()
        await self._store.save_checkpoint(point, fresh=not self._written)
        self._written = True

    def _emit(self, kind: Any, actor: str, at: float | None = None, **values: Any) -> None:
        self._seq += 1
        digest = f"0x{self._seq:064x}"
        meta = t.LogMeta(CONTRACT, self._seq, digest, digest, 0, 0)
        seconds = int(time.time() if at is None else at)
        event = kind(meta=meta, words=b"", seq=self._seq, actor=actor, timestamp=seconds, **values)
        apply(self._ledger, event)
        self._docs.append(event_doc(event))
