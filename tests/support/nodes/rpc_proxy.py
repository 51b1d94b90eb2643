"""A fault-injecting proxy before a real node: the ways in which real nodes and gateways misbehave.

`async with RpcProxy(anvil.url) as proxy:` listens on a free port; `proxy.url` and `proxy.ws_url`
are what the code under test is given. Faults are set by attribute, at any time:

- `fault`: "401", "402", "403", "429", "500", "html", "truncated", "hang", "reset", or None;
  `retry_after` goes with 429
- `refusal`: the JSON-RPC error (code, words) that answers everything, in HTTP 200
- `most_calls`: a batch of more is refused as a whole, in words that say nothing
- `delay`: seconds before each answer
- `lag`: the node is so many blocks behind: later blocks are unknown to it, their logs are []
- `frozen`: True: its head stays where it is now
- `before`: a coroutine function called with each JSON-RPC request before it is forwarded, e.g. to
  make a reorg between two calls; `after` may change the answer (request, answer) -> answer;
  `pushed` what the WebSocket tells (text) -> text
- `refuse`: given each JSON-RPC request, the message of the error that answers it; None: forward it
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any

import aiohttp
from aiohttp import web

Request = dict[str, Any]
Answer = dict[str, Any]


class RpcProxy:
    """See the module. `counts`: forwarded and refused calls by method; `batches`: their sizes."""

    def __init__(self, node_url: str) -> None:
        self._node = node_url
        self.fault: str | None = None
        self.retry_after: str | None = None
        self.refusal: tuple[int, str] | None = None
        self.most_calls: int | None = None
        self.batches: list[int] = []
        self.delay = 0.0
        self.lag = 0
        self.before: Callable[[Request], Awaitable[None]] | None = None
        self.after: Callable[[Request, Answer], Answer] | None = None
        self.pushed: Callable[[str], str] | None = None
        self.refuse: Callable[[Request], str | None] = lambda _: None
        self.counts: Counter[str] = Counter()
        self._head_limit: int | None = None
        self._sockets: set[web.WebSocketResponse] = set()
        self.url = ""
        self.ws_url = ""

    async def __aenter__(self) -> RpcProxy:
        self._client = aiohttp.ClientSession()
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url, self.ws_url = f"http://{host}:{port}", f"ws://{host}:{port}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.drop_sockets()
        await self._runner.cleanup()
        await self._client.close()

    async def freeze(self) -> None:
        """The head stays where it is; `thaw` lets it go on."""
        self._head_limit = await self._real_head()

    def thaw(self) -> None:
        self._head_limit = None

    async def drop_sockets(self) -> None:
        """Cut every open WebSocket."""
        for socket in list(self._sockets):
            await socket.close()

    # --- HTTP -----------------------------------------------------------------------------------

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("upgrade", "").lower() == "websocket":
            return await self._pipe(request)
        body = await request.json()
        calls: list[Request] = body if isinstance(body, list) else [body]
        for call in calls:
            self.counts[call["method"]] += 1
        if self.delay:
            await asyncio.sleep(self.delay)
        if self.fault is not None:
            return await self._fail(request)
        if isinstance(body, list):
            self.batches.append(len(body))
        most = self.most_calls
        refused = (-32600, "njet") if most is not None and len(calls) > most else self.refusal
        if refused is not None:
            error = {"code": refused[0], "message": refused[1]}
            return web.json_response({"jsonrpc": "2.0", "id": calls[0]["id"], "error": error})
        answers = [await self._answer(call) for call in calls]
        return web.json_response(answers if isinstance(body, list) else answers[0])

    async def _fail(self, request: web.Request) -> web.StreamResponse:
        if self.fault == "429":
            headers = {"Retry-After": self.retry_after} if self.retry_after else {}
            return web.Response(status=429, headers=headers, text="slow down")
        if self.fault in ("401", "402", "403"):
            said = {"code": -32000, "message": "header not found"}
            return web.json_response({"error": said}, status=int(self.fault))
        if self.fault == "500":
            return web.Response(status=500, text="oops")
        if self.fault == "html":
            return web.Response(text="<html>maintenance</html>", content_type="text/html")
        if self.fault == "truncated":
            return web.Response(text='{"jsonrpc":"2.0","id":1,"resu')
        if self.fault == "hang":
            await asyncio.sleep(3600)
        if request.transport is not None:
            request.transport.close()
        return web.Response(status=500)

    async def _answer(self, call: Request) -> Answer:
        if self.before is not None:
            await self.before(call)
        refusal = self.refuse(call)
        if refusal is not None:
            error = {"code": -32000, "message": refusal}
            return {"jsonrpc": "2.0", "id": call["id"], "error": error}
        limit = await self._limit()
        if limit is None:
            answer = await self._forward(call)
        else:
            answer = await self._limited(call, limit)
        return self.after(call, answer) if self.after is not None else answer

    async def _forward(self, call: Request) -> Answer:
        async with self._client.post(self._node, json=call) as response:
            answer: Answer = await response.json()
        return answer

    async def _real_head(self) -> int:
        call = {"jsonrpc": "2.0", "id": 0, "method": "eth_blockNumber", "params": []}
        return int((await self._forward(call))["result"], 16)

    async def _limit(self) -> int | None:
        if self._head_limit is not None:
            return self._head_limit
        return max(0, await self._real_head() - self.lag) if self.lag else None

    async def _limited(self, call: Request, limit: int) -> Answer:
        """The answer of a node whose head is `limit`."""
        method, params = call["method"], list(call.get("params", []))
        if method == "eth_blockNumber":
            return {"jsonrpc": "2.0", "id": call["id"], "result": hex(limit)}
        if method == "eth_getBlockByNumber":
            if params[0] in ("latest", "pending"):
                params[0] = hex(limit)
            elif params[0].startswith("0x") and int(params[0], 16) > limit:
                return {"jsonrpc": "2.0", "id": call["id"], "result": None}
        if method == "eth_getLogs":
            query = dict(params[0])
            for end in ("fromBlock", "toBlock"):
                number = query.get(end, "latest")
                if number == "latest":
                    query[end] = hex(limit)
                elif number.startswith("0x") and int(number, 16) > limit:
                    # what it does not have yet, it silently leaves out
                    if end == "fromBlock":
                        return {"jsonrpc": "2.0", "id": call["id"], "result": []}
                    query[end] = hex(limit)
            params[0] = query if "blockHash" not in query else params[0]
        answer = await self._forward({**call, "params": params})
        return await self._hidden(call, answer, limit)

    async def _hidden(self, call: Request, answer: Answer, limit: int) -> Answer:
        """Blocks and receipts by hash that it cannot know yet."""
        result = answer.get("result")
        if isinstance(result, dict):
            number = result.get("number") or result.get("blockNumber")
            if isinstance(number, str) and int(number, 16) > limit:
                return {"jsonrpc": "2.0", "id": call["id"], "result": None}
        if call["method"] == "eth_getLogs" and isinstance(result, list):
            kept = [log for log in result if int(log["blockNumber"], 16) <= limit]
            return {**answer, "result": kept}
        return answer

    # --- WebSocket ------------------------------------------------------------------------------

    async def _pipe(self, request: web.Request) -> web.WebSocketResponse:
        ours = web.WebSocketResponse(max_msg_size=16 * 1024 * 1024)
        await ours.prepare(request)
        self._sockets.add(ours)
        try:
            async with self._client.ws_connect(self._node.replace("http", "ws")) as theirs:
                upward = asyncio.ensure_future(_copy(ours, theirs))
                async for message in theirs:
                    # a lagging or frozen node announces nothing new
                    quiet = self._head_limit is not None or self.lag or self.fault is not None
                    if message.type is aiohttp.WSMsgType.TEXT and not (
                        quiet and "eth_subscription" in message.data
                    ):
                        text = message.data
                        await ours.send_str(self.pushed(text) if self.pushed else text)
                upward.cancel()
        except (aiohttp.ClientError, ConnectionError):
            pass
        finally:
            self._sockets.discard(ours)
        return ours


async def _copy(ours: web.WebSocketResponse, theirs: aiohttp.ClientWebSocketResponse) -> None:
    async for message in ours:
        if message.type is aiohttp.WSMsgType.TEXT:
            await theirs.send_str(message.data)
    await theirs.close()


def nulls(*methods: str) -> Callable[[Request, Answer], Answer]:
    """For `after`: a node that answers null to these."""

    def after(call: Request, answer: Answer) -> Answer:
        return {**answer, "result": None} if call["method"] in methods else answer

    return after


def odd_block(**values: Any) -> Callable[[Request, Answer], Answer]:
    """For `after`: a node whose newest block has these values; "missing": not even the key."""

    def after(call: Request, answer: Answer) -> Answer:
        if call["method"] != "eth_getBlockByNumber" or call["params"][0] != "latest":
            return answer
        block = {**answer["result"], **values}
        return {**answer, "result": {k: v for k, v in block.items() if v != "missing"}}

    return after


def odd_logs(**values: Any) -> Callable[[Request, Answer], Answer]:
    """For `after`: a node whose logs have these values."""

    def after(call: Request, answer: Answer) -> Answer:
        if call["method"] != "eth_getLogs":
            return answer
        return {**answer, "result": [{**log, **values} for log in answer["result"]]}

    return after


def announcing_nothing(text: str) -> str:
    """For `pushed`: heads whose number is null."""
    return text.replace('"number":"0x', '"number":null,"was":"0x')


TAGS = ("finalized", "safe")


def _about_tags(call: Request, answer: Answer, code: int, words: str) -> Answer:
    if call["method"] != "eth_getBlockByNumber" or call["params"][0] not in TAGS:
        return answer
    return {"jsonrpc": "2.0", "id": call["id"], "error": {"code": code, "message": words}}


def without_tags(call: Request, answer: Answer) -> Answer:
    """For `after`: a node that knows neither `finalized` nor `safe`."""
    return _about_tags(call, answer, -32602, "invalid argument 0: hex string without 0x prefix")


def nothing_final(call: Request, answer: Answer) -> Answer:
    """For `after`: a node whose chain has not finalised anything yet."""
    return _about_tags(call, answer, -32000, "finalized block not found")
