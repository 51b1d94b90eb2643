"""Signed playback."""

from __future__ import annotations

from typing import Any

import pytest

from localnet.stream.errors import ApiError
from localnet.stream.input_change import parse
from localnet.stream.playback.signed_playback import BadTokenError, Targets, TokenSigner
from tests.unit.stream.conftest import StandInParts

KEY = b"k" * 32


def _signed_input(world: StandInParts) -> str:
    body = {"recording": {"requireSignedURLs": True}}
    return world.inputs.create(world.account, parse(body)).uid


def _targets(world: StandInParts) -> tuple[Targets, TokenSigner]:
    signer = TokenSigner(KEY, world.clock)
    return Targets(world.inputs, world.store, signer), signer


def test_find__signed_input_by_its_uid__needs_a_token(world: StandInParts) -> None:
    uid = _signed_input(world)
    targets, signer = _targets(world)
    with pytest.raises(BadTokenError):
        targets.find(uid)
    found = targets.find(signer.token(uid, {}))
    assert found is not None
    assert found.uid == uid


def test_find__public_input__plays_by_uid_and_by_token(world: StandInParts) -> None:
    uid = world.create().uid
    targets, signer = _targets(world)
    for segment in (uid, signer.token(uid, {})):
        found = targets.find(segment)
        assert found is not None
        assert found.uid == uid


def test_find__unknown_uid__is_none(world: StandInParts) -> None:
    targets, _ = _targets(world)
    assert targets.find("f" * 32) is None


@pytest.mark.parametrize("segment", ["", "x", "F" * 32, "a.b", "favicon.ico"])
def test_find__neither_uid_nor_token__is_a_lookup_error(world: StandInParts, segment: str) -> None:
    targets, _ = _targets(world)
    with pytest.raises(LookupError):
        targets.find(segment)


def test_token__after_an_hour__has_expired(world: StandInParts) -> None:
    uid = _signed_input(world)
    targets, signer = _targets(world)
    token = signer.token(uid, {})
    world.clock.tick(3600)
    with pytest.raises(BadTokenError):
        targets.find(token)


def test_token__not_yet_valid__is_refused_until_then(world: StandInParts) -> None:
    uid = _signed_input(world)
    targets, signer = _targets(world)
    token = signer.token(uid, {"nbf": world.clock.now() + 60})
    with pytest.raises(BadTokenError):
        targets.find(token)
    world.clock.tick(60)
    assert targets.find(token) is not None


def test_token__changed_or_of_another_key__is_refused(world: StandInParts) -> None:
    uid = _signed_input(world)
    targets, signer = _targets(world)
    head, claims, signature = signer.token(uid, {}).split(".")
    other = TokenSigner(b"o" * 32, world.clock).token(uid, {})
    for token in (f"{head}.{claims}x.{signature}", f"{head}.{claims}.", other, "a.b.c"):
        with pytest.raises(BadTokenError):
            targets.find(token)


@pytest.mark.parametrize("body", [{"exp": "soon"}, {"exp": 1}, {"exp": True}, {"nbf": "x"}])
def test_token__bad_request__is_refused(world: StandInParts, body: dict[str, Any]) -> None:
    _, signer = _targets(world)
    with pytest.raises(ApiError):
        signer.token("a" * 32, body)
