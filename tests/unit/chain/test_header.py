"""Headers that are none, and what a bloom excludes."""

from __future__ import annotations

import pytest

from chain.header import bloom_excludes, make_bloom, parse_header
from chain.rpc.errors import BadResponse


def test_parse_header__a_bloom_that_is_no_text__is_a_bad_answer() -> None:
    block = {"number": "0x1", "hash": "0x" + "1" * 64, "parentHash": "0x" + "2" * 64}
    with pytest.raises(BadResponse):
        parse_header({**block, "timestamp": "0x1", "logsBloom": 7})


def test_bloom__items_in_and_out__never_excludes_what_is_in() -> None:
    items = [f"0x{n:040x}" for n in range(1, 30)]
    made = make_bloom(items)
    assert not any(bloom_excludes(made, item) for item in items)
    strangers = [f"0x{n:040x}" for n in range(1000, 1100)]
    assert sum(bloom_excludes(made, item) for item in strangers) > 90


def test_bloom__a_real_header__marks_are_where_the_yellow_paper_puts_them() -> None:
    # keccak of the zero address begins 5380 c7b7 ae81: bits 0x380, 0x7b7, 0x681.
    made = int(make_bloom(["0x" + "00" * 20]), 16)
    assert made == 1 << 0x380 | 1 << 0x7B7 | 1 << 0x681


@pytest.mark.parametrize("silent", [None, "0x", "0x" + "00" * 256, "0x" + "zz" * 256])
def test_bloom__one_that_says_nothing__excludes_nothing(silent: str | None) -> None:
    assert not bloom_excludes(silent, "0x" + "00" * 20)
