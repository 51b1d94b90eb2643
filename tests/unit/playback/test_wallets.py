"""Entering and staying by wallet: roles in their order, texts good once, and gates that go away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from playback import session as sessions
from playback.sign_in import personal_digest
from tests.support.playback.inviting import ORIGIN, InvitingHost
from tests.support.playback.scene import TOKEN_SECONDS, PlaybackScene, refused

SECP_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[PlaybackScene]:
    made = PlaybackScene(tmp_path)
    yield made
    made.service.close()


def test_wallet__of_host_moderator_or_holder__has_the_first_role(scene: PlaybackScene) -> None:
    scene.gate.holders = {one.account for one in (scene.host, scene.other_host, scene.viewer)}
    scene.moderate(scene.other_host.account)
    roles = [scene.sign_in(one)["role"] for one in (scene.host, scene.other_host, scene.viewer)]
    assert roles == ["host", "moderator", "holder"]


def test_moderator__who_watches__is_shown_to_the_others(scene: PlaybackScene) -> None:
    scene.gate.holders = {scene.viewer.account}
    scene.moderate(scene.other_host.account)
    scene.sign_in(scene.other_host)
    scene.service.tick()
    scene.wait(6)
    holder = scene.sign_in(scene.viewer, browser=2)
    assert holder["moderators"] == [scene.other_host.address]
    rows = scene.memory.rows.values()
    assert {row.role for row in rows} == {"moderator"}


def test_wallet__in_a_room_by_invitation__is_the_hosts_or_nobodys(scene: PlaybackScene) -> None:
    scene.gate.holders = {scene.viewer.account}
    assert scene.sign_in(scene.host, scene.room)["role"] == "host"
    problem = refused("not-a-holder", lambda: scene.sign_in(scene.viewer, scene.room))
    assert problem.extra == {"had": False} and "invitation" in problem.detail
    assert scene.gate.asked == 0  # the contract of the rooms is nobody's token


def test_scenario_34__nonce_replayed_or_expired__is_refused(scene: PlaybackScene) -> None:
    scene.gate.holders = {scene.viewer.account}
    asked = scene.service.challenge(scene.gated, scene.viewer.address, ORIGIN)
    signature = scene.viewer.sign_digest(personal_digest(asked["message"] or ""))
    assert asked["expires_at"] == scene.now + 300
    assert scene.bring(asked["nonce"], signature, scene.gated)["role"] == "holder"
    refused("nonce-used", lambda: scene.bring(asked["nonce"], signature, scene.gated))
    late = scene.service.challenge(scene.gated, scene.viewer.address, ORIGIN)
    signature = scene.viewer.sign_digest(personal_digest(late["message"] or ""))
    scene.wait(300)
    refused("nonce-used", lambda: scene.bring(late["nonce"], signature, scene.gated))
    refused("nonce-used", lambda: scene.bring("00" * 16, signature, scene.gated))


def test_scenario_34__message_of_another_domain_chain_or_room__is_refused(
    scene: PlaybackScene,
) -> None:
    scene.gate.holders = {scene.viewer.account}
    for was, is_ in (
        ("rooms.example wants", "evil.example wants"),
        ("URI: https://rooms.example", "URI: https://evil.example"),
        ("Chain ID: 31337", "Chain ID: 1"),
        (":live_2", ":live_1"),
        ("/room/live_2", "/room/live_1"),
    ):

        def altered(text: str, was: str = was, is_: str = is_) -> str:
            assert was in text
            return text.replace(was, is_)

        refused("proof-invalid", lambda: scene.sign_in(scene.viewer, altered=altered))


def test_scenario_34__nonce_of_another_room_page_or_purpose__is_refused(
    scene: PlaybackScene,
) -> None:
    asked = scene.service.challenge(scene.gated, scene.host.address, ORIGIN)
    signature = scene.host.sign_digest(personal_digest(asked["message"] or ""))
    refused("proof-invalid", lambda: scene.bring(asked["nonce"], signature, scene.room))
    asked = scene.service.challenge(scene.gated, scene.host.address, ORIGIN)
    signature = scene.host.sign_digest(personal_digest(asked["message"] or ""))
    refused(
        "proof-invalid",
        lambda: scene.bring(asked["nonce"], signature, scene.gated, origin="https://other.example"),
    )
    bare = scene.service.challenge(scene.gated, None, ORIGIN)
    assert bare["message"] is None
    refused("proof-invalid", lambda: scene.bring(bare["nonce"], signature, scene.gated))
    wallets = scene.service.challenge(scene.room, scene.host.address, ORIGIN)["nonce"]
    refused("proof-invalid", lambda: scene.host_session(scene.delegate(), nonce=wallets))


def test_scenario_34__signature_with_a_high_s_or_of_another_wallet__is_refused(
    scene: PlaybackScene,
) -> None:
    scene.gate.holders = {scene.viewer.account}
    asked = scene.service.challenge(scene.gated, scene.viewer.address, ORIGIN)
    made = scene.viewer.sign_digest(personal_digest(asked["message"] or ""))
    high = SECP_ORDER - int.from_bytes(made[32:64], "big")
    twin = made[:32] + high.to_bytes(32, "big") + bytes([27 + 28 - made[64]])
    refused("proof-invalid", lambda: scene.bring(asked["nonce"], twin, scene.gated))
    asked = scene.service.challenge(scene.gated, scene.viewer.address, ORIGIN)
    other = InvitingHost(9).sign_digest(personal_digest(asked["message"] or ""))
    refused("proof-invalid", lambda: scene.bring(asked["nonce"], other, scene.gated))


def test_scenario_34__contract_that_answers_anything__speaks_for_its_own_address(
    scene: PlaybackScene,
) -> None:
    """Its yes lets its own address in, if that holds the token, and nobody else's."""
    contract = "0x" + "77" * 20
    scene.node.answer = "0x1626ba7e" + "00" * 28
    asked = scene.service.challenge(scene.gated, contract, ORIGIN)
    refused("not-a-holder", lambda: scene.bring(asked["nonce"], b"anything", scene.gated))
    ((method, (tx, block)),) = scene.node.calls
    assert (method, tx["to"], block, tx["gas"]) == ("eth_call", contract, "latest", hex(1_000_000))
    scene.gate.holders = {contract}
    asked = scene.service.challenge(scene.gated, contract, ORIGIN)
    session = scene.bring(asked["nonce"], b"anything", scene.gated)["session"]
    assert sessions.read_viewer(scene.config.session_key, session).subject == f"w:{contract}"


