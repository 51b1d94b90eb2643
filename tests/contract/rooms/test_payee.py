"""Whose the fees are: the payee, changed by itself or the owner; batches of several operators."""

from __future__ import annotations

from typing import Any

import pytest

from chain.hexes import ZERO_ADDRESS
from tests.support.registry.registry import OWNER, TERMS
from tests.support.registry.stage import (
    HOST,
    MODERATOR,
    OPERATOR,
    OTHER,
    PAYEE,
    SECOND_OPERATOR,
    STRANGER,
    UID,
    Stage,
)

FEE = TERMS.fee


def told(events: list[Any]) -> list[tuple[Any, ...]]:
    """The rooms provisioned, and (account, amount, operator) of the credits."""
    return [e[-3:] if type(e).__name__ == "Credited" else (e.room_id,) for e in events]


@pytest.fixture
def two(stage: Stage) -> Stage:
    """OPERATOR acts for operators 1 (PAYEE's) and 2 (OTHER's)."""
    stage.act(OWNER, "addOperator", OPERATOR, OTHER, "https://second.example")
    return stage


def test_payee__changed_by_itself_or_the_owner__is_told(stage: Stage) -> None:
    stage.act(PAYEE, "setOperatorPayee", 1, OTHER)
    assert stage.views.operator(1).payee == OTHER
    stage.act(OWNER, "setOperatorPayee", 1, OPERATOR)
    assert stage.views.operator(1).payee == OPERATOR


@pytest.mark.parametrize("who", [OPERATOR, MODERATOR, HOST, STRANGER])
def test_payee__changed_by_another__is_refused(stage: Stage, who: str) -> None:
    assert stage.refuse(who, "setOperatorPayee", 1, who) == ("NotPayee", 1, who)


@pytest.mark.parametrize("who", [PAYEE, OWNER])
def test_payee__nobody__is_refused(stage: Stage, who: str) -> None:
    assert stage.refuse(who, "setOperatorPayee", 1, ZERO_ADDRESS) == ("ZeroAddress",)


@pytest.mark.parametrize("number", [0, 2, 65_535])
def test_payee__of_an_unknown_operator__is_refused(stage: Stage, number: int) -> None:
    refused = stage.refuse(OWNER, "setOperatorPayee", number, OTHER)
    assert refused == ("OperatorUnknown", number)


def test_payee__changed__moves_future_fees_only(stage: Stage) -> None:
    stage.active()
    pending = stage.create()
    stage.act(PAYEE, "setOperatorPayee", 1, OTHER)
    stage.fulfill(pending)
    assert (stage.credit(PAYEE), stage.credit(OTHER)) == (FEE, FEE)


def test_payee__of_a_revoked_operator__stays_and_may_be_changed(stage: Stage) -> None:
    stage.act(OWNER, "setOperatorAccount", 1, ZERO_ADDRESS)
    stage.act(PAYEE, "setOperatorPayee", 1, OTHER)
    stage.act(OWNER, "setOperatorAccount", 1, OPERATOR)
    stage.active()
    assert stage.credit(OTHER) == FEE


@pytest.mark.parametrize("payee", [HOST, OPERATOR, OWNER])
def test_payee__host_operator_or_owner__gets_the_fee_as_any_other(stage: Stage, payee: str) -> None:
    stage.act(PAYEE, "setOperatorPayee", 1, payee)
    room_id = stage.active()
    assert stage.credit(payee) == FEE
    stage.act(HOST, "endRoom", room_id)
    stage.act(payee, "withdrawTo", STRANGER)
    assert stage.machine.balance(STRANGER) == FEE + (TERMS.deposit if payee == HOST else 0)


# --- batches ----------------------------------------------------------------------------------


def test_fulfill__two_operators__one_credit_each_before_the_next_ones_room(two: Stage) -> None:
    a, b = two.create(), two.create()
    c, d = two.create(operator=2), two.create(operator=2)
    events = two.fulfill(a, b, c, d)
    assert told(events) == [(a,), (b,), (PAYEE, 2 * FEE, 1), (c,), (d,), (OTHER, 2 * FEE, 2)]


def test_fulfill__operators_by_turns__a_credit_at_each_turn(two: Stage) -> None:
    a, b, c = two.create(), two.create(operator=2), two.create()
    events = two.fulfill(a, b, c)
    assert told(events) == [(a,), (PAYEE, FEE, 1), (b,), (OTHER, FEE, 2), (c,), (PAYEE, FEE, 1)]
    assert (two.credit(PAYEE), two.credit(OTHER)) == (2 * FEE, FEE)


def test_fulfill__an_entry_skipped_between__is_no_turn(two: Stage) -> None:
    a, b = two.create(), two.create()
    ended = two.create(operator=2)
    entries = [two.entry(a), two.entry(ended), two.entry(b)]
    two.act(HOST, "endRoom", ended)
    events = two.act(OPERATOR, "fulfill", entries)
    assert told(events) == [(a,), (b,), (PAYEE, 2 * FEE, 1)]


def test_fulfill__sealed_anew_between__is_a_turn_without_a_credit_of_its_own(two: Stage) -> None:
    active = two.create(operator=2)
    two.fulfill(active)
    a, b = two.create(), two.create()
    events = two.fulfill(a, active, b)
    assert told(events) == [(a,), (PAYEE, FEE, 1), (active,), (b,), (PAYEE, FEE, 1)]


def test_fulfill__a_wrong_uid_between__is_no_turn(two: Stage) -> None:
    active = two.create(operator=2)
    two.fulfill(active)
    a, b = two.create(), two.create()
    entries = [two.entry(a), two.entry(active, UID), two.entry(b)]
    assert told(two.act(OPERATOR, "fulfill", entries)) == [(a,), (b,), (PAYEE, 2 * FEE, 1)]


def test_fulfill__two_operators_of_one_payee__two_credits_that_say_whose(two: Stage) -> None:
    two.act(OTHER, "setOperatorPayee", 2, PAYEE)
    a, b = two.create(), two.create(operator=2)
    events = two.fulfill(a, b)
    assert told(events) == [(a,), (PAYEE, FEE, 1), (b,), (PAYEE, FEE, 2)]
    assert two.credit(PAYEE) == 2 * FEE


def test_fulfill__two_operators_of_two_accounts__only_the_callers(stage: Stage) -> None:
    stage.act(OWNER, "addOperator", SECOND_OPERATOR, OTHER, "https://second.example")
    a, b = stage.create(), stage.create(operator=2)
    entries = [stage.entry(a), stage.entry(b)]
    assert told(stage.act(SECOND_OPERATOR, "fulfill", entries)) == [(b,), (OTHER, FEE, 2)]
    assert told(stage.act(OPERATOR, "fulfill", entries)) == [(a,), (PAYEE, FEE, 1)]


def test_fulfill__rooms_of_several_terms__fees_are_their_own(two: Stage) -> None:
    dear = two.create()
    two.act(OWNER, "setTerms", TERMS._replace(fee=0))
    free, free_of_second = two.create(), two.create(operator=2)
    events = two.fulfill(free_of_second, dear, free)
    assert told(events) == [(free_of_second,), (dear,), (free,), (PAYEE, FEE, 1)]


def test_fulfill__payee_changed_between_two_batches__each_goes_to_the_payee_of_then(
    stage: Stage,
) -> None:
    a, b = stage.create(), stage.create()
    stage.fulfill(a)
    stage.act(OWNER, "setOperatorPayee", 1, STRANGER)
    stage.fulfill(b)
    assert (stage.credit(PAYEE), stage.credit(STRANGER)) == (FEE, FEE)
