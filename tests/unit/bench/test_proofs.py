"""The audit's proofs: the list in docs/contract.md, and the errors that must break them."""

from __future__ import annotations

import json
import re

from bench.audit.proofs import PLANTED, declared
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
