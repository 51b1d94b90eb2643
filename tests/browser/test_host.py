"""What a host does besides broadcasting: wallets, reloads, titles, keys, handing over."""

from __future__ import annotations

import json
from collections.abc import Callable

from playwright.sync_api import Route, expect

from tests.browser.support.mocks import bend_room, with_playback_service
from tests.browser.support.people import Person
from tests.browser.support.stack_actions import StackActions

People = Callable[..., Person]


def open_manage(who: Person, name: str) -> None:
    who.page.get_by_role("button", name=who.words.of("manage", name)).click()


def confirm(who: Person, *path: str) -> None:
    """Presses a dialog's button and waits until it is done."""
    dialog = who.page.get_by_role("dialog")
    dialog.get_by_role("button", name=who.words.of(*path), exact=True).click()
    expect(dialog).to_have_count(0)


def test_demo_wallet__no_extension_at_all__creates_a_room(person: People) -> None:
    host = person(language="vi")
    host.create("Ví dùng thử", wallet=host.words.of("wallet", "demo"))
    expect(host.button("live", "camera")).to_be_visible()


def test_create__reload_and_a_receipt_that_never_comes__found_by_its_key(person: People) -> None:
    host = person(wallet=7)

    blind: dict[str, object] = {
        "eth_getTransactionReceipt": None,
        "eth_getTransactionCount": "0x0",
        "eth_getLogs": [],
    }

    def answer(route: Route) -> None:
        asked = json.loads(route.request.post_data or "{}")
        if asked.get("method") not in blind:
            return route.continue_()
        result = blind[asked["method"]]
        return route.fulfill(json={"jsonrpc": "2.0", "id": asked["id"], "result": result})

    # as when a wallet replaces the transaction by another one with a higher fee
    host.page.route(host.stack.state.url("anvil") + "/", answer)
    host.visit("/new")
    host.page.get_by_label(host.words.of("create", "name"), exact=True).fill("Sped up")
    host.connect()
    host.page.locator("form.create button.primary").click()
    under_way = host.page.get_by_role("region", name=host.words.of("transaction", "title"))
    expect(under_way).to_be_visible()
    host.page.reload()
    expect(under_way).to_be_visible()
    del blind["eth_getLogs"]
    host.page.wait_for_url("**/studio/live_*")
    expect(host.button("live", "camera")).to_be_visible()


def test_title__changed__viewers_see_it_at_once(person: People) -> None:
    host = person(wallet=5)
    room = host.create("Before")
    viewer = person()
    viewer.visit(f"/room/{room}")
    expect(viewer.page.get_by_role("heading", name="Before")).to_be_visible()
    open_manage(host, "rename")
    host.page.get_by_role("dialog").get_by_role("textbox").fill("Sau giờ giải lao")
    confirm(host, "manage", "save")
    expect(viewer.page.get_by_role("heading", name="Sau giờ giải lao")).to_be_visible()


def test_description__told_by_the_host__plain_text_and_the_start_in_the_viewer_s_time(
    person: People,
) -> None:
    host = person(wallet=6)
    room = host.create("Ngày mai")
    viewer = person()
    viewer.visit(f"/room/{room}")
    open_manage(host, "describe")
    dialog = host.page.get_by_role("dialog")
    save = dialog.get_by_role("button", name=host.words.of("manage", "save"), exact=True)
    about = dialog.get_by_label(host.words.of("manage", "about"))
    about.fill("đ" * 600)  # two bytes each
    expect(dialog.get_by_text(host.words.of("reverts", "DetailsTooLong"))).to_be_visible()
    expect(save).to_be_disabled()
    about.fill('Mang theo đàn <b id="bold">tranh</b>\nhttps://rooms.example')
    dialog.get_by_label(host.words.of("manage", "className")).fill("Lớp 6A")
    dialog.get_by_label(host.words.of("manage", "startsAt")).fill("2038-01-02T03:04")
    confirm(host, "manage", "save")
    told = viewer.page.locator(".description")
    expect(told).to_contain_text('Mang theo đàn <b id="bold">tranh</b>')
    expect(told).to_contain_text("Lớp 6A")
    expect(told.locator("a, b")).to_have_count(0)
    at = viewer.page.evaluate("new Date('2038-01-02T03:04').toISOString()")
    expect(told.locator("time")).to_have_attribute("datetime", at)
    open_manage(host, "describe")  # as it was told
    expect(dialog.get_by_label(host.words.of("manage", "startsAt"))).to_have_value(
        "2038-01-02T03:04"
    )
    expect(save).to_be_disabled()


