"""A playback service as a host's page meets it: who is here, the door, what is withdrawn.

It answers at the API's own address, where the page's policy lets it ask.
"""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, Route

from localnet.waiting import wait_until
from tests.browser.support.mocks import with_playback_service
from tests.browser.support.people import Person

PROBLEMS = "https://rooms.example/problems#"


class PlaybackDesk:
    """Of one window. `links`, `rows`: what it tells; `problem`: what it answers instead."""

    def __init__(self, who: Person, page: Page | None = None) -> None:
        self.since = int(time.time()) - 86_400
        self.links: list[dict[str, Any]] = []
        self.rows: list[dict[str, Any]] = []
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.problem: tuple[int, str] | None = None
        self.away = False
        page = self._page = page or who.page
        with_playback_service(page, who.stack.state.url("api"))
        page.route("**/api/playback/**", self._answer)

    def of(self, path: str) -> list[dict[str, Any]]:
        """The bodies of all questions at a path below `/api/playback`."""
        return [body for asked, body in self.asked if asked == path]

    def wait_asked(self, path: str) -> dict[str, Any]:
        """The first question at a path, once it was asked."""

        def asked() -> bool:
            self._page.evaluate("1")  # routes are answered while the browser is asked something
            return bool(self.of(path))

        wait_until(asked, 20, f"{path} is asked")
        return self.of(path)[0]

    def seat(
        self, link_hash: str, number: int, minutes: int = 0, seats: int = 1, **more: Any
    ) -> None:
        """A link that somebody uses for so many minutes; 0: used, nobody there now."""
        since = int(time.time()) - 60 * minutes
        present = [{"browser": f"{number:08x}", "since": since}] if minutes else []
        told = {"moves": 0, "waits": False, "closed": False, "revoked": False}
        self.links.append(
            {
                "link_hash": link_hash, "number": number, "seats": seats,
                "used": len(present), "present": present, **told, **more,
            }
        )  # fmt: skip
        left = None if minutes else since + 60
        self.rows.append(
            {
                "who": {"number": number, "address": None}, "role": "invited",
                "link_hash": link_hash, "entered": since, "last": since, "left": left,
            }
        )  # fmt: skip

    def _answer(self, route: Route) -> None:
        path = urlsplit(route.request.url).path.removeprefix("/api/playback")
        body = json.loads(route.request.post_data or "{}")
        self.asked.append((path, body))
        now = int(time.time())
        if self.away:
            return route.abort()
        if self.problem is not None and path.startswith("/host/"):
            status, slug = self.problem
            told = {"type": PROBLEMS + slug, "title": slug, "status": status}
            return route.fulfill(status=status, json=told)
        answers: dict[str, dict[str, Any]] = {
            "/status": {"since": self.since, "server_time": now},
            "/challenge": {"nonce": "00" * 16, "expires_at": now + 300},
            "/host/session": {"session": "lh1.a.b", "expires_at": now + 900, "server_time": now},
            "/host/links": {"links": self.links, "since": self.since, "server_time": now},
            "/host/attendance": {"rows": self.rows, "now": now},
        }
        return route.fulfill(json=answers.get(path, {}))
