"""Scenario 33: a wallet that is late, silent, busy or locked; connecting it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

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
