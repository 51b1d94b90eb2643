"""What is folded but not written, and the order in which it is written (docs/index.md,
"Writing")."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from chain import events as t
from indexer import writer as module
from indexer.checkpoint import Origin
from indexer.documents import ACCOUNTS, CHECKPOINT, EVENTS, FORMAT, OPERATORS, ROOMS
from indexer.store import LostWriter, StoreError
from indexer.writer import IndexWriter, SequenceGap
from tests.support.indexer.fold_tables import ALICE, BOB, CAROL, CONTRACT, OPERATOR, OWNER
from tests.support.indexer.memory_store import MemoryStore
from tests.support.indexer.written_index import (
    DEPOSIT,
    FEE,
    FOUNDATION,
    ORIGIN,
    START,
    EventSpec,
    WrittenIndex,
    created,
    credited,
    ended,
    moderator_set,
    offered,
    operator_added,
    owned,
    provisioned,
    released,
    renamed,
    terms_set,
)

SEQ = len(FOUNDATION)
POINT_FIELDS = ("format", "chain_id", "start_block", "block", "block_hash", "seq", "first_room_id",
                "state")  # fmt: skip


class OrderedStore(MemoryStore):
    """A store that remembers in which order it was written."""

    def __init__(self) -> None:
        super().__init__()
        self.order: list[str] = []

    def _write(self, kind: str, docs: Sequence[Any]) -> None:
        if kind == CHECKPOINT:
            kind = "intent" if docs[0]["pending"] else "checkpoint"
        self.order.append(kind)
        super()._write(kind if kind not in ("intent", "checkpoint") else CHECKPOINT, docs)


MIXED = (created(4, CAROL), renamed(1, ALICE, b"x"), moderator_set(BOB, True), operator_added(2),
         terms_set(2), credited(OPERATOR))  # fmt: skip


@pytest.mark.parametrize("many", [False, True])
def test_commit__events_then_rooms_then_the_rest__the_checkpoint_last(many: bool) -> None:
    async def story() -> None:
        store = OrderedStore()
        index = WrittenIndex(store, await IndexWriter.open(store, ORIGIN))
        await index.grow(FOUNDATION)
        store.order.clear()
        more = tuple(renamed(1, ALICE, b"%d" % n) for n in range(16 if many else 0))
        await index.grow((*MIXED, *more))
        written = [kind for kind in store.order if kind != "intent"]
        assert written == [EVENTS, ROOMS, ROOMS, OPERATORS, "terms", "moderators", ACCOUNTS,
                           "checkpoint"]  # fmt: skip
        assert store.order[0] == ("intent" if many else EVENTS)

    asyncio.run(story())


def test_open__nothing_there__begins_before_the_start_block_and_says_so() -> None:
    async def story() -> None:
        store = MemoryStore()
        store.kinds[ROOMS][9] = {"contract": CONTRACT}  # of an older format, say
        writer = await IndexWriter.open(store, Origin(CONTRACT, 31337, 7, "0x" + "06" * 32, 100))
        point = store.kinds[CHECKPOINT][CONTRACT]
        told = {name: point[name] for name in POINT_FIELDS}
        assert told == {
            "format": FORMAT, "chain_id": 31337, "start_block": 7, "block": 6,
            "block_hash": "0x" + "06" * 32, "seq": 0, "first_room_id": 100, "state": "syncing",
        }  # fmt: skip
        assert store.kinds[ROOMS] == {}
        assert (writer.tip.number, writer.seq, writer.dirty) == (6, 0, False)
        # docs/contract.md: h0 = first 23 bytes of keccak256(abi.encode(chainid, contract))
        assert point["history"] == "0x" + writer.history.hex()
        assert len(writer.history) == 23

    asyncio.run(story())


def test_open__again__goes_on_where_it_stood() -> None:
    async def story() -> None:
        index = await WrittenIndex.begun()
        stood = (index.writer.seq, index.writer.history, list(index.writer.window))
        await index.reopen()
        assert (index.writer.seq, index.writer.history, list(index.writer.window)) == stood

    asyncio.run(story())


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ([0, 2], f"event {SEQ + 3} came where {SEQ + 2} should"),
        ([0, 1, 1], f"event {SEQ + 2} came where {SEQ + 3} should"),
        ([1], f"event {SEQ + 2} came where {SEQ + 1} should"),
    ],
    ids=["one_missing", "one_twice", "begins_late"],
)
def test_hash__numbers_with_a_gap__refused(numbers: list[int], said: str) -> None:
    async def story() -> None:
        index = await WrittenIndex.begun()
        events = index.events([renamed(1, ALICE, b"%d" % n) for n in range(3)])
        with pytest.raises(SequenceGap, match=said):
            index.writer.hash([events[n] for n in numbers])

    asyncio.run(story())


def test_add__nothing__leaves_it_clean() -> None:
    async def story() -> None:
        index = await WrittenIndex.begun()
        await index.writer.add([], 99, bytes(23))
        assert (index.writer.dirty, index.writer.seq) == (False, SEQ)

    asyncio.run(story())


def test_discard__added_and_partly_written__both_forgotten() -> None:
    async def story() -> None:
        index = await WrittenIndex.begun()
        before, history = index.documents(), index.writer.history
        await index.fold(MIXED)
        await index.writer.stage()
        await index.writer.wait_idle()
        assert len(index.store.kinds[EVENTS]) == SEQ + len(MIXED)
        await index.writer.discard()
        assert index.documents() == before
        assert (index.writer.seq, index.writer.history) == (SEQ, history)
        assert not index.writer.dirty
        await index.grow((renamed(1, ALICE, b"later"),))
        assert index.store.kinds[ROOMS][1]["title"] == "later"

    asyncio.run(story())


def test_stage__the_write_fails__the_next_commit_tells() -> None:
    async def story() -> None:
        index = await WrittenIndex.begun()
        before = index.documents()
        position = await index.fold(MIXED)
        index.store.fail_at = index.store.writes + 2
        await index.writer.stage()
        with pytest.raises(StoreError):
            await index.writer.commit([position], -1)
        await index.reopen()
        assert index.documents() == before

    asyncio.run(story())


def test_commit__in_several_stages__one_write_through_the_last_event() -> None:
    async def story() -> None:
        index = await WrittenIndex.begun()
        writes = index.writer.checkpoint["writes"]
        places = []
        for n in range(3):
            places.append(await index.fold((renamed(1, ALICE, b"%d" % n),)))
            await index.writer.stage()
        pending = index.writer.checkpoint["pending"]
        assert pending == {"kind": "commit", "through": SEQ + 3, "write": writes + 1}
        await index.writer.commit(places[-1:], -1)
        point = index.store.kinds[CHECKPOINT][CONTRACT]
        assert (point["pending"], point["writes"], point["seq"]) == (None, writes + 1, SEQ + 3)

    asyncio.run(story())


def test_commit__events_of_the_contract_as_a_whole__told_by_the_checkpoint() -> None:
    async def story() -> None:
        index = await WrittenIndex.begun()
        await index.grow(
            (
                EventSpec(t.OwnerProposed, OWNER, {"account": BOB}),
                owned(BOB),
                EventSpec(t.PauseChanged, BOB, {"paused": True}),
                terms_set(2),
                EventSpec(t.OwnerProposed, BOB, {"account": CAROL}),
                created(4, CAROL),
                ended(4, CAROL),
            )
        )
        point = index.store.kinds[CHECKPOINT][CONTRACT]
        names = ("owner", "pending_owner", "paused", "current_terms", "rooms", "ended_rooms")
        assert {name: point[name] for name in names} == {
            "owner": BOB, "pending_owner": CAROL, "paused": True, "current_terms": 2,
            "rooms": 4, "ended_rooms": 2,
        }  # fmt: skip
        assert point["contract_seqs"] == [1, 2, *range(SEQ + 1, SEQ + 6)]
        await index.reopen()
        assert index.writer.checkpoint == point

    asyncio.run(story())


def test_accounts__carry_the_write_that_changed_them() -> None:
    async def story() -> None:
        index = await WrittenIndex.begun()
        await index.grow((credited(OPERATOR),))
        await index.grow((created(4, CAROL),))
        held = index.store.kinds[ACCOUNTS]
        writes = {address: held[f"{CONTRACT}:{address}"]["write"] for address in
                  (ALICE, OPERATOR, CAROL)}  # fmt: skip
        assert writes == {ALICE: 1, OPERATOR: 2, CAROL: 3}

    asyncio.run(story())


def test_settle__only_what_is_older_than_the_last_final_block_goes() -> None:
    async def story() -> None:
        index = await WrittenIndex.begun()
        for _ in range(4):
            await index.grow(final=START + 2)
        assert [place.number for place in index.writer.window] == [START + 2, START + 3, START + 4]
        point = index.writer.checkpoint
        assert point["finalized"] == {
            "block": START + 2,
            "block_hash": WrittenIndex.hash(START + 2),
        }

    asyncio.run(story())


def test_settle__after_a_rewind__finality_does_not_go_back() -> None:
    """A rewind calls the block it went back to final, and keeps the recent ones below it."""

    async def story() -> None:
        index = await WrittenIndex.begun()
        await index.grow()
        final = {"block": START + 1, "block_hash": WrittenIndex.hash(START + 1)}
        index.writer.checkpoint["finalized"] = {**final}  # type: ignore[typeddict-item]
        index.writer.settle(START)
        assert index.writer.checkpoint["finalized"] == final

    asyncio.run(story())


def test_settle__nothing_recent_is_final_yet__finality_is_not_told() -> None:
    async def story() -> None:
        index = await WrittenIndex.begun()
        await index.grow(final=START - 2)
        assert next(iter(index.writer.window)).number == START - 1
        assert index.writer.checkpoint["finalized"]["block"] == -1

    asyncio.run(story())


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ((provisioned(2),), [1, 2]),
        ((ended(1, ALICE),), [1, 2]),
        ((ended(1, ALICE), released(1)), [2]),
        ((ended(2, BOB, amount=DEPOSIT + FEE),), [1]),
    ],
    ids=["active", "ended_with_an_input", "released", "ended_without_an_input"],
)
def test_memory__rooms_that_nothing_can_change_any_more__not_held(
    told: Sequence[EventSpec], kept: list[int]
) -> None:
    async def story() -> None:
        index = await WrittenIndex.begun()
        await index.grow(told)
        held = index.writer._ledger.rooms
        assert sorted(held) == kept
        assert set(index.store.kinds[ROOMS]) == {1, 2, 3}

    asyncio.run(story())


def test_memory__more_than_is_held__read_again_when_an_event_touches_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_HELD", 2)

    async def story() -> None:
        index, other = await WrittenIndex.begun(), await WrittenIndex.begun()
        assert not index.writer._ledger.rooms
        assert not index.writer._ledger.accounts
        steps = ((offered(1, ALICE, BOB),), (ended(1, ALICE),), (released(1), created(4, ALICE)))
        for told in steps:
            await index.grow(told)
        await other.grow([one for told in steps for one in told])
        one, two = index.documents(), other.documents()
        alike = (ACCOUNTS, OPERATORS)
        assert {kind: one[kind] for kind in alike} == {kind: two[kind] for kind in alike}
        assert one[ROOMS][1]["status"] == two[ROOMS][1]["status"] == "ended"

    asyncio.run(story())


def test_save__the_checkpoint_was_removed_under_us__lost_writer() -> None:
    async def story() -> None:
        index = await WrittenIndex.begun()
        index.store.drop()
        with pytest.raises(LostWriter):
            await index.writer.save()

    asyncio.run(story())
