"""Rooms go on and off air; lists and a channel in another browser follow, without a reload."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Download, Locator, expect

from chain.enums import Mode
from tests.browser.support.people import PHONE, Person
from tests.browser.support.stack_actions import StackActions

pytestmark = pytest.mark.alone

People = Callable[..., Person]
HOST = 6  # nobody's in tests before


@pytest.fixture
def chain(chain: StackActions) -> Iterator[StackActions]:
    """Where `/lifecycle` does not know WHIP, as nobody has written that Cloudflare's does."""
    chain.stream.set_quirks(whip_lifecycle="unknown")
    chain.lose_presence()  # it may have learned otherwise in tests before
    yield chain
    chain.stream.set_quirks(whip_lifecycle="known")


def titles(cards: Locator) -> list[str]:
    return cards.locator("h3").all_inner_texts()


def test_three_rooms_on_and_off_air__lists_and_channel_follow(
    person: People, chain: StackActions
) -> None:
    show, market, lesson = (
        chain.create(title.encode(), mode=mode, host=HOST)
        for title, mode in (
            ("Chương trình tối", Mode.BROADCAST),
            ("Chợ đêm", Mode.BROADCAST),
            ("Lớp đàn", Mode.WEBRTC),
        )
    )
    uids = {room: chain.uid(room) for room in (show, market, lesson)}
    reader, pupil = person(), person(language="vi", viewport=PHONE)
    reader.visit("/")
    reader.page.evaluate("window.stayed = true")
    on_air = reader.page.get_by_role("list", name=reader.words.of("home", "onAir"))
    host = chain.room(show)["host"]
    pupil.visit(f"/host/{host}")
    pupil.page.evaluate("window.stayed = true")
    watch = pupil.link("channel", "watch")

    def live(room: str) -> Locator:
        return on_air.locator(f'a[href="/room/{room}"]')

    # a broadcast, with who watches
    chain.stream.mark_live(uids[show], "rtmp")
    chain.stream.set_views(uids[show], 42)
    expect(live(show)).to_be_visible()
    expect(live(show)).to_contain_text(reader.words.of("room", "watching", parts=["42"]))
    expect(watch).to_have_attribute("href", f"/room/{show}")
    # by WHIP: by what the operator's own account says
    chain.stream.mark_live(uids[lesson])
    expect(live(lesson)).to_be_visible()
    chain.stream.mark_live(uids[market], "rtmp")
    expect(live(market)).to_be_visible()
    # each once, the latest first
    ours = ["Chợ đêm", "Lớp đàn", "Chương trình tối"]
    assert [title for title in titles(on_air) if title in ours] == ours
    for room in uids:
        assert reader.page.locator(f'main a[href="/room/{room}"]').count() == 1

    chain.stream.mark_disconnected(uids[show])
    expect(live(show)).to_have_count(0)
    chain.stream.mark_disconnected(uids[market])
    expect(live(market)).to_have_count(0)
    expect(watch).to_have_attribute("href", f"/room/{lesson}")
    # a room that is over is gone, whatever Cloudflare says
    chain.end(lesson, host=HOST)
    expect(live(lesson)).to_have_count(0)
    expect(watch).to_have_count(0)
    for who in (reader, pupil):
        assert who.page.evaluate("window.stayed") is True
        assert not who.asked_for("/lifecycle"), "a list asked Cloudflare"
    assert pupil.page.url.endswith(f"/host/{host}")


def test_channel__a_planned_lesson__goes_into_the_calendar(
    person: People, chain: StackActions
) -> None:
    start = int(time.time()) // 60 * 60 + 86_400
    room = chain.create("Lớp toán; bài 1, phân số".encode(), host=HOST)
    chain.describe(room, start, host=HOST)
    address = chain.room(room)["host"]
    # the link that the studio gives away
    accounts = [account.lower() for account in chain.stack.node.accounts]
    host = person(wallet=accounts.index(address.lower()))
    host.visit("/studio")
    host.connect()
    label = host.words.of("studio", "permanent")
    link = host.page.get_by_role("textbox", name=label).input_value()
    pupil = person(viewport=PHONE)
    pupil.visit(link)
    calendar = pupil.link("channel", "calendar")
    with pupil.page.expect_download() as waiting:
        calendar.click()
    download: Download = waiting.value
    assert download.suggested_filename == f"{room}.ics"
    text = download.path().read_bytes().decode("utf-8").replace("\r\n ", "")
    at = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(start))
    assert f"DTSTART:{at}\r\n" in text
    assert "SUMMARY:Lớp toán\\; bài 1\\, phân số\r\n" in text
    assert f"URL:{link.split('/host/')[0]}/room/{room}\r\n" in text
    # into the room, and by its host's name back to the channel
    pupil.link("channel", "openRoom").click()
    name = f"{address[:6]}…{address[-4:]}"
    pupil.link("room", "channelOf", parts=[name]).click()
    expect(calendar).to_be_visible()
