"""Scenario 33: a wallet that is late, silent, busy or locked, at connecting and at sending."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from localnet.anvil import LocalNode
from tests.browser.support.people import Person

People = Callable[..., Person]

BUSY = "window.testWallet.knobs.fail = { eth_requestAccounts: { code: -32002, message: 'x' } }"
LATE = "window.walletKnobs = { announceAfter: 1500 }"


def test_scenario_33__wallet_hangs_is_busy_or_locks__said_cancelled_and_back_by_itself(
    person: People,
) -> None:
    host = person(wallet=5, language="vi", init=LATE)
    host.visit("/studio")
    host.button("wallet", "connect").click()
    dialog = host.page.get_by_role("dialog")
    row = dialog.get_by_role("button", name="Test wallet")
    row.wait_for()  # announced late: it appears by itself
    waiting = dialog.get_by_text(host.words.of("failure", "waiting"))

    # a popup that was closed without an answer
    host.page.evaluate("window.testWallet.knobs.never = ['eth_requestAccounts', 'eth_accounts']")
    row.click()
    expect(waiting).to_be_visible()
    dialog.get_by_role("button", name=host.words.of("common", "cancel")).click()
    expect(waiting).to_have_count(0)
    expect(row).to_be_enabled()

    # a question is open already: no refusal, and on it goes when that is answered
    host.page.evaluate(BUSY)
    host.page.evaluate("window.testWallet.knobs.never = ['eth_accounts']")
    row.click()
    expect(waiting).to_be_visible()
    expect(dialog.get_by_text(host.words.of("failure", "declined"))).to_have_count(0)
    host.page.evaluate("window.testWallet.become(window.testWallet.knobs.account)")
    leave = host.button("wallet", "disconnect")
    expect(leave).to_be_visible()

    # locked, and unlocked
    host.page.evaluate("window.testWallet.lock()")
    locked = host.page.get_by_text(host.words.of("wallet", "locked"))
    expect(locked).to_be_visible()
    host.page.evaluate("window.testWallet.unlock()")
    expect(leave).to_be_visible()

    # locked over a reload: remembered, any wallet may be chosen meanwhile, and back by itself
    host.page.evaluate("window.testWallet.lock(true)")
    host.page.reload()
    expect(locked).to_be_visible()
    expect(host.button("wallet", "connect")).to_be_enabled()
    host.page.evaluate("window.testWallet.unlock()")
    expect(leave).to_be_visible()


SEND = "eth_sendTransaction"


def fill_form(host: Person, title: str) -> Locator:
    """A new room's form, ready; its button."""
    host.visit("/new")
    host.page.get_by_label(host.words.of("create", "name"), exact=True).fill(title)
    if host.button("wallet", "connect").count():
        host.connect()
    return host.page.locator("form.create button.primary")


def turn(page: Page, **knobs: Any) -> None:
    """Turns the wallet's knobs."""
    page.evaluate("(knobs) => Object.assign(window.testWallet.knobs, knobs)", knobs)


def test_scenario_33__wallet_never_answers_and_a_reload_while_it_asks__one_room_is_paid_for(
    person: People,
) -> None:
    host = person(wallet=3, language="vi")
    node = host.stack.node
    before = node.nonce(str(host.address))
    create = fill_form(host, "Trả tiền một lần")

    # a popup that was closed without an answer
    turn(host.page, never=[SEND])
    create.click()
    expect(host.page.get_by_text(host.words.of("failure", "waiting"))).to_be_visible()
    host.button("common", "cancel").click()
    expect(host.page.get_by_text(host.words.of("failure", "stopped"))).to_be_visible()

    # a question is open already: no refusal
    turn(host.page, never=[], fail={SEND: {"code": -32002, "message": "x"}})
    create.click()
    expect(host.page.get_by_text(host.words.of("failure", "waiting"))).to_be_visible()
    expect(host.page.get_by_text(host.words.of("failure", "declined"))).to_have_count(0)

    # reloaded while it asks: not asked for again, here or in another tab
    turn(host.page, fail={}, hold=[SEND])
    create.click()
    expect(create).to_have_text(host.words.of("transaction", "signing"))
    wanted = host.page.evaluate("window.testWallet.knobs.sent.at(-1)")
    host.page.reload()
    asked = host.words.of("transaction", "doubt", "asked")
    expect(host.page.get_by_text(asked)).to_be_visible()
    expect(create).to_have_count(0)
    tab = host.new_tab()
    tab.goto("/new")
    expect(tab.get_by_text(asked)).to_be_visible()
    expect(tab.locator("form.create")).to_have_count(0)
    tab.close()

    # confirmed in the wallet now: the room is found, and it is the only one
    node.rpc(SEND, wanted)
    host.page.wait_for_url("**/studio/live_*")
    host.visit("/studio")
    rows = host.page.locator(".room-row").filter(has_text="Trả tiền một lần")
    expect(rows).to_have_count(1)
    assert node.nonce(str(host.address)) == before + 1


