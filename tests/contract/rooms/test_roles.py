"""Every function that changes anything, tried by everybody who may not call it.

The table is complete: a function of the ABI that is not in it fails the test.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from chain import abi
from chain.calldata import Declination, Release
from chain.hexes import ZERO_ADDRESS
from tests.support.registry.registry import BASE, OWNER, TERMS
from tests.support.registry.stage import (
    HOST,
    KEY,
    MODERATOR,
    OPERATOR,
    OTHER,
    PAYEE,
    STRANGER,
    Stage,
)

EVERYBODY = (OWNER, OPERATOR, PAYEE, MODERATOR, HOST, OTHER, STRANGER)


class Role(NamedTuple):
    """Who may call a function, and with what. `may` empty: anybody, on their own behalf."""

    may: str | tuple[str, ...] | None
    arguments: Callable[[Stage], tuple[Any, ...]]
    skips: bool = False

    @property
    def callers(self) -> tuple[str, ...]:
        """Who may."""
        return self.may if isinstance(self.may, tuple) else (self.may,) if self.may else ()


def _offered(stage: Stage) -> tuple[Any, ...]:
    room_id = stage.active()
    stage.act(HOST, "transferRoom", room_id, OTHER)
    return (room_id, stage.tag(room_id), KEY)


def _offered_ownership(stage: Stage) -> tuple[Any, ...]:
    stage.act(OWNER, "transferOwnership", OTHER)
    return ()


def _release(stage: Stage) -> tuple[Any, ...]:
    room_id = stage.ended()
    return ([Release(room_id, stage.tag(room_id))],)


def _decline(stage: Stage) -> tuple[Any, ...]:
    room_id = stage.active()
    return ([Declination(room_id, stage.tag(room_id), 1)],)


def _credited(stage: Stage) -> tuple[Any, ...]:
    stage.decline(stage.create())
    return (HOST,)


ROLES: dict[str, Role] = {
    "createRoom": Role(None, lambda _: ()),
    "expire": Role(None, lambda _: ()),
    "updateRoom": Role(HOST, lambda s: (s.active(), b"new")),
    "describeRoom": Role(HOST, lambda s: (s.active(), 1, b"more")),
    "rekeyRoom": Role(HOST, lambda s: (s.active(), KEY)),
    "transferRoom": Role(HOST, lambda s: (s.active(), OTHER)),
    "acceptRoom": Role(OTHER, _offered),
    "endRoom": Role(HOST, lambda s: (s.active(),)),
    "withdrawTo": Role(HOST, _credited),
    "fulfill": Role(OPERATOR, lambda s: ([s.entry(s.create())],), skips=True),
    "decline": Role(OPERATOR, _decline, skips=True),
    "release": Role(OPERATOR, _release, skips=True),
    "setOperatorAccepting": Role(OPERATOR, lambda _: (1, False)),
    "takeDown": Role(MODERATOR, lambda s: (s.active(), 1)),
    "addOperator": Role(OWNER, lambda _: (OTHER, OTHER, BASE)),
    "setOperatorAccount": Role(OWNER, lambda _: (1, OTHER)),
    "setOperatorEnabled": Role(OWNER, lambda _: (1, False)),
    "setOperatorPayee": Role((PAYEE, OWNER), lambda _: (1, OTHER)),
    "retire": Role(OWNER, lambda _: (ZERO_ADDRESS,)),
    "setTerms": Role(OWNER, lambda _: (TERMS,)),
    "setModerator": Role(OWNER, lambda _: (OTHER, True)),
    "setPaused": Role(OWNER, lambda _: (True,)),
    "transferOwnership": Role(OWNER, lambda _: (OTHER,)),
    "acceptOwnership": Role(OTHER, _offered_ownership),
    "renounceOwnership": Role("nobody", lambda _: ()),
}


def test_roles__of_the_abi__all_are_in_the_table() -> None:
    functions = [entry for entry in abi.load().abi if entry["type"] == "function"]
    # renounceOwnership only reverts, so its ABI calls it pure
    reading = {e["name"] for e in functions if e["stateMutability"] in ("view", "pure")}
    assert {e["name"] for e in functions} == reading | set(ROLES)
    assert reading & set(ROLES) == {"renounceOwnership"}


@pytest.mark.parametrize("name", [name for name, role in ROLES.items() if role.may])
def test_role__everybody_else__is_refused_or_skipped(stage: Stage, name: str) -> None:
    role = ROLES[name]
    arguments = role.arguments(stage)
    for who in EVERYBODY:
        if who in role.callers:
            continue
        if role.skips:
            assert stage.act(who, name, *arguments) == []
        else:
            stage.refuse(who, name, *arguments)
    for who in role.callers:
        if who in EVERYBODY:
            assert stage.act(who, name, *arguments) != []


@pytest.mark.parametrize("name", [name for name in ROLES if name != "createRoom"])
def test_payment__of_a_function_that_takes_none__is_refused(stage: Stage, name: str) -> None:
    role = ROLES[name]
    arguments = ([1],) if name == "expire" else role.arguments(stage)
    sender = next((who for who in role.callers if who in EVERYBODY), HOST)
    assert stage.refuse(sender, name, *arguments, value=1) == ("",)
