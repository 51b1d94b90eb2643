"""Entering and staying by invitation: what is right, and what somebody may try."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chain.enums import EndReason, Mode
from common import base64url
from common.playback_key import PlaybackKeys
from playback import session as sessions
from playback.invitation import InvitationScope, encode_delegation
from tests.support.indexer.contract_story import GATE, ContractStory
from tests.support.playback.inviting import ORIGIN, InvitingHost
from tests.support.playback.scene import CLASS, TOKEN_SECONDS, PlaybackScene, refused
from tests.support.playback_keys import playback_key


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[PlaybackScene]:
    made = PlaybackScene(tmp_path)
    yield made
    made.service.close()


def claims(url: str | None) -> dict[str, Any]:
    """Of the token in an address that plays."""
    assert url is not None
    token = url.split("/")[3]
    return dict(json.loads(base64url.decode(token.split(".")[1])))


def test_invited__a_good_link__plays_with_a_token_of_the_room(scene: PlaybackScene) -> None:
    answer = scene.enter(scene.invite())
    playback = answer["playback"]
    assert answer["role"] == "invited" and playback is not None
    assert claims(playback["whep_url"]) == {
        "sub": scene.story.room(scene.room)["uid"],
        "kid": "0" * 32,
        "nbf": scene.now - 60,
        "exp": scene.now + TOKEN_SECONDS,
    }
    assert playback["hls_url"] is None and playback["expires_at"] == scene.now + TOKEN_SECONDS
    assert TOKEN_SECONDS * 0.5 - 1 <= playback["renew_in"] <= TOKEN_SECONDS * 0.8
    assert answer["session_expires_at"] == scene.now + 12 * 3600
    renewed = scene.service.renew(answer["session"])
    assert renewed["session"] == answer["session"] and renewed["playback"] is not None


def test_invited__of_a_class__comes_into_its_rooms_alone(scene: PlaybackScene) -> None:
    of_class = scene.delegate(scope=InvitationScope(True, bytes.fromhex(CLASS)))
    text = scene.invite(granted=of_class)
    assert scene.enter(text)["role"] == "invited"
    refused("invitation-invalid", lambda: scene.enter(text, room=scene.gated))
    scene.story.describe(scene.gated, f'{{"class":"{CLASS}"}}'.encode())
    scene.wait(2)
    session = scene.enter(text, room=scene.gated)["session"]
    scene.story.describe(scene.gated, b"")
    scene.wait(2)
    refused("invitation-invalid", lambda: scene.service.renew(session))


def test_scenario_34__invitation_for_another_room__is_refused(scene: PlaybackScene) -> None:
    refused("invitation-invalid", lambda: scene.enter(scene.invite(), room=scene.gated))


def test_scenario_34__session_for_another_room__is_not_taken(scene: PlaybackScene) -> None:
    session = scene.enter(scene.invite())["session"]
    here = sessions.read_viewer(scene.config.session_key, session)
    forged = sessions.write(b"\x08" * 32, here._replace(room=scene.gated))
    refused("session-invalid", lambda: scene.service.renew(forged))
    refused("session-invalid", lambda: scene.service.host.links(session))


def test_scenario_34__invitation_altered_by_one_bit__lets_nobody_in(scene: PlaybackScene) -> None:
    raw = base64url.decode(scene.invite())
    for bit in range(0, len(raw) * 8, 7):
        altered = bytearray(raw)
        altered[bit // 8] ^= 1 << bit % 8
        text = base64url.encode(bytes(altered))
        with pytest.raises(Exception) as error:
            scene.enter(text)
        assert error.value.slug in (  # type: ignore[attr-defined]
            "invitation-malformed", "invitation-invalid", "invitation-over", "invitation-early",
            "host-must-return",
        ), bit  # fmt: skip
    assert scene.memory.asked["claim_seat"] == 0


def test_scenario_34__invitation_signed_by_a_stranger__is_refused(scene: PlaybackScene) -> None:
    refused("invitation-invalid", lambda: scene.enter(scene.invite(host=InvitingHost(9))))


def test_scenario_34__link_beyond_its_delegation__is_refused(scene: PlaybackScene) -> None:
    granted = scene.delegate()
    text = scene.invite(granted=granted, until=granted.until + 1)
    refused("invitation-invalid", lambda: scene.enter(text))


def test_scenario_34__invitation_for_another_page__is_refused(scene: PlaybackScene) -> None:
    elsewhere = InvitingHost(1, origin="https://evil.example")
    refused("invitation-invalid", lambda: scene.enter(scene.invite(host=elsewhere)))
    refused("origin-refused", lambda: scene.enter(scene.invite(), origin="https://evil.example"))
    refused("origin-refused", lambda: scene.enter(scene.invite(), origin="null"))


def test_scenario_34__invitation_of_a_former_host__is_refused(scene: PlaybackScene) -> None:
    text = scene.invite()
    session = scene.enter(text)["session"]
    scene.transfer(scene.room, scene.other_host)
    refused("host-changed", lambda: scene.enter(text, 2))
    refused("host-changed", lambda: scene.service.renew(session))
    fresh = scene.invite(host=scene.other_host)
    assert scene.enter(fresh, 3)["role"] == "invited"


@pytest.mark.parametrize(
    ("early", "slug"), [(120, None), (121, "invitation-early"), (3600, "invitation-early")]
)
def test_scenario_34__invitation_before_its_time__waits_but_for_two_minutes_of_clocks(
    scene: PlaybackScene, early: int, slug: str | None
) -> None:
    granted = scene.delegate()
    text = scene.invite(granted=granted, start=scene.now + early)
    if slug is None:
        assert scene.enter(text)["role"] == "invited"
    else:
        problem = refused(slug, lambda: scene.enter(text))
        assert problem.extra == {"from": scene.now + early}


def test_scenario_34__hosts_clock_two_minutes_ahead__the_link_works_at_once(
    scene: PlaybackScene,
) -> None:
    granted = scene.delegate(start=scene.now + 120)
    assert scene.enter(scene.invite(granted=granted))["role"] == "invited"
    assert scene.host_session(granted, clock=120)
    refused("proof-invalid", lambda: scene.host_session(granted, clock=121))
    assert scene.host_session(granted, clock=-120)


def test_scenario_34__end_of_an_invitation__is_kept_to_the_second(scene: PlaybackScene) -> None:
    """No clock lengthens it: neither session nor token go beyond."""
    text = scene.invite(until=scene.now + 100)
    answer = scene.enter(text)
    assert answer["session_expires_at"] == scene.now + 100
    assert answer["playback"] is not None
    assert answer["playback"]["expires_at"] == scene.now + 100
    scene.wait(99)
    assert scene.service.renew(answer["session"])["playback"] is not None
    scene.wait(1)
    refused("session-over", lambda: scene.service.renew(answer["session"]))
    refused("invitation-over", lambda: scene.enter(text))


def test_session__after_twelve_hours__is_over(scene: PlaybackScene) -> None:
    session = scene.enter(scene.invite())["session"]
    scene.wait(12 * 3600 - 1)
    assert scene.service.renew(session)["playback"] is not None
    scene.wait(1)
    refused("session-over", lambda: scene.service.renew(session))


def test_scenario_34__invitation_after_revocation__is_refused_and_renews_no_more(
    scene: PlaybackScene,
) -> None:
    granted = scene.delegate()
    one, two = scene.invite(1, granted=granted), scene.invite(2, granted=granted)
    first, second = scene.enter(one), scene.enter(two, 2)
    acting = scene.host_session(granted)
    link = sessions.read_viewer(scene.config.session_key, first["session"]).subject[2:]
    assert scene.service.host.revoke(acting, [link, link]) == {"revoked": 1}
    refused("invitation-revoked", lambda: scene.service.renew(first["session"]))
    refused("invitation-revoked", lambda: scene.enter(one, 3))
    assert scene.service.renew(second["session"])["playback"] is not None


def test_scenario_34__reorg_gives_the_number_to_another_room__the_session_is_over(
    scene: PlaybackScene,
) -> None:
    text = scene.invite()
    session = scene.enter(text)["session"]
    other = ContractStory(at=scene.now - 600)
    other.updated_at = scene.clock.now()
    assert other.live(scene.host.account, "another", gate=GATE) == scene.room
    scene.index.source.tell(other)
    scene.clock.tick(2)
    refused("session-over", lambda: scene.service.renew(session))


def test_scenario_34__database_lost__old_links_wait_and_revocations_come_back(
    scene: PlaybackScene,
) -> None:
    granted = scene.delegate()
    kept, revoked = scene.invite(1, granted=granted), scene.invite(2, granted=granted)
    session = scene.enter(kept)["session"]
    link = sessions.read_viewer(
        scene.config.session_key, scene.enter(revoked, 2)["session"]
    ).subject[2:]
    scene.service.host.revoke(scene.host_session(granted), [link])
    scene.wait(60)
    scene.memory.lose()
    scene.wait(2)
    for act in (
        lambda: scene.enter(kept),
        lambda: scene.enter(revoked, 2),
        lambda: scene.service.renew(session),
    ):
        refused("host-must-return", act)
    since = scene.service.status()["since"]
    acting = scene.host_session(granted)
    scene.service.host.revoke(acting, [link])
    refused("malformed", lambda: scene.service.host.returned(acting, since - 60))
    assert scene.service.host.returned(acting, since) == {"since": since}
    assert scene.enter(kept)["role"] == "invited"
    assert scene.service.renew(session)["role"] == "invited"
    refused("invitation-revoked", lambda: scene.enter(revoked, 2))
    assert scene.enter(scene.invite(3), 3)["role"] == "invited"  # issued since


def test_database_lost__without_the_setting__old_links_go_on(scene: PlaybackScene) -> None:
    text = scene.invite()
    scene.start(wait_for_hosts=False)
    scene.wait(60)
    scene.memory.lose()
    scene.wait(2)
    assert scene.enter(text)["role"] == "invited"


def test_scenario_34__key_rotated_in_the_middle__the_next_renewal_has_the_new_one(
    scene: PlaybackScene,
) -> None:
    answer = scene.enter(scene.invite())
    assert answer["playback"] is not None
    assert claims(answer["playback"]["whep_url"])["kid"] == "0" * 32
    scene.keys.rotated(playback_key(1), scene.now).save(scene.keys_at, replace=True)
    renewed = scene.service.renew(answer["session"])["playback"]
    assert renewed is not None and claims(renewed["whep_url"])["kid"] == f"{1:032x}"
    status = scene.service.status()
    assert status["kid"] == f"{1:032x}" and status["kid_since"] == scene.now


def test_room__without_a_live_input__lets_in_and_says_when_to_ask_again(
    scene: PlaybackScene,
) -> None:
    room = scene.story.create(scene.host.account, gate=GATE)
    granted = scene.delegate(scope=InvitationScope.of_room(room))
    answer = scene.enter(scene.invite(granted=granted), room=room)
    assert answer["playback"] is None and answer["retry_in"]
    scene.story.provision(room)
    scene.wait(2)
    assert scene.service.renew(answer["session"])["playback"] is not None


def test_room__ended__ends_the_session(scene: PlaybackScene) -> None:
    text = scene.invite()
    session = scene.enter(text)["session"]
    scene.story.end(scene.room)
    scene.wait(2)
    refused("room-ended", lambda: scene.service.renew(session))
    refused("room-ended", lambda: scene.enter(text))


def recording(scene: PlaybackScene, uid: str, **more: Any) -> dict[str, Any]:
    return {
        "_id": uid, "contract": scene.story.contract, "room_id": scene.room, "created": 1,
        "duration_seconds": 60.5, "delete_at": None, "signed": True, "hls": None, **more,
    }  # fmt: skip


def test_recordings__of_an_ended_broadcast__a_token_each_within_the_invitation(
    tmp_path: Path,
) -> None:
    scene = PlaybackScene(tmp_path, mode=Mode.BROADCAST)
    scene.moderate(scene.viewer.account)
    text = scene.invite(until=scene.now + 3600)
    live = scene.enter(text)
    assert live["playback"] is not None and live["playback"]["whep_url"] is None
    scene.index.source.recorded = [
        recording(scene, "1" * 32),
        recording(scene, "2" * 32, created=5),
        recording(scene, "3" * 32, delete_at=scene.now - 1),
    ]
    scene.story.end(scene.room)
    scene.wait(2)
    renewed = scene.service.renew(live["session"])
    assert renewed["playback"] is None
    assert [one["uid"] for one in renewed["recordings"] or []] == ["2" * 32, "1" * 32]
    for one in renewed["recordings"] or []:
        assert claims(one["hls_url"])["sub"] == one["uid"]
        assert one["hls_url"].endswith("/manifest/video.m3u8")
    assert scene.enter(text, 5)["recordings"] and not scene.memory.rows
    assert scene.sign_in(scene.host, scene.room)["role"] == "host"
    refused("not-a-holder", lambda: scene.sign_in(scene.viewer, scene.room))
    scene.wait(3600)
    refused("invitation-over", lambda: scene.enter(text))


def test_recordings__of_a_room_that_was_taken_down__are_none(tmp_path: Path) -> None:
    scene = PlaybackScene(tmp_path, mode=Mode.BROADCAST)
    text = scene.invite()
    scene.index.source.recorded = [recording(scene, "1" * 32)]
    scene.story.end(scene.room, EndReason.TAKEN_DOWN, 2, "0x" + "0d" * 20)
    scene.wait(2)
    assert scene.enter(text)["recordings"] == []


def test_rooms__that_are_not_ours__say_so(scene: PlaybackScene) -> None:
    text = scene.invite()
    refused("room-unknown", lambda: scene.enter(text, room=99))
    public = scene.story.live(scene.host.account)
    refused("room-public", lambda: scene.enter(text, room=public))
    scene.start(operator_id=2)
    problem = refused("other-operator", lambda: scene.enter(text))
    assert problem.extra == {"operator_id": 1}


def test_scenario_34__signature_left_with_the_service__is_asked_of_the_host_after_a_loss(
    scene: PlaybackScene,
) -> None:
    """A key's own signature, left by its hash, as a contract's long one would be."""
    inline = scene.delegate()
    signature = inline.signature or b""
    left = replace(inline, signature=None, signature_hash=hashlib.sha256(signature).digest())
    text = scene.invite(granted=left)
    refused("host-must-return", lambda: scene.enter(text))

    def leave(sent: bytes, host_of: str = encode_delegation(left)) -> Any:
        return scene.service.host.leave_signature(
            scene.room, ORIGIN, "192.0.2.1", delegation=host_of, signature=sent
        )

    refused("invitation-invalid", lambda: leave(signature + b"x"))
    refused("invitation-malformed", lambda: leave(signature, encode_delegation(inline)))
    assert leave(signature) == {"hash": "0x" + hashlib.sha256(signature).hexdigest()}
    assert scene.enter(text)["role"] == "invited"
    scene.memory.lose()
    scene.start(wait_for_hosts=False)
    refused("host-must-return", lambda: scene.enter(text))


def test_failures__of_what_it_needs__are_told_as_such(scene: PlaybackScene) -> None:
    text = scene.invite()
    scene.memory.down = True
    assert refused("database-unavailable", lambda: scene.enter(text)).retry_after
    assert len(scene.service.ready()) == 1
    scene.memory.down = False
    scene.index.down = True
    scene.wait(2)
    assert refused("index-unavailable", lambda: scene.enter(text)).retry_after
    assert scene.service.ready()
    scene.index.down = False
    scene.clock.tick(120)  # the indexer has not looked since
    refused("index-unavailable", lambda: scene.enter(text))
    scene.wait(0)
    scene.clock.tick(2)
    assert scene.service.ready() == []
    scene.keys_at.unlink()
    scene.start()
    refused("key-unavailable", lambda: scene.enter(text))
    assert not scene.service.has_key()
    assert scene.service.status()["kid"] is None and len(scene.service.ready()) == 1
    PlaybackKeys("c" * 32, playback_key(0)).save(scene.keys_at, replace=False)
    assert scene.enter(text)["role"] == "invited"


def test_limits__of_a_link__are_counted_once_its_signature_held(scene: PlaybackScene) -> None:
    refused("invitation-invalid", lambda: scene.enter(scene.invite(host=InvitingHost(9))))
    assert "link" not in {kind for kind, _ in scene.limits.counted}
    text = scene.invite()
    scene.enter(text)
    assert [kind for kind, _ in scene.limits.counted if kind == "link"] == ["link"]
    scene.limits.over = {"link"}
    refused("rate-limited", lambda: scene.enter(text))


def test_renewal__of_an_invitation__asks_the_database_once(scene: PlaybackScene) -> None:
    session = scene.enter(scene.invite())["session"]
    before = scene.memory.asked.copy()
    for _ in range(20):
        scene.service.renew(session)
    asked = scene.memory.asked - before
    assert asked == {"renew_seat": 20}
