"""A playback host that answers /lifecycle and /views and nothing else, for many rooms at once.

Promises: it says of a room what `on_air` says at that moment, unless it is `deaf` and calls every
one off air; it counts the questions.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import Any, Self

from aiohttp import web

from localnet.ports import free_port


class PlaybackHost:
    """`on_air`: uids. `asked`: monotonic time of each question."""

    def __init__(self, *, deaf: bool = False) -> None:
        self._deaf = deaf
        self.on_air: set[str] = set()
        self.asked: list[float] = []
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._up = threading.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._up.wait(10):
            raise RuntimeError("the playback host did not start")
        return self

    def __exit__(self, *_: Any) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def most_in_a_second(self) -> int:
        most = start = 0
        for end, at in enumerate(self.asked):
            while self.asked[start] <= at - 1.0:
                start += 1
            most = max(most, end - start + 1)
        return most

    def _serve(self) -> None:
        app = web.Application()
        app.add_routes([web.get("/{uid}/lifecycle", self._lifecycle)])
        app.add_routes([web.get("/{uid}/views", self._views)])
        runner = web.AppRunner(app)

        async def begin() -> None:
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", self.port).start()
            self._up.set()

        self._loop.run_until_complete(begin())
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    async def _lifecycle(self, request: web.Request) -> web.Response:
        self.asked.append(time.monotonic())
        live = request.match_info["uid"] in self.on_air and not self._deaf
        return _answer({"isInput": True, "videoUID": None, "live": live})

    async def _views(self, _: web.Request) -> web.Response:
        self.asked.append(time.monotonic())
        return _answer({"liveViewers": 3})


def _answer(body: dict[str, Any]) -> web.Response:
    return web.Response(text=json.dumps(body), content_type="application/json")
