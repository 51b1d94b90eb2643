"""What a host pays, gets back and is asked again, as the contract says it at that moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from chain.units import GWEI
from localnet.rooms_on_anvil import TERMS
from tests.browser.support.album import Album
from tests.browser.support.mocks import BentView
from tests.browser.support.people import Person
from tests.browser.support.stack_actions import StackActions

People = Callable[..., Person]
CREATE = "form.create button.primary"
HIDE = "Object.defineProperty(document, 'visibilityState', { value: 'hidden' })"
FEE, RETIRED, SUCCESSOR, TERMS_ID = 2, 10, 9, 0  # words of what `creation` answers


@pytest.fixture
def no_inputs(chain: StackActions) -> Iterator[None]:
    """Rooms stay pending: Cloudflare makes no live input."""
    chain.stream.fault("429", method="POST", path="live_inputs$", times=None, retry_after=1)
    yield
    chain.stream.clear_faults()


def sent(who: Person) -> int:
    """Wei in the last transaction that the wallet was asked for."""
    return int(who.page.evaluate("window.testWallet.knobs.sent.at(-1).value"), 16)


def end(who: Person, *button: str, parts: tuple[str, ...] = ()) -> None:
    who.page.get_by_role("button", name=who.words.of("manage", "end")).click()
    name = who.words.of(*button, parts=parts)
    who.page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()


def test_balance__of_a_room_that_ended__pays_for_the_next(person: People, album: Album) -> None:
    host = person(wallet=7)
    host.create("Buổi một")
    assert sent(host) == TERMS.deposit + TERMS.fee
    expect(host.button("live", "camera")).to_be_visible()
    end(host, "manage", "end")
    expect(host.button("studio", "withdraw", parts=["0.001"])).to_be_visible()
    host.visit("/new")
    pays = host.words.of("create", "pays", parts=["0.0001", "0.001"])
    expect(host.page.get_by_text(pays)).to_be_visible()
    album.take(host, "new-from-balance")
    host.create("Buổi hai")
    assert sent(host) == TERMS.fee
    host.visit("/studio")
    expect(host.page.locator(".room-row").first).to_be_visible()
    expect(host.page.locator(".credit")).to_have_count(0)


@pytest.mark.usefixtures("no_inputs")
def test_end__before_the_room_is_set_up__says_that_it_costs_the_fee_and_until_when(
    person: People, album: Album
) -> None:
    host = person(wallet=2)
    host.create("Kết thúc sớm")
    rekey = host.page.get_by_role("button", name=host.words.of("manage", "rekey"))
    expect(rekey).to_be_disabled()
    expect(rekey).to_contain_text(host.words.of("manage", "notYet"))
    host.page.get_by_role("button", name=host.words.of("manage", "end")).click()
    dialog = host.page.get_by_role("dialog")
    expect(dialog.locator(".note")).to_contain_text("0.0001 ETH")
    album.take(host, "studio-end-early")
    cost = host.words.of("manage", "endAndPay", parts=["0.0001"])
    dialog.get_by_role("button", name=cost, exact=True).click()
    withdraw = host.button("studio", "withdraw", parts=["0.001"])
    withdraw.click()
    expect(withdraw).to_have_count(0)


def test_terms__changed_under_way__asked_again_only_where_it_costs_more(person: People) -> None:
    host = person(wallet=5)
    lower = BentView(host.page, "creation", {FEE: 1 * GWEI})
    host.visit("/new")
    host.connect()
    host.page.get_by_label(host.words.of("create", "name"), exact=True).fill("Giá mới")
    create = host.page.locator(CREATE)
    expect(create).to_have_text(host.words.of("create", "button", parts=["0.001000001"]))
    # the price rose since it was shown (which is looked at only while the page is seen, but may be
    # under way): told, and not asked of the wallet
    host.page.evaluate(HIDE)
    lower.end_with_click()
    create.click()
    expect(host.page.get_by_text(host.words.of("failure", "dearer"))).to_be_visible()
    expect(create).to_have_text(host.words.of("create", "button", parts=["0.0011"]))
    assert host.page.evaluate("window.testWallet.knobs.sent.length") == 0
    # other terms, at the same price, until it is tried: made anew, and nobody is asked again
    other = BentView(host.page, "creation", {TERMS_ID: 7}, until="createRoom")
    create.click()
    host.page.wait_for_url("**/studio/live_*")
    assert other.is_over
    assert host.page.evaluate("window.testWallet.knobs.sent.length") == 1


def test_retired__said_before_the_wallet_is_asked_and_the_successor_not_followed(
    person: People, album: Album
) -> None:
    host = person(wallet=5)
    successor = "0x" + "5c" * 20
    BentView(host.page, "creation", {RETIRED: 1, SUCCESSOR: int(successor, 16)})
    host.visit("/new")
    host.connect()
    expect(host.page.locator("form.create .note")).to_contain_text(successor, ignore_case=True)
    expect(host.page.locator(CREATE)).to_be_disabled()
    album.take(host, "new-retired")
