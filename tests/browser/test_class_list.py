"""A private room's host: who may watch, the class list, what is taken away and withdrawn.

The playback service is played by `PlaybackDesk`; wallet, chain and store are real.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.support.album import Album
from tests.browser.support.mocks import IS_NODE
from tests.browser.support.people import Person
from tests.browser.support.playback_desk import PlaybackDesk

People = Callable[..., Person]
TOKEN = "0x" + "7c" * 20
BALANCE_OF = "0x70a08231"
SUPPORTS = "0x01ffc9a7"
NAMES = ("Nguyễn Thị Minh Khai", "Trần Văn Bình", "Lê Hoàng Phương Anh", "=Đỗ Gia Huy")


def private_room(host: Person, title: str = "Lớp đàn tranh thứ Ba") -> str:
    """Creates a room for the invited by the form; its id."""
    host.visit("/new")
    host.page.get_by_label(host.words.of("create", "name"), exact=True).fill(title)
    host.page.locator('input[name=who][value="invited"]').check()
    if host.button("wallet", "connect").count():
        host.connect()
    host.page.locator("form.create button.primary").click()
    host.page.wait_for_url("**/studio/live_*")
    expect(host.page.locator("#class-people")).to_be_visible(timeout=30_000)
    return host.page.url.rsplit("/", 1)[1]


def make_list(host: Person, names: tuple[str, ...] = NAMES) -> None:
    host.page.locator("#class-people").fill("\n".join(names))
    host.page.locator(".class-list form button[type=submit]").click()
    expect(host.page.locator(".link-row")).to_have_count(len(names))


def hashes(page: Page) -> dict[str, str]:
    """The links of this browser's lists by their names."""
    found: dict[str, str] = page.evaluate(
        """() => new Promise((resolve, reject) => {
          const asked = indexedDB.open("livestream-rooms-classes");
          asked.onerror = () => reject(asked.error);
          asked.onsuccess = () => {
            const all = asked.result.transaction("lists").objectStore("lists").getAll();
            all.onsuccess = () => {
              asked.result.close();
              const links = all.result.flatMap(({ links }) => links);
              resolve(Object.fromEntries(links.map(({ name, hash }) => [name, hash])));
            };
          };
        })"""
    )
    return found


def row(host: Person, name: str) -> Locator:
    return host.page.locator(".link-row", has_text=name)


def saved(host: Person, *words: str) -> str:
    """What the file has that a button gives."""
    with host.page.expect_download() as download:
        host.button(*words).click()
    return Path(download.value.path()).read_bytes().decode()


def token_answers(page: Page, code: str, balance: str | None, many: str | None = None) -> None:
    """What the node says of `TOKEN`; None: it reverts."""

    def answer(route: Route) -> None:
        asked = json.loads(route.request.post_data or "{}")
        method, params = asked.get("method"), asked.get("params")
        if method == "eth_getCode" and params[0] == TOKEN:
            return route.fulfill(json={"jsonrpc": "2.0", "id": asked["id"], "result": code})
        if method != "eth_call" or params[0].get("to") != TOKEN:
            return route.fallback()
        result = balance if params[0]["data"].startswith(BALANCE_OF) else many
        if result is None:
            error = {"code": 3, "message": "execution reverted"}
            return route.fulfill(json={"jsonrpc": "2.0", "id": asked["id"], "error": error})
        return route.fulfill(json={"jsonrpc": "2.0", "id": asked["id"], "result": result})

    page.unroute(IS_NODE)
    page.route(IS_NODE, answer)


def test_creation__a_token__is_asked_and_each_answer_said(person: People, album: Album) -> None:
    host = person(wallet=6)
    PlaybackDesk(host)
    host.visit("/new")
    host.page.locator('input[name=who][value="invited"]').check()
    expect(host.page.get_by_text(host.words.of("gate", "webrtc"))).to_be_visible()
    album.take(host, "new-invited")
    host.page.locator('input[name=who][value="holders"]').check()
    host.connect()
    field = host.page.locator("#token")
    button = host.page.locator("form.create button.primary")
    word = b"\1".rjust(32, b"\0").hex()
    for name, code, balance, many in (
        ("no-code", "0x", None, None),
        ("no-balance", "0x60", None, None),
        ("no-balance", "0x60", "0x" + word[2:], None),  # 31 bytes
        ("erc-1155", "0x60", None, "0x" + word),
        ("good", "0x60", "0x" + word, None),
    ):
        token_answers(host.page, code, balance, many)
        field.fill("")
        field.fill(TOKEN)
        expect(host.page.get_by_text(host.words.of("gate", "check", name))).to_be_visible()
        expect(button).to_be_enabled() if name == "good" else expect(button).to_be_disabled()
    album.take(host, "new-token-good")
    host.page.unroute(IS_NODE)
    host.page.route(IS_NODE, lambda route: route.abort())
    field.fill("0x12")
    expect(host.page.get_by_text(host.words.of("gate", "check", "bad"))).to_be_visible()
    field.fill(TOKEN)
    expect(host.page.get_by_text(host.words.of("gate", "check", "away"))).to_be_visible()
    album.take(host, "new-token-away")
    token_answers(host.page, "0x60", "0x" + word)
    host.page.locator(".gate").get_by_role(
        "button", name=host.words.of("common", "again"), exact=True
    ).click()
    expect(host.page.get_by_text(host.words.of("gate", "check", "good"))).to_be_visible()


