"""A sender whose broadcasts go through several nodes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from chain.rpc.errors import classify_error
from chain.rpc.pool import NodePool, PooledNode
from chain.send import SendState
from tests.support.sender.sender_bench import FaultyLine, SenderBench


class RefusingLine(FaultyLine):
    """Reads like any node; refuses each broadcast in these words."""

    words = "method is not on your list"
    offered = 0

    async def call(self, method: str, params: Sequence[Any]) -> Any:
        if method == "eth_sendRawTransaction":
            self.offered += 1
            raise classify_error(method, {"code": 35, "message": self.words}, "a")
        return await super().call(method, params)


def behind(*lines: FaultyLine) -> SenderBench:
    """A sender that broadcasts through a pool of these nodes, named a, b ..."""
    bench = SenderBench()
    for line in lines:
        line.chain = bench.chain
    nodes = [PooledNode(name, line) for name, line in zip("ab", lines, strict=False)]
    bench.broadcast = NodePool(nodes, bench.clock, random.Random(1))
    bench.restart()
    return bench


async def test_read_only_node__refuses_in_unknown_words__the_next_takes_the_same_bytes() -> None:
    chain = SenderBench().chain
    refusing = RefusingLine(chain)
    bench = behind(refusing, FaultyLine(chain))
    await bench.send("a")
    row = bench.row("a")
    assert (row.state, len(row.attempts), refusing.offered) == (SendState.BROADCAST, 1, 1)
    await bench.finish()
    assert (bench.row("a").state, bench.mined("a")) == (SendState.CONFIRMED, 1)


async def test_read_only_node__the_only_one__tried_again_and_said() -> None:
    refusing = RefusingLine(SenderBench().chain)
    bench = behind(refusing)
    await bench.send("a")
    assert bench.row("a").state is SendState.SIGNED
    assert refusing.offered == 1
    await bench.tick(10.0)
    assert refusing.offered == 2
    assert "the node rejects it" in (bench.sender.blocked or "")


async def test_both_nodes__refuse_in_unknown_words__the_second_is_asked_once_a_try() -> None:
    chain = SenderBench().chain
    first, second = RefusingLine(chain), RefusingLine(chain)
    bench = behind(first, second)
    await bench.send("a")
    assert (first.offered, second.offered) == (1, 1)
    assert bench.row("a").state is SendState.SIGNED


async def test_node__refuses_in_known_words__no_other_is_asked() -> None:
    chain = SenderBench().chain
    first, second = RefusingLine(chain), RefusingLine(chain)
    first.words = "insufficient funds for gas"
    bench = behind(first, second)
    await bench.send("a")
    assert (first.offered, second.offered) == (1, 0)
