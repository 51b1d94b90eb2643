"""Every state of the page: axe finds nothing serious in any; `make album` takes pictures."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.support.album import Album
from tests.browser.support.mocks import (
    bend_channel,
    bend_lists,
    bend_room,
    hold_logs,
    no_rooms,
    unreachable,
)
from tests.browser.support.people import Person
from tests.browser.support.stack_actions import StackActions

People = Callable[..., Person]
GATE = "0x" + "6a" * 20


def wait_word(who: Person, *path: str) -> None:
    expect(who.word(*path)).to_be_visible()


def test_lists__every_state(person: People, chain: StackActions, album: Album) -> None:
    titles = ("Lớp vẽ màu nước", "Chợ đêm Đà Lạt", "Guitar from zero", "Đọc sách cùng nhau")
    rooms = [chain.create(title.encode()) for title in titles]
    chain.end(rooms[0])
    chain.take_down(rooms[1])
    chain.wait(rooms[3], "active")
    viewer = person()
    viewer.visit("/")
    # who is not live may be folded away
    expect(viewer.page.get_by_text(titles[3]).first).to_be_attached()
    album.take(viewer, "rooms")
    viewer.page.get_by_role("button", name=viewer.words.of("home", "all"), exact=True).click()
    expect(viewer.page.get_by_role("heading", name=titles[0])).to_be_visible()
    album.take(viewer, "rooms-all")
    viewer.page.get_by_role("searchbox").fill("no such thing")
    expect(viewer.page.get_by_text(viewer.words.of("home", "nothing"))).to_be_visible()
    album.take(viewer, "rooms-nothing-found")
    viewer.visit("/nowhere")
    album.take(viewer, "missing")
    first = person()
    no_rooms(first.page)
    first.visit("/")
    expect(first.page.get_by_text(first.words.of("home", "empty"))).to_be_visible()
    album.take(first, "rooms-none")
    down = person()
    down.visit("/")
    unreachable(down.page)
    down.page.reload()
    expect(down.page.get_by_role("alert")).to_be_visible()
    album.take(down, "rooms-unreachable")


@pytest.mark.long
def test_on_the_air__home_and_channel__every_state(
    person: People, chain: StackActions, album: Album
) -> None:
    titles = (
        "Lớp đàn nguyệt buổi tối: bài 12, luyện ngón và nghe mẫu",
        "Chợ đêm Đà Lạt",
        "Toán 9: ôn thi vào lớp 10",
        "Guitar from zero",
        "Đọc sách cùng nhau",
    )
    rooms = [chain.wait(chain.create(title.encode()), "active") for title in titles]
    now = int(time.time())
    about = {"about": "Mang theo đàn. Ai chưa có đàn thì ngồi nghe.", "lang": "vi", "class": None}
    quiet = {"live": False, "live_since": None, "viewers": None}
    lesson = {**rooms[2], **quiet, "starts_at": now + 5400, "description": about}
    on_air = [
        {**rooms[0], "live": True, "live_since": now - 725, "viewers": None, "description": about},
        {**rooms[1], "live": True, "live_since": now - 9000, "viewers": 12_345},
    ]
    others = [lesson, *({**room, **quiet} for room in rooms[3:])]

    def home(who: Person, live: list[dict[str, Any]], presence: str) -> None:
        who.page.unroute_all(behavior="wait")

        def bend(url: str, told: dict[str, Any]) -> dict[str, Any]:
            shown = live if "live=true" in url else [*live, *others]
            if presence == "unknown":
                shown = [] if "live=true" in url else [{**room, "live": None} for room in shown]
            return {**told, "rooms": shown, "next_cursor": None, "presence": presence}

        bend_lists(who.page, bend)
        who.visit("/")

    viewer = person()
    page = viewer.page
    home(viewer, on_air, "known")
    expect(page.get_by_text(viewer.words.of("room", "watching", parts=["12,345"]))).to_be_visible()
    album.take(viewer, "home-on-air")
    home(viewer, [], "known")
    expect(page.get_by_text(viewer.words.of("home", "nobody"))).to_be_visible()
    page.locator("summary").click()
    album.take(viewer, "home-nobody-on-air")
    home(viewer, on_air, "unknown")
    expect(page.get_by_text(viewer.words.of("home", "presenceUnknown"))).to_have_count(1)
    album.take(viewer, "home-on-air-unknown")

    host = rooms[0]["host"]

    def channel(who: Person, **changes: Any) -> None:
        who.page.unroute_all(behavior="wait")
        bend_channel(who.page, lambda told: {**told, "presence": "known", **changes})
        who.visit(f"/host/{host}")

    tomorrow = {**rooms[3], **quiet, "starts_at": now + 86_400 + 7200}
    channel(viewer, shown="on_air", room=on_air[0], upcoming=[lesson, tomorrow])
    expect(viewer.link("channel", "watch")).to_be_visible()
    album.take(viewer, "channel-on-air")
    channel(viewer, shown="next", room=lesson, upcoming=[lesson, tomorrow])
    expect(viewer.link("channel", "calendar")).to_be_visible()
    album.take(viewer, "channel-next")
    viewer.button("share", "button").click()
    expect(page.locator(".qr")).to_be_visible()
    album.take(viewer, "channel-share")
    end = {"reason": "host", "detail": 0, "actor": host, "at": now, "block": 1, "tx": "0x"}
    over = {**rooms[4], **quiet, "status": "ended", "end": end, "playback": None}
    channel(viewer, shown="last", room=over, upcoming=[])
    expect(page.get_by_text(viewer.words.of("channel", "nothing"))).to_be_visible()
    album.take(viewer, "channel-last")
    channel(viewer, shown="next", room=lesson, upcoming=[lesson], presence="unknown")
    expect(page.get_by_text(viewer.words.of("channel", "presenceUnknown"))).to_be_visible()
    album.take(viewer, "channel-presence-unknown")
    channel(viewer, shown=None, room=None, upcoming=[])
    expect(page.get_by_text(viewer.words.of("channel", "unknown"))).to_be_visible()
    album.take(viewer, "channel-unknown-host")
    page.unroute_all(behavior="wait")


@pytest.mark.long
def test_viewer__of_a_room_that_lives__every_state(
    person: People, chain: StackActions, album: Album
) -> None:
    host = person(wallet=5)
    room = host.create("Lớp học đàn buổi tối")
    viewer = person()
    viewer.visit(f"/room/{room}")
    wait_word(viewer, "viewer", "waiting")
    album.take(viewer, "viewer-waiting")
    host.go_live()
    viewer.wait_playing()
    album.take(viewer, "viewer-live")
    viewer.button("share", "button").click()
    expect(viewer.page.locator(".qr")).to_be_visible()
    album.take(viewer, "viewer-share")
    viewer.page.keyboard.press("Escape")
    embed = viewer.new_tab()
    embed.set_viewport_size({"width": 640, "height": 360})
    embed.goto(f"/embed/{room}")
    expect(embed.locator(".stage.playing")).to_be_visible()
    album.take_once(embed, "embed-live")
    embed.goto("/embed/live_999999")
    expect(embed.get_by_text(viewer.words.of("viewer", "unknown"))).to_be_visible()
    album.take_once(embed, "embed-unknown")
    embed.close()
    chain.stream.set_media(chain.uid(room), "cut")
    wait_word(viewer, "viewer", "reconnecting")
    album.take(viewer, "viewer-reconnecting")
    host.button("live", "stop").click()


@pytest.mark.long
def test_viewer__of_a_room_at_rest__every_state(
    person: People, chain: StackActions, album: Album
) -> None:
    room = chain.create("Lớp học đàn buổi tối".encode())
    chain.wait(room, "active")
    viewer = person()
    _still(viewer, album, room, "viewer-preparing", "preparing", status="pending", playback=None)
    _still(viewer, album, room, "viewer-expired", "expired", expirable=True)
    over = {"detail": 0, "actor": GATE, "at": 0, "block": 1, "tx": "0x"}
    gone: dict[str, Any] = {"status": "ended", "playback": None}
    _still(viewer, album, room, "viewer-ended", "ended", **gone, end={**over, "reason": "host"})
    taken = {**over, "reason": "taken_down", "detail": 2}
    _still(viewer, album, room, "viewer-taken-down", "ended", **gone, end=taken)
    for reason, detail in (("expired", 0), ("unfulfilled", 0), ("declined", 3), ("taken_down", 1)):
        name = f"viewer-ended-{reason}"
        end = {**over, "reason": reason, "detail": detail}
        _still(viewer, album, room, name, "ended", once=True, **gone, end=end)
    viewer.visit("/room/live_999999")
    wait_word(viewer, "viewer", "unknown")
    album.take(viewer, "viewer-unknown")
    viewer.visit("/")
    unreachable(viewer.page)
    viewer.visit(f"/room/{room}")
    wait_word(viewer, "common", "unreachable")
    album.take(viewer, "viewer-unreachable")


def _still(
    who: Person, album: Album, room: str, name: str, word: str, once: bool = False, **changes: Any
) -> None:
    """A state that the API's answer alone decides; `once`: one picture is enough."""
    who.page.unroute_all(behavior="wait")
    bend_room(who.page, room, lambda told: {**told, **changes})
    who.visit(f"/room/{room}")
    wait_word(who, "viewer", word)
    if once:
        album.take_once(who.page, name)
    else:
        album.take(who, name)
    who.page.unroute_all(behavior="wait")


