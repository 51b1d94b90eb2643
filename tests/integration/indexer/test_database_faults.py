"""Scenario 25: the index through a database that fails in the middle of any command.

The writer's cut points, one after another, against a real server behind a proxy that speaks the
wire protocol; then `python -m indexer` while the primary is away.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import pymongo
import pytest

from chain.follow.window import BlockPosition
from indexer.documents import CHECKPOINT, EVENTS, FOLDED, VOLATILE
from indexer.event_pages import unpack_events
from indexer.mongo_store import MongoStore
from indexer.store import LostWriter, StoreError
from indexer.writer import IndexWriter
from localnet.mongo import MongoServer
from localnet.mongo_proxy import (
    CUT_AFTER,
    CUT_ANSWER,
    CUT_BEFORE,
    CUT_REQUEST,
    Fault,
    MongoProxy,
    Refuse,
    Slow,
)
from localnet.mongo_wire import MongoCommand
from localnet.rooms_on_anvil import RoomsOnAnvil
from localnet.waiting import wait_until
from tests.integration.indexer.conftest import MakeIndexer
from tests.support.indexer.fold_tables import ALICE, BOB, CAROL, CONTRACT, MODERATOR, PAYEE
from tests.support.indexer.written_index import (
    FOUNDATION,
    ORIGIN,
    POINT,
    EventSpec,
    WrittenIndex,
    accepted,
    created,
    credited,
    ended,
    moderator_set,
    operator_added,
    payee_set,
    provisioned,
    rekeyed,
    released,
    renamed,
    terms_set,
    withdrawn,
)

Block = tuple[EventSpec, ...]
PATIENCE = 60
STORY: Sequence[Block] = (
    FOUNDATION,
    (created(4, BOB), renamed(4, BOB, b"new and renamed"), rekeyed(1, ALICE)),
    (accepted(2, BOB, CAROL), provisioned(2), credited(PAYEE), moderator_set(MODERATOR, False)),
    tuple(renamed(1 + n % 2, ALICE, b"%d" % n) for n in range(20)),  # so many are announced
    (terms_set(2), operator_added(2), created(5, ALICE, operator=2, terms=2)),
    (ended(1, ALICE), released(1), withdrawn(PAYEE, 10**15), created(6, BOB)),
)
SINCE = 3
"""The reorgs take the last blocks away, down to that many."""


class FaultyIndex:
    """An index in a database behind the proxy, written as `indexer.service` writes one: whatever
    failed is opened again and repeated."""

    def __init__(self, store: MongoStore) -> None:
        self.store = store
        self.index: WrittenIndex | None = None
        self.failures = 0

    async def insist(self, work: Callable[[WrittenIndex], Awaitable[object]]) -> None:
        """Until it is done."""
        for _ in range(PATIENCE):
            try:
                if self.index is None:
                    writer = await IndexWriter.open(self.store, ORIGIN)
                    self.index = WrittenIndex(self.store, writer)  # type: ignore[arg-type]
                await work(self.index)
                return
            except (StoreError, LostWriter):
                self.failures += 1
                self.index = None
        raise AssertionError("the database never answers")

    async def block(self, number: int, told: Block, fork: int = 0) -> BlockPosition:
        """The block `number` of the story, if it is not there yet."""
        positions: list[BlockPosition] = []

        async def grow(index: WrittenIndex) -> None:
            if index.writer.tip.number < number:
                await index.grow(told, fork=fork)
            positions.append(index.writer.tip)

        await self.insist(grow)
        return positions[-1]

    async def back_to(self, position: BlockPosition) -> None:
        async def roll_back(index: WrittenIndex) -> None:
            if index.writer.tip.number > position.number:
                await index.writer.rollback_to(position)

        await self.insist(roll_back)


async def tell(index: FaultyIndex) -> None:
    """The story, with a reorg of its last blocks."""
    start = ORIGIN.start_block
    places = [await index.block(start + n, told) for n, told in enumerate(STORY)]
    await index.back_to(places[SINCE - 1])
    for n, told in enumerate(STORY[SINCE:], SINCE):
        await index.block(start + n, told, fork=1)


async def truly_told() -> WrittenIndex:
    """The same in a store that never fails."""
    index = await WrittenIndex.begun()
    places = [index.writer.tip, *[await index.grow(told) for told in STORY[1:]]]
    await index.writer.rollback_to(places[SINCE - 1])
    for told in STORY[SINCE:]:
        await index.grow(told, fork=1)
    return index


def documents(index: WrittenIndex) -> dict[str, Any]:
    """As `stored_documents` has them."""
    found = index.documents()
    events = sorted(found.pop(EVENTS).items())
    return {**found, EVENTS: [doc for _, doc in events]}


def stored_documents(client: pymongo.MongoClient[dict[str, Any]], database: str) -> dict[str, Any]:
    """The same of the database, asked for without the proxy."""
    db = client[database]
    held = {kind: list(db[kind].find({"contract": CONTRACT})) for kind in FOLDED}
    found: dict[str, Any] = {
        kind: {doc["_id"]: _without_bookkeeping(doc) for doc in docs} for kind, docs in held.items()
    }
    pages: list[Any] = list(db[EVENTS].find({"contract": CONTRACT}).sort("page", 1))
    events = unpack_events(pages, range(1, 10_000))
    found[EVENTS] = [_without_bookkeeping(doc) for doc in events]
    point = db[CHECKPOINT].find_one({"_id": CONTRACT})
    assert point is not None
    found[CHECKPOINT] = {name: point[name] for name in POINT}
    return found


def _without_bookkeeping(doc: Any) -> dict[str, Any]:
    return {field: value for field, value in doc.items() if field not in VOLATILE}


@pytest.fixture
def proxy(mongo: MongoServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[MongoProxy]:
    """A proxy before the session's server, and a driver that looks again at once."""
    monkeypatch.setattr("pymongo.common.MIN_HEARTBEAT_INTERVAL", 0.01)
    with MongoProxy(mongo.port) as proxy:
        yield proxy


