"""The API's nodes: one after the other until one answers, nothing secret told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import orjson
import pytest

from chain.rpc.blocking import BlockingNode, NodeUnavailable
from chain.rpc.client import Rpc
from chain.rpc.errors import ExecutionReverted
from chain.rpc.web3_provider import eth_call, web3_on

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


def away(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


def silent(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("no answer", request=request)


FAULTS: dict[str, Answer] = {
    "away": away,
    "silent": silent,
    "401": lambda _: httpx.Response(401, text="no key"),
    "429": lambda _: httpx.Response(429, text="slow down"),
    "500": lambda _: httpx.Response(500, text="oops"),
    "html": lambda _: httpx.Response(200, text="<html>maintenance</html>"),
    "empty": lambda _: httpx.Response(200, json={"jsonrpc": "2.0", "id": 0}),
    "busy": refusal(-32603, "internal error"),
    "limited": refusal(-32005, "rate limit exceeded"),
}


class TwoBlockingNodes:
    """Two nodes behind one `BlockingNode`; whom it asked, in order."""

    def __init__(self, first: Answer, second: Answer) -> None:
        self.asked: list[str] = []
        answers = {"first.example": first, "second.example": second}

        def handle(request: httpx.Request) -> httpx.Response:
            self.asked.append(request.url.host)
            return answers[request.url.host](request)

        urls = [FIRST, "wss://first.example/v3/SECRET", SECOND]
        self.node = BlockingNode(urls, transport=httpx.MockTransport(handle))

    def ask(self) -> Any:
        async def question(rpc: Rpc) -> Any:
            return await rpc.call("eth_call", [])

        return self.node.ask(question)


@pytest.mark.parametrize("fault", FAULTS)
def test_ask__the_first_node_is_in_trouble__the_second_answers(fault: str) -> None:
    nodes = TwoBlockingNodes(FAULTS[fault], result("0x07"))
    assert nodes.ask() == "0x07"
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
