"""What hosts do with a browser's key and with their wallet, and what a thief of the key can."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from playback import session as sessions
from playback.delegation import ALL, Withdrawal
from playback.invitation import Delegation, InvitationScope
from tests.support.playback.inviting import ORIGIN, InvitingHost
from tests.support.playback.scene import CLASS, TOKEN_SECONDS, PlaybackScene, refused


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[PlaybackScene]:
    made = PlaybackScene(tmp_path)
    yield made
    made.service.close()


def link_of_session(scene: PlaybackScene, session: str) -> str:
    return sessions.read_viewer(scene.config.session_key, session).subject[2:]


def withdraw(
    scene: PlaybackScene,
    granted: Delegation | None = None,
    *,
    by: InvitingHost | None = None,
    before: int = 0,
    issued: int | None = None,
    scope: InvitationScope | None = None,
    room: int | None = None,
) -> Any:
    """By the wallet."""
    scope = scope or InvitationScope.of_room(scene.room)
    told = Withdrawal(scope, "en", granted.digest if granted else ALL, before, issued or scene.now)
    return scene.service.host.withdraw(
        room or scene.room, ORIGIN, "192.0.2.1", scope=scope.text, language="en",
        delegation=granted.delegation_hash if granted else None, before=before,
        issued=told.issued, signature=(by or scene.host).withdraw(told),
    )  # fmt: skip


def test_session__of_a_delegated_key__sees_who_is_there(scene: PlaybackScene) -> None:
    granted = scene.delegate()
    acting = scene.host_session(granted)
    watching = scene.enter(scene.invite(5, 3, granted=granted))["session"]
    scene.enter(scene.invite(5, 3, granted=granted), 2)
    (row,) = scene.service.host.links(acting)["links"]
    assert row["link_hash"] == link_of_session(scene, watching)
    assert (row["number"], row["seats"], row["used"], row["moves"]) == (5, 3, 2, 0)
    assert [len(one["browser"]) for one in row["present"]] == [8, 8]
    scene.service.leave(watching)
    assert scene.service.host.links(acting)["links"][0]["used"] == 1
    scene.wait(TOKEN_SECONDS)
    assert scene.service.host.links(acting)["links"][0]["used"] == 0
    scene.wait(900 - TOKEN_SECONDS)
    refused("session-over", lambda: scene.service.host.links(acting))


def test_scenario_34__stolen_personal_link__the_newest_wins_and_the_host_sees_the_moves(
    scene: PlaybackScene,
) -> None:
    granted = scene.delegate()
    acting = scene.host_session(granted)
    text = scene.invite(granted=granted)
    mine = scene.enter(text, 1)["session"]
    thief = scene.enter(text, 2)["session"]
    refused("opened-elsewhere", lambda: scene.service.renew(mine))
    assert scene.service.renew(thief)["playback"] is not None
    mine = scene.enter(text, 1)["session"]
    refused("opened-elsewhere", lambda: scene.service.renew(thief))
    (row,) = scene.service.host.links(acting)["links"]
    assert (row["moves"], row["used"], row["waits"]) == (2, 1, False)
    last = mine
    for browser in (2, 1, 2, 1):
        scene.wait(60)
        last = scene.enter(text, browser)["session"]
    refused("link-waits", lambda: scene.enter(text, 2))
    assert scene.service.renew(last)["playback"] is not None  # who sits there stays
    (row,) = scene.service.host.links(acting)["links"]
    assert (row["moves"], row["waits"]) == (6, True)
    scene.wait(30)
    refused("link-waits", lambda: scene.enter(text, 2))
    scene.service.host.allow(acting, row["link_hash"])
    assert scene.enter(text, 2)["playback"] is not None


def test_link_that_waits__after_the_hour__still_waits_for_the_host(scene: PlaybackScene) -> None:
    text = scene.invite()
    for browser in (1, 2, 1, 2, 1, 2, 1):
        scene.enter(text, browser)
    refused("link-waits", lambda: scene.enter(text, 2))
    scene.wait(3 * 3600)
    refused("link-waits", lambda: scene.enter(text, 2))


def test_personal_link__six_moves_in_more_than_an_hour__goes_on(scene: PlaybackScene) -> None:
    text = scene.invite()
    for turn in range(12):
        scene.enter(text, 1 + turn % 2)
        scene.wait(660)


def test_scenario_34__group_link_beyond_its_seats__is_refused(scene: PlaybackScene) -> None:
    text = scene.invite(seats=3)
    inside = [scene.enter(text, n)["session"] for n in (1, 2, 3)]
    refused("seats-taken", lambda: scene.enter(text, 4))
    assert scene.enter(text, 2)["playback"] is not None  # a reload takes no other seat
    scene.service.leave(inside[0])
    assert scene.enter(text, 4)["playback"] is not None
    refused("seats-taken", lambda: scene.service.renew(inside[0]))
    scene.wait(TOKEN_SECONDS)
    assert scene.enter(text, 5)["playback"] is not None


def test_door__closed__lets_renew_who_sits_and_back_in_who_reloads(scene: PlaybackScene) -> None:
    granted = scene.delegate()
    acting = scene.host_session(granted)
    text = scene.invite(seats=3, granted=granted)
    one = scene.enter(text, 1)["session"]
    two = scene.enter(text, 2)["session"]
    link = link_of_session(scene, one)
    scene.service.host.door(acting, link, closed=True)
    refused("door-closed", lambda: scene.enter(text, 3))
    assert scene.service.renew(one)["playback"] is not None
    scene.service.leave(two)
    scene.wait(30)
    assert scene.enter(text, 2)["playback"] is not None
    scene.service.leave(two)
    scene.wait(61)
    refused("door-closed", lambda: scene.enter(text, 2))
    refused("door-closed", lambda: scene.service.renew(two))
    assert scene.service.host.links(acting)["links"][0]["closed"]
    scene.service.host.door(acting, link, closed=False)
    assert scene.enter(text, 3)["playback"] is not None


def test_seat__that_the_host_removed__is_gone_for_that_browser(scene: PlaybackScene) -> None:
    granted = scene.delegate()
    acting = scene.host_session(granted)
    text = scene.invite(seats=3, granted=granted)
    one, two = scene.enter(text, 1)["session"], scene.enter(text, 2)["session"]
    row = scene.service.host.links(acting)["links"][0]
    scene.service.host.remove(acting, row["link_hash"], row["present"][0]["browser"])
    refused("seat-removed", lambda: scene.service.renew(one))
    refused("seat-removed", lambda: scene.enter(text, 1))
    assert scene.service.renew(two)["playback"] is not None
    assert scene.service.host.links(acting)["links"][0]["used"] == 1


def test_scenario_34__delegated_key_stolen__what_it_can(scene: PlaybackScene) -> None:
    """Issue, revoke, see who is here; until the wallet withdraws it, then nothing."""
    granted = scene.delegate()
    acting = scene.host_session(granted)
    theirs = scene.enter(scene.invite(40, 500, granted=granted), 4)["session"]
    scene.service.host.revoke(acting, ["0x" + "ab" * 32])
    assert scene.service.host.links(acting)["links"]
    assert scene.service.host.attendance(acting)["rows"] is not None
    assert withdraw(scene, granted) == {"revoked": True}
    for act in (
        lambda: scene.host_session(granted),
        lambda: scene.service.host.links(acting),
        lambda: scene.service.host.revoke(acting, []),
        lambda: scene.service.renew(theirs),
        lambda: scene.enter(scene.invite(41, granted=granted), 5),
    ):
        refused("invitation-revoked", act)
    assert scene.host_session(scene.delegate(until=scene.now + 60))


def test_scenario_34__delegated_key_stolen__what_it_cannot(scene: PlaybackScene) -> None:
    granted = scene.delegate()
    acting = scene.host_session(granted)
    # no other room
    refused("invitation-invalid", lambda: scene.host_session(granted, room=scene.gated))
    refused("not-the-host", lambda: scene.service.host.links(acting, scene.gated))
    # no withdrawal: that is the wallet's alone
    thief = InvitingHost(8)
    refused("not-the-host", lambda: withdraw(scene, granted, by=thief))
    # no watching
    refused("session-invalid", lambda: scene.service.renew(acting))
    # no wider grant of its own: its signature is no wallet's
    wider = scene.delegate(
        scope=InvitationScope(True, bytes.fromhex(CLASS)),
        wallet_signature=scene.host.sign_by_key(b"x") + b"\x1b",
    )
    refused("invitation-invalid", lambda: scene.enter(scene.invite(granted=wider)))
    # no longer than a quarter of an hour, nor after the delegation's end
    short = scene.delegate(until=scene.now + 60)
    brief = scene.host_session(short)
    scene.wait(60)
    refused("session-over", lambda: scene.service.host.links(brief))
    refused("invitation-over", lambda: scene.host_session(short))


def test_scenario_34__host_session_replayed__is_refused(scene: PlaybackScene) -> None:
    granted = scene.delegate()
    nonce = scene.service.challenge(scene.room, None, ORIGIN)["nonce"]
    assert scene.host_session(granted, nonce=nonce)
    refused("nonce-used", lambda: scene.host_session(granted, nonce=nonce))
    refused("proof-invalid", lambda: scene.host_session(granted, host=InvitingHost(8)))


def test_withdrawal__of_all_before_a_moment__takes_what_began_earlier(
    scene: PlaybackScene,
) -> None:
    old = scene.delegate()
    session = scene.enter(scene.invite(1, granted=old))["session"]
    scene.wait(10)
    withdraw(scene, before=scene.now)
    refused("invitation-revoked", lambda: scene.service.renew(session))
    refused("invitation-revoked", lambda: scene.host_session(old))
    # nor a link that the old key issues for later
    later = scene.invite(2, granted=old, start=scene.now + 1)
    refused("invitation-revoked", lambda: scene.enter(later))
    fresh = scene.delegate()
    assert scene.enter(scene.invite(3, granted=fresh))["role"] == "invited"
    refused("malformed", lambda: withdraw(scene, before=scene.now + 121))
    refused("malformed", lambda: withdraw(scene, before=0))


def test_withdrawal__sent_again_long_after__is_taken(scene: PlaybackScene) -> None:
    """After a loss the page sends what the wallet signed then."""
    granted = scene.delegate()
    issued = scene.now
    scene.wait(3600)
    assert withdraw(scene, granted, issued=issued) == {"revoked": True}
    refused("invitation-revoked", lambda: scene.enter(scene.invite(granted=granted)))


def test_withdrawal__of_a_class__reaches_its_rooms_and_no_other_scope(
    scene: PlaybackScene,
) -> None:
    class_ = InvitationScope(True, bytes.fromhex(CLASS))
    of_class, of_room = scene.delegate(scope=class_), scene.delegate()
    withdraw(scene, scope=class_, before=scene.now + 1)
    refused("invitation-revoked", lambda: scene.enter(scene.invite(granted=of_class)))
    assert scene.enter(scene.invite(granted=of_room))["role"] == "invited"
    refused(
        "invitation-invalid",
        lambda: withdraw(scene, scope=class_, before=scene.now, room=scene.gated),
    )


def test_scenario_34__revocations_of_a_former_host__are_not_the_next_ones(
    scene: PlaybackScene,
) -> None:
    theirs = scene.delegate(host=scene.other_host)
    withdraw(scene, before=scene.now + 60)
    scene.transfer(scene.room, scene.other_host)
    text = scene.invite(granted=theirs, host=scene.other_host)
    assert scene.enter(text)["role"] == "invited"
    refused("not-the-host", lambda: withdraw(scene, theirs))


def test_host_session__after_the_room_was_given_away__is_over(scene: PlaybackScene) -> None:
    acting = scene.host_session(scene.delegate())
    scene.transfer(scene.room, scene.other_host)
    refused("host-changed", lambda: scene.service.host.attendance(acting))
    refused("host-changed", lambda: scene.host_session(scene.delegate()))


def test_host_session__of_a_class__acts_on_each_of_its_rooms(scene: PlaybackScene) -> None:
    scene.story.describe(scene.gated, f'{{"class":"{CLASS}"}}'.encode())
    scene.wait(2)
    granted = scene.delegate(scope=InvitationScope(True, bytes.fromhex(CLASS)))
    acting = scene.host_session(granted)
    text = scene.invite(granted=granted)
    scene.enter(text)
    scene.enter(text, 2, room=scene.gated)  # each room counts by itself
    assert scene.service.host.links(acting)["links"][0]["used"] == 1
    assert scene.service.host.links(acting, scene.gated)["links"][0]["used"] == 1
