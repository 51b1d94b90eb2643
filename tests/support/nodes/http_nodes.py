"""A pool over HTTP of nodes that answer what a test tells them to, and whom it asked what."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import httpx
import orjson

from chain.rpc.node_health import NodeHealth, hindrance, left_out
from chain.rpc.pool import NodeConfig, NodePool
from tests.support.manual_clock import ManualClock

Json = dict[str, Any]
Answer = Callable[[Json], Json | httpx.Response]
A, B, C = "https://a.example", "https://b.example", "https://c.example"
KEY = "SECRETKEY"
BLOCK = {
    "number": "0x1", "timestamp": "0x1", "hash": "0x" + "12" * 32, "parentHash": "0x" + "11" * 32,
}  # fmt: skip


def error(code: int, message: str, status: int = 200, data: Any = None) -> Answer:
    body: Json = {"code": code, "message": message} | ({} if data is None else {"data": data})
    return lambda _: httpx.Response(status, json={"jsonrpc": "2.0", "id": 1, "error": body})


def page(status: int, text: str = "") -> Answer:
    return lambda _: httpx.Response(status, text=text)


def result(value: Any) -> Answer:
    return lambda call: {"id": call["id"], "result": value}


def away(_: Json) -> Json:
    raise httpx.ConnectError("refused")


def only(method: str, answer: Answer) -> Answer:
    """`answer` to that method, a good answer to all others."""
    return lambda call: (answer if call["method"] == method else result("0x01"))(call)


class HttpNodes:
    """A pool over HTTP of nodes a, b, c; whom it asked what, in order."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = dict(zip("abc", answers, strict=False))
        self.asked: list[tuple[str, str]] = []
        self.clock = ManualClock()
        client = httpx.AsyncClient(transport=httpx.MockTransport(self.handle))
        configs = [NodeConfig(f"https://{name}.example/v3/{KEY}") for name in self.answers]
        self.pool = NodePool.build(configs, client, self.clock, random.Random(1))

    def handle(self, request: httpx.Request) -> httpx.Response:
        body = orjson.loads(request.content)
        name = request.url.host[0]
        calls = body if isinstance(body, list) else [body]
        self.asked += [(name, call["method"]) for call in calls]
        told = [self.answers[name](call) for call in calls]
        if isinstance(told[0], httpx.Response):
            return told[0]
        return httpx.Response(200, json=told if isinstance(body, list) else told[0])

    def count(self, name: str) -> int:
        return sum(asked == name for asked, _ in self.asked)

    def health(self, name: str = "a") -> NodeHealth:
        return next(h for h in self.pool.health() if h.name == f"https://{name}.example")

    def readyz(self) -> str:
        return f"{hindrance(self.pool.health())} / {left_out(self.pool.health())}"
