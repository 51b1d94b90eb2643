"""When an operator closes itself, opens again, and keeps its hands off what others switched."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from oracle.self_closing import (
    BUSY_ROOMS,
    REMEMBERED_SECONDS,
    REST_SECONDS,
    LastChange,
    Switch,
    SwitchFacts,
    SwitchFlight,
    SwitchRecord,
    WorkMeter,
    decide,
)

NOW = 1_790_000_000.0
OPEN = SwitchFacts(
    now=NOW, on=True, may_switch=True, accepting=True, load=0.0, record=SwitchRecord("x")
)
OURS, THEIRS = "0x" + "01" * 32, "0x" + "02" * 32
CLOSED_RECORD = SwitchRecord(
    "x", closing="close:1", closing_tx=OURS, closing_block=50, asked_at=NOW - REST_SECONDS
)
CLOSED = replace(
    OPEN, accepting=False, record=CLOSED_RECORD, flight=SwitchFlight.LANDED,
    change=LastChange(False, OURS, 50), index_block=60,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"load": 0.5}, Switch.KEEP),
        ({"load": 0.51}, Switch.CLOSE),
        ({"load": 0.51, "on": False}, Switch.KEEP),
        ({"load": 0.51, "may_switch": False}, Switch.KEEP),
        ({"load": 0.51, "accepting": False}, Switch.KEEP),
        ({"load": 0.51, "record": SwitchRecord("x", asked_at=NOW - 599)}, Switch.KEEP),
        ({"load": 0.51, "record": SwitchRecord("x", asked_at=NOW - 600)}, Switch.CLOSE),
        ({"load": 0.0, "accepting": False}, Switch.KEEP),
    ],
)
def test_decide__not_closed_by_us__closes_when_it_has_too_much(
    changes: dict[str, Any], expected: Switch
) -> None:
    assert decide(replace(OPEN, **changes)) is expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"load": 0.24}, Switch.OPEN),
        ({"load": 0.25}, Switch.KEEP),
        ({"load": 0.9}, Switch.KEEP),
        ({"load": 0.9, "on": False}, Switch.OPEN),
        ({"may_switch": False}, Switch.KEEP),
        ({"record": replace(CLOSED_RECORD, asked_at=NOW - 599)}, Switch.KEEP),
        # the sender forgets its rows some day
        ({"flight": SwitchFlight.UNKNOWN}, Switch.OPEN),
        # somebody switched since: by its block that is newer
        ({"change": LastChange(True, THEIRS, 51), "accepting": True}, Switch.OVER),
        ({"change": LastChange(False, THEIRS, 50)}, Switch.OVER),
        ({"change": LastChange(True, THEIRS, 51), "load": 0.9}, Switch.OVER),
        # the index knows nothing of it yet, or a reorg took ours: it comes again
        ({"index_block": 49}, Switch.KEEP),
        ({"change": LastChange(True, THEIRS, 49)}, Switch.KEEP),
        ({"change": None}, Switch.KEEP),
        ({"change": None, "flight": SwitchFlight.FAILED}, Switch.OVER),
        # opened by somebody in a block that the index does not have yet
        ({"accepting": True}, Switch.KEEP),
    ],
)
def test_decide__closed_by_us__opens_what_is_ours_alone(
    changes: dict[str, Any], expected: Switch
) -> None:
    assert decide(replace(CLOSED, **changes)) is expected


@pytest.mark.parametrize(
    ("flight", "record", "expected"),
    [
        (SwitchFlight.FLYING, SwitchRecord("x", closing="close:1"), Switch.KEEP),
        (SwitchFlight.UNKNOWN, SwitchRecord("x", closing="close:1"), Switch.OVER),
        (SwitchFlight.FAILED, SwitchRecord("x", closing="close:1"), Switch.OVER),
        (SwitchFlight.FLYING, replace(CLOSED_RECORD, opening="open:1"), Switch.KEEP),
        (SwitchFlight.LANDED, replace(CLOSED_RECORD, opening="open:1"), Switch.OVER),
        (SwitchFlight.UNKNOWN, replace(CLOSED_RECORD, opening="open:1"), Switch.OPEN),
        (SwitchFlight.FAILED, replace(CLOSED_RECORD, opening="open:1"), Switch.OPEN),
    ],
)
def test_decide__by_what_became_of_the_transaction(
    flight: SwitchFlight, record: SwitchRecord, expected: Switch
) -> None:
    assert decide(replace(CLOSED, flight=flight, record=record)) is expected


def test_record__a_closing_that_was_never_sent__does_not_count_as_a_switch() -> None:
    asked = SwitchRecord("x", asked_at=NOW - 900).asking(Switch.CLOSE, "close:1", NOW)
    assert asked.asked == "close:1"
    assert asked.over(SwitchFlight.UNKNOWN) == SwitchRecord("x", asked_at=NOW - 900)
    assert asked.over(SwitchFlight.FAILED) == SwitchRecord("x", asked_at=NOW)
    landed = asked.landed(OURS, 50)
    assert landed.over(SwitchFlight.UNKNOWN) == SwitchRecord("x", asked_at=NOW)
    opening = landed.asking(Switch.OPEN, "open:1", NOW + 700)
    assert (opening.asked, opening.closing_tx) == ("open:1", OURS)


def test_meter__nothing_measured__what_cloudflares_limit_allows() -> None:
    meter = WorkMeter(1200, 300.0)
    assert meter.seconds_per_room(0.0) == 0.5
    meter.passed(0.0, 100.0, BUSY_ROOMS - 1)
    assert meter.seconds_per_room(0.0) == 0.5, "rooms one by one say nothing of many"


def test_meter__busy_passes__their_seconds_by_rooms_for_an_hour() -> None:
    meter = WorkMeter(1200, 300.0)
    meter.passed(0.0, 30.0, 10)
    meter.passed(60.0, 10.0, 30)
    assert meter.seconds_per_room(60.0) == 1.0
    assert meter.seconds_per_room(REMEMBERED_SECONDS + 30) == 0.5
    for _ in range(10):
        meter.passed(REMEMBERED_SECONDS, 80.0, 40)
    assert meter.seconds_per_room(REMEMBERED_SECONDS) == 2.0
