"""Hostile titles, policy, secrets: what a page that holds a camera and a key must never do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, expect

from localnet.stack import Stack
from tests.browser.support.catalogue import words
from tests.browser.support.people import PHONE, Person
from tests.browser.support.stack_actions import StackActions

People = Callable[..., Person]
HOSTILE = {
    "markup": b'<img src=x onerror="window.pwned=1"><script>window.pwned=2</script>',
    "override": "\u202egpj.tsil\u202c \u2066nested\u2069\u200b\u0007".encode(),
    "emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467".encode() * 5,
    "tower": b"z" + "\u0301".encode() * 47,
    "unbroken": b"W" * 96,
    "not UTF-8": b"\xff\xfe\xc3\x28 caf\xe9",
    "blank": b"\x00\x01 \n\t",
    "template": b"${7*7}{{7*7}}javascript:alert(1)//%3Cb%3E",
}


def test_titles__hostile__only_ever_text(person: People, chain: StackActions) -> None:
    rooms = {name: chain.create(title) for name, title in HOSTILE.items()}
    for room in rooms.values():
        chain.wait(room, "active")
    viewer = person(viewport=PHONE)
    places = ["/", *(f"/{page}/{rooms['markup']}" for page in ("room", "studio", "audit", "embed"))]
    places += [f"/room/{room}" for room in rooms.values()]
    for place in places:
        viewer.visit(place)
        viewer.page.locator("h1, .stage").first.wait_for()
        viewer.page.wait_for_load_state("load")
        found = viewer.page.evaluate(
            "() => ({ pwned: window.pwned ?? null, wide: document.documentElement.scrollWidth,"
            " images: document.querySelectorAll('img[src=x]').length,"
            " scripts: document.querySelectorAll('body script').length })"
        )
        assert found == {"pwned": None, "wide": PHONE["width"], "images": 0, "scripts": 0}, place
    viewer.visit(f"/room/{rooms['markup']}")
    expect(viewer.page.get_by_role("heading", level=1)).to_have_text(HOSTILE["markup"].decode())
    viewer.visit(f"/room/{rooms['override']}")
    expect(viewer.page.get_by_role("heading", level=1)).to_have_text("gpj.tsil nested")
    viewer.visit(f"/room/{rooms['blank']}")
    untitled = viewer.words.of("room", "untitled")
    expect(viewer.page.get_by_role("heading", level=1)).to_have_text(untitled)
    viewer.visit("/")
    viewer.page.get_by_role("button", name=viewer.words.of("home", "all"), exact=True).click()
    expect(viewer.page.locator(".card h3")).not_to_have_count(0)
    heights: list[int] = viewer.page.evaluate(
        "[...document.querySelectorAll('.card h3')].map((each) => each.offsetHeight)"
    )
    assert max(heights) < 80, "a title climbs over the page"


def _connects(page: Page, url: str) -> bool:
    """Whether the page's policy lets it ask `url`."""
    return bool(
        page.evaluate(
            """(url) => new Promise((resolve) => {
              addEventListener("securitypolicyviolation", () => resolve(false), { once: true });
              fetch(url, { mode: "no-cors" }).then(() => resolve(true), () => {});
            })""",
            url,
        )
    )


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/", False), ("/studio", False), ("/embed/live_1", False), ("/audit", True)],
)
def test_policy__a_foreign_address__only_the_audit_page_may_ask_it(
    chromium: Browser, stack: Stack, path: str, allowed: bool
) -> None:
    page = chromium.new_page(base_url=stack.state.url("api"))
    page.goto(path)
    assert _connects(page, stack.state.url("indexer") + "/healthz") is allowed
    page.close()


def test_policy__from_audit_to_another_page__the_wider_policy_stays_behind(
    chromium: Browser, stack: Stack
) -> None:
    page = chromium.new_page(base_url=stack.state.url("api"), locale="en")
    page.goto("/audit")
    page.get_by_role("link", name=words("en").of("nav", "rooms"), exact=True).click()
    page.wait_for_url("**/")
    page.get_by_role("searchbox").wait_for()
    assert not _connects(page, stack.state.url("indexer") + "/healthz")
    page.close()


@pytest.fixture
def foreign_site(stack: Stack) -> Iterator[str]:
    """Another site, that shows our player and our page in frames of its own."""
    api = stack.state.url("api")
    frames = "".join(f'<iframe src="{api}{path}"></iframe>' for path in ("/embed/live_1", "/"))

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(frames.encode())

        def log_message(self, *_: object) -> None:
            """Silence."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_policy__inside_a_foreign_site__the_player_alone_may_be_shown(
    chromium: Browser, stack: Stack, foreign_site: str
) -> None:
    page = chromium.new_page()
    page.goto(foreign_site)
    inner = [frame.url for frame in page.frames[1:]]
    assert inner[0] == stack.state.url("api") + "/embed/live_1"
    assert inner[1].startswith("chrome-error:")
    page.close()


def test_secrets__of_a_host_on_air__in_no_storage_and_not_to_be_read_out(
    person: People, chain: StackActions
) -> None:
    host = person(wallet=9)
    room = host.create("Nothing to steal")
    host.go_live()
    uid = chain.uid(room)
    secrets = [one["value"] for one in chain.stream.secrets() if one["uid"] == uid]
    assert secrets
    kept, extractable = host.page.evaluate(
        """async () => {
          const database = await new Promise((resolve) => {
            indexedDB.open("livestream-rooms").onsuccess = (event) => resolve(event.target.result);
          });
          const keys = await new Promise((resolve) => {
            database.transaction("keys").objectStore("keys").getAll().onsuccess = (event) =>
              resolve(event.target.result);
          });
          const text = JSON.stringify([keys, { ...localStorage }, { ...sessionStorage }]);
          const extractable = keys.map((key) => key.pair.privateKey.extractable);
          return [text + document.documentElement.outerHTML, extractable];
        }"""
    )
    assert extractable
    assert not any(extractable)
    assert [secret for secret in secrets if secret in kept] == []
