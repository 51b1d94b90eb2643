"""The picture of host and viewer in the READMEs, taken anew: `python -m tests.browser.picture`.

A real run: the local stack, a host who goes live in one browser, a viewer who watches in another.
The camera is Chromium's fake one, with a drawn view (scene.html) in place of its test pattern. The
only thing put together afterwards is the two windows side by side.
Assumes: `make dapp`, and a Chromium set up by `make test`.
"""

from __future__ import annotations

import base64
import re
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

from localnet.browser import FLAGS, chromium_executable
from localnet.stack import Stack
from localnet.stack_programs import Pace
from localnet.stack_state import StackState
from localnet.waiting import wait_until
from tests.browser.support.people import PHONE, Person

HERE = Path(__file__).parent
DOCS = HERE.parents[1] / "docs"
TITLES = {"en": "Evening over Hạ Long Bay", "vi": "Hoàng hôn trên vịnh Hạ Long"}
WINDOW = {"width": 1200, "height": 792}
FRAMES = 90
FLUENT = 24  # frames a second, which a busy machine does not reach
SIDE_BY_SIDE = """
<style>
  body { margin: 0; width: 1400px; height: 800px; position: relative; background: #e9e4ee; }
  img { position: absolute; border-radius: 14px; box-shadow: 0 18px 50px rgb(40 25 60 / 28%%); }
</style>
<img src="data:image/png;base64,%s" style="left: 40px; top: 40px; width: 1137px">
<img src="data:image/png;base64,%s" style="right: 40px; bottom: 30px; width: 300px">
"""


def film(playwright: Playwright, path: Path) -> None:
    """Writes what the camera sees: JPEGs one after the other, which Chromium plays in a loop."""
    browser = _browser(playwright)
    page = browser.new_page()
    page.set_content((HERE / "scene.html").read_text(encoding="utf-8"))
    with path.open("wb") as file:
        for n in range(FRAMES):
            file.write(base64.b64decode(page.evaluate(f"frame({n}, {FRAMES})")))
    browser.close()


def take(browser: Browser, stack: Stack, language: str) -> None:
    """One language's picture, into docs/."""
    host = Person(browser, stack, language=language, viewport=WINDOW)
    room = host.create(TITLES[language], wallet=host.words.of("wallet", "demo"))
    host.go_live()
    viewer = Person(browser, stack, language=language, viewport=PHONE)
    viewer.visit(f"/room/{room}")
    viewer.wait_playing()
    sent = host.page.locator(".sent")

    def sharp() -> bool:
        said = re.findall(r"\d+", sent.inner_text()) if sent.count() else []
        return said[:1] == ["720"] and int(said[1]) >= FLUENT

    wait_until(sharp, 60.0, f"720p at {FLUENT} frames a second")
    host.page.evaluate("scrollTo(0, 0)")
    shots = [base64.b64encode(one.page.screenshot()).decode() for one in (host, viewer)]
    for one in (host, viewer):
        assert one.close() == []
    page = browser.new_page(viewport={"width": 1400, "height": 800})
    page.set_content(SIDE_BY_SIDE % tuple(shots))
    path = DOCS / f"live.{language}.jpg"
    page.screenshot(path=path, type="jpeg", quality=82)
    page.close()
    print(f"{path}: {path.stat().st_size // 1000} kB")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        camera = Path(folder) / "camera.mjpeg"
        film(playwright, camera)
        state = StackState(Path(folder) / "state")
        stack = Stack(state, Pace(block_seconds=0.5))
        try:
            stack.start()
            browser = _browser(playwright, f"--use-file-for-fake-video-capture={camera}")
            for language in TITLES:
                take(browser, stack, language)
            browser.close()
        finally:
            stack.stop()
            state.close()


def _browser(playwright: Playwright, *more: str) -> Browser:
    return playwright.chromium.launch(
        executable_path=str(chromium_executable()), args=[*FLAGS, *more]
    )


if __name__ == "__main__":
    main()
