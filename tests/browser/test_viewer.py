"""A viewer's page: states that come and go by themselves, sharing, reporting."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

from playwright.sync_api import expect

from tests.browser.support.people import DESKTOP, Person
from tests.browser.support.stack_actions import StackActions

People = Callable[..., Person]


def test_room__comes_to_be_and_is_taken_down__shown_without_a_reload(
    person: People, chain: StackActions
) -> None:
    before = chain.create(b"The one before")
    room = f"live_{int(before[5:]) + 1}"
    viewer = person(language="vi")
    viewer.visit(f"/room/{room}")
    expect(viewer.word("viewer", "unknown")).to_be_visible()
    viewer.page.evaluate("window.stayed = true")
    assert chain.create("Sắp có".encode()) == room
    expect(viewer.page.get_by_role("heading", name="Sắp có")).to_be_visible()
    expect(viewer.word("viewer", "waiting")).to_be_visible()
    chain.take_down(room, 1)
    expect(viewer.word("viewer", "ended")).to_be_visible()
    expect(viewer.page.get_by_text(viewer.words.of("end", "takenDown", "1"))).to_be_visible()
    see = viewer.page.get_by_role("link", name=viewer.words.of("home", "see"))
    expect(see).to_be_visible()
    assert viewer.page.evaluate("window.stayed") is True


def test_share__link_and_embed_code__lead_back_to_the_room(
    person: People, chain: StackActions
) -> None:
    room = chain.create(b"Tell your friends")
    chain.wait(room, "active")
    viewer = person()
    viewer.visit(f"/room/{room}")
    viewer.button("share", "button").click()
    copied: list[str] = []
    for what in ("link", "embed"):
        viewer.button("common", "copyOf", parts=[viewer.words.of("share", what)]).click()
        expect(viewer.page.get_by_text(viewer.words.of("common", "copied"))).not_to_have_count(0)
        copied.append(viewer.page.evaluate("navigator.clipboard.readText()"))
    link, embed = copied
    friend = person()
    friend.visit(link)
    expect(friend.page.get_by_role("heading", name="Tell your friends")).to_be_visible()
    source = re.search(r'<iframe src="([^"]+)"', embed)
    assert source is not None
    friend.visit(source[1])
    expect(friend.word("viewer", "waiting")).to_be_visible()
    expect(friend.page.get_by_role("navigation")).to_have_count(0)
    box = friend.page.locator(".stage").bounding_box()
    assert box == {"x": 0, "y": 0, **DESKTOP}, "the player fills its frame"


def test_copy__clipboard_refused__the_text_is_selected_instead(
    person: People, chain: StackActions
) -> None:
    room = chain.create(b"No clipboard")
    viewer = person(init="delete Navigator.prototype.clipboard;")
    viewer.visit(f"/room/{room}")
    viewer.button("share", "button").click()
    viewer.button("common", "copyOf", parts=[viewer.words.of("share", "link")]).click()
    field = viewer.page.get_by_label(viewer.words.of("share", "link"), exact=True)
    expect(field).to_be_focused()
    selected = field.evaluate("(each) => each.value.slice(each.selectionStart, each.selectionEnd)")
    assert selected.endswith(f"/room/{room}")


def test_report__of_a_room__goes_to_the_operator_s_contact_and_names_it(
    person: People, chain: StackActions
) -> None:
    room = chain.create(b"Something is wrong here")
    viewer = person()
    viewer.visit(f"/room/{room}")
    report = viewer.page.get_by_role("link", name=viewer.words.of("room", "report"))
    href = report.get_attribute("href") or ""
    assert href.startswith("mailto:operator@localhost?subject=")
    assert unquote(href).endswith(room)