def wait_behind(host: Person, node: LocalNode) -> int:
    """From now on the wallet's transactions stay in the pool, behind one that is missing; the nonce
    that they have."""
    nonce = node.nonce(str(host.address)) + 1
    turn(host.page, fields={"nonce": hex(nonce)})
    return nonce


def replace(host: Person, node: LocalNode, nonce: int, **transaction: str) -> None:
    """As a wallet's "speed up" or "cancel" does; then the one that was missing comes."""
    sender = str(host.address)
    price = hex(10 * int(node.rpc("eth_gasPrice"), 16))
    instead = {"from": sender, "nonce": hex(nonce), "gasPrice": price, "gas": hex(200_000)}
    node.rpc(SEND, instead | transaction)
    node.rpc(SEND, {"from": sender, "to": sender, "nonce": hex(nonce - 1)})


def test_scenario_33__replaced_and_cancelled_in_the_wallet__told_by_its_effect(
    person: People,
) -> None:
    host = person(wallet=2)
    node = host.stack.node
    host.create("Speed")
    entry = host.page.get_by_role("button", name=host.words.of("manage", "rename"))
    dialog = host.page.get_by_role("dialog")
    save = dialog.locator("button[type=submit]")

    def rename(title: str) -> int:
        """The nonce of a new title's transaction, which waits."""
        nonce = wait_behind(host, node)
        entry.click()
        dialog.get_by_role("textbox").fill(title)
        save.click()
        expect(save).to_have_text(host.words.of("transaction", "sent"))
        return nonce

    # sped up, while the dialog is closed and opened: another hash, the same effect
    nonce = rename("Faster")
    host.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    entry.click()
    expect(save).to_have_text(host.words.of("transaction", "sent"))
    expect(save).to_be_disabled()
    wanted = host.page.evaluate("window.testWallet.knobs.sent.at(-1)")
    replace(host, node, nonce, to=wanted["to"], data=wanted["data"])
    expect(host.page.get_by_role("heading", name="Faster")).to_be_visible()
    expect(save).to_have_text(host.words.of("manage", "save"))
    host.page.keyboard.press("Escape")

    # cancelled: an empty transaction took its place
    nonce = rename("Never")
    replace(host, node, nonce, to=str(host.address))
    expect(dialog.get_by_text(host.words.of("failure", "replaced"))).to_be_visible()
    expect(save).to_be_enabled()


NO_STORAGE = "IDBFactory.prototype.open = () => new EventTarget()"
OWN_NODE = "window.walletKnobs = { chainId: '0x7a69' }"  # the wallet knows its chain without ours
NO_X25519 = "SubtleCrypto.prototype.generateKey = () => Promise.reject(new Error('x'))"


def test_storage_silent_or_x25519_missing__said_before_anybody_is_asked(person: People) -> None:
    silent, old = person(wallet=7, init=NO_STORAGE), person(wallet=7, init=NO_X25519)
    for host in (silent, old):
        host.visit("/new")
    for host, why in ((old, "unsupported"), (silent, "silent")):
        expect(host.page.get_by_text(host.words.of("failure", "keys", why))).to_be_visible()
        host.connect()
        expect(host.page.locator("form.create button.primary")).to_be_disabled()


def test_node_or_server_away__said_on_new_and_studio_and_back_by_itself(person: People) -> None:
    host = person(wallet=7, init=OWN_NODE)
    host.visit("/studio")
    host.connect()
    node = host.stack.state.url("anvil")
    host.page.route(node + "/**", lambda route: route.abort())
    host.page.route("**/api/livestream/rooms?*", lambda route: route.abort())
    host.page.reload()
    for away in ("nodeAway", "apiAway"):
        expect(host.page.get_by_text(host.words.of("failure", away))).to_be_visible()
    host.visit("/new")
    expect(host.page.get_by_text(host.words.of("failure", "nodeAway"))).to_be_visible()
    host.page.unroute(node + "/**")
    expect(host.page.locator("dl.price")).to_be_visible()
    host.page.route("**/config.json", lambda route: route.abort())
    host.page.reload()
    expect(host.page.get_by_text(host.words.of("failure", "apiAway"))).to_be_visible()
    host.page.unroute("**/config.json")
    expect(host.page.locator("dl.price")).to_be_visible()
