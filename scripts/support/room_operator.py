"""Which operator a new room goes to, and whether it can show a room that is for some only.

Promises: the rule of `chain.operator_choice`, among those that the contract lets have rooms now. A
room for some only never goes to an operator that is known to have no playback service; where that
is not known, it is said. Assumes: `api=` names a read API of this very contract, if given.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import httpx

from chain import views
from chain.operator_choice import ranked
from common.http_proxies import direct_mounts
from scripts.support.chain_reads import read
from scripts.support.cli_args import CliArgs, Stop
from scripts.support.plan import Target

API_SECONDS = 10.0


class WantedOperator(NamedTuple):
    """`named`: the one that a person wants; None: the host's own. `playback`: the operators with a
    playback service; None: not known, or not needed."""

    named: int | None
    playback: Collection[int] | None


def wanted_operator(words: CliArgs, to: Target, *, for_some_only: bool) -> WantedOperator:
    """What the words `operator=`, `playback=` and `api=` say. Stops if they contradict."""
    named = words.number("operator", bits=16) if words.has("operator") else None
    listed = words.numbers("playback", bits=16) if words.has("playback") else None
    api = words.text("api") if words.has("api") else None
    if not for_some_only:
        return WantedOperator(named, None)
    playback: Collection[int] | None = listed
    if listed is None and api is not None:
        playback = operators_with_playback(api, to.contract.lower())
    if playback is not None and named is not None and named not in playback:
        raise Stop(
            f"operator {named} has no playback service, so nobody could watch a room for some"
            f" only; {_those(playback)}"
        )
    return WantedOperator(named, playback)


def warning_of(wanted: WantedOperator, operator_id: int, *, for_some_only: bool) -> str | None:
    """What is to be said before a room for some only goes to an operator; None: nothing."""
    if not for_some_only or wanted.playback is not None:
        return None
    return (
        f"warning: it is not known whether operator {operator_id} has a playback service, and"
        " without one nobody can watch a room for some only: give api=https://... (a read API),"
        " or playback=N,N (the operators that have one)"
    )


def choose(to: Target, wanted: WantedOperator, host: str) -> tuple[int, views.CreationView]:
    """The operator of the host's room, and what the contract says of a creation with it.

    If no operator takes rooms, the host's first one: the contract says why. Stops where one is
    needed that has a playback service, and there is none.
    """

    def creation(operator_id: int) -> views.CreationView:
        return read(to.wallet, views.read_creation, to.contract, operator_id, host)

    if wanted.named is not None:
        return wanted.named, creation(wanted.named)
    count = read(to.wallet, views.read_operator_count, to.contract)
    order = ranked(host, range(1, count + 1))
    if wanted.playback is not None:
        order = [operator_id for operator_id in order if operator_id in wanted.playback]
    for operator_id in order:
        if (found := creation(operator_id)).accepting:
            return operator_id, found
    if wanted.playback is not None:
        raise Stop(
            "no operator that takes new rooms has a playback service, so nobody could watch a room"
            f" for some only; {_those(wanted.playback)}"
        )
    first = order[0] if order else 1
    return first, creation(first)


def operators_with_playback(
    api: str, contract: str, transport: httpx.BaseTransport | None = None
) -> frozenset[int] | None:
    """Those that the API at this address names for the contract (lower case); None: not known."""
    try:
        with httpx.Client(
            base_url=api, timeout=API_SECONDS, transport=transport, mounts=direct_mounts()
        ) as client:
            config = client.get("/config.json").raise_for_status().json()
        if config["contract"].lower() != contract:
            return None
        return frozenset(map(int, config["playback_services"]))
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError, AttributeError):
        return None


def _those(playback: Collection[int]) -> str:
    named = ", ".join(map(str, sorted(playback)))
    return f"operators with one: {named}" if named else "no operator has one"
