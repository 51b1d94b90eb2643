"""Every reader of nodes' answers, given answers in which any one value is odd.

All odd values, in all places of all answers: no chance is needed.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import bson
import pytest

from api.unsigned_transactions import WantedCall, build_unsigned
from chain import identity, views
from chain.event_codec import build_event, encode
from chain.events import CONTRACT_VERSION, LogMeta, RoomReleased
from chain.finality import final_number
from chain.follow import fetch
from chain.header import Head, Header, parse_head
from chain.rpc import answers
from chain.rpc.client import Call
from chain.rpc.errors import MalformedAnswer, RpcError
from chain.rpc.node_health import NodeState
from chain.rpc.pool import NodePool, NodeRpc, PooledNode
from chain.send.balance import BalanceWatch
from chain.send.model import Attempt, SendRequest, SendState
from chain.send.observe import observe
from common.settings import Finality
from indexer.event_pages import event_doc
from indexer.validation import Contradiction, decoded_events
from oracle.chain_snapshot import ChainSnapshot, block_at
from tests.support.manual_clock import ManualClock
from tests.support.nodes.scripted_rpc import block

CONTRACT, ACCOUNT, TX = "0x" + "c0" * 20, "0x" + "ac" * 20, "0x" + "7a" * 32

ODD: tuple[Any, ...] = (
    None, True, 0, 7, -1, 1.5, 2**70, "", "0x", "7", "-0x7", "0x-7", "0xzz", "0x7", "0x777",
    "0x" + "f" * 64, "0x" + "f" * 65, "ż", [], {}, [None], {"number": None}, [[]],
)  # fmt: skip

HEADER = {**block(7), "logsBloom": "0x" + "ff" * 256}
LOG = encode(
    build_event(
        RoomReleased,
        LogMeta(CONTRACT, 7, HEADER["hash"], TX, 1, 2),
        seq=1, actor=ACCOUNT, timestamp=5, room_id=7,
    )
)  # fmt: skip
RECEIPT = {
    "transactionHash": TX, "blockNumber": "0x7", "blockHash": HEADER["hash"], "status": "0x1",
    "transactionIndex": "0x0", "gasUsed": "0x5208", "effectiveGasPrice": "0x7", "l1Fee": "0x1",
}  # fmt: skip
WORDS = "0x" + "00" * 31 + "01"
ROW = SendRequest(
    key="k", account=ACCOUNT, to=CONTRACT, data="0x", value=0, gas_limit=21_000, meta={},
    created_at=0.0, updated_at=0.0, state=SendState.BROADCAST, nonce=4,
    attempts=(
        Attempt(n=1, nonce=4, hash=TX, raw=b"", max_fee=1, priority_fee=1, kind="send",
                created_at=0.0),
    ),
)  # fmt: skip


def version(text: str) -> str:
    words = ((32).to_bytes(32), len(text).to_bytes(32), text.encode().ljust(32, b"\0"))
    return "0x" + b"".join(words).hex()


def told(number: Any) -> dict[str, Any]:
    """The block of that number or tag."""
    height = int(number, 16) if number.startswith("0x") else 7
    return {**HEADER, **block(height)}


class OddNode:
    """Answers well, but `odd` (a method, which of its answers, and a change) is not."""

    def __init__(self) -> None:
        self.well: dict[str, Callable[..., Any]] = {
            "eth_getBlockByNumber": lambda number, _: told(number),
            "eth_getLogs": lambda _: [LOG],
            "eth_call": lambda *_: WORDS,
            "eth_chainId": lambda: "0x7a69",
            "eth_getCode": lambda *_: "0x6001",
            "eth_getBalance": lambda *_: "0xde0b6b3a7640000",
            "eth_getTransactionCount": lambda *_: "0x5",
            "eth_getTransactionReceipt": lambda _: RECEIPT,
            "eth_feeHistory": lambda *_: {"baseFeePerGas": ["0x7", "0x8"], "reward": [["0x1"]]},
            "eth_maxPriorityFeePerGas": lambda: "0x1",
            "eth_gasPrice": lambda: "0x9",
            "eth_estimateGas": lambda *_: "0x5208",
        }
        self.told: list[tuple[str, Any]] = []
        self.odd: tuple[int, Any] | None = None

    async def call(self, method: str, params: Sequence[Any]) -> Any:
        answer = copy.deepcopy(self.well[method](*params))
        if self.odd is not None and self.odd[0] == len(self.told):
            answer = self.odd[1]
        self.told.append((method, answer))
        return answer

    async def batch(self, calls: Sequence[Call]) -> list[Any]:
        return [await self.call(method, params) for method, params in calls]


@dataclass
class Reader:
    """`ask` reads from one node. `well`: answers of its own, by method."""

    name: str
    ask: Callable[[NodeRpc], Awaitable[Any]]
    well: dict[str, Callable[..., Any]] = field(default_factory=dict)

    async def run(self, odd: tuple[int, Any] | None) -> tuple[OddNode, NodePool, Any]:
        """What came of it: a value or an error."""
        node, other = OddNode(), OddNode()
        node.well |= self.well
        node.odd = odd
        pool = NodePool(
            [PooledNode("a", node), PooledNode("b", other)], ManualClock(), random.Random(1)
        )
        try:
            return node, pool, await self.ask(pool.pick())
        except (RpcError, fetch.Inconsistent, Contradiction) as error:
            return node, pool, error


async def logs_of(node: NodeRpc) -> None:
    """The way of logs up to the database."""
    fetched = await fetch.fetch_range(node, CONTRACT, 6, 8, with_history=False)
    for event in decoded_events(fetched):
        bson.encode({"event": event_doc(event)})


async def recent_logs_of(node: NodeRpc) -> None:
    header = Header(7, HEADER["hash"], HEADER["parentHash"], 5, None)
    for must_prove in (True, False):
        await fetch.fetch_recent(node, CONTRACT, [header], must_prove=must_prove)


async def snapshot_of(node: NodeRpc) -> Any:
    head = parse_head(HEADER)
    return await ChainSnapshot(node, CONTRACT, 0, head, head, head).block_hashes([6, 7])


async def proof_of(node: NodeRpc) -> Any:
    return await fetch.history_at(node, CONTRACT, HEADER["hash"])


async def version_of(node: NodeRpc) -> Any:
    return await identity.check_version(node, CONTRACT)


HEAD: Head = parse_head(block(9))
TWO_WORDS = {"eth_call": lambda *_: WORDS + "00" * 32}
AT = HEADER["hash"]
TO_ASK = WantedCall(to=CONTRACT, data=b"", value=0, sender=ACCOUNT, gas=100_000)
READERS = (
    Reader("latest", fetch.latest),
    Reader("header_at", lambda node: fetch.header_at(node, 7)),
    Reader("linked_headers", lambda node: fetch.linked_headers(node, 6, 8)),
    Reader("fetch_range", logs_of),
    Reader("fetch_recent", recent_logs_of, TWO_WORDS),
    Reader("history_at", proof_of, TWO_WORDS),
    Reader("chain_id", identity.read_chain_id),
    Reader("code", lambda node: identity.read_code(node, CONTRACT)),
    Reader("version", version_of, {"eth_call": lambda *_: version(CONTRACT_VERSION)}),
    Reader("first_room", lambda node: identity.read_first_room_id(node, CONTRACT, AT)),
    Reader("final_number", lambda node: final_number(node, 9, Finality("finalized"))),
    Reader("observe", lambda node: observe(node, ACCOUNT, [ROW], HEAD, 5)),
    Reader("balance", lambda node: BalanceWatch(node, ACCOUNT, ManualClock()).check()),
    Reader("block_at", lambda node: block_at(node, "latest")),
    Reader("block_hashes", snapshot_of),
    Reader("read_history", lambda node: views.read_history(node, CONTRACT, AT), TWO_WORDS),
    Reader("read_paused", lambda node: views.read_paused(node, CONTRACT, AT)),
    Reader("probe", lambda node: node._pool.probe_one("a")),
    Reader("unsigned", lambda node: build_unsigned(node, 31337, TO_ASK)),
)


def with_odd(answer: Any, odd: Any) -> Iterator[Any]:
    """`answer` with `odd` in each of its places, and with each of its keys missing."""
    yield odd
    if not isinstance(answer, dict | list):
        return
    places = answer.items() if isinstance(answer, dict) else enumerate(answer)
    for place, value in places:
        for changed in with_odd(value, odd):
            made = copy.copy(answer)
            made[place] = changed
            yield made
        if isinstance(answer, dict) and odd is None:
            yield {key: value for key, value in answer.items() if key != place}


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
async def test_scenario_21__any_value_of_any_answer_is_odd__the_nodes_fault_and_nothing_else(
    reader: Reader,
) -> None:
    well, _, came = await reader.run(None)
    assert not isinstance(came, Exception), came
    malformed = 0
    for place, (method, answer) in enumerate(well.told):
        for odd in ODD:
            for changed in with_odd(answer, odd):
                _, pool, came = await reader.run((place, changed))
                if not isinstance(came, MalformedAnswer):
                    continue
                malformed += 1
                assert (came.endpoint, came.method) == ("a", method)
                assert "odd answer" in came.text or "empty answer" in came.text
                shown = pool.health()[0]
                assert (shown.errors, shown.state, pool.current) == (1, NodeState.COOLING, "b")
                assert method in str(shown.last_error)
    assert malformed, "nothing was found odd"


@pytest.mark.parametrize("odd", [None, 7, "0x", [], {"number": 7}, block(7) | {"timestamp": None}])
async def test_scenario_21__asked_through_the_pool__the_next_node_answers(odd: Any) -> None:
    odd_one, other = OddNode(), OddNode()
    odd_one.odd = (0, odd)
    pool = NodePool(
        [PooledNode("a", odd_one), PooledNode("b", other)], ManualClock(), random.Random(1)
    )
    assert (await block_at(pool, "latest")).number == 7
    assert pool.current == "b"


@pytest.mark.parametrize("text", ["0x7", "0X7", "0x07", "0x" + "0" * 63 + "7"])
def test_number__leading_zeros_or_capitals__certain_all_the_same(text: str) -> None:
    assert answers.number(text) == 7


@pytest.mark.parametrize(
    "text", ["7", "0x", " 0x7", "0x7 ", "0x_7", "-0x7", "+0x7", "0x8" + "0" * 15, 7, 7.0, None]
)
def test_number__anything_else__refused(text: Any) -> None:
    with pytest.raises(ValueError, match="quantity"):
        answers.number(text)


@pytest.mark.parametrize("text", ["0x" + "Ab" * 32, "0X" + "aB" * 32])
def test_digest__any_case__lower_case(text: str) -> None:
    assert answers.digest(text) == "0x" + "ab" * 32