def test_class_list__not_made_yet__every_state(person: People, album: Album) -> None:
    host = person(wallet=6)
    PlaybackDesk(host)
    private_room(host)
    album.take(host, "class-start")
    host.page.locator("#class-people").fill("\n".join(NAMES))
    sign = host.page.locator(".class-list form button[type=submit]")
    host.page.evaluate(
        "window.testWallet.knobs.fail.eth_signTypedData_v4 = { code: 4001, message: 'no' }"
    )
    sign.click()
    expect(host.page.get_by_text(host.words.of("failure", "declined"))).to_be_visible()
    host.page.evaluate("delete window.testWallet.knobs.fail.eth_signTypedData_v4")
    host.page.evaluate("window.testWallet.knobs.never.push('eth_signTypedData_v4')")
    sign.click()
    expect(host.page.get_by_text(host.words.of("failure", "waiting"))).to_be_visible()
    album.take(host, "class-wallet-silent")
    host.button("common", "cancel").click()
    host.page.evaluate("window.testWallet.knobs.never = []")
    make_list(host)


def test_class_list__every_state(person: People, album: Album) -> None:
    host = person(wallet=6)
    desk = PlaybackDesk(host)
    room = private_room(host)
    make_list(host)
    found = hashes(host.page)
    desk.seat(found[NAMES[0]], 1, 24)
    desk.seat(found[NAMES[1]], 2, 3, moves=3)
    desk.seat(found[NAMES[2]], 3, moves=7, waits=True)
    desk.rows.append(
        {
            "who": {"number": None, "address": host.stack.node.accounts[8]}, "role": "moderator",
            "link_hash": None, "entered": desk.rows[0]["entered"], "last": 0, "left": None,
        }
    )  # fmt: skip
    host.page.locator("details", has_text=host.words.of("classList", "addGroup")).click()
    host.page.locator('.class-list details[open] input[type="text"]').first.fill("Phụ huynh")
    host.button("classList", "addGroupButton").click()
    expect(host.page.locator(".link-row")).to_have_count(5)
    desk.seat(hashes(host.page)["Phụ huynh"], 5, 12, seats=30)
    host.page.reload()
    expect(row(host, NAMES[0]).locator(".here")).to_be_visible(timeout=45_000)
    album.take(host, "class-list")

    row(host, NAMES[1]).locator(".row-button").click()
    dialog = host.page.get_by_role("dialog")
    expect(dialog.locator(".qr")).to_be_visible()
    link = dialog.locator("input").input_value()
    assert f"/room/{room}#i=" in link and len(link.split("#i=")[1]) <= 340
    album.take(host, "class-link")
    host.page.keyboard.press("Escape")
    row(host, NAMES[2]).locator(".row-button").click()
    dialog.get_by_role("button", name=host.words.of("classList", "allow"), exact=True).click()
    desk.wait_asked("/host/allow")
    host.page.keyboard.press("Escape")
    row(host, "Phụ huynh").locator(".row-button").click()
    album.take(host, "class-group")
    dialog.get_by_role("button", name=host.words.of("classList", "closeDoor"), exact=True).click()
    assert desk.wait_asked("/host/door")["closed"] is True
    dialog.get_by_role("button", name=host.words.of("classList", "takeSeat"), exact=True).click()
    desk.wait_asked("/host/seat/remove")
    host.page.keyboard.press("Escape")
    host.page.locator("details", has_text=host.words.of("classList", "more")).click()
    album.take(host, "class-withdraw")

    desk.away = True
    host.page.reload()
    expect(host.page.get_by_text(host.words.of("classList", "refused", "away"))).to_be_visible(
        timeout=45_000
    )
    album.take(host, "class-away")
    desk.away = False
    desk.problem = (403, "not-the-host")
    host.page.reload()
    expect(host.page.get_by_text(host.words.of("classList", "refused", "host"))).to_be_visible(
        timeout=45_000
    )
    album.take_once(host.page, "class-not-the-host")