@asynccontextmanager
async def driven(proxy: MongoProxy, database: str, **options: Any) -> AsyncIterator[FaultyIndex]:
    client = pymongo.AsyncMongoClient[dict[str, Any]](
        proxy.uri, serverSelectionTimeoutMS=2000, socketTimeoutMS=200, w="majority", **options
    )
    try:
        yield FaultyIndex(MongoStore(client[database], "me"))
    finally:
        await client.close()


UNSEEN: tuple[Fault, ...] = (CUT_BEFORE, CUT_REQUEST, Refuse(10107), Refuse(189), Refuse(91))
DONE: tuple[Fault, ...] = (CUT_AFTER, CUT_ANSWER, Refuse(11602, applied=True))
"""What the server did not do, and what it did without the driver learning it."""
PLACES = 9
"""So many writes has a block, and as many to take it back."""


def eventful(n: int) -> Block:
    """A block that touches documents of every kind."""
    room = 10 + n
    return (
        created(room, BOB), renamed(room, BOB, b"%d" % n), renamed(1, ALICE, b"%d" % n),
        credited(PAYEE), moderator_set(MODERATOR, bool(n % 2)), payee_set(1, (PAYEE, CAROL)[n % 2]),
        terms_set(2 + n), *[renamed(2, BOB, b"%d" % m) for m in range(20 * (n % 2))],
    )  # fmt: skip


@pytest.mark.parametrize("kinds", [UNSEEN, DONE], ids=["not done", "done"])
async def test_scenario_25__each_write_fails_in_turn__the_same_documents_as_without(
    proxy: MongoProxy, mongo: MongoServer, mongo_database: str, kinds: tuple[Fault, ...]
) -> None:
    """Without the driver's own second attempt: nothing may depend on that."""
    due = failed = 0

    def fault(command: MongoCommand) -> Fault | None:
        nonlocal due, failed
        due -= command.write > 0
        if not command.write or due != 0:
            return None
        failed += 1
        return kinds[failed % len(kinds)]

    proxy.fault = fault
    true = await WrittenIndex.begun()
    with pymongo.MongoClient[dict[str, Any]](mongo.uri) as client:
        async with driven(proxy, mongo_database, retryWrites=False) as index:
            await index.block(ORIGIN.start_block, FOUNDATION)
            for place in range(1, PLACES + 1):
                before, told = true.writer.tip, eventful(place)
                due = place
                await index.block(before.number + 1, told, fork=place)
                await true.grow(told, fork=place)
                assert stored_documents(client, mongo_database) == documents(true)
                due = place
                await index.back_to(before)
                await true.writer.rollback_to(before)
                assert stored_documents(client, mongo_database) == documents(true)
    assert failed >= 2 * PLACES - 4


@pytest.mark.parametrize("seed", range(2))
async def test_scenario_25__a_storm_of_faults_on_any_command__the_same_documents_as_without(
    proxy: MongoProxy, mongo: MongoServer, mongo_database: str, seed: int
) -> None:
    chance = Random(seed)
    unauthorised = 0

    def fault(command: MongoCommand) -> Fault | None:
        nonlocal unauthorised
        if unauthorised or chance.random() < 0.01:
            unauthorised = (unauthorised or 4) - 1
            return Refuse(13)
        roll = chance.random()
        if roll < 0.08:
            return chance.choice((*UNSEEN, *DONE))
        return Slow(0.4) if roll < 0.085 else None

    proxy.fault = fault
    async with driven(proxy, mongo_database, retryWrites=bool(seed % 2)) as index:
        await tell(index)
    assert index.failures > 5
    with pymongo.MongoClient[dict[str, Any]](mongo.uri) as client:
        assert stored_documents(client, mongo_database) == documents(await truly_told())


def test_scenario_25__no_primary_and_then_cut_writes__the_index_equals_the_chain(
    chain: RoomsOnAnvil, make_indexer: MakeIndexer, proxy: MongoProxy
) -> None:
    indexer = make_indexer(chain, mongo_uri=proxy.uri)
    process = indexer.start()
    chain.create()
    indexer.wait_head(chain)
    proxy.step_down()
    chain.create()
    chain.end(1)
    wait_until(lambda: "no primary" in indexer.readiness()[1], 20, "/readyz says why")
    proxy.step_up()
    process.wait_until(process.ready, 10, "ready within 10 s of the database")
    indexer.wait_head(chain)
    indexer.assert_equals(chain)

    def fault(command: MongoCommand) -> Fault | None:
        if not command.write or command.write % 13:
            return None
        return CUT_AFTER if command.write % 2 else CUT_BEFORE

    proxy.fault = fault
    for n in range(6):
        chain.create(b"%d" % n)
        chain.rename(n + 2, b"renamed")
    indexer.wait_head(chain)
    proxy.fault = lambda _: None
    indexer.assert_equals(chain)
    code, said = indexer.command("verify", "--quiet")
    assert code == 0, said
    assert process.returncode is None, "it went on without a restart"
