"""Which request meets which fault."""

from __future__ import annotations

import random
from typing import Any

import pytest

from localnet.stream.middleware.faults import KINDS, PlannedFaults

PATH = "/client/v4/accounts/a/stream/live_inputs"


def _faults(*rules: dict[str, Any], seed: int = 1) -> PlannedFaults:
    faults = PlannedFaults(random.Random(seed))
    for rule in rules:
        faults.add(rule)
    return faults


def _kinds(
    faults: PlannedFaults, count: int, method: str = "POST", path: str = PATH
) -> list[str | None]:
    picked = [faults.pick(method, path) for _ in range(count)]
    return [None if fault is None else fault.kind for fault in picked]


def test_pick__once_by_default__then_passes() -> None:
    assert _kinds(_faults({"kind": "html"}), 2) == ["html", None]


def test_pick__times_and_skip__count_matching_requests_only() -> None:
    faults = _faults({"kind": "hang", "method": "POST", "times": 2, "skip": 1})
    assert _kinds(faults, 1, method="GET") == [None]
    assert _kinds(faults, 4) == [None, "hang", "hang", None]


def test_pick__for_ever__until_cleared() -> None:
    faults = _faults({"kind": "429", "times": None})
    assert _kinds(faults, 50) == ["429"] * 50
    faults.clear()
    assert _kinds(faults, 1) == [None]


def test_pick__method_whole_and_path_somewhere() -> None:
    faults = _faults({"kind": "html", "method": "POS", "times": None})
    assert _kinds(faults, 1) == [None]
    faults = _faults({"kind": "html", "path": "live_inputs$", "times": None})
    assert _kinds(faults, 1) == ["html"]
    assert _kinds(faults, 1, path=PATH + "/x") == [None]


def test_pick__several_rules__the_first_that_matches_and_has_uses() -> None:
    faults = _faults({"kind": "html"}, {"kind": "hang"})
    assert _kinds(faults, 3) == ["html", "hang", None]


def test_pick__probability__is_drawn_from_the_seed() -> None:
    rule = {"kind": "html", "times": None, "probability": 0.3}
    first, again = (_kinds(_faults(rule, seed=7), 200) for _ in range(2))
    assert first == again
    assert 30 < first.count("html") < 90
    assert _kinds(_faults({**rule, "probability": 0}), 50) == [None] * 50


def test_remove__one_rule__leaves_the_others() -> None:
    faults = _faults({"kind": "html"}, {"kind": "hang"})
    assert faults.remove(1)
    assert not faults.remove(1)
    assert _kinds(faults, 1) == ["hang"]


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"kind": "fire"},
        {"kind": "html", "colour": 1},
        {"kind": "html", "path": "("},
        {"kind": "html", "times": -1},
        {"kind": "html", "times": True},
        {"kind": "html", "probability": 2},
        {"kind": "html", "params": {"status": "500"}},
        {"kind": "html", "params": {"seconds": 1}},
        {"kind": "delay", "params": {"when": "never"}},
        {"kind": "truncated", "params": []},
    ],
)
def test_add__malformed_rule__is_refused_with_the_reason(rule: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        _faults(rule)


def test_add__every_kind__is_known() -> None:
    for kind in KINDS:
        assert _kinds(_faults({"kind": kind}), 1) == [kind]
