"""Taking blocks back (docs/index.md, "Writing"): afterwards every document is what it was before
them, whatever they held, whatever the block it goes back to, and wherever a crash does."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

import pytest

from chain import events as t
from chain.enums import EndReason
from chain.follow.window import BlockPosition
from chain.hexes import ZERO_ADDRESS
from indexer.checkpoint import entry_position, window_of
from indexer.documents import ACCOUNTS, CHECKPOINT, EVENTS, MODERATORS, OPERATORS, ROOMS, TERMS
from indexer.projection.ledger import FoldError
from indexer.rollback import rollback_to
from tests.support.indexer.fold_tables import (
    ALICE,
    BOB,
    CAROL,
    CONTRACT,
    MODERATOR,
    OPERATOR,
    OWNER,
    PAYEE,
)
from tests.support.indexer.memory_store import StoreCrash
from tests.support.indexer.written_index import (
    DEPOSIT,
    FEE,
    ORIGIN,
    START,
    EventSpec,
    WrittenIndex,
    accepted,
    created,
    credited,
    described,
    ended,
    moderator_set,
    offered,
    operator_added,
    owned,
    payee_set,
    provisioned,
    rekeyed,
    released,
    renamed,
    retired,
    spent,
    terms_set,
    withdrawn,
)

SENDERS = (OPERATOR, BOB, CAROL)


def operator_event(kind: Any, **values: Any) -> EventSpec:
    return EventSpec(kind, OWNER, {"operator_id": 1, **values})


ORPHANED: dict[str, tuple[EventSpec, ...]] = {
    "nothing": (),
    "a_creation": (created(4, ALICE),),
    "an_accounts_only_event": (created(4, CAROL),),
    "a_creation_and_its_end": (created(4, CAROL), ended(4, CAROL, amount=DEPOSIT + FEE)),
    "a_fulfilment": (provisioned(2), credited(PAYEE)),
    "a_new_title": (renamed(1, ALICE, b"B"), renamed(1, ALICE, b"")),
    "a_description": (described(1, ALICE, b"{}", 9), described(1, ALICE, b"[")),
    "a_description_taken_back": (described(2, BOB, b""),),
    "a_new_key": (rekeyed(1, ALICE), provisioned(1, 2)),
    "an_offer": (offered(1, ALICE, BOB),),
    "a_transfer": (offered(1, ALICE, BOB), accepted(1, ALICE, BOB)),
    "an_acceptance": (accepted(2, BOB, CAROL),),
    "an_offers_withdrawal": (offered(2, BOB, ZERO_ADDRESS),),
    "a_transfer_to_a_new_account": (offered(1, ALICE, CAROL), accepted(1, ALICE, CAROL)),
    "there_and_back": (
        offered(1, ALICE, BOB), accepted(1, ALICE, BOB),
        offered(1, BOB, ALICE), accepted(1, BOB, ALICE, 3),
    ),
    "an_end": (ended(1, ALICE),),
    "an_end_without_an_input": (
        ended(2, CAROL, EndReason.UNFULFILLED, DEPOSIT + FEE, host=BOB),
    ),
    "an_early_end": (ended(2, BOB), credited(PAYEE)),
    "an_end_and_its_release": (ended(1, ALICE), released(1)),
    "a_transfer_and_the_end": (
        offered(1, ALICE, CAROL), accepted(1, ALICE, CAROL), ended(1, CAROL),
    ),
    "a_withdrawal": (withdrawn(ALICE, DEPOSIT + FEE, BOB), withdrawn(PAYEE, FEE)),
    "a_room_from_credit": (created(4, ALICE), spent(4, ALICE, DEPOSIT)),
    "an_end_and_a_room_from_it": (
        ended(2, BOB), created(4, BOB), spent(4, BOB, DEPOSIT), ended(4, BOB),
    ),
    "an_end_and_its_withdrawal": (ended(1, ALICE), withdrawn(ALICE, 2 * DEPOSIT + FEE)),
    "an_operator": (operator_added(2),),
    "an_operator_and_its_room": (operator_added(2), created(4, ALICE, operator=2)),
    "an_operators_switches": (
        operator_event(t.OperatorAccountChanged, account=ZERO_ADDRESS),
        operator_event(t.OperatorAcceptingChanged, accepting=False),
        operator_event(t.OperatorEnabledChanged, enabled=False),
    ),
    "another_payee": (payee_set(1, CAROL), credited(CAROL)),
    "a_retirement": (retired(BOB),),
    "terms_and_a_room_under_them": (terms_set(2), created(4, ALICE, terms=2)),
    "a_new_moderator": (moderator_set(BOB, True),),
    "a_moderators_dismissal": (moderator_set(MODERATOR, False),),
    "another_owner": (
        EventSpec(t.OwnerProposed, OWNER, {"account": BOB}), owned(BOB),
        EventSpec(t.PauseChanged, BOB, {"paused": True}),
        EventSpec(t.OwnerProposed, BOB, {"account": OWNER}),
    ),
}  # fmt: skip
ALL = (
    *ORPHANED["another_owner"],
    *ORPHANED["an_operators_switches"],
    *ORPHANED["a_moderators_dismissal"],
    *ORPHANED["an_operator_and_its_room"],
    *ORPHANED["a_new_key"],
    *ORPHANED["a_fulfilment"],
    *ORPHANED["a_withdrawal"],
    *ORPHANED["a_description"],
    *ORPHANED["another_payee"],
    ended(2, BOB),
    released(2),
    ended(4, ALICE, amount=DEPOSIT + FEE),
    renamed(1, ALICE, b"C"),
    offered(1, ALICE, CAROL),
    accepted(1, ALICE, CAROL, 3),
)
ORPHANED["as_many_as_go_unannounced"] = ALL[:16]
ORPHANED["one_more_than_goes_unannounced"] = ALL[:17]
ORPHANED["many_more"] = ALL

blocks_of = pytest.mark.parametrize("told", ORPHANED.values(), ids=ORPHANED)


def run(story: Any) -> None:
    asyncio.run(story)


def check_places(index: WrittenIndex) -> None:
    """`as_of` names a block of the story, since which the account has not changed."""
    held = index.store.kinds
    known = {(p.number, p.hash): p.seq for p in index.writer.window}
    for address, doc in held[ACCOUNTS].items():
        place = doc["as_of"]
        last = max(
            (
                e["seq"]
                for e in held[EVENTS].values()
                if doc["account"] in (
                    e["actor"], e["account"], e["args"].get("former_host"), e["args"].get("host")
                )
                and e["name"] in ("RoomCreated", "RoomTransferred", "RoomEnded", "Credited",
                                  "CreditSpent", "Withdrawn")
            ),
            default=0,
        )  # fmt: skip
        assert place["seq"] <= known[place["block"], place["block_hash"]], address
        if doc["account"] not in SENDERS:  # of other accounts' credits and ends, too
            assert place["seq"] >= last, address


@blocks_of
def test_rollback_to__one_block_above_the_last_but_one__as_before_it(
    told: Sequence[EventSpec],
) -> None:
    async def story() -> None:
        index = await WrittenIndex.begun()
        before = index.documents()
        ancestor = index.writer.tip
        await index.grow(told)
        assert (index.documents() == before) is False
        await index.writer.rollback_to(ancestor)
        assert index.documents() == before
        assert index.writer.tip == ancestor
        check_places(index)

    run(story())


@blocks_of
def test_rollback_to__at_the_windows_edge__every_block_above_it_gone(
    told: Sequence[EventSpec],
) -> None:
    """The oldest recent block is the last final one: nothing older can be asked for."""

    async def story() -> None:
        index = await WrittenIndex.begun()
        before = index.documents()
        edge = index.writer.tip
        for one in told:
            await index.grow([one], final=edge.number)
        await index.grow(final=edge.number)
        assert next(iter(index.writer.window)) == edge
        await index.writer.rollback_to(edge)
        assert index.documents() == before
        assert window_of(index.writer.checkpoint) == [edge]
        check_places(index)

    run(story())


@blocks_of
def test_rollback_to__then_other_blocks_and_a_restart__only_the_new_story(
    told: Sequence[EventSpec],
) -> None:
    async def story() -> None:
        index = await WrittenIndex.begun()
        fork = await WrittenIndex.begun()
        ancestor = index.writer.tip
        await index.grow(told)
        await index.writer.rollback_to(ancestor)
        await index.reopen()
        for either in (index, fork):
            await either.grow([created(4, BOB), provisioned(1)], fork=1)
        assert index.documents() == fork.documents()

    run(story())


@blocks_of
def test_grow__a_new_process_for_each_event__reads_all_that_the_event_touches(
    told: Sequence[EventSpec],
) -> None:
    async def story() -> None:
        index, other = await WrittenIndex.begun(), await WrittenIndex.begun()
        for one in told:
            await other.grow([one])
            await index.reopen()
            await index.grow([one])
        assert index.documents() == other.documents()

    run(story())


@pytest.mark.parametrize("events", [15, 16, 17])
def test_commit__up_to_16_events__without_an_intent_more_with_one(events: int) -> None:
    async def story() -> None:
        index = await WrittenIndex.begun()
        await index.fold([renamed(1, ALICE, b"%d" % n) for n in range(events)])
        index.store.crash_at = index.store.writes + 1
        with pytest.raises(StoreCrash):
            await index.writer.commit([], -1)
        point = index.store.kinds[CHECKPOINT][CONTRACT]
        assert (point["pending"] is not None) is (events > 16)

    run(story())


@pytest.mark.parametrize("kept", [0, 1, 2, 3])
def test_rollback_to__in_the_middle_of_recent_blocks__what_is_below_stays(kept: int) -> None:
    async def story() -> None:
        index = await WrittenIndex.begun()
        blocks = [
            (offered(1, ALICE, CAROL), created(4, CAROL)),
            (accepted(1, ALICE, CAROL), withdrawn(ALICE, DEPOSIT + FEE)),
            (ended(1, CAROL), ended(4, CAROL, amount=DEPOSIT + FEE), terms_set(2)),
            (released(1), owned(BOB), withdrawn(CAROL, 2 * DEPOSIT + FEE)),
        ]
        stood = [index.documents()]
        places = [index.writer.tip]
        for told in blocks:
            places.append(await index.grow(told))
            stood.append(index.documents())
        await index.writer.rollback_to(places[kept])
        assert index.documents() == stood[kept]
        assert list(index.writer.window)[-1] == places[kept]
        assert [p.number for p in index.writer.window][-kept - 1 :] == [
            START + n for n in range(kept + 1)
        ]
        check_places(index)

    run(story())


@pytest.mark.parametrize("name", ["a_transfer_and_the_end", "many_more"])
@pytest.mark.parametrize("part", [0.0, 0.5, 1.0])
def test_rollback_to__crash_at_each_of_its_writes__the_next_start_ends_it(
    name: str, part: float
) -> None:
    async def story() -> None:
        writes = 0
        while True:
            writes += 1
            index = await WrittenIndex.begun()
            before, ancestor = index.documents(), index.writer.tip
            await index.grow(ORPHANED[name])
            after = index.documents()
            index.store.part = part
            index.store.crash_at = index.store.writes + writes
            try:
                await index.writer.rollback_to(ancestor)
            except StoreCrash:
                await index.reopen()
                # the first write says what is to go: without it nothing happened
                unsaid = writes == 1 and part < 0.5
                assert index.documents() == (after if unsaid else before), writes
                check_places(index)
            else:
                break
        assert writes > 5

    run(story())


@pytest.mark.parametrize(
    "name",
    [
        "a_transfer_and_the_end",
        "as_many_as_go_unannounced",
        "one_more_than_goes_unannounced",
        "many_more",
    ],
)
@pytest.mark.parametrize("part", [0.0, 0.5, 1.0])
def test_commit__crash_at_each_of_its_writes__taken_back_as_a_whole(name: str, part: float) -> None:
    """With an intent (many events) and without (few)."""

    async def story() -> None:
        writes = 0
        while True:
            writes += 1
            index = await WrittenIndex.begun()
            before = index.documents()
            index.store.part = part
            index.store.crash_at = index.store.writes + writes
            try:
                await index.grow(ORPHANED[name])
            except StoreCrash:
                done = index.store.kinds[CHECKPOINT][CONTRACT]["seq"] > before[CHECKPOINT]["seq"]
                after = index.documents()
                await index.reopen()
                assert index.documents() == (after if done else before), writes
                check_places(index)
            else:
                break
        assert writes > 3

    run(story())


@pytest.mark.parametrize("first", range(1, 8))
def test_recover__crashes_again_while_it_recovers__the_third_start_ends_it(first: int) -> None:
    async def story() -> None:
        for second in range(1, 8):
            index = await WrittenIndex.begun()
            before, ancestor = index.documents(), index.writer.tip
            await index.grow(ORPHANED["a_transfer_and_the_end"])
            index.store.part = 0.5
            index.store.crash_at = index.store.writes + first
            try:
                await index.writer.rollback_to(ancestor)
            except StoreCrash:
                index.store.crash_at = index.store.writes + second
                with contextlib.suppress(StoreCrash):
                    await type(index.writer).open(index.store, ORIGIN)
                await index.reopen()
            assert index.documents() == before, (first, second)

    run(story())


def test_recover__intent_without_anything_written__the_intent_is_gone() -> None:
    async def story() -> None:
        index = await WrittenIndex.begun()
        before = index.documents()
        await index.fold(ALL)
        index.store.crash_at = index.store.writes + 2  # the events; the intent is there
        index.store.part = 0.0
        with pytest.raises(StoreCrash):
            await index.writer.commit([], -1)
        point = index.store.kinds[CHECKPOINT][CONTRACT]
        assert point["pending"] == {
            "kind": "commit",
            "through": before[CHECKPOINT]["seq"] + len(ALL),
            "write": 2,
        }
        await index.reopen()
        assert index.documents() == before

    run(story())


def test_recover__fewer_events_than_documents_need__accounts_are_left_alone() -> None:
    """Events come first: with some of them missing, no document has been touched."""

    async def story() -> None:
        index = await WrittenIndex.begun()
        before = index.documents()
        writes = {name: doc["write"] for name, doc in index.store.kinds[ACCOUNTS].items()}
        await index.fold(ORPHANED["there_and_back"])
        index.store.crash_at = index.store.writes + 1
        index.store.part = 0.5
        with pytest.raises(StoreCrash):
            await index.writer.commit([], -1)
        assert len(index.store.kinds[EVENTS]) == before[CHECKPOINT]["seq"] + 2
        await index.reopen()
        assert index.documents() == before
        held = index.store.kinds[ACCOUNTS]
        assert {name: doc["write"] for name, doc in held.items()} == writes

    run(story())


def test_rollback_to__to_where_it_stands__nothing_changes() -> None:
    async def story() -> None:
        index = await WrittenIndex.begun()
        before = index.documents()
        await index.writer.rollback_to(index.writer.tip)
        assert index.documents() == before

    run(story())


def test_rollback_to__above_the_checkpoint__refused() -> None:
    async def story() -> None:
        index = await WrittenIndex.begun()
        tip = index.writer.tip
        above = BlockPosition(tip.number + 1, "0x" + "99" * 32, tip.seq + 1, bytes(23))
        with pytest.raises(ValueError, match="above"):
            await rollback_to(index.store, index.writer.checkpoint, above)

    run(story())


def test_rollback_to__to_the_beginning__nothing_is_left_but_where_it_begins() -> None:
    async def story() -> None:
        index = await WrittenIndex.begun()
        origin = next(iter(index.writer.window))
        assert (origin.number, origin.seq) == (START - 1, 0)
        await index.grow(ALL)
        await index.writer.rollback_to(origin)
        held = index.store.kinds
        kinds = (ROOMS, OPERATORS, TERMS, ACCOUNTS, MODERATORS, EVENTS)
        assert {kind: held[kind] for kind in kinds} == {kind: {} for kind in kinds}
        point = held[CHECKPOINT][CONTRACT]
        told = {name: point[name] for name in ("seq", "rooms", "ended_rooms", "contract_seqs")}
        assert told == {"seq": 0, "rooms": 0, "ended_rooms": 0, "contract_seqs": []}
        assert (point["owner"], point["current_terms"], point["paused"]) == (None, None, False)

    run(story())


@pytest.mark.parametrize("proven_above", [True, False])
def test_rollback_to__below_the_last_proven_place__that_is_proven_no_more(
    proven_above: bool,
) -> None:
    async def story() -> None:
        index = await WrittenIndex.begun()
        places = [index.writer.tip]
        for _ in range(2):
            place = await index.fold([renamed(1, ALICE, b"x")])
            await index.writer.commit([place], -1, proven=place)
            places.append(place)
        target = places[1] if proven_above else places[2]
        await index.grow([renamed(1, ALICE, b"y")])
        await index.writer.rollback_to(target)
        assert entry_position(index.writer.checkpoint["proven"]) == target

    run(story())


@pytest.mark.parametrize("missing", [5, 7, 9])
def test_rollback_to__an_older_event_of_the_room_is_gone__says_so(missing: int) -> None:
    """Somebody removed it: what the room was cannot be told any more."""

    async def story() -> None:
        index = await WrittenIndex.begun()
        ancestor = index.writer.tip
        await index.grow([ended(1, ALICE)])
        del index.store.kinds[EVENTS][CONTRACT, missing]
        with pytest.raises(FoldError):
            await index.writer.rollback_to(ancestor)

    run(story())
