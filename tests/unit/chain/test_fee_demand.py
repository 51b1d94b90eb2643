"""What a refusal asks for, read from its text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.send.fee_demand import FeeDemand, read_demand
from tests.unit.chain.underpriced_texts import GAS, UNDERPRICED


@pytest.mark.parametrize(("node", "text", "demand"), UNDERPRICED)
def test_read_demand__words_of_a_node__what_it_asks_for(
    node: str, text: str, demand: FeeDemand
) -> None:
    assert read_demand(text, GAS) == demand, node


@pytest.mark.parametrize(("node", "text", "demand"), UNDERPRICED)
def test_read_demand__wrapped_by_a_gateway__the_same(
    node: str, text: str, demand: FeeDemand
) -> None:
    wrapped = f"upstream https://node-7.example:8545/1 (code: -32000) says: {text} [trace 4711]"
    assert read_demand(wrapped, GAS) == demand, node


@given(
    st.text(max_size=200)
    | st.lists(
        st.sampled_from(["tip", "minimum", "needed", "25", "0x", "gwei", "<", "1,5", "1.5.2", ":"])
    ).map(" ".join)
)
def test_read_demand__any_text__never_raises_and_nothing_absurd(text: str) -> None:
    demand = read_demand(text, GAS)
    assert all(0 <= amount < 10**18 for amount in demand[1:])
