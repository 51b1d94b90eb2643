"""What the owner sets: operators, terms, moderators, pause, ownership."""

from __future__ import annotations

from typing import Any

import pytest

from chain import calldata
from chain.hexes import ZERO_ADDRESS
from chain.views import view_call
from tests.support.evm.machine import ConstructorReverted
from tests.support.evm.revm import Revm
from tests.support.registry.registry import BASE, OWNER, TERMS, Registry, refusal
from tests.support.registry.stage import (
    HOST,
    MODERATOR,
    OPERATOR,
    OTHER,
    PAYEE,
    SECOND_OPERATOR,
    STRANGER,
    Stage,
)

OWNERS_OWN: dict[str, tuple[Any, ...]] = {
    "addOperator": (STRANGER, STRANGER, BASE),
    "setOperatorAccount": (1, STRANGER),
    "setOperatorEnabled": (1, False),
    "setTerms": (TERMS,),
    "setModerator": (STRANGER, True),
    "setPaused": (True,),
    "transferOwnership": (STRANGER,),
    "retire": (ZERO_ADDRESS,),
}


@pytest.mark.parametrize("who", [OPERATOR, MODERATOR, HOST, STRANGER])
@pytest.mark.parametrize("name", OWNERS_OWN)
def test_owners_call__from_another__is_refused(stage: Stage, name: str, who: str) -> None:
    refused = stage.refuse(who, name, *OWNERS_OWN[name])
    assert refused == ("OwnableUnauthorizedAccount", who)


# --- operators --------------------------------------------------------------------------------


def test_add_operator__numbers__go_up_from_one(stage: Stage) -> None:
    events = stage.act(OWNER, "addOperator", SECOND_OPERATOR, PAYEE, "http://127.0.0.1:8787")
    assert events[0].operator_id == 2  # type: ignore[union-attr]
    operator = stage.views.operator(2)
    assert operator == (SECOND_OPERATOR, PAYEE, True, True, "http://127.0.0.1:8787")


def test_add_operator__nobody__is_refused(stage: Stage) -> None:
    assert stage.refuse(OWNER, "addOperator", ZERO_ADDRESS, PAYEE, BASE) == ("ZeroAddress",)
    assert stage.refuse(OWNER, "addOperator", OTHER, ZERO_ADDRESS, BASE) == ("ZeroAddress",)


@pytest.mark.parametrize(
    "base",
    [
        "https://a",
        "http://a",
        "https://" + "a" * 120,
        "http://[".replace("[", "a-b.c:8"),
        "https://z9",
    ],
)
def test_add_operator__plain_base__is_taken(stage: Stage, base: str) -> None:
    stage.act(OWNER, "addOperator", OTHER, PAYEE, base)
    assert stage.views.operator(2).playback_base == base


@pytest.mark.parametrize(
    "base",
    [
        "", "https://", "http://", "ftp://a", "HTTPS://a", "https:/a", "httpsx//a", "https://a/",
        "https://A", "https://a b", "https://a@b", "https://a?b", "https://a`", "https://a{",
        "https://a;", "https://a,", "https://a\x00", "https://ä", "https://" + "a" * 121,
        "http://A", "http:///",
    ],
)  # fmt: skip
def test_add_operator__any_other_base__is_refused(stage: Stage, base: str) -> None:
    assert stage.refuse(OWNER, "addOperator", OTHER, PAYEE, base) == ("PlaybackBaseInvalid", base)


@pytest.mark.parametrize("name", ["setOperatorAccount", "setOperatorEnabled"])
@pytest.mark.parametrize("number", [0, 2])
def test_operator__unknown__is_refused(stage: Stage, name: str, number: int) -> None:
    value = STRANGER if name == "setOperatorAccount" else True
    assert stage.refuse(OWNER, name, number, value) == ("OperatorUnknown", number)


