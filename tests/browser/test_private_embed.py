"""A private room's player inside another site: its own link, a window of ours, a locked frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, expect

from tests.browser.support.catalogue import words
from tests.browser.support.foreign_site import site_of
from tests.browser.support.mocks import PlaybackMock, bend_room
from tests.browser.support.people import PATIENCE, Person
from tests.browser.support.stack_actions import StackActions

INVITATION = "AQ" + "Ab3_-" * 60
WORDS = words("en")


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(locale="en-GB")
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def live(person: Callable[..., Person]) -> str:
    """A room on air."""
    host = person(wallet=5)
    room = host.create("Lớp toán nâng cao 8A")
    host.go_live()
    return room


class Embedded:
    """A public room as if it were private, for every page of a context; its player in a frame of
    another site."""

    def __init__(self, context: BrowserContext, chain: StackActions, room: str) -> None:
        url = chain.stack.state.url("api")
        self.src = f"{url}/embed/{room}"
        told = context.request.get(f"{url}/api/livestream/rooms/{room}").json()
        private = {"playback": None, "access": "invitation"}
        bend_room(context, room, lambda answer: {**answer, **private})
        self.service = PlaybackMock(context)
        self.service.admit(**told["playback"])
        self.page = context.new_page()

    def show(self, site: str) -> FrameLocator:
        self.page.goto(site)
        return self.page.frame_locator("iframe")


def _frame(src: str, more: str = "") -> dict[str, str]:
    return {"/": f'<iframe src="{src}" width="640" height="420" {more}></iframe>'}


def test_private_embed__link_in_its_fragment__plays_where_it_stands(
    context: BrowserContext, chain: StackActions, live: str
) -> None:
    embedded = Embedded(context, chain, live)
    with site_of(_frame(f"{embedded.src}#i={INVITATION}")) as site:
        player = embedded.show(site)
        player.get_by_role("button", name=WORDS.of("playback", "enter")).click()
        expect(player.locator(".stage.playing")).to_be_visible()
        urls = [frame.url for frame in embedded.page.frames]
        assert all("#" not in url for url in urls), "the link is still in the address"


def test_private_embed__no_link__a_window_of_ours_hands_the_session_over(
    context: BrowserContext, chain: StackActions, live: str
) -> None:
    embedded = Embedded(context, chain, live)
    with site_of(_frame(embedded.src)) as site:
        player = embedded.show(site)
        wanted = player.get_by_role("button", name=WORDS.of("playback", "openWindow"))
        expect(wanted).to_be_visible()
        assert player.get_by_role("button", name=WORDS.of("playback", "signIn")).count() == 0
        with embedded.page.expect_popup() as opened:
            wanted.click()
        window = opened.value
        # here by a link; a wallet's way ends in the same session
        window.get_by_role("button", name=WORDS.of("playback", "signIn")).wait_for()
        window.evaluate(f"location.hash = '#i={INVITATION}'")
        with window.expect_event("close"):
            window.get_by_role("button", name=WORDS.of("playback", "enter")).click()
        expect(player.locator(".stage.playing")).to_be_visible()
        assert embedded.service.asked.count("session") == 1
        assert "leave" not in embedded.service.asked, "the seat was freed with the window"


def test_private_embed__frame_without_an_origin__says_why_and_opens_the_page(
    context: BrowserContext, chain: StackActions, live: str
) -> None:
    embedded = Embedded(context, chain, live)
    sandbox = 'sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox"'
    with site_of(_frame(f"{embedded.src}#i={INVITATION}", sandbox)) as site:
        player = embedded.show(site)
        expect(player.get_by_text(WORDS.of("playback", "locked"))).to_be_visible()
        with embedded.page.expect_popup() as opened:
            player.get_by_role("link", name=WORDS.of("playback", "openPage")).click()
        room = opened.value
        expect(room.get_by_role("button", name=WORDS.of("playback", "enter"))).to_be_visible()
        assert room.url == embedded.src.replace("/embed/", "/room/")
        assert "session" not in embedded.service.asked
