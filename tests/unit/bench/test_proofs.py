"""The audit's proofs: the list in docs/contract.md, and the errors that must break them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from bench.audit.proofs import COUNTEREXAMPLE, PASSED, PLANTED, declared, outcome
from tools.compiler import ROOT

PAGE = ROOT / "docs" / "contract.md"


def test_proofs__of_the_page__are_those_there_are() -> None:
    section = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    [proofs] = [text for text in section if text.startswith("Proofs\n")]
    assert sorted(re.findall(r"^\| `(\w+\.check_\w+)` \|", proofs, re.MULTILINE)) == declared()


def test_planted_errors__of_every_proof__change_the_source() -> None:
    planted = json.loads(PLANTED.read_text())
    assert {error["proof"] for error in planted} == set(declared())
    for error in planted:
        text = (ROOT / error["file"]).read_text(encoding="utf-8")
        assert text.count(error["old"]) == 1, error
        assert error["old"] != error["new"]


@pytest.mark.parametrize(
    "test",
    [
        None,  # halmos never came to it
        {"exitcode": 2, "num_bounded_loops": 0, "time": [60.0, 1.0, 59.0]},  # a timeout
        {"exitcode": 4, "num_bounded_loops": 0, "time": [0.1, 0.1, 0.0]},  # every path reverted
        {"exitcode": 5, "num_bounded_loops": None, "time": None},  # halmos broke
        {"exitcode": PASSED, "num_bounded_loops": 1, "time": [0.1, 0.1, 0.0]},  # a loop cut short
    ],
)
def test_outcome__in_doubt__is_neither_a_proof_nor_a_counterexample(
    test: dict[str, Any] | None,
) -> None:
    assert outcome(test).code not in (PASSED, COUNTEREXAMPLE)


@pytest.mark.parametrize("code", [PASSED, COUNTEREXAMPLE])
def test_outcome__decided__is_what_halmos_says(code: int) -> None:
    test = {"exitcode": code, "num_bounded_loops": 0, "time": [1.5, 1.0, 0.5]}
    assert outcome(test) == (code, 1.5)