def test_operator__account_and_switches__are_apart(stage: Stage) -> None:
    stage.act(OWNER, "setOperatorEnabled", 1, False)
    assert stage.views.operator(1) == (OPERATOR, PAYEE, True, False, BASE)
    stage.act(OPERATOR, "setOperatorAccepting", 1, False)
    stage.act(OWNER, "setOperatorAccount", 1, OTHER)
    assert stage.views.operator(1) == (OTHER, PAYEE, False, False, BASE)
    stage.act(OTHER, "setOperatorAccepting", 1, True)
    stage.act(OWNER, "setOperatorEnabled", 1, True)
    assert stage.views.operator(1) == (OTHER, PAYEE, True, True, BASE)


# --- terms ------------------------------------------------------------------------------------

EDGES: list[tuple[str, int, int]] = [
    ("max_room_seconds", 600, 30 * 86_400),
    ("fulfill_deadline_seconds", 30, 86_400),
    ("max_open_rooms", 1, 65_535),
    ("max_room_events", 8, 4000),
    ("rekey_cooldown", 0, 65_535),
    ("deposit", 0, (2**48 - 1) * 10**9),
    ("fee", 0, (2**48 - 1) * 10**9),
]


@pytest.mark.parametrize(("name", "low", "high"), EDGES)
def test_terms__at_the_edges__are_told_back(stage: Stage, name: str, low: int, high: int) -> None:
    for number, value in enumerate((low, high), start=2):
        terms = TERMS._replace(**{name: value})
        stage.act(OWNER, "setTerms", terms)
        assert stage.views.terms(number) == terms
    assert stage.views.terms(1) == TERMS


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("max_room_seconds", 59, "maxRoomSeconds"),
        ("max_room_seconds", 30 * 86_400 + 1, "maxRoomSeconds"),
        ("fulfill_deadline_seconds", 29, "fulfillDeadlineSeconds"),
        ("fulfill_deadline_seconds", 86_401, "fulfillDeadlineSeconds"),
        ("max_open_rooms", 0, "maxOpenRooms"),
        ("max_room_events", 7, "maxRoomEvents"),
        ("max_room_events", 4001, "maxRoomEvents"),
        ("deposit", 2**48 * 10**9, "deposit"),
        ("fee", 2**48 * 10**9, "fee"),
    ],
)
def test_terms__over_the_edges__are_refused(
    stage: Stage, name: str, value: int, field: str
) -> None:
    refused = stage.refuse(OWNER, "setTerms", TERMS._replace(**{name: value}))
    assert refused[:3] == ("TermsOutOfBounds", field, value)


def test_terms__shortest_life__is_sixty_seconds(stage: Stage) -> None:
    terms = TERMS._replace(max_room_seconds=60, fulfill_deadline_seconds=60)
    stage.act(OWNER, "setTerms", terms)
    assert stage.views.terms(2) == terms


@pytest.mark.parametrize("name", ["deposit", "fee"])
@pytest.mark.parametrize("wei", [1, 10**9 - 1, 10**9 + 1])
def test_terms__not_whole_gwei__are_refused(stage: Stage, name: str, wei: int) -> None:
    refused = stage.refuse(OWNER, "setTerms", TERMS._replace(**{name: wei}))
    assert refused == ("TermsNotInGwei", name, wei)


@pytest.mark.parametrize("number", [0, 2])
def test_terms__unknown_number__is_refused(stage: Stage, number: int) -> None:
    outcome = stage.machine.view(stage.address, view_call("terms", number))
    assert refusal(outcome.output) == ("TermsUnknown", number)


def test_terms__set_while_paused__the_pause_stays(stage: Stage) -> None:
    stage.act(OWNER, "setPaused", True)
    stage.act(OWNER, "setTerms", TERMS)
    assert stage.views.flag("paused")
    stage.act(OWNER, "setPaused", False)
    assert stage.views.number("currentTermsId") == 2


def test_pause__set_twice__stays(stage: Stage) -> None:
    for on in (True, True, False, False):
        stage.act(OWNER, "setPaused", on)
        assert stage.views.flag("paused") == on


