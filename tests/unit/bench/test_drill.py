"""A drill's own judgement: what counts as flat memory, as held, and as not tried."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.drill.__main__ import summary
from bench.drill.drill import Drill, NotTried
from bench.drill.load import flat

WARM_UP = [10.0] * 10


@pytest.mark.parametrize(
    ("samples", "held"),
    [
        (WARM_UP + [100.0] * 30, True),
        (WARM_UP + [100.0] * 20 + [109.0] * 10, True),
        (WARM_UP + [100.0] * 20 + [112.0] * 10, False),
        ([100.0 + n for n in range(40)], False),
        (WARM_UP + [100.0] * 20 + [100.0] * 6 + [900.0] * 4, True),
        ([100.0] * 7, False),
    ],
    ids=["flat", "within a tenth", "beyond", "a slow leak", "a peak", "too few"],
)
def test_flat__last_quarter_against_the_second__by_their_medians(
    samples: list[float], held: bool
) -> None:
    assert flat(samples)[0] is held


def _run(tmp_path: Path, body: object) -> Drill:
    drill = Drill("one", tmp_path, 1.0)
    drill.run(body)  # type: ignore[arg-type]
    return drill


def test_result__all_held__held(tmp_path: Path) -> None:
    assert _run(tmp_path, lambda drill: drill.check("this", True)).result == "held"


def test_result__something_did_not_hold_or_raised__failed_with_the_reason(tmp_path: Path) -> None:
    def raises(drill: Drill) -> None:
        drill.check("this", True)
        raise TimeoutError("no room was served")

    assert _run(tmp_path, lambda drill: drill.check("this", False)).result == "FAILED"
    drill = _run(tmp_path, raises)
    assert drill.result == "FAILED"
    assert "TimeoutError: no room was served" in summary([drill])


def test_result__something_could_not_be_tried__never_counts_as_held(tmp_path: Path) -> None:
    def lacks(drill: Drill) -> None:
        drill.check("this", True)
        raise NotTried("needs nginx: apt-get install nginx-light")

    drill = _run(tmp_path, lacks)
    assert drill.result == "NOT TRIED"
    assert "apt-get install nginx-light" in summary([drill])


def test_result__nothing_was_checked__not_held(tmp_path: Path) -> None:
    assert _run(tmp_path, lambda _: None).result == "NOT TRIED"
