"""Pictures of a state, on desktop and phone, in both languages, light and dark; looked at by axe.

The pictures go to build/screens/, for people to look at.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.browser.support.catalogue import DAPP
from tests.browser.support.people import DESKTOP, PHONE, Person

SCREENS = DAPP.parent / "build" / "screens"
AXE = (DAPP / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
_RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map(({ html }) => html) }));
}"""


class Album:
    """Takes pictures; collects what axe, or an eye for overflow, finds wrong."""

    def __init__(self, folder: Path = SCREENS) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.found: list[str] = []

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
        page.evaluate("document.fonts.ready")
        page.screenshot(path=self.folder / f"{name}.png", animations="disabled", full_page=True)
        wide, seen = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        if wide > seen:
            self.found.append(f"{name}: {wide} px wide in a window of {seen}")

    def _look(self, page: Page, where: str) -> None:
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE)
        violations: list[dict[str, Any]] = page.evaluate(_RUN)
        for each in violations:
            self.found.append(f"{where}: {each['id']}: {each['help']}: {each['nodes']}")