def test_invitation__chosen_at_creation__only_where_the_operator_can_let_people_in(
    person: People,
) -> None:
    host = person(wallet=6)
    with_playback_service(host.page, None)
    host.visit("/new")
    expect(host.page.locator("dl.price")).to_be_visible()
    expect(host.page.locator("input[name=who]")).to_have_count(0)
    host.page.unroute("**/config.json")
    host.visit("/new")
    host.page.locator('input[name=who][value="invited"]').check()
    expect(host.page.get_by_text(host.words.of("gate", "invitedHow"))).to_be_visible()
    host.connect()
    host.page.locator("form.create button.primary").click()
    host.page.wait_for_url("**/studio/live_*")
    expect(host.button("live", "camera")).to_be_visible()
    viewer = person(language="vi")
    viewer.visit(f"/room/{host.page.url.rsplit('/', 1)[1]}")
    expect(viewer.page.locator(".stage.playing")).to_have_count(0)


def test_key__lost_and_replaced__this_browser_goes_live(person: People) -> None:
    first = person(wallet=8)
    room = first.create("The key is elsewhere")
    host = person(wallet=8)
    host.visit(f"/studio/{room}")
    host.connect()
    expect(host.page.get_by_text(host.words.of("live", "noKey"))).to_be_visible()
    closed = host.page.locator(".closed")
    closed.get_by_role("button", name=host.words.of("manage", "rekey")).click()
    confirm(host, "manage", "rekey")
    expect(host.page.get_by_text(host.words.of("live", "sealing"))).to_be_visible()
    host.button("live", "camera").wait_for()
    host.go_live()
    open_manage(host, "rekey")
    dialog = host.page.get_by_role("dialog")
    dialog.get_by_role("button", name=host.words.of("manage", "rekey"), exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text(
        host.words.of("reverts", "RekeyTooSoon", parts=[""]).removesuffix(".")
    )


def test_hand_over__offered_and_taken__the_new_host_goes_live(person: People) -> None:
    old, new = person(wallet=6), person(wallet=9)
    room = old.create("Two hosts")
    expect(old.button("live", "camera")).to_be_visible()
    open_manage(old, "handOver")
    old.page.get_by_role("dialog").get_by_role("textbox").fill(str(new.address))
    confirm(old, "manage", "offer")
    new.visit("/studio")
    new.connect()
    # as it was a moment ago: whoever takes it must have seen the host and key that it has
    bend_room(new.page, room, lambda told: {**told, "tag": "0x" + "11" * 12})
    offers = new.page.get_by_role("region", name=new.words.of("studio", "offers"))
    offers.get_by_role("link", name="Two hosts").click()
    new.button("room", "takeOver").click()
    expect(new.page.get_by_text(new.words.of("reverts", "TagChanged"))).to_be_visible()
    new.page.unroute_all(behavior="wait")
    new.page.reload()
    new.button("room", "takeOver").click()
    expect(old.page.get_by_text(old.words.of("studio", "notYours"))).to_be_visible()
    new.button("live", "camera").wait_for()
    new.go_live()


def test_wallet__another_network__one_press_and_it_goes_on(
    person: People, chain: StackActions
) -> None:
    host = person(wallet=5)
    host.visit("/new")
    host.page.evaluate("window.testWallet.moveTo('0x1')")
    host.connect()
    create = host.page.locator("form.create button.primary")
    expect(create).to_be_disabled()
    host.button("wallet", "switch").click()
    expect(create).to_be_enabled()
    assert "wallet_switchEthereumChain" in host.page.evaluate("window.testWallet.knobs.asked")
