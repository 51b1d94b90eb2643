"""The fault-injecting RPC proxy for tests that are not asyncio themselves: it runs in a thread."""

from __future__ import annotations

import asyncio
import threading
from types import TracebackType
from typing import Any, Self

from tests.support.nodes.rpc_proxy import RpcProxy


class ThreadedProxy:
    """`with ThreadedProxy(anvil.url) as proxy:`; faults are attributes of `proxy.faults`.

    `broken`: how many more broadcasts are refused before they reach the node; `swallow`: how many
    more reach the node and are not answered.
    """

    def __init__(self, node_url: str) -> None:
        self.faults = RpcProxy(node_url)
        self.broken = 0
        self.swallow = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.faults.before = self._before
        self.faults.after = self._after
        asyncio.run_coroutine_threadsafe(self.faults.__aenter__(), self._loop).result(10)
        self.url, self.ws_url = self.faults.url, self.faults.ws_url
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        ended = asyncio.run_coroutine_threadsafe(
            self.faults.__aexit__(None, None, None), self._loop
        )
        ended.result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def freeze(self) -> None:
        """Its head stays where it is."""
        asyncio.run_coroutine_threadsafe(self.faults.freeze(), self._loop).result(10)

    @property
    def broadcasts(self) -> int:
        """How often eth_sendRawTransaction was asked for."""
        return self.faults.counts["eth_sendRawTransaction"]

    async def _before(self, call: dict[str, Any]) -> None:
        if call["method"] == "eth_sendRawTransaction" and self.broken > 0:
            self.broken -= 1
            raise ConnectionResetError("the node is away")

    def _after(self, call: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        if call["method"] == "eth_sendRawTransaction" and self.swallow > 0:
            self.swallow -= 1
            raise ConnectionResetError("the answer is lost")
        return answer
