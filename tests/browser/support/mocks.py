"""Answers of the API, bent for states that a healthy system reaches slowly or never."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from eth_utils.abi import function_abi_to_4byte_selector
from playwright.sync_api import BrowserContext, Page, Route

from chain import abi

AFTER_CLICK = "?after-click"
IS_NODE = re.compile(r"^[^/]*//[^/]*:\d+/?(\?after-click)?$")
# What is asked from the next click on says so; what is under way then was asked before.
MARK = """mark => {
  let clicked = false;
  addEventListener("click", () => { clicked = true; }, { capture: true, once: true });
  const ask = fetch;
  window.fetch = (to, ...more) => ask(clicked && /:\\d+\\/?$/.test(to) ? to + mark : to, ...more);
}"""
Bend = Callable[[dict[str, Any]], dict[str, Any]]


def bend_room(page: Page | BrowserContext, room: str, bend: Bend) -> None:
    """What `bend` makes of the API's answer for a room."""

    def answer(route: Route) -> None:
        told = route.fetch()
        route.fulfill(response=told, body=json.dumps(bend(told.json())))

    page.route(f"**/api/livestream/rooms/{room}", answer)


class PlaybackMock:
    """The service that lets viewers into private rooms, as the page meets it: admits everybody, or
    answers each with `refuse`. What it was asked is in `asked`."""

    def __init__(self, page: Page | BrowserContext, operator: int = 1) -> None:
        self.asked: list[str] = []
        self.playback: dict[str, Any] | None = None
        self.recordings: list[dict[str, Any]] | None = None
        self.moderators: list[str] = []
        self.seconds = 600
        self._refusal: tuple[int, str, dict[str, Any]] | None = None

        def config(route: Route) -> None:
            told = route.fetch()
            services = {str(operator): told.url.removesuffix("/config.json") + "/private"}
            body = {**told.json(), "playback_services": services}
            route.fulfill(response=told, body=json.dumps(body))

        page.route("**/config.json", config)
        page.route("**/private/api/playback/*", self._answer)

    def refuse(self, status: int, slug: str, **said: Any) -> None:
        """Status 0: nothing answers."""
        self._refusal = (status, slug, said)

    def admit(self, **playback: Any) -> None:
        self._refusal = None
        self.playback = playback or None

    def _answer(self, route: Route) -> None:
        name = route.request.url.rsplit("/", 1)[1]
        self.asked.append(name)
        if name == "leave":
            return route.fulfill(status=204)
        if name == "status":
            return route.fulfill(json={"operator_id": 1, "attendance_days": 30})
        if name == "challenge":
            message = "rooms.example wants you to sign in with your Ethereum account"
            return route.fulfill(json={"nonce": "n0", "message": message, "expires_at": 0})
        if self._refusal is not None:
            status, slug, said = self._refusal
            if status == 0:
                return route.abort()
            problem = {"type": f"https://rooms.example/problems#{slug}", "status": status, **said}
            return route.fulfill(status=status, json=problem)
        now = 1_800_000_000
        playback = self.playback and {**self.playback, "expires_at": now + self.seconds}
        admission = {
            "role": "invited",
            "session": "ls1.e30.c2Vzc2lvbg",
            "server_time": now,
            "playback": playback,
            "recordings": self.recordings,
            "retry_in": 5,
            "attendance_days": 30,
            "moderators": self.moderators,
        }
        return route.fulfill(json=admission)


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
    it was asked to call `until`, or from a click on (`end_with_click`)."""

    def __init__(
        self, page: Page, view: str, words: dict[int, int], until: str | None = None
    ) -> None:
        self.is_over = False
        self._page = page
        self._until = until
        self._view = _selector(view)
        self._words = words
        page.route(IS_NODE, self._answer)

    def end_with_click(self) -> None:
        """What is asked from the next click on is answered as it is."""
        self._page.evaluate(MARK, AFTER_CLICK)

    def _answer(self, route: Route) -> None:
        asked = json.loads(route.request.post_data or "{}")
        called = asked["params"][0].get("data", "") if asked.get("method") == "eth_call" else ""
        if self._until is not None and called.startswith(_selector(self._until)):
            self.is_over = True
        if route.request.url.endswith(AFTER_CLICK) and not self._until:
            self.is_over = True
        if self.is_over or not called.startswith(self._view):
            return route.fallback()
        told = route.fetch()
        body = told.json()
        data = bytearray.fromhex(body["result"][2:])
        for at, word in self._words.items():
            data[32 * at : 32 * at + 32] = word.to_bytes(32)
        return route.fulfill(response=told, body=json.dumps({**body, "result": "0x" + data.hex()}))


def bend_lists(page: Page, bend: Callable[[str, dict[str, Any]], dict[str, Any]]) -> None:
    """What `bend` makes of a list of rooms and of what was asked."""

    def answer(route: Route) -> None:
        told = route.fetch()
        route.fulfill(response=told, body=json.dumps(bend(route.request.url, told.json())))

    page.route("**/api/livestream/rooms?*", answer)


def no_rooms(page: Page) -> None:
    """As on the first day."""
    bend_lists(page, lambda _, told: {**told, "rooms": [], "next_cursor": None})


def bend_channel(page: Page, bend: Bend) -> None:
    """What `bend` makes of the API's answer for a host."""

    def answer(route: Route) -> None:
        told = route.fetch()
        route.fulfill(response=told, body=json.dumps(bend(told.json())))

    page.route("**/api/livestream/hosts/*", answer)


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


def with_playback_service(page: Page, base: str | None) -> None:
    """The operator of every room has a playback service, at `base`; None: no operator has one."""

    def answer(route: Route) -> None:
        told = route.fetch()
        services = {} if base is None else {str(operator): base for operator in range(1, 10)}
        route.fulfill(
            response=told, body=json.dumps({**told.json(), "playback_services": services})
        )

    page.route("**/config.json", answer)
