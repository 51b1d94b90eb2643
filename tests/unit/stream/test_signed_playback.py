"""Signed playback: what a segment of a playback URL plays, and for whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from localnet.stream.accounts import StandInAccount
from localnet.stream.errors import ApiError
from localnet.stream.input_change import parse
from localnet.stream.playback.signed_playback import Targets, TokenSigner
from localnet.stream.playback.token_verifier import BadTokenError
from localnet.stream.signing_keys import MOST_KEYS, SigningKeys
from localnet.stream.store import SigningKeyRow
from tests.support.playback_keys import rsa_key
from tests.support.signed_tokens import SigningPen
from tests.unit.stream.conftest import StandInParts

HERE = "127.0.0.1"


@dataclass
class Signed:
    """One signed input of the world's account, and what plays it."""

    world: StandInParts
    uid: str
    keys: SigningKeys
    targets: Targets
    signer: TokenSigner

    def pen(self, account: str | None = None) -> SigningPen:
        issued = self.keys.issue(account or self.world.account.id, rsa_key()).render()
        return SigningPen(issued["id"], issued["pem"])

    def plays(self, segment: str, *, viewer: str = HERE, whep: bool = False) -> bool:
        try:
            found = self.targets.find(segment, viewer, whep=whep)
        except BadTokenError:
            return False
        assert found is not None
        return found.item.uid == self.uid

    @property
    def soon(self) -> float:
        return self.world.clock.now() + 600


@pytest.fixture
def signed(world: StandInParts) -> Signed:
    body = {"recording": {"requireSignedURLs": True}}
    return _signed(world, world.inputs.create(world.account, parse(body)).uid)


def _signed(world: StandInParts, uid: str) -> Signed:
    keys = SigningKeys(world.store, world.clock, world.random_hex)
    targets = Targets(world.inputs, world.store, keys, world.clock)
    return Signed(world, uid, keys, targets, TokenSigner(keys, world.clock))


def test_find__signed_input__needs_a_token_of_a_signing_key(signed: Signed) -> None:
    token = signed.pen().token(signed.uid, signed.soon)
    for whep in (False, True):
        assert not signed.plays(signed.uid, whep=whep)
        assert signed.plays(token, whep=whep)
    target = signed.targets.find(token, HERE)
    assert target is not None
    assert target.exp == signed.soon


def test_scenario_34__token_of_the_endpoint__plays_hls_and_never_whep(signed: Signed) -> None:
    token = signed.signer.token(signed.uid, {})
    assert signed.plays(token)
    assert not signed.plays(token, whep=True)


def test_find__public_input__plays_by_uid_and_by_good_tokens_alone(world: StandInParts) -> None:
    signed = _signed(world, world.create().uid)
    pen = signed.pen()
    assert signed.plays(signed.uid, whep=True)
    assert signed.plays(pen.token(signed.uid, signed.soon), whep=True)
    assert not signed.plays(pen.token(signed.uid, world.clock.now()))


def test_find__unknown_uid__is_none(signed: Signed) -> None:
    assert signed.targets.find("f" * 32, HERE) is None
    assert signed.targets.find(signed.pen().token("f" * 32, signed.soon), HERE) is None


@pytest.mark.parametrize("segment", ["", "x", "F" * 32, "a.b", "favicon.ico"])
def test_find__neither_uid_nor_token__is_a_lookup_error(signed: Signed, segment: str) -> None:
    with pytest.raises(LookupError):
        signed.targets.find(segment, HERE)


def test_scenario_34__key_of_another_account__is_refused(signed: Signed) -> None:
    assert not signed.plays(signed.pen("b" * 32).token(signed.uid, signed.soon))


def test_scenario_34__token_for_another_uid__plays_that_one_alone(signed: Signed) -> None:
    token = signed.pen().token(signed.world.create().uid, signed.soon)
    assert not signed.plays(token)


