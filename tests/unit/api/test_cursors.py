"""Cursors: each string of the right shape is a place, of one kind of list."""

from __future__ import annotations

import re
import string

from hypothesis import given
from hypothesis import strategies as st

from api import cursors
from api.cursors import OnAirPlace

_SIGNS = string.ascii_letters + string.digits + "-_"


@given(st.integers(0, 2**63 - 1))
def test_number__there_and_back__the_same(number: int) -> None:
    made = cursors.of_number(number)
    assert cursors.number(made) == number
    assert cursors.place(made) is None
    assert re.match(cursors.ROOMS_CURSOR, made)


@given(st.integers(0, 2**40 - 1), st.integers(0, 2**63 - 1))
def test_place__there_and_back__the_same(since: int, room: int) -> None:
    made = cursors.of_place(OnAirPlace(since, room))
    assert cursors.place(made) == OnAirPlace(since, room)
    assert cursors.number(made) is None
    assert re.match(cursors.ROOMS_CURSOR, made)


@given(st.text(_SIGNS, min_size=17, max_size=17), st.sampled_from("AQgw"))
def test_place__of_any_string_of_its_shape__is_one(text: str, last: str) -> None:
    assert cursors.place(text + last) is not None
