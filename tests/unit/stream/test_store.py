"""The state directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from localnet.stream.clock import ShiftedClock
from localnet.stream.quirks import Quirks
from localnet.stream.store import StandInStore, StateInUseError
from tests.support.manual_clock import ManualClock


def test_store__second_process__is_refused_with_the_reason(tmp_path: Path) -> None:
    first = StandInStore(tmp_path)
    first.put_fact("x", "1")
    with pytest.raises(StateInUseError, match="another stand-in"):
        StandInStore(tmp_path)
    first.close()
    again = StandInStore(tmp_path)
    assert again.fact("x") == "1"
    again.close()


def test_store__its_file__is_private(tmp_path: Path) -> None:
    store = StandInStore(tmp_path / "state")
    store.put_fact("x", "1")
    for path in (tmp_path / "state").iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
    store.close()


def test_clock__advance__only_forward() -> None:
    clock = ShiftedClock(ManualClock(1000.0), 5.0)
    assert clock.now() == 1005.0
    assert clock.advance(10) == 15.0
    assert clock.now() == 1015.0
    with pytest.raises(ValueError, match="forward"):
        clock.advance(-1)


def test_quirks__unknown_name_or_value__changes_nothing() -> None:
    quirks = Quirks()
    for values in ({"colour": "red"}, {"list_shape": "round"}):
        with pytest.raises(ValueError, match="list_shape"):
            quirks.update({"idempotency_other_body": "conflict", **values})
    assert quirks == Quirks()
