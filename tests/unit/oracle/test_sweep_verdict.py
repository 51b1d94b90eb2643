"""What an input is to us, one node's view at a time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chain.enums import EndReason, Status
from chain.header import Head
from chain.views import RoomView
from oracle.chain_snapshot import ChainSnapshot, ViewsByDepth
from oracle.cloudflare.live_input_spec import Owner
from oracle.cloudflare.models import ListedInput
from oracle.facts import Proposal
from oracle.sweep_verdict import SKEW_SECONDS, NodeView, Verdict, judge
from tests.support.nodes.scripted_rpc import ScriptedRpc
from tests.unit.oracle.facts_builder import (
    NOW,
    TAG,
    TAG2,
    UID,
    UID2,
    active,
    ended,
    proposal,
    view,
)

OWNER = Owner(31337, "0x" + "c0" * 20, 7, TAG, 0)


def head(number: int, timestamp: float = NOW) -> Head:
    return Head(number, f"0x{number:064x}", "0x00", int(timestamp), 1)


LAST_FINAL = head(100)


def listed(**changes: Any) -> ListedInput:
    created = datetime.fromtimestamp(changes.pop("created", NOW), UTC)
    return ListedInput(changes.pop("uid", UID), changes.pop("enabled", True), created, {})


def verdict(
    latest: RoomView | None,
    final: RoomView | None,
    *,
    entry: ListedInput | None = None,
    told: Proposal | None = None,
    first_seen: int | None = None,
    operator: int = 1,
    at: Head | None = LAST_FINAL,
) -> Verdict:
    snapshot = ChainSnapshot(ScriptedRpc(), "0x", 0, head(110), head(108), at)
    node_view = NodeView(snapshot, ViewsByDepth(latest, latest, final), told, operator)
    return judge(entry or listed(), OWNER, node_view, first_seen)[0]


def test_needed__active_and_final() -> None:
    assert verdict(active(), active()) is Verdict.NEEDED


def test_off__active_but_disabled() -> None:
    assert verdict(active(), active(), entry=listed(enabled=False)) is Verdict.OFF


@pytest.mark.parametrize("latest", [view(), ended(), active(uid=bytes.fromhex(UID2))])
def test_waits__whatever_is_not_final(latest: RoomView) -> None:
    assert verdict(latest, view()) is Verdict.WAITS


def test_orphan__ended_without_it() -> None:
    assert verdict(ended(), ended()) is Verdict.ORPHAN


def test_orphan__another_input_serves_the_room() -> None:
    other = active(uid=bytes.fromhex(UID2))
    assert verdict(other, other) is Verdict.ORPHAN


def test_waits__ended_with_it__the_release_is_its_own_road() -> None:
    over = ended(uid=bytes.fromhex(UID))
    assert verdict(over, over) is Verdict.WAITS
    released = ended(uid=bytes.fromhex(UID), released=True)
    assert verdict(released, released) is Verdict.ORPHAN


def test_no_room__young__may_still_come() -> None:
    assert verdict(None, None) is Verdict.WAITS


def test_no_room__seen_before_the_final_block__orphan() -> None:
    assert verdict(None, None, first_seen=101) is Verdict.WAITS
    assert verdict(None, None, first_seen=100) is Verdict.ORPHAN


def test_no_room__older_than_any_clock_error__orphan() -> None:
    old = listed(created=NOW - SKEW_SECONDS - 10)
    assert verdict(None, None, entry=old) is Verdict.ORPHAN


@pytest.mark.parametrize("latest", [None, ended(), active(uid=bytes.fromhex(UID2)), view()])
def test_nothing_is_final__whatever_it_is__waits(latest: RoomView | None) -> None:
    old = listed(created=NOW - SKEW_SECONDS - 10)
    assert verdict(latest, None, entry=old, first_seen=0, at=None) is Verdict.WAITS


def test_no_room__but_the_index_knows_its_tag__waits() -> None:
    old = listed(created=NOW - SKEW_SECONDS - 10)
    assert verdict(None, None, entry=old, told=proposal()) is Verdict.WAITS


def test_namesake__another_hosts_room__does_not_protect_it_nor_condemn_it_early() -> None:
    namesake = active(tag=TAG2, uid=bytes.fromhex(UID2))
    assert verdict(namesake, namesake) is Verdict.WAITS
    assert verdict(namesake, namesake, first_seen=99) is Verdict.ORPHAN


def test_elsewhere__another_operators_room() -> None:
    assert verdict(active(), active(), operator=2) is Verdict.ELSEWHERE


def test_rekeyed_room__lineage_from_the_index__needed() -> None:
    later = active(tag=TAG2, key_version=2)
    assert verdict(later, later, told=proposal(tag=TAG2, key_version=2)) is Verdict.NEEDED
    assert verdict(later, later, told=None) is Verdict.WAITS
    assert EndReason.NONE is later.end_reason and later.status is Status.ACTIVE
