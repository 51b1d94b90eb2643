"""Playback tokens."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from common.base64url import decode
from common.playback_token import playback_token
from tests.support.playback_keys import playback_key, rsa_key

UID = "ab" * 16


def test_token__of_a_key__has_the_form_that_cloudflare_documents() -> None:
    key = playback_key(kid="f" * 32)
    head, claims, signature = playback_token(key, UID, 1_700_000_000.9, 600).split(".")
    assert json.loads(decode(head)) == {"alg": "RS256", "kid": "f" * 32}
    assert json.loads(decode(claims)) == {
        "sub": UID,
        "kid": "f" * 32,
        "nbf": 1_700_000_000 - 60,
        "exp": 1_700_000_600,
    }
    signed = f"{head}.{claims}".encode()
    rsa_key().public_key().verify(decode(signature), signed, PKCS1v15(), SHA256())


def test_token__length__fits_into_a_url() -> None:
    assert len(playback_token(playback_key(), UID, 1_700_000_000, 900)) < 700


@pytest.mark.parametrize("uid", ["", "AB" * 16, "ab" * 15, "ab" * 17, "../" + "a" * 29, "*"])
def test_token__for_what_is_no_uid__is_not_made(uid: str) -> None:
    with pytest.raises(ValueError, match="uid"):
        playback_token(playback_key(), uid, 1_700_000_000, 600)


@pytest.mark.parametrize("seconds", [-1, 0, 901, 86_400])
def test_token__that_would_live_too_long__is_not_made(seconds: int) -> None:
    with pytest.raises(ValueError, match="lives 1 to 900"):
        playback_token(playback_key(), UID, 1_700_000_000, seconds)
