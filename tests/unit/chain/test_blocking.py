"""The API's nodes: chosen, left and understood as the other services do it; nothing secret told."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Iterator
from typing import Any

import httpx
import orjson
import pytest

from chain.identity import WrongChain, check_chain_ids
from chain.rpc.blocking import MOST_BYTES, BlockingNode, NodeUnavailable, run
from chain.rpc.client import HttpRpc, Rpc
from chain.rpc.errors import ExecutionReverted, RpcError
from chain.rpc.web3_provider import eth_call, web3_on
from common.clock import SystemClock
from tests.support.manual_clock import ManualClock

FIRST, SECOND = "https://first.example/v3/SECRET", "https://second.example/v3/SECRET"
Answer = Callable[[httpx.Request], httpx.Response]


def result(value: Any) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        body = orjson.loads(request.content)
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": body["id"], "result": value})

    return answer


def refusal(code: int, message: str) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        error = {"code": code, "message": message}
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": 0, "error": error})

    return answer


def saying(status: int, text: str = "", **headers: str) -> Answer:
    return lambda _: httpx.Response(status, text=text, headers=headers)


def telling(*entries: Any) -> Answer:
    """What answers a batch with these entries."""
    return lambda _: httpx.Response(200, json=list(entries))


def away(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


def silent(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("no answer", request=request)


def not_gzip(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=b"not gzip", headers={"content-encoding": "gzip"})


FAULTS: dict[str, Answer] = {
    "away": away,
    "silent": silent,
    "401": saying(401, "no key"),
    "429": saying(429, "slow down"),
    "429 until a date": saying(429, **{"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}),
    "429 until nonsense": lambda _: httpx.Response(429, headers=[(b"retry-after", b"\xb2")]),
    "500": saying(500, "oops"),
    "503": saying(503, "<html>no backend</html>"),
    "redirect": saying(302, location="https://elsewhere.example"),
    "html": saying(200, "<html>maintenance</html>"),
    "truncated": saying(200, '{"jsonrpc":"2.0","id":1,"resu'),
    "not gzip": not_gzip,
    "too much": lambda _: httpx.Response(200, content=b" " * (MOST_BYTES + 1)),
    "no object": saying(200, "7"),
    "null": saying(200, "null"),
    "empty": lambda _: httpx.Response(200, json={"jsonrpc": "2.0", "id": 0}),
    "an array": telling({"jsonrpc": "2.0", "id": 1, "result": "0x01"}),
    "busy": refusal(-32603, "internal error"),
    "limited": refusal(-32005, "rate limit exceeded"),
}
BATCH_FAULTS: dict[str, Answer] = {
    "nothing": telling(),
    "no objects": telling(None, 7, "x"),
    "ids of another kind": telling({"id": [], "result": 1}, {"id": {}, "result": 2}),
    "ids of another question": telling({"id": -1, "result": 1}, {"id": -2, "result": 2}),
    "one object": lambda _: httpx.Response(200, json={"jsonrpc": "2.0", "id": 1, "result": 1}),
}


class TwoBlockingNodes:
    """Two nodes behind one `BlockingNode`; whom it asked, in order. `answers`: by host."""

    def __init__(
        self, first: Answer, second: Answer, *more: str, chain_id: int | None = None
    ) -> None:
        self.asked: list[str] = []
        self.told: list[tuple[str, str]] = []
        self.answers = {"first.example": first, "second.example": second}
        self.clock = ManualClock()

        def handle(request: httpx.Request) -> httpx.Response:
            self.asked.append(request.url.host)
            return self.answers[request.url.host](request)

        urls = [*more, FIRST, "wss://first.example/v3/SECRET", SECOND]
        transport = httpx.MockTransport(handle)
        self.node = BlockingNode(
            urls, self.clock, random.Random(1), chain_id=chain_id, transport=transport
        )
        self.node.on_call = lambda method, result: self.told.append((method, result))

    def ask(self) -> Any:
        async def question(rpc: Rpc) -> Any:
            return await rpc.call("eth_call", [])

        return self.node.ask(question)

    def ask_two(self) -> Any:
        async def question(rpc: Rpc) -> Any:
            return await rpc.batch([("eth_blockNumber", []), ("eth_chainId", [])])

        return self.node.ask(question)

    def asked_by(self, ask: Callable[[], Any]) -> list[str]:
        """Whom `ask` asked."""
        before = len(self.asked)
        ask()
        return self.asked[before:]


@pytest.mark.parametrize("fault", FAULTS)
def test_ask__the_first_node_is_in_trouble__the_second_answers(fault: str) -> None:
    nodes = TwoBlockingNodes(FAULTS[fault], result("0x07"))
    assert nodes.ask() == "0x07"
    assert nodes.asked == ["first.example", "second.example"]


@pytest.mark.parametrize("fault", BATCH_FAULTS)
def test_ask__the_first_node_answers_a_batch_with_garbage__the_second_answers(fault: str) -> None:
    def both(request: httpx.Request) -> httpx.Response:
        calls = orjson.loads(request.content)
        return httpx.Response(200, json=[{"id": c["id"], "result": c["method"]} for c in calls])

    nodes = TwoBlockingNodes(BATCH_FAULTS[fault], both)
    assert nodes.ask_two() == ["eth_blockNumber", "eth_chainId"]
    assert nodes.asked == ["first.example", "second.example"]


def test_ask__the_first_answers__nobody_else_is_asked() -> None:
    nodes = TwoBlockingNodes(result("0x01"), result("0x02"))
    assert nodes.ask() == "0x01"
    assert nodes.asked == ["first.example"]


def test_ask__the_first_says_no__that_is_the_answer() -> None:
    nodes = TwoBlockingNodes(refusal(3, "execution reverted"), result("0x02"))
    with pytest.raises(ExecutionReverted):
        nodes.ask()
    assert nodes.asked == ["first.example"]


def test_ask__the_second_question_of_one_fails__all_of_it_is_asked_elsewhere() -> None:
    calls = iter([result("0x01"), away])

    def breaks(request: httpx.Request) -> httpx.Response:
        return next(calls)(request)

    nodes = TwoBlockingNodes(breaks, result("0x02"))

    async def question(rpc: Rpc) -> Any:
        return [await rpc.call("eth_blockNumber", []), await rpc.call("eth_chainId", [])]

    assert nodes.node.ask(question) == ["0x02", "0x02"], "answers of one node only"


def test_ask__ws_addresses_among_the_nodes__only_http_is_asked() -> None:
    nodes = TwoBlockingNodes(away, away, "ws://first.example/heads", "wss://other.example")
    with pytest.raises(NodeUnavailable):
        nodes.ask()
    assert nodes.asked == ["first.example", "second.example"]


def test_ask__no_node_answers__told_of_each_without_the_keys() -> None:
    with pytest.raises(NodeUnavailable) as caught:
        TwoBlockingNodes(away, FAULTS["500"]).ask()
    text = str(caught.value)
    assert "https://first.example" in text and "https://second.example" in text
    assert "SECRET" not in text


def test_ask__again_and_again__through_one_web3_a_node() -> None:
    nodes = TwoBlockingNodes(away, result("0x07"))
    seen = []

    async def question(rpc: Rpc) -> Any:
        seen.append(web3_on(rpc))
        return await eth_call(rpc, {"to": "0x" + "ab" * 20}, "latest")

    assert [nodes.node.ask(question) for _ in range(2)] == [b"\x07"] * 2
    assert seen[:2] == seen[2:]
    assert seen[0] is not seen[1]


# --- how long a bad node is left ----------------------------------------------------------------


@pytest.mark.parametrize("fault", [away, silent, saying(500), saying(200, "<html>")])
def test_ask__a_node_fails_again_and_again__left_and_its_time_is_not_spent(fault: Answer) -> None:
    nodes = TwoBlockingNodes(fault, result("0x07"))
    for _ in range(20):
        assert nodes.ask() == "0x07"
    assert nodes.asked.count("first.example") == 3
    nodes.clock.tick(3600.0)
    assert nodes.asked_by(nodes.ask) == ["second.example"], "it stays with the good one"


def test_ask__a_node_asks_to_be_left_alone__it_is_and_comes_back_after() -> None:
    nodes = TwoBlockingNodes(saying(429, **{"retry-after": "40"}), away)
    with pytest.raises(NodeUnavailable):
        nodes.ask()
    for _ in range(35):
        nodes.clock.tick(1.0)
        with pytest.raises(NodeUnavailable):
            nodes.ask()
    assert nodes.asked.count("first.example") == 1
    nodes.answers["first.example"] = result("0x07")
    nodes.clock.tick(10.0)
    assert nodes.ask() == "0x07"


def test_ask__nobody_may_be_asked__fails_at_once_and_says_why() -> None:
    limited = saying(429, **{"retry-after": "40"})
    nodes = TwoBlockingNodes(limited, limited)
    with pytest.raises(NodeUnavailable):
        nodes.ask()
    with pytest.raises(NodeUnavailable, match="rate limited") as caught:
        nodes.ask()
    assert len(nodes.asked) == 2
    assert "SECRET" not in str(caught.value)


def test_ask__all_nodes_were_away__used_again_within_a_second() -> None:
    nodes = TwoBlockingNodes(away, away)
    for _ in range(60):
        with pytest.raises(NodeUnavailable):
            nodes.ask()
        nodes.clock.tick(1.0)
    nodes.answers["second.example"] = result("0x07")
    nodes.clock.tick(1.0)
    assert nodes.ask() == "0x07"


def test_ask__many_at_once_are_refused__one_fault_and_a_short_pause() -> None:
    """Twenty greenlets' calls are under way together: each begins before any is answered."""
    clock, waiting, good = ManualClock(), 20, False

    def refused_once_all_have_begun(request: httpx.Request) -> httpx.Response:
        nonlocal waiting
        if good:
            return result("0x07")(request)
        waiting -= 1
        clock.tick(0.01)
        if waiting:
            with pytest.raises(NodeUnavailable):
                node.ask(question)
        return httpx.Response(429)

    async def question(rpc: Rpc) -> Any:
        return await rpc.call("eth_call", [])

    transport = httpx.MockTransport(refused_once_all_have_begun)
    node = BlockingNode([FIRST], clock, random.Random(1), transport=transport)
    with pytest.raises(NodeUnavailable):
        node.ask(question)
    assert waiting == 0
    good = True
    clock.tick(3.0)
    assert node.ask(question) == "0x07"


