"""Every state in which a viewer meets a private room; those of the page besides: `test_states`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.support.album import Album
from tests.browser.support.mocks import PlaybackMock, bend_room, with_playback_service
from tests.browser.support.people import Person
from tests.browser.test_states import GATE, wait_word

People = Callable[..., Person]
INVITATION = "AQ" + "Ab3_-" * 60
# of a link or a wallet, each with what the album needs of it: every look, or one
REFUSALS = {
    "invitation-revoked": 403,
    "opened-elsewhere": 403,
    "seats-taken": 403,
    "not-a-holder": 403,
    "host-changed": 403,
    "room-ended": 410,
}
OTHER_REFUSALS = {
    "session-over": 401,
    "origin-refused": 403,
    "proof-invalid": 403,
    "nonce-used": 403,
    "invitation-malformed": 400,
    "invitation-invalid": 403,
    "invitation-early": 403,
    "invitation-over": 403,
    "host-must-return": 403,
    "door-closed": 403,
    "seat-removed": 403,
    "link-waits": 403,
    "room-unknown": 404,
    "other-operator": 404,
    "room-public": 409,
}


class PrivateRoom:
    """A public room that a viewer meets as a private one. `told`: its addresses."""

    def __init__(self, person: People) -> None:
        self.host = person(wallet=5)
        self.room = self.host.create("Lớp toán nâng cao 8A")
        self.host.go_live()
        self.viewer = person(wallet=8)
        page = self.viewer.page
        self.service = PlaybackMock(page)
        self.told = page.request.get(f"/api/livestream/rooms/{self.room}").json()["playback"]
        self.path = f"/room/{self.room}"
        self.private = {"playback": None, "access": "invitation", "gate": GATE}
        bend_room(page, self.room, lambda told: {**told, **self.private})


@pytest.mark.long
def test_private_room__every_state(person: People, album: Album) -> None:
    made = PrivateRoom(person)
    viewer, service, told, path = made.viewer, made.service, made.told, made.path
    page, private = viewer.page, made.private
    viewer.visit(path)
    wait_word(viewer, "playback", "kinds", "invitation", "title")
    expect(
        page.get_by_text(viewer.words.of("playback", "attendance", parts=["30"]))
    ).to_be_visible()
    album.take(viewer, "private-invitation")
    private["access"] = "gate"
    viewer.visit(path)
    wait_word(viewer, "playback", "kinds", "gate", "title")
    album.take(viewer, "private-gate")
    viewer.button("playback", "signIn").click()
    viewer.connect()
    page.evaluate("window.testWallet.knobs.hold = ['personal_sign']")
    sign = page.get_by_role("button", name=re.compile("^Sign in as"))
    expect(sign).to_be_visible()
    album.take_once(page, "private-wallet")
    sign.click()
    expect(page.get_by_text(viewer.words.of("playback", "signing"))).to_be_visible()
    album.take(viewer, "private-signing")
    viewer.button("common", "cancel").click()
    expect(sign).to_be_visible()
    sign.click()
    service.admit(**told)
    page.evaluate("window.testWallet.answer('personal_sign')")
    viewer.wait_playing()
    viewer.wait_counter()
    album.take(viewer, "private-live")
    assert service.asked.count("session") == 1
    page.reload()  # enters by itself
    viewer.wait_playing()
    with_playback_service(page, None)
    viewer.visit(path)
    wait_word(viewer, "playback", "none")
    album.take(viewer, "private-none")
    made.host.button("live", "stop").click()
    page.unroute_all(behavior="wait")
    _recordings(viewer, album, made.room, private)


@pytest.mark.long
def test_private_room__a_right_that_ends__the_picture_closes_with_its_reason(
    person: People, album: Album
) -> None:
    made = PrivateRoom(person)
    viewer, service, told, path = made.viewer, made.service, made.told, made.path
    page = viewer.page
    service.seconds = 4
    for slug, status in REFUSALS.items():
        service.admit(**told)
        _open_link(viewer, path)
        viewer.button("playback", "enter").click()
        viewer.wait_playing()
        service.refuse(status, slug, had=True)
        wait_word(
            viewer, "playback", "refused", "lost" if slug == "not-a-holder" else slug, "title"
        )
        assert page.locator(".stage.playing").count() == 0
        album.take(viewer, f"private-{slug}")
    page.unroute_all(behavior="wait")


@pytest.mark.long
def test_private_room__not_let_in__every_reason_and_what_to_do(
    person: People, album: Album
) -> None:
    made = PrivateRoom(person)
    viewer, service, told, path = made.viewer, made.service, made.told, made.path
    page = viewer.page
    for slug, status in OTHER_REFUSALS.items():
        service.refuse(status, slug, **{"from": 1_800_000_000})
        _open_link(viewer, path)
        viewer.button("playback", "enter").click()
        wait_word(viewer, "playback", "refused", slug, "title")
        album.take_once(page, f"private-{slug}")
    for status, slug, name in (
        *((0, "", "unreachable"), (429, "rate-limited", "crowded")),
        *((503, "node-unavailable", "node"), (503, "database-unavailable", "broken")),
    ):
        service.refuse(status, slug)
        _open_link(viewer, path)
        album.take_once(page, "private-invited")
        viewer.button("playback", "enter").click()
        wait_word(viewer, "playback", "away", name, "title")
        album.take_once(page, f"private-away-{name}")
    service.admit()
    viewer.button("common", "again").click()
    wait_word(viewer, "viewer", "preparing")
    service.admit(**told)
    viewer.wait_playing()
    page.unroute_all(behavior="wait")


def _recordings(viewer: Person, album: Album, room: str, private: dict[str, Any]) -> None:
    """Of a private room that has ended: for those who may watch them."""
    service = PlaybackMock(viewer.page)
    end = {"reason": "host", "detail": 0, "actor": GATE, "at": 0, "block": 1, "tx": "0x"}
    ended = {"status": "ended", "mode": "broadcast", "end": end}
    bend_room(viewer.page, room, lambda told: {**told, **private, **ended})
    viewer.visit("/")
    viewer.visit(f"/room/{room}#i={INVITATION}")
    expect(viewer.button("playback", "enter")).to_be_visible()
    album.take(viewer, "private-recordings-door")
    about = {"created_at": 1_799_990_000, "expires_at": 1_800_000_600}
    service.recordings = [
        {"uid": f"{at:032x}", "hls_url": "/none.m3u8", "duration": 1830.4 * at, **about}
        for at in (2, 1)
    ]
    viewer.button("playback", "enter").click()
    expect(viewer.page.locator(".row-button")).to_have_count(2)
    album.take(viewer, "private-recordings")
    viewer.page.unroute_all(behavior="wait")


def _open_link(who: Person, path: str) -> None:
    """A link from the host; the address bar keeps the plain one."""
    who.visit("/")
    who.visit(f"{path}#i={INVITATION}")
    expect(who.button("playback", "enter")).to_be_visible()
    assert who.page.url.endswith(path)
