"""Programs of others against ours, for `make interop`: one browser for the session.

The stand-in and its pages come from tests/browser/standin, the whole stack and its people from
tests/browser. Everything listens on loopback.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from localnet.process import Programs
from localnet.stack import Stack
from tests.browser.conftest import chromium, person, stack
from tests.browser.standin.conftest import live_input, open_page, page_url, standin
from tests.browser.support.people import Person
from tests.interop.advice import Advice, broadcast_advice

__all__ = ["chromium", "live_input", "open_page", "page_url", "person", "stack", "standin"]

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def browser(chromium: Browser) -> Browser:
    return chromium


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """page.js with the packages it imports, as one script."""
    script = tmp_path_factory.mktemp("bundle") / "page.js"
    esbuild = str(HERE / "node_modules/.bin/esbuild")
    options = ["--bundle", "--format=iife", "--log-level=warning", f"--outfile={script}"]
    made = subprocess.run(
        [esbuild, str(HERE / "page.js"), *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return script


@pytest.fixture
def open_interop(open_page: Callable[[], Page], bundle: Path) -> Callable[[], Page]:
    """A page with `window.interop`."""

    def open_one() -> Page:
        page = open_page()
        page.add_script_tag(path=bundle)
        return page

    return open_one


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Programs]:
    """Starts programs that are stopped with the test."""
    with Programs(tmp_path / "programs") as programs:
        yield programs


@pytest.fixture(scope="session")
def host(stack: Stack, chromium: Browser) -> Iterator[Person]:
    """Who creates the rooms."""
    host = Person(chromium, stack, wallet=6)
    yield host
    assert host.close() == []


@pytest.fixture(scope="session")
def advice(stack: Stack, host: Person) -> Advice:
    """Of one BROADCAST room."""
    return broadcast_advice(stack, host)