class Trickle(httpx.SyncByteStream):
    """A good answer, a byte a second."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.sent = 0

    def __iter__(self) -> Iterator[bytes]:
        for byte in b'{"jsonrpc": "2.0", "id": 1, "result": "0x01"}':
            self.clock.tick(1.0)
            self.sent += 1
            yield bytes([byte])


def test_ask__an_answer_trickles_in__given_up_when_its_time_is_over() -> None:
    nodes = TwoBlockingNodes(away, result("0x07"))
    trickle = Trickle(nodes.clock)
    nodes.answers["first.example"] = lambda _: httpx.Response(200, stream=trickle)
    assert nodes.ask() == "0x07"
    assert 5 <= trickle.sent <= 7, "five seconds are the timeout"


# --- one client's rules are the other's ---------------------------------------------------------


async def failure_of_async(fault: Answer, ask: Callable[[Rpc], Any]) -> RpcError:
    async with httpx.AsyncClient(transport=httpx.MockTransport(fault)) as client:
        with pytest.raises(RpcError) as caught:
            await ask(HttpRpc(FIRST, client, timeout=5.0, max_response_bytes=MOST_BYTES))
    return caught.value


def failure_of_blocking(fault: Answer, ask: Callable[[Rpc], Any]) -> RpcError:
    caught: list[RpcError] = []

    async def question(rpc: Rpc) -> None:
        try:
            await ask(rpc)
        except RpcError as error:
            caught.append(error)

    transport = httpx.MockTransport(fault)
    node = BlockingNode([FIRST], SystemClock(), random.Random(1), transport=transport)
    node.ask(question)
    node.close()
    return caught[0]


@pytest.mark.parametrize("fault", [*FAULTS, *BATCH_FAULTS])
async def test_failure__any_fault__both_clients_tell_the_same(fault: str) -> None:
    async def one(rpc: Rpc) -> None:
        await rpc.call("eth_chainId", [])

    async def two(rpc: Rpc) -> None:
        await rpc.batch([("eth_blockNumber", []), ("eth_chainId", [])])

    for ask in (one, two) if fault in FAULTS and fault != "an array" else (two,):
        answer = (FAULTS | BATCH_FAULTS)[fault]
        theirs = await failure_of_async(answer, ask)
        ours = failure_of_blocking(answer, ask)
        assert (type(ours), str(ours), vars(ours)) == (type(theirs), str(theirs), vars(theirs))


# --- what is counted ----------------------------------------------------------------------------


def test_on_call__any_call__told_with_its_end() -> None:
    nodes = TwoBlockingNodes(FAULTS["429"], result("0x07"))
    nodes.ask()
    assert nodes.told == [("eth_call", "RateLimited"), ("eth_call", "ok")]


def test_on_call__a_batch__is_called_so_unless_it_is_one_call() -> None:
    nodes = TwoBlockingNodes(telling(), telling())
    with pytest.raises(NodeUnavailable):
        nodes.ask_two()
    assert {method for method, _ in nodes.told} == {"batch"}
    nodes.told.clear()

    async def one(rpc: Rpc) -> Any:
        return await rpc.batch([("eth_blockNumber", [])])

    with pytest.raises(NodeUnavailable):
        nodes.node.ask(one)
    assert {method for method, _ in nodes.told} == {"eth_blockNumber"}


def test_run__a_coroutine_that_waits_for_something_else__clear_error() -> None:
    class Elsewhere:
        def __await__(self) -> Generator[None]:
            yield

    async def question() -> None:
        await Elsewhere()

    with pytest.raises(RuntimeError, match="something else than the node"):
        run(question())


# --- of another chain ---------------------------------------------------------------------------


def test_ask__the_first_node_is_of_another_chain__the_second_answers() -> None:
    nodes = TwoBlockingNodes(result("0x5"), result("0x7"), chain_id=7)
    assert nodes.ask() == "0x7"
    assert nodes.asked == ["first.example", "second.example", "second.example"]
    assert nodes.asked_by(nodes.ask) == ["second.example"], (
        "checked already, and the first left out"
    )


def test_check_all__at_the_start__the_wrong_one_is_left_out() -> None:
    nodes = TwoBlockingNodes(result("0x5"), result("0x7"), chain_id=7)
    nodes.node.check_all(lambda pool: check_chain_ids(pool, 7))
    assert "first.example" not in nodes.asked_by(nodes.ask)


def test_check_all__both_are_wrong__wrong_chain() -> None:
    nodes = TwoBlockingNodes(result("0x5"), result("0x6"), chain_id=7)
    with pytest.raises(WrongChain, match=r"on chain 5, .* on chain 6, the settings say 7"):
        nodes.node.check_all(lambda pool: check_chain_ids(pool, 7))
