"""Which operator gets a new room: the rule's own arithmetic, shares, and what a closure moves."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.hexes import ZERO_ADDRESS, hex_data, keccak
from chain.operator_choice import choose_operator, ranked, takes_rooms
from tests.support import operator_vectors

hosts = st.binary(min_size=20, max_size=20).map(hex_data)
operators = st.sets(st.integers(1, 65535), min_size=1, max_size=20)


def test_choice__as_the_rule_is_written__the_highest_hash_of_host_and_number() -> None:
    host = "0x" + "Ab" * 20
    by_hand = {n: keccak(bytes.fromhex("ab" * 20) + bytes([n >> 8, n & 255])) for n in (1, 2, 300)}
    assert choose_operator(host, by_hand) == max(by_hand, key=lambda n: by_hand[n])
    assert choose_operator(host.replace("Ab", "aB"), by_hand) == choose_operator(host, by_hand)


def test_choice__vectors_of_the_page__are_up_to_date() -> None:
    """`python -m tests.support.operator_vectors` writes them."""
    assert json.loads(operator_vectors.FILE.read_text()) == json.loads(operator_vectors.text())


def test_choice__none_to_choose_from__none() -> None:
    assert choose_operator(ZERO_ADDRESS, []) is None
    assert ranked(ZERO_ADDRESS, [7, 7]) == [7]


@pytest.mark.parametrize("host", ["0x" + "11" * 19, "0x" + "11" * 21, "0x", "11" * 20, "0xzz"])
def test_choice__a_host_that_is_no_address__is_refused(host: str) -> None:
    with pytest.raises(ValueError):
        ranked(host, [1])


def test_choice__of_many_hosts__every_operator_gets_its_share() -> None:
    hosts = map(operator_vectors.host, range(4000))
    counts = Counter(ranked(host, range(1, 5))[0] for host in hosts)
    assert sorted(counts) == [1, 2, 3, 4]
    assert all(900 < count < 1100 for count in counts.values())


@given(operators, operators.map(sorted), hosts)
def test_choice__an_operator_closes__only_its_own_hosts_move(
    open_ones: set[int], closing: list[int], host: str
) -> None:
    before = choose_operator(host, open_ones | {closing[0]})
    after = choose_operator(host, open_ones - {closing[0]})
    if before != closing[0]:
        assert after == before
    else:
        assert after != before


@given(operators, st.integers(1, 65535), hosts)
def test_choice__an_operator_is_added__takes_hosts_and_moves_no_others(
    open_ones: set[int], new: int, host: str
) -> None:
    after = choose_operator(host, open_ones | {new})
    assert after in (new, choose_operator(host, open_ones))


@pytest.mark.parametrize(
    ("account", "accepting", "enabled", "takes"),
    [
        ("0x" + "0b" * 20, True, True, True),
        ("0x" + "0b" * 20, False, True, False),
        ("0x" + "0b" * 20, True, False, False),
        (ZERO_ADDRESS, True, True, False),
        (None, True, True, False),
    ],
)
def test_takes_rooms__by_account_and_both_switches(
    account: str | None, accepting: bool, enabled: bool, takes: bool
) -> None:
    assert takes_rooms(account=account, accepting=accepting, enabled=enabled) is takes
