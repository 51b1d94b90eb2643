"""Answers of the API, bent for states that a healthy system reaches slowly or never."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from eth_utils.abi import function_abi_to_4byte_selector
from playwright.sync_api import Page, Route

from chain import abi

IS_NODE = re.compile(r"^[^/]*//[^/]*:\d+/?$")
Bend = Callable[[dict[str, Any]], dict[str, Any]]


def bend_room(page: Page, room: str, bend: Bend) -> None:
    """What `bend` makes of the API's answer for a room."""

    def answer(route: Route) -> None:
        told = route.fetch()
        route.fulfill(response=told, body=json.dumps(bend(told.json())))

    page.route(f"**/api/livestream/rooms/{room}", answer)


def hold_stream(page: Page) -> list[Route]:
    """A proxy that lets no event stream open; the streams that are held, to be let go late."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/livestream/stream?*", hold)
    return held


def _selector(function: str) -> str:
    """How a call of it begins."""
    found = [item for item in abi.load().abi if item.get("name") == function]
    return "0x" + function_abi_to_4byte_selector(found[0]).hex()  # type: ignore[arg-type]


class BentView:
    """What a node answers to one of the contract's views, with words of it replaced; no more once
    it was asked to call `until`."""

    def __init__(
        self, page: Page, view: str, words: dict[int, int], until: str | None = None
    ) -> None:
        self.until = until
        self.is_over = False
        self._view = _selector(view)
        self._words = words
        page.route(IS_NODE, self._answer)

    def _answer(self, route: Route) -> None:
        asked = json.loads(route.request.post_data or "{}")
        called = asked["params"][0].get("data", "") if asked.get("method") == "eth_call" else ""
        if self.until is not None and called.startswith(_selector(self.until)):
            self.is_over = True
        if self.is_over or not called.startswith(self._view):
            return route.fallback()
        told = route.fetch()
        body = told.json()
        data = bytearray.fromhex(body["result"][2:])
        for at, word in self._words.items():
            data[32 * at : 32 * at + 32] = word.to_bytes(32)
        return route.fulfill(response=told, body=json.dumps({**body, "result": "0x" + data.hex()}))


def no_rooms(page: Page) -> None:
    """As on the first day."""

    def answer(route: Route) -> None:
        told = route.fetch()
        route.fulfill(
            response=told, body=json.dumps({**told.json(), "rooms": [], "next_cursor": None})
        )

    page.route("**/api/livestream/rooms?*", answer)


def hold_logs(page: Page) -> list[Route]:
    """No node answers a question for events any more; the questions that are held."""
    held: list[Route] = []

    def answer(route: Route) -> None:
        if '"eth_getLogs"' in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route(IS_NODE, answer)
    return held


def unreachable(page: Page) -> None:
    """No answer from the API at all."""
    page.route("**/api/**", lambda route: route.abort())
