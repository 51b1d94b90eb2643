"""Answers of the API, bent for states that a healthy system reaches slowly or never."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Route

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

    page.route(lambda url: url.rstrip("/").rpartition(":")[2].isdigit(), answer)
    return held


def unreachable(page: Page) -> None:
    """No answer from the API at all."""
    page.route("**/api/**", lambda route: route.abort())