@pytest.mark.parametrize(
    "answer", ["0x", "0x" + "00" * 32, "0x1626ba7e", "0x1626ba7e" + "00" * 60, "0x" + "ff" * 32]
)
def test_contract__that_answers_anything_else__has_not_signed(
    scene: PlaybackScene, answer: str
) -> None:
    scene.node.answer = answer
    asked = scene.service.challenge(scene.gated, "0x" + "77" * 20, ORIGIN)
    refused("proof-invalid", lambda: scene.bring(asked["nonce"], b"anything", scene.gated))


def test_contract__whose_node_is_away__is_asked_again_later(scene: PlaybackScene) -> None:
    scene.node.down = True
    asked = scene.service.challenge(scene.gated, "0x" + "77" * 20, ORIGIN)
    problem = refused(
        "node-unavailable", lambda: scene.bring(asked["nonce"], b"anything", scene.gated)
    )
    assert problem.retry_after


def test_contract__of_an_address_over_its_limit__is_not_asked(scene: PlaybackScene) -> None:
    scene.limits.over = {"proof"}
    asked = scene.service.challenge(scene.gated, "0x" + "77" * 20, ORIGIN)
    refused("rate-limited", lambda: scene.bring(asked["nonce"], b"anything", scene.gated))
    assert not scene.node.calls
    assert scene.limits.counted["proof", "192.0.2.9"] == 1


def test_token_sold__while_watching__ends_with_the_next_renewal(scene: PlaybackScene) -> None:
    scene.gate.holders = {scene.viewer.account}
    session = scene.sign_in(scene.viewer)["session"]
    scene.gate.holders = set()
    problem = refused("not-a-holder", lambda: scene.service.renew(session))
    assert problem.extra == {"had": True}


def test_scenario_34__node_away__one_renewal_then_503_and_never_a_chain(
    scene: PlaybackScene,
) -> None:
    scene.gate.holders = {scene.viewer.account}
    session = scene.sign_in(scene.viewer)["session"]
    scene.gate.away = True
    refused("node-unavailable", lambda: scene.sign_in(scene.viewer, browser=2))
    assert scene.service.renew(session)["playback"] is not None
    scene.wait(TOKEN_SECONDS / 2)
    for _ in range(3):
        assert refused("node-unavailable", lambda: scene.service.renew(session)).retry_after
    scene.service.leave(session)  # nor by leaving in between
    refused("node-unavailable", lambda: scene.service.renew(session))
    scene.gate.away = False
    assert scene.service.renew(session)["playback"] is not None
    scene.gate.away = True
    assert scene.service.renew(session)["playback"] is not None
    refused("node-unavailable", lambda: scene.service.renew(session))


def test_node_away__host_moderator_and_invited__need_none(scene: PlaybackScene) -> None:
    scene.gate.away = True
    scene.moderate(scene.other_host.account)
    sessions_ = [
        scene.sign_in(scene.host)["session"],
        scene.sign_in(scene.other_host)["session"],
        scene.enter(scene.invite())["session"],
    ]
    for session in sessions_:
        assert scene.service.renew(session)["playback"] is not None
        assert scene.service.renew(session)["playback"] is not None


def test_host__who_gave_the_room_away__is_told_so(scene: PlaybackScene) -> None:
    session = scene.sign_in(scene.host)["session"]
    scene.transfer(scene.gated, scene.other_host)
    refused("host-changed", lambda: scene.service.renew(session))
    scene.gate.holders = {scene.host.account}
    assert scene.service.renew(session)["role"] == "holder"


def test_scenario_34__third_browser_of_a_wallet__moves_the_one_that_renewed_longest_ago(
    scene: PlaybackScene,
) -> None:
    scene.gate.holders = {scene.viewer.account}
    one, two = (scene.sign_in(scene.viewer, browser=n)["session"] for n in (1, 2))
    scene.wait(10)
    scene.service.renew(one)
    three = scene.sign_in(scene.viewer, browser=3)["session"]
    refused("opened-elsewhere", lambda: scene.service.renew(two))
    assert scene.service.renew(one)["playback"] and scene.service.renew(three)["playback"]
