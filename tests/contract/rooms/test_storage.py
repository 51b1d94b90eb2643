"""The storage words, bit by bit, as docs/contract.md lays them out; and what full counters do."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import encode

from chain import calldata
from chain.enums import EndReason, Status
from chain.hexes import ZERO_ADDRESS, keccak
from tests.support.evm.machine import CallOutcome
from tests.support.registry.random_walk import answering
from tests.support.registry.registry import (
    HEAD_FIELDS,
    HEAD_SLOT,
    OWNER,
    TERMS,
    pretend_events,
    refusal,
)
from tests.support.registry.stage import (
    HOST,
    KEY,
    MODERATOR,
    OPERATOR,
    OTHER,
    PAYEE,
    SECOND_OPERATOR,
    STRANGER,
    UID,
    Stage,
)
from tests.support.rulebook.turn import BRIM, OWNERS_BRIM

OWNER_SLOT, PENDING_OWNER_SLOT, _, CURRENT_SLOT = range(4)
COUNT_AND_SUCCESSOR_SLOT = 4
OPERATORS_SLOT, TERMS_SLOT, MODERATORS_SLOT, ROOMS_SLOT, OFFERS_SLOT, ACCOUNTS_SLOT = range(5, 11)
LAST_ROOM = 2**32 - 1
SECOND_KEY = bytes(range(1, 33))
CREATION = (1, 1, 0, ZERO_ADDRESS, KEY, b"")


def entry_of(slot: int, key: int | str) -> int:
    """The slot of a mapping's entry."""
    kind = "address" if isinstance(key, str) else "uint256"
    return int.from_bytes(keccak(encode([kind, "uint256"], [key, slot])))


def fields(word: int, *widths: int) -> list[int]:
    """A word's fields from the low bit; they fill all 256 bits."""
    assert sum(widths) == 256
    values = []
    for width in widths:
        values.append(word & (1 << width) - 1)
        word >>= width
    return values


def peek(stage: Stage, slot: int) -> int:
    return stage.machine.peek(stage.address, slot)


def test_layout__room__two_words(stage: Stage) -> None:
    room_id = stage.create(mode=1, gate=stage.address)
    stage.act(OPERATOR, "fulfill", [stage.entry(room_id, UID)])
    stage.machine.advance(100)
    stage.act(HOST, "rekeyRoom", room_id, SECOND_KEY)
    stage.act(MODERATOR, "takeDown", room_id, 1)
    stage.release(room_id)
    room, slot = stage.room(room_id), entry_of(ROOMS_SLOT, room_id)
    host, created, terms, mode, gated, rekeyed, version = fields(
        peek(stage, slot), 160, 40, 16, 1, 1, 22, 16
    )
    assert (host, created) == (int(HOST, 16), room.created_at)
    assert (terms, mode, gated, rekeyed, version) == (1, 1, 1, 101, 2)
    uid, tag, operator, released, reason, events = fields(
        peek(stage, slot + 1), 128, 96, 15, 1, 3, 13
    )
    assert (uid.to_bytes(16), tag.to_bytes(12)) == (UID, room.tag)
    assert (operator, released, reason) == (1, 1, EndReason.TAKEN_DOWN)
    assert events == room.events == 5


def test_layout__head__counters_and_hash(stage: Stage) -> None:
    stage.create()
    rooms, count, digest = fields(peek(stage, HEAD_SLOT), *HEAD_FIELDS)
    assert (rooms, count, digest.to_bytes(23)) == (1, stage.state.count, stage.state.digest)