@pytest.mark.long
def test_new_room__every_state(person: People, chain: StackActions, album: Album) -> None:
    host = person(wallet=6)
    host.visit("/studio")
    expect(host.button("wallet", "connect")).to_be_visible()
    album.take(host, "studio-stranger")
    host.visit("/new")
    expect(host.page.locator("dl.price")).to_be_visible()
    album.take(host, "new-before-wallet")
    host.button("wallet", "connect").click()
    expect(host.page.get_by_role("dialog")).to_be_visible()
    album.take(host, "new-wallets")
    host.page.keyboard.press("Escape")
    host.connect()
    title = host.page.get_by_label(host.words.of("create", "name"), exact=True)
    title.fill("Buổi chia sẻ: làm gốm ở Bát Tràng")
    album.take(host, "new-ready")
    host.page.evaluate("window.testWallet.knobs.refuse = true")
    host.page.locator("form.create button.primary").click()
    expect(host.page.get_by_text(host.words.of("failure", "declined"))).to_be_visible()
    album.take(host, "new-declined")
    host.page.evaluate("window.testWallet.knobs.refuse = false")
    host.page.evaluate("window.testWallet.moveTo('0x1')")
    expect(host.page.get_by_text(host.words.of("wallet", "wrongChain"))).to_be_visible()
    album.take(host, "new-wrong-network")
    host.button("wallet", "switch").click()
    title.fill("quá dài " * 13)
    album.take(host, "new-too-long")
    title.fill("Buổi chia sẻ: làm gốm ở Bát Tràng")
    chain.pause(True)
    expect(host.page.get_by_text(host.words.of("reverts", "CreationPaused"))).to_be_visible()
    album.take(host, "new-paused")
    chain.pause(False)


