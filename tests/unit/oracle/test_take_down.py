"""What is seen of an ended room whose host goes on broadcasting: the states that count, the note
and the metric."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from oracle.cloudflare.models import LiveInput
from oracle.cloudflare.response_parser import live_input
from oracle.health_monitor import HealthMonitor, still_on_air
from oracle.journal import CutOff, RoomRecord
from oracle.metrics import OracleMetrics
from oracle.problems import Problems
from tests.unit.oracle import samples
from tests.unit.oracle.facts_builder import NOW, UID, made, off

THERE = CutOff(NOW - 60, rotated=True, looked_at=NOW - 30, connected=True)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, False),
        ("connected", True),
        ("reconnected", True),
        ("new_configuration_accepted", True),
        ("reconnecting", False),
        ("client_disconnect", False),
        ("ttl_exceeded", False),
        ({"current": {"state": "connected", "ingestProtocol": "webrtc"}, "history": []}, True),
        ({"current": {"state": "disconnected"}, "history": []}, False),
        ({"current": None}, False),
    ],
)
def test_live_input__status_in_any_form__connected_or_not(status: Any, expected: bool) -> None:
    read: LiveInput = live_input(samples.live_input(UID, status=status))
    assert read.connected is expected


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (off(), False),
        (off(cut_off=THERE), True),
        (off(cut_off=THERE, gone=True), False),
        (off(cut_off=THERE, enabled=True), False),
        (made(), False),
    ],
    ids=["nobody there", "somebody there", "deleted", "open after all", "not ended"],
)
def test_record__still_connected(one: RoomRecord, expected: bool) -> None:
    assert one.still_connected is expected


def test_monitor__somebody_still_connected__told_counted_and_over() -> None:
    open_records = [off(cut_off=THERE), replace(off(cut_off=THERE), id="x", room_id=3), made()]
    unused = cast(Any, None)
    context = cast(Any, SimpleNamespace(records=SimpleNamespace(open=open_records)))
    metrics, problems = OracleMetrics(), Problems()
    problems.begun = True
    monitor = HealthMonitor(
        context, unused, unused, unused, unused, unused, unused, metrics, problems, unused, unused
    )

    def shown() -> float | None:
        return metrics.registry.get_sample_value("oracle_still_connected")

    assert shown() == 0
    monitor.check_take_downs()
    ready, reasons = problems.readiness().ready, problems.readiness().reasons
    assert ready, "provisioning goes on"
    assert len(reasons) == 1 and "2 ended room(s) (3, 7)" in reasons[0]
    assert "delete the live input" in reasons[0], "it says what to do"
    assert shown() == 2
    open_records.clear()
    monitor.check_take_downs()
    assert problems.readiness().reasons == ()
    assert shown() == 0


def test_note__many_rooms__names_a_few() -> None:
    assert "(0, 1, 2, 3, 4, ...)" in still_on_air(range(100))