def test_layout__terms__one_word_with_the_switches_in_the_copy(stage: Stage) -> None:
    widths = (48, 48, 32, 32, 16, 16, 16, 16, 1, 1, 30)
    values = [TERMS.deposit // 10**9, TERMS.fee // 10**9, *TERMS[2:], 1]
    assert fields(peek(stage, CURRENT_SLOT), *widths) == [*values, 0, 0, 0]
    stage.act(OWNER, "setPaused", True)
    assert fields(peek(stage, CURRENT_SLOT), *widths) == [*values, 1, 0, 0]
    stage.act(OWNER, "retire", ZERO_ADDRESS)
    assert fields(peek(stage, CURRENT_SLOT), *widths) == [*values, 1, 1, 0]
    assert fields(peek(stage, entry_of(TERMS_SLOT, 1)), *widths) == [*values, 0, 0, 0]


def test_layout__account__credit_and_open_rooms(stage: Stage) -> None:
    stage.create()
    stage.act(HOST, "endRoom", stage.create())
    assert fields(peek(stage, entry_of(ACCOUNTS_SLOT, HOST)), 128, 128) == [TERMS.deposit, 1]


def test_layout__the_rest__stands_where_the_document_says(stage: Stage) -> None:
    room_id = stage.create()
    stage.act(HOST, "transferRoom", room_id, OTHER)
    stage.act(OWNER, "transferOwnership", OTHER)
    stage.act(OWNER, "setOperatorEnabled", 1, False)
    assert peek(stage, OWNER_SLOT) == int(OWNER, 16)
    assert peek(stage, PENDING_OWNER_SLOT) == int(OTHER, 16)
    assert peek(stage, COUNT_AND_SUCCESSOR_SLOT) == 1
    operator = entry_of(OPERATORS_SLOT, 1)
    assert fields(peek(stage, operator), 160, 8, 8, 80) == [int(OPERATOR, 16), 1, 0, 0]
    assert peek(stage, operator + 1) == int(PAYEE, 16)
    assert peek(stage, entry_of(MODERATORS_SLOT, MODERATOR)) == 1
    assert peek(stage, entry_of(OFFERS_SLOT, room_id)) == int(OTHER, 16)
    successor = stage.machine.create(OWNER, answering(99)).address
    stage.book.first_room_ids[successor] = 99
    stage.act(OWNER, "retire", successor)
    widths = (16, 160, 80)
    assert fields(peek(stage, COUNT_AND_SUCCESSOR_SLOT), *widths) == [1, int(successor, 16), 0]


# --- counters at their end --------------------------------------------------------------------


def set_event_count(stage: Stage, count: int) -> None:
    pretend_events(stage, stage.machine, count)


def test_history_nearly_full__the_last_opening_event__is_taken(stage: Stage) -> None:
    set_event_count(stage, BRIM - 1)
    stage.create()
    assert stage.state.count == BRIM
    refused = stage.refuse(HOST, "createRoom", *CREATION, value=stage.price)
    assert refused == ("CounterFull",)


def test_history_nearly_full__nothing_opens_any_more(stage: Stage) -> None:
    pending, active = stage.create(), stage.active()
    stage.act(HOST, "transferRoom", active, OTHER)
    set_event_count(stage, BRIM)
    full = ("CounterFull",)
    assert stage.refuse(HOST, "createRoom", *CREATION, value=stage.price) == full
    assert stage.refuse(HOST, "updateRoom", active, b"") == full
    assert stage.refuse(HOST, "describeRoom", active, 1, b"") == full
    assert stage.refuse(HOST, "rekeyRoom", active, SECOND_KEY) == full
    assert stage.refuse(HOST, "transferRoom", active, OTHER) == full
    assert stage.refuse(OTHER, "acceptRoom", active, stage.tag(active), SECOND_KEY) == full
    assert stage.fulfill(pending) == stage.fulfill(active) == []
    assert stage.refuse(OPERATOR, "setOperatorAccepting", 1, False) == full
    assert stage.refuse(PAYEE, "setOperatorPayee", 1, OTHER) == full
    assert stage.refuse(OWNER, "addOperator", SECOND_OPERATOR, PAYEE, "https://a") == full
    assert stage.refuse(OWNER, "setTerms", TERMS) == full


OWNERS_AT_THE_BRIM: tuple[tuple[Any, ...], ...] = (
    (OWNER, "setOperatorAccount", 1, OTHER),
    (OWNER, "setOperatorEnabled", 1, False),
    (OWNER, "setOperatorPayee", 1, OTHER),
    (OWNER, "setModerator", OTHER, True),
    (OWNER, "setPaused", True),
    (OWNER, "transferOwnership", OTHER),
    (OTHER, "acceptOwnership"),
    (OTHER, "retire", ZERO_ADDRESS),
)
"""What an owner needs to keep a full registry in order, one after the other."""


@pytest.mark.parametrize("count", [BRIM, OWNERS_BRIM - len(OWNERS_AT_THE_BRIM)])
def test_history_nearly_full__what_an_owner_needs__goes_on(stage: Stage, count: int) -> None:
    set_event_count(stage, count)
    for who, name, *args in OWNERS_AT_THE_BRIM:
        stage.act(who, name, *args)
    assert stage.state.count == count + len(OWNERS_AT_THE_BRIM)


def test_history_full_for_the_owner__nothing_but_closing_is_left(stage: Stage) -> None:
    room_id = stage.active()
    stage.act(OWNER, "transferOwnership", OTHER)
    set_event_count(stage, OWNERS_BRIM)
    for who, name, *args in OWNERS_AT_THE_BRIM:
        sender = OWNER if name == "retire" else who
        assert stage.refuse(sender, name, *args) == ("CounterFull",)
    stage.act(HOST, "endRoom", room_id)
    stage.release(room_id)
    stage.act(HOST, "withdrawTo", HOST)
    assert stage.state.count == OWNERS_BRIM + 3


def test_fulfill__the_brim_within_a_batch__the_rest_is_skipped_and_fees_are_credited(
    stage: Stage,
) -> None:
    rooms = [stage.create() for _ in range(4)]
    set_event_count(stage, BRIM - 2)
    events = stage.fulfill(*rooms)
    assert [type(event).__name__ for event in events] == ["RoomProvisioned"] * 2 + ["Credited"]
    assert stage.credit(PAYEE) == 2 * TERMS.fee
    assert [stage.room(n).status for n in rooms] == [Status.ACTIVE] * 2 + [Status.PENDING] * 2


def test_fulfill__the_brim_by_another_operators_credit__the_rest_is_skipped(stage: Stage) -> None:
    """The first operator's `Credited` takes the last number before the brim."""
    stage.act(OWNER, "addOperator", OPERATOR, OTHER, "https://second.example")
    rooms = [stage.create(), stage.create(operator=2), stage.create()]
    set_event_count(stage, BRIM - 2)
    events = stage.fulfill(*rooms)
    assert [type(event).__name__ for event in events] == ["RoomProvisioned", "Credited"]
    assert (stage.credit(PAYEE), stage.credit(OTHER)) == (TERMS.fee, 0)


@pytest.mark.parametrize("below", [1, 0])
def test_end__pending_at_the_brim__all_comes_back(stage: Stage, below: int) -> None:
    room_id = stage.create()
    set_event_count(stage, BRIM - below)
    assert len(stage.act(HOST, "endRoom", room_id)) == 1 + below
    assert stage.credit(PAYEE) == below * TERMS.fee
    assert stage.credit(HOST) == TERMS.deposit + TERMS.fee - stage.credit(PAYEE)


def test_create__the_last_before_the_brim__may_be_paid_from_credit(stage: Stage) -> None:
    stage.act(HOST, "endRoom", stage.active())
    set_event_count(stage, BRIM - 1)
    events = stage.act(HOST, "createRoom", *CREATION, value=TERMS.fee)
    assert [type(event).__name__ for event in events] == ["RoomCreated", "CreditSpent"]
    assert stage.state.count == BRIM + 1


@pytest.mark.parametrize("left", [1, 0])
def test_rooms__numbers__are_given_out_to_the_last(stage: Stage, left: int) -> None:
    """Past the rules: the book counts rooms that it knows."""
    head = peek(stage, HEAD_SLOT)
    stage.machine.poke(stage.address, HEAD_SLOT, head | LAST_ROOM - left)
    data = calldata.create_room(*CREATION)
    outcome = stage.machine.send(HOST, stage.address, data, stage.price)
    rooms, count, _ = fields(peek(stage, HEAD_SLOT), *HEAD_FIELDS)
    assert rooms == LAST_ROOM and count == stage.state.count + left
    if left:
        assert int.from_bytes(outcome.output) == LAST_ROOM
    else:
        assert refusal(outcome.output) == ("CounterFull",)
    stage.machine.poke(stage.address, HEAD_SLOT, head)
    stage.machine.poke(stage.address, entry_of(ACCOUNTS_SLOT, HOST), 0)
    stage.gifts = left * stage.price


def test_history_nearly_full__everything_closes_still(stage: Stage) -> None:
    rooms = [stage.active() for _ in range(3)] + [stage.create(OTHER) for _ in range(2)]
    set_event_count(stage, BRIM + 3)
    stage.act(HOST, "endRoom", rooms[0])
    stage.act(MODERATOR, "takeDown", rooms[1], 1)
    stage.decline(rooms[2], rooms[3])
    stage.machine.advance(stage.terms.fulfill_deadline_seconds)
    stage.act(STRANGER, "expire", [rooms[4]])
    stage.release(*rooms[:3])
    for who in (HOST, OTHER, PAYEE):
        stage.act(who, "withdrawTo", who)
    assert stage.machine.balance(stage.address) == 0


def test_history_at_its_very_end__a_withdrawal_still_counts(stage: Stage) -> None:
    """Nothing comes as far: OWNERS_BRIM and six events for each of 2^32 rooms are less."""
    assert OWNERS_BRIM + 6 * 2**32 < 2**40
    stage.act(HOST, "endRoom", stage.create())
    set_event_count(stage, 2**40 - 2)
    stage.act(HOST, "withdrawTo", HOST)
    rooms, count, _ = fields(peek(stage, HEAD_SLOT), *HEAD_FIELDS)
    assert (rooms, count) == (1, 2**40 - 1)


def send(stage: Stage, data: bytes) -> CallOutcome:
    """From the owner, past the rules: what follows is not in the fold."""
    return stage.machine.send(OWNER, stage.address, data)


@pytest.mark.parametrize(("count", "full"), [(32_766, False), (32_767, True)])
def test_operators__numbers__are_given_out_to_the_last(count: int, full: bool) -> None:
    stage = Stage()
    stage.machine.poke(stage.address, COUNT_AND_SUCCESSOR_SLOT, count)
    outcome = send(stage, calldata.add_operator(OTHER, OTHER, "https://a"))
    assert outcome.ok is not full
    assert (
        refusal(outcome.output) == ("CounterFull",) if full else outcome.output[-2:] == b"\x7f\xff"
    )


def test_operators__the_highest_number__keeps_to_its_bits_of_a_room() -> None:
    stage = Stage()
    stage.machine.poke(stage.address, COUNT_AND_SUCCESSOR_SLOT, 32_766)
    assert send(stage, calldata.add_operator(OTHER, OTHER, "https://a")).ok
    data = calldata.create_room(1, 32_767, 0, ZERO_ADDRESS, KEY, b"")
    assert stage.machine.send(HOST, stage.address, data, stage.price).ok
    room = stage.room(1)
    assert (room.operator_id, room.events, room.end_reason) == (32_767, 1, EndReason.NONE)
    assert (room.released, room.status, room.uid) == (False, Status.PENDING, bytes(16))
    entries = [calldata.Fulfillment(1, room.tag, UID, b"sealed")]
    assert stage.machine.send(OTHER, stage.address, calldata.fulfill(entries)).ok
    assert (stage.room(1).operator_id, stage.room(1).status) == (32_767, Status.ACTIVE)


@pytest.mark.parametrize(("last", "full"), [(65_534, False), (65_535, True)])
def test_terms__numbers__are_given_out_to_the_last(last: int, full: bool) -> None:
    stage = Stage()
    current = peek(stage, CURRENT_SLOT) & ~(0xFFFF << 208)
    stage.machine.poke(stage.address, CURRENT_SLOT, current | last << 208)
    outcome = send(stage, calldata.set_terms(TERMS))
    assert outcome.ok is not full
    assert (
        refusal(outcome.output) == ("CounterFull",) if full else outcome.output[-2:] == b"\xff" * 2
    )
