"""A large index for the query measurements: made by the real fold and store, kept under `build/`.

200,000 rooms with their events: 2,500 pending or active ones among the newest 5,000, the others
ended. One host has 5,000 rooms, the others some 100 each; titles have three of 2,000 words, of
which the first ones are common. The rooms' events are folded without the chain: their place in it
is made up.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from pymongo import AsyncMongoClient

from bench.index.workload import PLAYBACK_BASE
from bench.output import SuiteOutput
from chain import events as t
from chain.enums import EndReason, Mode
from chain.follow.window import BlockPosition
from chain.hexes import ZERO_ADDRESS, ZERO_HASH
from chain.history import HASH_BYTES
from chain.units import GWEI
from indexer import documents, event_pages, mongo_store, queries
from indexer.checkpoint import Origin, fresh_checkpoint, move_checkpoint
from indexer.documents import ACCOUNTS, OPERATORS, ROOMS, TERMS
from indexer.event_pages import event_doc
from indexer.mongo_store import MongoStore
from indexer.projection import contract, titles
from indexer.projection import rooms as room_projection
from indexer.projection.contract import apply
from indexer.projection.ledger import Ledger
from localnet.process import ROOT
from localnet.runner import Runner

ROOM_COUNT = 200_000
NEWEST = 5_000
HOSTS = 2_000
WHALE_ROOMS = 5_000
WORDS = 2_000
OFFERED = 0.05  # of the rooms, to another host, who never accepts
DATABASE = "livestream"
CONTRACT = "0x" + "c0" * 20
START = 1_700_000_000
GROUP = 10_000  # rooms written at once
CACHE = ROOT / "build" / "bench-library"
_SOURCES = (contract, documents, mongo_store, event_pages, queries, room_projection, titles)


def address(number: int) -> str:
    """A made-up account; number 0 has many rooms."""
    return f"0x{number + 1:040x}"


def words(chance: Random) -> str:
    """A title; low numbers come often."""
    return " ".join(f"word{int(WORDS ** chance.random()) - 1:04d}" for _ in range(3))


class EventTeller:
    """Tells events in order and folds them."""

    def __init__(self) -> None:
        self.ledger = Ledger(CONTRACT)
        self.docs: list[Any] = []
        self._chance = Random(5)
        self._seq = 0
        self.emit(t.OwnerChanged, address(1), account=address(1))
        self.emit(
            t.TermsSet, address(1), terms_id=1, deposit=GWEI, fee=GWEI, max_room_seconds=86_400,
            fulfill_deadline_seconds=3600, max_open_rooms=1000, max_room_events=4000,
            rekey_cooldown=60,
        )  # fmt: skip
        self.emit(
            t.OperatorAdded, address(1), operator_id=1, account=address(2),
            payee=address(2), playback_base=PLAYBACK_BASE.encode(),
        )  # fmt: skip

    @property
    def seq(self) -> int:
        """Of the last event."""
        return self._seq

    @property
    def time(self) -> int:
        """Of the last event: ten of them in a block, a block every two seconds."""
        return START + self._seq // 10 * 2

    def emit(self, kind: Any, actor: str, **values: Any) -> None:
        """One event."""
        self._seq += 1
        block = self._seq // 10
        digest = f"0x{block:064x}"
        meta = t.LogMeta(CONTRACT, block, digest, f"0x{self._seq:064x}", self._seq % 10, 0)
        event = kind(
            meta=meta, words=b"", seq=self._seq, actor=actor, timestamp=self.time, **values
        )
        apply(self.ledger, event)
        self.docs.append(event_doc(event))

    def room(self, number: int) -> None:
        """One room's life, as far as it gets."""
        chance = self._chance
        whale = chance.random() < WHALE_ROOMS / ROOM_COUNT
        host = address(0 if whale else chance.randrange(3, HOSTS))
        tag = chance.randbytes(12)
        self.emit(
            t.RoomCreated, host, room_id=number, operator_id=1, terms_id=1,
            mode=Mode.BROADCAST if chance.random() < 0.3 else Mode.WEBRTC, gate=ZERO_ADDRESS,
            ingest_key=chance.randbytes(32), tag=tag, title=words(chance).encode(),
        )  # fmt: skip
        if chance.random() < OFFERED:
            heir = address(chance.randrange(3, HOSTS))
            self.emit(t.RoomTransferStarted, host, room_id=number, to=heir)
        fate = chance.random()
        new = number > ROOM_COUNT - NEWEST
        if new and fate < 0.1:
            return
        self.emit(
            t.RoomProvisioned, address(2), room_id=number, tag=tag, uid=chance.randbytes(16),
            sealed_ingest=chance.randbytes(250),
        )  # fmt: skip
        if new and fate < 0.5:
            return
        self.emit(
            t.RoomEnded, host, room_id=number, host=host, reason=EndReason.HOST, detail=0,
            amount=GWEI,
        )  # fmt: skip
        if not new or fate < 0.9:
            self.emit(t.RoomReleased, address(2), room_id=number)

    def groups(self) -> Iterator[tuple[list[Any], list[Any]]]:
        """Event documents and rooms, group by group."""
        for start in range(1, ROOM_COUNT + 1, GROUP):
            for number in range(start, start + GROUP):
                self.room(number)
            rooms = list(self.ledger.rooms.values())
            yield self.docs, rooms
            self.docs = []
            self.ledger.rooms.clear()


async def _write(uri: str, out: SuiteOutput) -> dict[str, int]:
    async with AsyncMongoClient[dict[str, Any]](uri, directConnection=True) as client:
        store = MongoStore(client[DATABASE], "bench")
        await store.ensure_indexes()
        tale = EventTeller()
        for docs, rooms in tale.groups():
            await store.insert_events(docs)
            await store.insert(ROOMS, rooms)
            out.say(f"{rooms[-1]['_id']:,} rooms, {tale.seq:,} events")
        for kind in (OPERATORS, TERMS, ACCOUNTS):
            await store.insert(kind, list(tale.ledger.held(kind).values()))
        point = fresh_checkpoint(Origin(CONTRACT, 31337, 1, ZERO_HASH, 1), bytes(HASH_BYTES))
        last = BlockPosition(
            tale.seq // 10, f"0x{tale.seq // 10:064x}", tale.seq, bytes(HASH_BYTES)
        )
        move_checkpoint(point, tale.ledger.totals, [last], None)
        await store.save_checkpoint(point, fresh=True)
    return {"events": tale.seq, "time": tale.time}


def library(out: SuiteOutput) -> tuple[Path, dict[str, int]]:
    """The database's folder, and how many events it holds and the time of the last one."""
    mark = hashlib.sha256(Path(__file__).read_bytes())
    for module in _SOURCES:
        mark.update(Path(str(module.__file__)).read_bytes())
    folder = CACHE / mark.hexdigest()[:12]
    about = folder / "about.json"
    if about.exists():
        return folder / "data", json.loads(about.read_text())
    out.say(f"making an index of {ROOM_COUNT:,} rooms")
    shutil.rmtree(CACHE, ignore_errors=True)
    folder.mkdir(parents=True)
    with Runner(out.folder) as runner:
        database = runner.mongo(storage=folder / "data")
        known = asyncio.run(_write(database.uri, out))
        database.stop(60.0)
    about.write_text(json.dumps(known))
    return folder / "data", known
