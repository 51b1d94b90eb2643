"""For everyone: languages, light, keyboard, and a first load that stays small."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.support.catalogue import words
from tests.browser.support.people import Person

People = Callable[..., Person]


def test_language__the_browser_s_first__then_the_reader_s_choice_remembered(person: People) -> None:
    reader = person(language="vi")
    reader.visit("/")
    expect(reader.page.locator("html")).to_have_attribute("lang", "vi")
    expect(reader.page.get_by_role("heading", level=1)).to_have_text(
        reader.words.of("home", "title")
    )
    other = [reader.words.of("nav", name) for name in ("otherLanguageShort", "otherLanguage")]
    reader.page.get_by_role("button", name=": ".join(other)).click()
    expect(reader.page.locator("html")).to_have_attribute("lang", "en")
    reader.page.reload()
    expect(reader.page.get_by_role("heading", level=1)).to_have_text(
        words("en").of("home", "title")
    )


def test_light__chosen__remembered_over_the_system_s(person: People) -> None:
    reader = person()
    reader.page.emulate_media(color_scheme="light")
    reader.visit("/")
    background = "getComputedStyle(document.documentElement).backgroundColor"
    assert reader.page.evaluate(background) == "rgb(250, 249, 247)"
    reader.page.emulate_media(color_scheme="dark")
    assert reader.page.evaluate(background) == "rgb(18, 17, 19)"
    reader.page.get_by_role("button", name=reader.words.of("nav", "theme", "system")).click()
    reader.page.reload()
    reader.page.get_by_role("searchbox").wait_for()
    assert reader.page.evaluate(background) == "rgb(250, 249, 247)"


WIDTHS = (320, 360, 641, 768, 834, 1024, 1440)
SIZES = ("100%", "200%")
"""Of text: as the browser has it, and twice as large."""


@pytest.mark.parametrize("language", ["en", "vi"])
def test_pages__any_width_and_large_text__nothing_is_wider_than_the_window(
    person: People, language: str
) -> None:
    reader = person(language=language, wallet=5)
    found = []
    for path in ("/", "/new", "/studio", "/audit"):
        reader.visit(path)
        reader.page.get_by_role("heading", level=1).wait_for()
        for size, width in itertools.product(SIZES, WIDTHS):
            reader.page.set_viewport_size({"width": width, "height": 800})
            reader.page.evaluate(f"document.documentElement.style.fontSize = '{size}'")
            wide = reader.page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                found.append(f"{path} at {size}: {wide} px in {width}")
    assert not found


def test_link_inside_the_page__focus_and_words_go_to_the_new_heading(person: People) -> None:
    reader = person(wallet=5)
    reader.visit("/")
    for name, heading in (("studio", "studio"), ("create", "create")):
        reader.page.get_by_role("link", name=reader.words.of("nav", name)).first.click()
        where = {
            "studio": reader.words.of("nav", "studio"),
            "create": reader.words.of("create", "title"),
        }
        there = reader.page.get_by_role("heading", level=1, name=where[heading])
        expect(there).to_be_focused()
        told = reader.page.locator("p.sr[aria-live]")
        expect(told).to_have_text(
            f"{reader.words.of('nav', name)} · {reader.words.of('common', 'name')}"
        )
    reader.page.go_back()
    expect(
        reader.page.get_by_role("heading", level=1, name=reader.words.of("nav", "studio"))
    ).to_be_focused()
    # whoever goes on is left alone: the next Tab leads into the page
    reader.page.keyboard.press("Tab")
    expect(reader.page.locator("main :focus")).to_have_count(1)


def test_keyboard__alone__reaches_everything_and_comes_back(person: People) -> None:
    reader = person(wallet=5)
    reader.visit("/new")
    expect(reader.page.locator("dl.price")).to_be_visible()
    reader.page.keyboard.press("Tab")
    skip = reader.page.get_by_role("link", name=reader.words.of("nav", "skip"))
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    connect = reader.button("wallet", "connect")
    for _ in range(20):
        if connect.evaluate("(each) => each === document.activeElement"):
            break
        reader.page.keyboard.press("Tab")
    reader.page.keyboard.press("Enter")
    expect(reader.page.get_by_role("dialog")).to_be_visible()
    reader.page.keyboard.press("Escape")
    expect(reader.page.get_by_role("dialog")).to_have_count(0)
    expect(connect).to_be_focused()


def test_first_load__a_viewer_s__at_most_120_kb_and_from_here_alone(person: People) -> None:
    viewer = person(language="vi")
    sizes: list[int] = []
    viewer.page.on(
        "requestfinished",
        lambda request: sizes.append(request.sizes()["responseBodySize"]),
    )
    viewer.visit("/")
    viewer.page.wait_for_load_state("networkidle")
    assert 20_000 < sum(sizes) <= 120_000
