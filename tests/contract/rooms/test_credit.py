"""Creations paid from credit: how much, in which order, and what two of them do to each other."""

from __future__ import annotations

from typing import Any

import pytest

from chain.events import CreditSpent, RoomCreated
from chain.hexes import ZERO_ADDRESS
from tests.support.registry.registry import OWNER, TERMS
from tests.support.registry.stage import HOST, KEY, OTHER, PAYEE, STRANGER, Stage

CREATION = (1, 1, 0, ZERO_ADDRESS, KEY, b"")
PRICE = TERMS.deposit + TERMS.fee


def credited(stage: Stage, rooms: int, who: str = HOST) -> int:
    """So many rooms of a host's, ended; the credit from their deposits."""
    for _ in range(rooms):
        stage.act(who, "endRoom", stage.active(who))
    return stage.credit(who)


def create(stage: Stage, value: int, who: str = HOST) -> list[Any]:
    return stage.act(who, "createRoom", *CREATION, value=value)


def test_create__paid_from_credit_alone__tells_so_right_after_the_room(stage: Stage) -> None:
    before = credited(stage, 2)
    created, spent = create(stage, 0)
    assert isinstance(created, RoomCreated) and isinstance(spent, CreditSpent)
    assert (spent.actor, spent.room_id, spent.amount) == (HOST, created.room_id, PRICE)
    assert spent.seq == created.seq + 1
    assert (stage.credit(HOST), stage.open_rooms(HOST)) == (before - PRICE, 1)


@pytest.mark.parametrize("lacking", [1, TERMS.fee, TERMS.deposit])
def test_create__paid_in_part__takes_what_is_missing(stage: Stage, lacking: int) -> None:
    before = credited(stage, 1)
    _, spent = create(stage, PRICE - lacking)
    assert spent.amount == lacking
    assert stage.credit(HOST) == before - lacking


def test_create__paid_in_ether__leaves_the_credit_alone(stage: Stage) -> None:
    before = credited(stage, 2)
    assert len(create(stage, PRICE)) == 1
    assert stage.credit(HOST) == before


def test_create__the_last_wei_of_a_credit__is_enough_and_one_more_is_not(stage: Stage) -> None:
    credit = credited(stage, 1)
    refused = stage.refuse(HOST, "createRoom", *CREATION, value=PRICE - credit - 1)
    assert refused == ("WrongPayment", PRICE, PRICE - credit - 1, credit)
    create(stage, PRICE - credit)
    assert stage.credit(HOST) == 0


def test_create__more_ether_than_the_price__is_refused_whatever_the_credit(stage: Stage) -> None:
    credit = credited(stage, 2)
    refused = stage.refuse(HOST, "createRoom", *CREATION, value=PRICE + 1)
    assert refused == ("WrongPayment", PRICE, PRICE + 1, credit)


def test_create__two_that_count_on_one_credit__the_second_is_refused(stage: Stage) -> None:
    credited(stage, 2)
    create(stage, 0)
    left = stage.credit(HOST)
    assert left < PRICE
    refused = stage.refuse(HOST, "createRoom", *CREATION)
    assert refused == ("WrongPayment", PRICE, 0, left)


def test_create__from_fees_earned__a_payee_hosts_as_well(stage: Stage) -> None:
    for _ in range(6):
        stage.act(HOST, "endRoom", stage.active())
    assert stage.credit(PAYEE) == PRICE
    create(stage, 0, PAYEE)
    assert (stage.credit(PAYEE), stage.open_rooms(PAYEE)) == (0, 1)


def test_create__paid_from_credit__ends_and_counts_as_any_other(stage: Stage) -> None:
    """A teacher who ends a room opens the next one, again and again, without a withdrawal."""
    credit = credited(stage, 1)
    for _ in range(3):
        (created, *_) = create(stage, PRICE - credit)
        stage.fulfill(created.room_id)
        stage.act(HOST, "endRoom", created.room_id)
        assert stage.credit(HOST) == credit
    stage.act(HOST, "withdrawTo", HOST)
    stage.act(PAYEE, "withdrawTo", PAYEE)
    assert stage.machine.balance(stage.address) == 0


def test_create__at_the_limit_of_open_rooms__the_credit_stays(stage: Stage) -> None:
    credit = credited(stage, 2)
    for _ in range(TERMS.max_open_rooms):
        create(stage, PRICE)
    refused = stage.refuse(HOST, "createRoom", *CREATION)
    assert refused == ("TooManyOpenRooms", HOST, TERMS.max_open_rooms)
    assert stage.credit(HOST) == credit


def test_create__anothers_credit__does_not_pay(stage: Stage) -> None:
    credited(stage, 2, OTHER)
    assert stage.refuse(HOST, "createRoom", *CREATION) == ("WrongPayment", PRICE, 0, 0)


def test_create__terms_changed__is_told_before_the_payment_is_looked_at(stage: Stage) -> None:
    stage.act(OWNER, "setTerms", TERMS._replace(fee=0))
    for given in (0, 1, 3, 65_535):
        args = (given, *CREATION[1:])
        assert stage.refuse(HOST, "createRoom", *args, value=7) == ("TermsChanged", given, 2)
    stage.act(HOST, "createRoom", 2, *CREATION[1:], value=TERMS.deposit)


def test_create__paused_or_retired__is_told_before_the_terms(stage: Stage) -> None:
    args = (9, *CREATION[1:])
    stage.act(OWNER, "setPaused", True)
    assert stage.refuse(STRANGER, "createRoom", *args) == ("CreationPaused",)
    stage.act(OWNER, "retire", ZERO_ADDRESS)
    assert stage.refuse(STRANGER, "createRoom", *args) == ("RegistryRetired", ZERO_ADDRESS)


def test_create__largest_price_from_the_largest_credit__nothing_overflows() -> None:
    most = (2**48 - 1) * 10**9
    stage = Stage(TERMS._replace(deposit=most, fee=most))
    rooms = [stage.create() for _ in range(5)]
    stage.decline(*rooms)
    create(stage, 0)
    assert stage.credit(HOST) == 8 * most and stage.open_rooms(HOST) == 1
    stage.compare()