@pytest.mark.long
def test_host__every_state(person: People, album: Album) -> None:
    host = person(wallet=6)
    room = host.create("Buổi chia sẻ: làm gốm ở Bát Tràng")
    expect(host.button("live", "camera")).to_be_visible()
    album.take(host, "studio-ready")
    # before the camera is on: a picture of a page with video takes a machine several seconds
    for name in ("rename", "describe", "handOver", "rekey", "end"):
        host.page.get_by_role("button", name=host.words.of("manage", name)).click()
        expect(host.page.get_by_role("dialog")).to_be_visible()
        album.take(host, f"studio-{name.lower()}")
        host.page.keyboard.press("Escape")
    host.button("live", "obs").click()
    expect(host.page.locator(".obs")).to_be_visible()
    album.take(host, "studio-obs-webrtc")
    host.button("live", "browser").click()
    host.button("live", "camera").click()
    expect(host.page.locator(".preview.playing")).to_be_visible()
    album.take(host, "studio-preview")
    host.button("live", "start").click()
    host.wait_live()
    album.take(host, "studio-live")
    tab = host.new_tab()
    tab.goto(f"/studio/{room}")
    tab.get_by_role("button", name=host.words.of("live", "camera"), exact=True).click()
    tab.get_by_role("button", name=host.words.of("live", "start"), exact=True).click()
    expect(tab.get_by_text(host.words.of("live", "elsewhere"))).to_be_visible()
    album.take(host, "studio-elsewhere", tab)
    tab.close()
    host.button("live", "stop").click()

    bend_room(
        host.page, room, lambda told: {**told, "status": "pending", "uid": None, "playback": None}
    )
    host.visit(f"/studio/{room}")
    expect(host.page.locator(".steps .now")).to_be_visible()
    album.take(host, "studio-setting-up")
    host.page.unroute_all(behavior="wait")