def test_class_list__a_lesson__files_tell_who_was_there_and_names_are_never_sent(
    person: People,
) -> None:
    host = person(wallet=7)
    desk = PlaybackDesk(host)
    sent: list[str] = []
    host.page.on("request", lambda request: sent.append(request.url + (request.post_data or "")))
    room = private_room(host)
    make_list(host)
    found = hashes(host.page)
    desk.seat(found[NAMES[0]], 1, 24)
    desk.seat(found[NAMES[3]], 4, 5)
    desk.seat("0x" + "ab" * 32, 1)  # of another browser's list
    expect(row(host, NAMES[0]).locator(".here")).to_be_visible(timeout=45_000)
    links = saved(host, "classList", "file").split("\r\n")
    assert links[0].startswith("\ufeff") and len(links) == len(NAMES) + 2
    assert links[1].startswith(f"{NAMES[0]},1,") and f"/room/{room}#i=" in links[1]
    attendance = saved(host, "classList", "attendance")
    lines = attendance.split("\r\n")
    assert lines[0].startswith("\ufeff")
    assert [line.split(",")[0] for line in lines[1:4]] == [NAMES[0], "'" + NAMES[3], ""]
    assert lines[1].endswith(",24")
    assert not [text for text in sent for name in NAMES if name in text]

    # the room's own link is without anybody's invitation
    host.button("share", "button").click()
    shared = host.page.get_by_role("dialog").locator("input").first.input_value()
    assert shared.endswith(f"/room/{room}")


def test_class_list__a_link_withdrawn__told_again_to_a_fresh_service(person: People) -> None:
    host = person(wallet=8)
    desk = PlaybackDesk(host)
    private_room(host)
    make_list(host)
    found = hashes(host.page)
    row(host, NAMES[0]).locator(".row-button").click()
    host.button("classList", "revoke").click()
    expect(row(host, NAMES[0])).to_contain_text(host.words.of("classList", "revoked"))
    desk.wait_asked("/host/revoke")
    assert desk.of("/host/revoke") == [{"links": [found[NAMES[0]]]}]
    row(host, NAMES[0]).locator(".row-button").click()
    host.button("classList", "again").click()
    expect(row(host, NAMES[0])).not_to_contain_text(host.words.of("classList", "revoked"))
    assert hashes(host.page)[NAMES[0]] != found[NAMES[0]]

    desk.asked.clear()
    desk.since += 1_000  # a fresh database
    host.page.reload()
    desk.wait_asked("/host/returned")
    assert [body for path, body in desk.asked if path in ("/host/revoke", "/host/returned")] == [
        {"links": [found[NAMES[0]]]},
        {"since": desk.since},
    ]


def test_class_list__withdrawn_by_the_wallet__a_new_one_can_be_made(person: People) -> None:
    host = person(wallet=8)
    desk = PlaybackDesk(host)
    private_room(host)
    make_list(host, NAMES[:1])
    host.page.locator("details", has_text=host.words.of("classList", "more")).click()
    host.button("classList", "all").click()
    expect(host.page.get_by_text(host.words.of("classList", "allDone"))).to_be_visible(
        timeout=45_000
    )
    (told,) = desk.of("/host/revoke-all")
    assert told["language"] == "en" and len(told["signature"]) == 132
    make_list(host, NAMES[:2])


def test_class_list__a_class__the_next_room_joins_it_and_the_same_links_hold(
    person: People,
) -> None:
    host = person(wallet=9)
    PlaybackDesk(host)
    private_room(host, "Lớp đàn, buổi 1")
    host.page.get_by_text(host.words.of("classList", "newClass"), exact=True).click()
    host.button("classList", "join").click()
    expect(host.page.locator("#class-people")).to_be_visible(timeout=30_000)
    make_list(host, NAMES[:2])
    first = hashes(host.page)
    private_room(host, "Lớp đàn, buổi 2")
    name = host.words.of("classList", "class", parts=["Lớp đàn, buổi 1"])
    host.page.get_by_text(name, exact=True).click()
    host.button("classList", "join").click()
    expect(host.page.locator(".link-row")).to_have_count(2, timeout=30_000)
    assert hashes(host.page) == first
