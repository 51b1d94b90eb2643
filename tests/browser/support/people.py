"""A person with a browser window: what hosts and viewers do, in the page's own words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Request,
    expect,
)

from localnet.stack import Stack
from localnet.waiting import wait_until
from tests.browser.support.catalogue import Catalogue, words

HERE = Path(__file__).parent
DESKTOP = {"width": 1280, "height": 860}
PHONE = {"width": 360, "height": 780}
PATIENCE = 60_000
"""Milliseconds in which what must be seen is seen, on a machine that is busy, too."""
COUNTER = (HERE.parent / "counter.js").read_text(encoding="utf-8").strip().rstrip(";")
WALLET = (HERE / "wallet.js").read_text(encoding="utf-8")
# what a page may say in the console without being broken: answers that are no success
HARMLESS = ("Failed to load resource", "net::ERR_")


class Person:
    """One browser context. `wallet`: which of the chain's development accounts it holds."""

    def __init__(
        self,
        browser: Browser,
        stack: Stack,
        *,
        language: str = "en",
        wallet: int | None = None,
        viewport: dict[str, int] | None = None,
        init: str = "",
    ) -> None:
        self.stack = stack
        self.address = None if wallet is None else stack.node.accounts[wallet]
        self.context = browser.new_context(
            locale="vi-VN" if language == "vi" else "en-GB",
            viewport=viewport or DESKTOP,  # type: ignore[arg-type]
            base_url=stack.state.url("api"),
            permissions=["clipboard-read", "clipboard-write"],
        )
        if init:  # may turn the wallet's knobs
            self.context.add_init_script(init)
        if wallet is not None:
            rpc = json.dumps(stack.state.url("anvil"))
            self.context.add_init_script(f"({WALLET})({rpc}, {json.dumps(self.address)})")
        self.words: Catalogue = words(language)
        self.troubles: list[str] = []
        self._asked: list[str] = []
        self._known = tuple(
            stack.state.url(name) for name in ("api", "anvil", "stream", "playback")
        )
        self.page = self.new_tab()

    def new_tab(self) -> Page:
        """One more page of the same browser."""
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.troubles.append(f"uncaught: {error}"))
        page.on("console", self._heard)
        page.on("request", self._note)
        return page

    def close(self) -> list[str]:
        """Closes the window; what went wrong in it."""
        self.context.close()
        return self.troubles

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(HARMLESS):
            self.troubles.append(f"console: {message.text}")

    def _note(self, request: Request) -> None:
        """No page ever asks anybody but ourselves, the node, and where video is."""
        self._asked.append(request.url)
        if request.url.startswith("http") and not request.url.startswith(self._known):
            self.troubles.append(f"asked a stranger: {request.url}")

    def asked(self, part: str) -> list[str]:
        """Addresses of scripts asked for whose file name contains `part`."""
        return [url for url in self._asked if f"/assets/{part}" in url]

    def asked_for(self, part: str) -> list[str]:
        """Every address asked for that contains `part`."""
        return [url for url in self._asked if part in url]

    # --- what people do ----------------------------------------------------------------------

    def visit(self, path: str) -> None:
        self.page.goto(path)

    def button(self, *path: str, parts: Sequence[str] = ()) -> Locator:
        """A button by its place in the catalogue: button("live", "start")."""
        name = self.words.of(*path, parts=parts)
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self, *path: str, parts: Sequence[str] = ()) -> Locator:
        """The same of a link."""
        name = self.words.of(*path, parts=parts)
        return self.page.get_by_role("link", name=name, exact=True)

    def connect(self, wallet: str = "Test wallet") -> None:
        """Connects a wallet by the page's dialog."""
        self.button("wallet", "connect").click()
        self.page.get_by_role("dialog").get_by_role("button", name=wallet).click()
        expect(self.page.get_by_role("dialog")).to_have_count(0)

    def create(self, title: str, *, mode: str = "webrtc", wallet: str = "Test wallet") -> str:
        """Creates a room by the form and waits for its studio; the room's id."""
        self.visit("/new")
        self.page.get_by_label(self.words.of("create", "name"), exact=True).fill(title)
        self.page.locator(f'input[name=mode][value="{mode}"]').check()
        if self.button("wallet", "connect").count():
            self.connect(wallet)
        self.page.locator("form.create button.primary").click()
        self.page.wait_for_url("**/studio/live_*")
        return self.page.url.rsplit("/", 1)[1]

    def go_live(self) -> None:
        """Camera on, then on air."""
        self.button("live", "camera").click()
        self.button("live", "start").click()
        self.wait_live()

    def wait_live(self) -> None:
        expect(self.page.locator(".preview .pill.live")).to_be_visible()

    def word(self, *path: str) -> Locator:
        """Text over the picture, by its place in the catalogue."""
        return self.page.locator(".stage .word strong", has_text=self.words.of(*path))

    def wait_playing(self) -> None:
        expect(self.page.locator(".stage.playing")).to_be_visible()

    def reading(self) -> dict[str, Any] | None:
        """The fake camera's own clock and frame counter, read off the pixels of the video."""
        try:
            found: dict[str, Any] | None = self.page.evaluate(
                "() => { const video = document.querySelector('.stage video');"
                f" return video ? ({COUNTER})(video) : null; }}",
            )
        except Error:  # the page is just being loaded
            return None
        return found if found is not None and found["counter"] is not None else None

    def wait_counter(self, above: int = -1) -> int:
        """Waits for a readable counter greater than `above`."""
        seen: list[int] = []

        def reads() -> bool:
            reading = self.reading()
            if reading is not None and reading["counter"] > above:
                seen.append(reading["counter"])
            return bool(seen)

        wait_until(reads, PATIENCE / 1000, f"the camera's counter passes {above}")
        return seen[0]
