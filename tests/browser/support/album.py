"""A state looked at on desktop and phone, in both languages, light and dark: by an eye for overflow
and by axe.

With ALBUM=1 (`make album`) each look is kept as a picture in build/screens/, for people.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.browser.support.catalogue import DAPP
from tests.browser.support.people import DESKTOP, PHONE, Person

SCREENS = DAPP.parent / "build" / "screens"
KEPT = SCREENS if os.environ.get("ALBUM") else None
AXE = (DAPP / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
_RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map(({ html }) => html) }));
}"""
# As for a picture: fonts are there, a new size has had its effects, movements have come to an end.
_AT_REST = """async () => {
  await document.fonts.ready;
  const frame = () => new Promise((resolve) => {
    requestAnimationFrame(resolve);
    setTimeout(resolve, 1000);  // a page that is not in front may have none
  });
  await frame();
  await frame();
  const ends = (each) => each.effect?.getComputedTiming().endTime !== Infinity;
  for (const each of document.getAnimations()) {
    if (each.playbackRate > 0 && ends(each)) each.finish();
  }
  return [document.documentElement.scrollWidth, innerWidth];
}"""


class Album:
    """Looks at states; collects what axe, or an eye for overflow, finds wrong."""

    def __init__(self, folder: Path | None = KEPT) -> None:
        """`folder`: where pictures go; None: none are taken."""
        self.folder = folder
        self.found: list[str] = []
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    def take(self, who: Person, state: str, page: Page | None = None) -> None:
        """The state as it stands, four times; of the Vietnamese phone by night, too.

        The person's language must be English.
        """
        page = page or who.page
        for language in ("en", "vi"):
            page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
            self._shoot(page, f"{state}-desktop-{language}")
            page.set_viewport_size(PHONE)  # type: ignore[arg-type]
            if language == "vi":
                page.emulate_media(color_scheme="dark")
            self._shoot(page, f"{state}-phone-{language}")
            self._look(page, f"{state} ({language})")
            page.emulate_media(color_scheme="light")
            page.evaluate("document.querySelector('.choices button')?.click()")
        page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]

    def take_once(self, page: Page, name: str) -> None:
        """The state as it stands, once."""
        self._shoot(page, name)
        self._look(page, name)

    def _shoot(self, page: Page, name: str) -> None:
        wide, seen = page.evaluate(_AT_REST)
        if wide > seen:
            self.found.append(f"{name}: {wide} px wide in a window of {seen}")
        if self.folder is not None:
            path = self.folder / f"{name}.png"
            page.screenshot(path=path, animations="disabled", full_page=True)

    def _look(self, page: Page, where: str) -> None:
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE)
        violations: list[dict[str, Any]] = page.evaluate(_RUN)
        for each in violations:
            self.found.append(f"{where}: {each['id']}: {each['help']}: {each['nodes']}")
