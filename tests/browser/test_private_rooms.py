"""Rooms for some only, on the whole stack: a class, a token's holder, a stranger, and what the host
learns of it. Tokens live 20 seconds here, so that a lost right shows within a test's time."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from eth_abi.abi import encode
from playwright.sync_api import Locator, expect

from chain.hexes import keccak
from localnet.stack import Stack
from localnet.waiting import wait_until
from tests.browser.support.people import Person
from tests.browser.support.stack_actions import StackActions
from tests.browser.test_class_list import make_list, private_room, row, saved
from tools.compiled import compiled

pytestmark = pytest.mark.alone

People = Callable[..., Person]
NAMES = ("Nguyễn Thị Minh Khai", "Trần Văn Bình", "Lê Hoàng Phương Anh")
ONE_TOKEN_LIFE_MS = 45_000  # twenty seconds of a token, and a busy machine


class Token:
    """A token on the stack's chain, of whom an account holds one."""

    def __init__(self, stack: Stack, holder: str) -> None:
        self._node = stack.node
        bytecode = compiled("CountedToken").bytecode
        receipt = stack.node.receipt(stack.node.send(holder, None, bytecode, gas=2_000_000))
        self.address = str(receipt["contractAddress"])
        self._send(holder, "give(address,uint256)", holder)

    def sell(self, holder: str, to: str) -> None:
        self._send(holder, "sell(address,uint256)", to)

    def _send(self, sender: str, signature: str, to: str) -> None:
        data = keccak(signature.encode())[:4] + encode(["address", "uint256"], [to, 1])
        self._node.receipt(self._node.send(sender, self.address, data, gas=200_000))


def link_of(host: Person, name: str) -> str:
    row(host, name).locator(".row-button").click()
    found = host.page.get_by_role("dialog").locator("input").input_value()
    host.page.keyboard.press("Escape")
    return found


def enter(viewer: Person, link: str) -> None:
    viewer.visit(link)
    viewer.button("playback", "enter").click()
    viewer.wait_playing()


def refusal(viewer: Person, slug: str) -> Locator:
    return viewer.word("playback", "refused", slug, "title")


def test_scenario_34__a_class_of_three__one_withdrawn_in_the_middle_and_the_list_tells_the_truth(
    person: People, chain: StackActions
) -> None:
    host = person(wallet=6)
    room = private_room(host)
    make_list(host, NAMES)
    links = {name: link_of(host, name) for name in NAMES}
    host.go_live()
    khai, binh, anh = (person(language="vi") for _ in NAMES)
    for viewer, name in zip((khai, binh, anh), NAMES, strict=True):
        enter(viewer, links[name])
    for viewer in (khai, binh, anh):  # the link is in no address that they might pass on
        assert "#i=" not in viewer.page.url

    chain.rotate_playback_key()  # in the middle of the lesson: nobody must notice

    stranger = person()
    stranger.visit(f"/room/{room}")
    expect(stranger.word("playback", "kinds", "invitation", "title")).to_be_visible()

    row(host, NAMES[1]).locator(".row-button").click()
    host.button("classList", "revoke").click()
    host.page.keyboard.press("Escape")
    expect(refusal(binh, "invitation-revoked")).to_be_visible(timeout=ONE_TOKEN_LIFE_MS)
    for viewer in (khai, anh):  # renewed since by the new key
        viewer.wait_counter(viewer.wait_counter())
    expect(stranger.word("playback", "kinds", "invitation", "title")).to_be_visible()

    anh.page.close()
    expect(row(host, NAMES[0]).locator(".here")).to_be_visible(timeout=30_000)
    expect(row(host, NAMES[2]).locator(".here")).to_have_count(0, timeout=ONE_TOKEN_LIFE_MS)
    # who is out is known to be so once their last token has ended
    wait_until(lambda: stays(host) == [False, True, True], 60, "the list tells who has left")


def stays(host: Person) -> list[bool]:
    """Whether each of NAMES has left, by the file that the host takes away."""
    told = saved(host, "classList", "attendance").removeprefix("\ufeff")
    _, *rows = csv.reader(io.StringIO(told))
    left = {name: until for name, _, _, _, _, until, _ in rows if name}
    assert tuple(left) == NAMES
    return [left[name] != "" for name in NAMES]


def test_scenario_34__a_holder_who_sells_while_watching__is_out_and_the_buyer_in(
    person: People, stack: Stack
) -> None:
    host, seller, buyer = person(wallet=6), person(wallet=7), person(wallet=8, language="vi")
    assert seller.address is not None and buyer.address is not None
    token = Token(stack, seller.address)
    host.visit("/new")
    host.page.get_by_label(host.words.of("create", "name"), exact=True).fill("Holders")
    host.page.locator('input[name=who][value="holders"]').check()
    host.connect()
    host.page.locator("#token").fill(token.address)
    expect(host.page.get_by_text(host.words.of("gate", "check", "good"))).to_be_visible()
    host.page.locator("form.create button.primary").click()
    host.page.wait_for_url("**/studio/live_*")
    room = host.page.url.rsplit("/", 1)[1]
    host.go_live()

    by_wallet(seller, room)
    seller.wait_playing()
    by_wallet(buyer, room)
    expect(refusal(buyer, "not-a-holder")).to_be_visible()
    token.sell(seller.address, buyer.address)
    expect(refusal(seller, "lost")).to_be_visible(timeout=ONE_TOKEN_LIFE_MS)
    sign(buyer)
    buyer.wait_playing()
    buyer.wait_counter(buyer.wait_counter())

    host.page.get_by_role("button", name=host.words.of("manage", "end")).click()
    host.page.get_by_role("dialog").get_by_role(
        "button", name=host.words.of("manage", "end")
    ).click()
    expect(buyer.word("viewer", "ended")).to_be_visible(timeout=ONE_TOKEN_LIFE_MS)


def by_wallet(viewer: Person, room: str) -> None:
    """Signs in, up to the answer."""
    viewer.visit(f"/room/{room}")
    sign(viewer)


def sign(viewer: Person) -> None:
    viewer.button("playback", "signIn").click()
    entry = viewer.page.locator(".wallet-entry")
    another = entry.get_by_text(viewer.words.of("playback", "otherWallet"))
    connect = entry.get_by_role("button", name=viewer.words.of("wallet", "connect"), exact=True)
    expect(another.or_(connect)).to_be_visible()
    if connect.count():
        viewer.connect()
    expect(another).to_be_visible()
    entry.locator("button").first.click()