def test_scenario_34__revoked_key__every_token_of_it_is_dead(signed: Signed) -> None:
    kept, gone = signed.pen(), signed.pen()
    tokens = [gone.token(signed.uid, signed.soon) for _ in range(2)]
    signed.keys.revoke(signed.world.account.id, gone.kid)
    assert not any(signed.plays(token) for token in tokens)
    assert signed.plays(kept.token(signed.uid, signed.soon))
    with pytest.raises(ApiError):
        signed.keys.revoke(signed.world.account.id, gone.kid)
    with pytest.raises(ApiError):
        signed.keys.revoke("b" * 32, kept.kid)


def test_scenario_34__access_rules__are_enforced(signed: Signed) -> None:
    rules = [
        {"type": "ip.src", "action": "allow", "ip": ["127.0.0.0/8"]},
        {"type": "any", "action": "block"},
    ]
    for token in (
        signed.pen().token(signed.uid, signed.soon, accessRules=rules),
        signed.signer.token(signed.uid, {"accessRules": rules}),
    ):
        assert signed.plays(token, viewer="127.0.0.9")
        assert not signed.plays(token, viewer="192.0.2.1")


def test_scenario_34__after_its_end__refused_but_still_names_what_it_closes(
    signed: Signed,
) -> None:
    token = signed.pen().token(signed.uid, signed.soon)
    signed.world.clock.tick(600)
    assert not signed.plays(token)
    assert signed.targets.named_uid(token) == signed.uid
    assert signed.targets.named_uid(signed.uid) == signed.uid
    for segment in ("x", "a.b"):
        with pytest.raises(LookupError):
            signed.targets.named_uid(segment)


def test_endpoint_token__after_an_hour__has_expired(signed: Signed) -> None:
    token = signed.signer.token(signed.uid, {})
    signed.world.clock.tick(3599)
    assert signed.plays(token)
    signed.world.clock.tick(1)
    assert not signed.plays(token)


def test_endpoint_token__not_yet_valid__is_refused_until_then(signed: Signed) -> None:
    token = signed.signer.token(signed.uid, {"nbf": signed.world.clock.now() + 60})
    assert not signed.plays(token)
    signed.world.clock.tick(60)
    assert signed.plays(token)


@pytest.mark.parametrize(
    "body",
    [
        {"exp": "soon"},
        {"exp": 1},
        {"exp": True},
        {"exp": 3e9},
        {"nbf": "x"},
        {"accessRules": [{"type": "any"}]},
    ],
)
def test_endpoint_token__bad_request__is_refused(signed: Signed, body: dict[str, Any]) -> None:
    with pytest.raises(ApiError):
        signed.signer.token("a" * 32, body)


def test_keys__after_a_restart__are_known_and_tokens_still_good(signed: Signed) -> None:
    pen = signed.pen()
    tokens = [pen.token(signed.uid, signed.soon), signed.signer.token(signed.uid, {})]
    again = _signed(signed.world.reopened(), signed.uid)
    assert all(again.plays(token) for token in tokens)
    assert [row.kid for row in again.keys.list(signed.world.account.id)] == [pen.kid]
    again.world.store.close()


def test_keys__one_too_many__is_refused(signed: Signed) -> None:
    account: StandInAccount = signed.world.account
    for n in range(MOST_KEYS):
        signed.world.store.put_signing_key(SigningKeyRow(f"{n:064x}", account.id, 1.0, "pem"), [])
    with pytest.raises(ApiError, match="1000"):
        signed.pen()
    assert signed.pen("b" * 32).kid


def test_keys__private_part__is_told_to_who_looks_for_leaks_and_kept_nowhere_else(
    signed: Signed,
) -> None:
    issued = signed.keys.issue(signed.world.account.id, rsa_key(1))
    told = [value for _, kind, value in signed.world.store.secrets() if kind == "signing_key"]
    assert issued.jwk["d"] in told
    assert any(value in issued.pem for value in told)
    assert issued.pem not in repr(issued)
    assert "PRIVATE" not in repr(signed.keys.list(signed.world.account.id))