@pytest.mark.long
def test_host__other_states(person: People, chain: StackActions, album: Album) -> None:
    host = person(wallet=4)
    host.visit("/studio")
    host.connect()
    expect(host.page.get_by_text(host.words.of("studio", "none"))).to_be_visible()
    album.take(host, "studio-empty")
    room = host.create("Bán hàng trực tiếp", mode="broadcast")
    expect(host.page.locator(".obs")).to_be_visible()
    host.page.locator("summary").click()
    album.take(host, "studio-obs-broadcast")
    other = person(wallet=9)
    other.visit(f"/studio/{room}")
    other.connect()
    expect(other.page.get_by_text(other.words.of("studio", "notYours"))).to_be_visible()
    album.take(other, "studio-not-yours")
    other.page.evaluate("(address) => window.testWallet.become(address)", host.address)
    expect(other.page.get_by_text(other.words.of("live", "noKey"))).to_be_visible()
    album.take(other, "studio-no-key")
    other.page.evaluate("(address) => window.testWallet.become(address)", other.address)
    host.page.get_by_role("button", name=host.words.of("manage", "handOver")).click()
    dialog = host.page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill(str(other.address))
    dialog.get_by_role("button", name=host.words.of("manage", "offer"), exact=True).click()
    expect(dialog).to_have_count(0)
    expect(other.page.get_by_text(other.words.of("room", "offered"))).to_be_visible()
    album.take(other, "studio-offered")
    other.visit(f"/room/{room}")
    expect(other.page.get_by_text(other.words.of("room", "offered"))).to_be_visible()
    album.take(other, "viewer-offered")
    host.page.get_by_role("button", name=host.words.of("manage", "handOver")).click()
    expect(dialog.get_by_text(host.words.of("manage", "offeredMore"))).to_be_visible()
    album.take(host, "studio-offer-made")
    host.page.keyboard.press("Escape")
    host.page.get_by_role("button", name=host.words.of("manage", "end")).click()
    dialog.get_by_role("button", name=host.words.of("manage", "end"), exact=True).click()
    expect(host.button("studio", "withdraw", parts=["0.001"])).to_be_visible()
    album.take(host, "studio-ended")
    host.visit("/studio")
    expect(host.page.locator(".room-row")).to_be_visible()
    album.take(host, "studio-list")


def test_audit__every_state(person: People, chain: StackActions, album: Album) -> None:
    room = chain.create("Phiên chợ cuối tuần".encode())
    chain.wait(room, "active")
    chain.end(room)
    auditor = person()
    auditor.visit("/audit")
    expect(auditor.page.get_by_text(auditor.words.of("audit", "indexSame"))).to_be_visible()
    album.take(auditor, "audit")
    chain.create(b"One event more than the page has read")
    stuck = hold_logs(auditor.page)
    auditor.button("audit", "verifyHistory").click()
    expect(auditor.page.locator("progress")).to_be_visible()
    album.take_once(auditor.page, "audit-verifying")
    auditor.button("common", "cancel").click()
    expect(auditor.page.locator("progress")).to_have_count(0)
    assert stuck, "it was not the node that was waited for"
    auditor.page.unroute_all(behavior="ignoreErrors")
    auditor.button("audit", "verifyHistory").click()
    expect(auditor.page.locator(".verdict.good")).to_be_visible()
    # what was read before is read again at the same block
    computed = auditor.page.locator(".checks .hash").first.get_attribute("title")
    facts = auditor.page.locator(
        ".settings > div", has_text=auditor.words.of("audit", "historyHash")
    )
    expect(facts.get_by_role("button")).to_have_attribute("title", str(computed))
    album.take(auditor, "audit-verified")
    auditor.visit(f"/audit/{room}")
    auditor.button("audit", "checkButton").click()
    expect(auditor.page.locator(".verdict.good")).to_be_visible()
    album.take(auditor, "audit-room-holds")
    bend_room(auditor.page, room, lambda told: {**told, "host": GATE})
    auditor.page.reload()
    auditor.button("audit", "checkButton").click()
    expect(auditor.page.locator(".verdict.bad")).to_be_visible()
    album.take(auditor, "audit-room-differs")
    auditor.page.unroute_all(behavior="wait")
    nobody = auditor.stack.state.url("api") + "/healthz"  # answers, but is no node
    auditor.page.get_by_label(auditor.words.of("audit", "node")).fill(nobody)
    auditor.button("audit", "checkButton").click()
    expect(auditor.page.get_by_text(auditor.words.of("audit", "nodeFailed"))).to_be_visible()
    album.take(auditor, "audit-node-failed")