def test_pause__open_rooms__go_on_as_before(stage: Stage) -> None:
    room_id = stage.create()
    stage.act(OWNER, "setPaused", True)
    stage.fulfill(room_id)
    stage.act(HOST, "updateRoom", room_id, b"new")
    stage.act(HOST, "endRoom", room_id)
    stage.release(room_id)
    stage.act(HOST, "withdrawTo", HOST)
    stage.act(PAYEE, "withdrawTo", PAYEE)


# --- moderators -------------------------------------------------------------------------------


def test_moderator__nobody__is_refused(stage: Stage) -> None:
    assert stage.refuse(OWNER, "setModerator", ZERO_ADDRESS, True) == ("ZeroAddress",)


def test_moderator__set_and_dismissed__is_told(stage: Stage) -> None:
    for allowed in (True, False):
        stage.act(OWNER, "setModerator", OTHER, allowed)
        assert stage.views.flag("isModerator", OTHER) == allowed
    assert stage.views.flag("isModerator", MODERATOR)


# --- ownership --------------------------------------------------------------------------------


def test_ownership__proposed__changes_hands_on_acceptance_only(stage: Stage) -> None:
    stage.act(OWNER, "transferOwnership", OTHER)
    assert stage.views.address("owner") == OWNER
    assert stage.views.address("pendingOwner") == OTHER
    assert stage.refuse(OTHER, "setPaused", True)[0] == "OwnableUnauthorizedAccount"
    stage.act(OTHER, "acceptOwnership")
    assert stage.views.address("owner") == OTHER
    assert stage.refuse(OWNER, "setPaused", True)[0] == "OwnableUnauthorizedAccount"
    stage.act(OTHER, "setPaused", True)


@pytest.mark.parametrize("who", [OWNER, STRANGER])
def test_ownership__not_offered_to_the_caller__is_refused(stage: Stage, who: str) -> None:
    stage.act(OWNER, "transferOwnership", OTHER)
    assert stage.refuse(who, "acceptOwnership") == ("OwnableUnauthorizedAccount", who)


def test_ownership__offer_taken_back__is_refused(stage: Stage) -> None:
    stage.act(OWNER, "transferOwnership", OTHER)
    stage.act(OWNER, "transferOwnership", ZERO_ADDRESS)
    assert stage.refuse(OTHER, "acceptOwnership") == ("OwnableUnauthorizedAccount", OTHER)


@pytest.mark.parametrize("who", [OWNER, STRANGER])
def test_ownership__renounced__is_refused(stage: Stage, who: str) -> None:
    assert stage.refuse(who, "renounceOwnership") == ("RenounceDisabled",)


# --- deployment -------------------------------------------------------------------------------


def test_deploy__first_events__tell_owner_and_terms() -> None:
    registry = Registry(Revm(), first_room_id=2**64 - 1)
    assert [type(event).__name__ for event in registry.events] == ["OwnerChanged", "TermsSet"]
    assert registry.views.number("roomCount") == 0
    registry.compare()


@pytest.mark.parametrize(
    ("owner", "first", "terms", "error"),
    [
        (ZERO_ADDRESS, 1, TERMS, "OwnableInvalidOwner"),
        (OWNER, 0, TERMS, "FirstRoomIdZero"),
        (OWNER, 1, TERMS._replace(max_open_rooms=0), "TermsOutOfBounds"),
        (OWNER, 1, TERMS._replace(fee=1), "TermsNotInGwei"),
    ],
)
def test_deploy__bad_arguments__are_refused(
    owner: str, first: int, terms: calldata.Terms, error: str
) -> None:
    from tests.support.registry.registry import bytecode

    with pytest.raises(ConstructorReverted) as refused:
        Revm().create(OWNER, bytecode() + calldata.constructor(owner, first, terms))
    assert refusal(refused.value.data)[0] == error
