"""A whole local stack and a real browser for the session; people with a window each.

Every window must stay clean: an uncaught error, or anything the Content-Security-Policy stops,
fails the test. How long something took to be seen is no verdict: machines are busy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from localnet.browser import FLAGS, chromium_executable
from localnet.stack import Stack
from localnet.stack_programs import Pace
from localnet.stack_state import StackState
from tests.browser.support.album import Album
from tests.browser.support.people import PATIENCE, Person
from tests.browser.support.stack_actions import StackActions

expect.set_options(timeout=PATIENCE)
PAGE = Path(__file__).resolve().parents[2] / "dapp" / "dist" / "index.html"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The system as `make demo` runs it, with quicker blocks and short playback tokens."""
    assert PAGE.is_file(), "the page is not built: make dapp"
    state = StackState(tmp_path_factory.mktemp("page"))
    stack = Stack(state, Pace(block_seconds=0.5, token_seconds=20))
    try:
        stack.start()
        yield stack
        stack.require_alive()
    finally:
        stack.stop()
        state.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(chromium_executable()), args=list(FLAGS)
        )
        yield browser
        browser.close()


@pytest.fixture
def chain(stack: Stack) -> Iterator[StackActions]:
    """What tests do to the chain and to Cloudflare's side."""
    with StackActions(stack) as chain:
        yield chain


@pytest.fixture
def album() -> Iterator[Album]:
    """Looks at states; what it finds wrong in them fails the test."""
    album = Album()
    yield album
    assert not album.found, "\n".join(album.found)


@pytest.fixture
def person(stack: Stack, chromium: Browser) -> Iterator[Callable[..., Person]]:
    """`person(wallet=6, language="vi")` opens a window of somebody's own."""
    made: list[Person] = []

    def open_window(**options: object) -> Person:
        made.append(Person(chromium, stack, **options))  # type: ignore[arg-type]
        return made[-1]

    yield open_window
    troubles = [trouble for one in made for trouble in one.close()]
    assert not troubles, troubles
