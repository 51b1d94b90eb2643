"""What makes a playback token good."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from common.base64url import decode, encode
from common.playback_key import PlaybackKey
from common.playback_token import playback_token
from localnet.stream.playback.token_verifier import (
    ALGORITHMS,
    BadTokenError,
    VerifiedToken,
    VerifyingKey,
    named_uid,
    verified,
)
from tests.support.playback_keys import pem, rsa_key
from tests.support.signed_tokens import SigningPen, unsigned

NOW = 1_700_000_000.0
DAY = 86_400
UID = "ab" * 16
KID = "f" * 32
PEN = SigningPen(KID, base64.b64encode(pem().encode()).decode())
OTHER = SigningPen(KID, base64.b64encode(pem(1).encode()).decode())
KEYS = {KID: VerifyingKey("a" * 32, rsa_key().public_key())}


def _verified(token: str, now: float = NOW) -> VerifiedToken:
    return verified(token, now, KEYS.get)


def _refused(token: str, now: float = NOW) -> str:
    with pytest.raises(BadTokenError) as caught:
        _verified(token, now)
    return str(caught.value)


def test_verified__token_of_our_own_making__is_good_until_its_end() -> None:
    token = playback_token(PlaybackKey(KID, pem(), 1), UID, NOW, 600)
    for now in (NOW - 60, NOW, NOW + 599.9):
        found = _verified(token, now)
        assert (found.uid, found.exp, found.key) == (UID, NOW + 600, KEYS[KID])
    assert _refused(token, NOW + 600) == "exp"
    assert _refused(token, NOW - 61) == "nbf"


def test_algorithms__of_the_table__are_the_one_that_is_documented() -> None:
    assert set(ALGORITHMS) == {"RS256"}


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "HS256", "RS384", "PS256", "", None, 1])
def test_scenario_34__another_alg__is_refused(alg: Any) -> None:
    assert _refused(PEN.token(UID, NOW + 60, {"alg": alg})) == "alg is not RS256"


def test_scenario_34__alg_none_without_a_signature__is_refused() -> None:
    claims = {"sub": UID, "kid": KID, "exp": NOW + 60}
    assert _refused(unsigned({"alg": "none", "kid": KID}, claims) + ".") == "alg is not RS256"
    assert _refused(unsigned({"alg": "RS256", "kid": KID}, claims) + ".") == "signature"


def test_scenario_34__hs256_with_the_public_key_as_secret__is_refused() -> None:
    public = rsa_key().public_key()
    claims = {"sub": UID, "kid": KID, "exp": NOW + 60}
    for form in (PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1):
        for encoding in (Encoding.PEM, Encoding.DER):
            secret = public.public_bytes(encoding, form)
            for alg in ("HS256", "RS256"):
                signed = unsigned({"alg": alg, "kid": KID}, claims)
                mac = hmac.digest(secret, signed.encode(), hashlib.sha256)
                assert _refused(f"{signed}.{encode(mac)}") in ("alg is not RS256", "signature")


def test_scenario_34__unknown_kid_and_kids_that_differ__are_refused() -> None:
    assert _refused(PEN.token(UID, NOW + 60, {"kid": "e" * 32}, kid="e" * 32)) == "no such key"
    differ = "kid differs between header and payload"
    assert _refused(PEN.token(UID, NOW + 60, {"kid": "e" * 32})) == differ
    assert _refused(PEN.token(UID, NOW + 60, kid="e" * 32)) == differ
    assert _refused(PEN.token(UID, NOW + 60, kid=None)) == differ
    assert _refused(PEN.token(UID, NOW + 60, {"kid": None}, kid=None)) == differ


def test_scenario_34__signed_by_another_key_of_the_same_kid__is_refused() -> None:
    assert _refused(OTHER.token(UID, NOW + 60)) == "signature"


def test_scenario_34__exp_beyond_a_day__is_refused() -> None:
    assert _verified(PEN.token(UID, NOW + DAY)).exp == NOW + DAY
    assert "24 hours" in _refused(PEN.token(UID, NOW + DAY + 1))
    # signed long ago for more than a day: by its own word, whenever it is looked at
    assert "24 hours" in _refused(PEN.token(UID, NOW + 60, iat=NOW + 59 - DAY))
    # and a moment of signing in the future gives no more time
    assert "24 hours" in _refused(PEN.token(UID, NOW + DAY + 1, iat=NOW + 1))
    assert _verified(PEN.token(UID, NOW + 60, iat=NOW + 60 - DAY)).uid == UID


@pytest.mark.parametrize(
    "exp", [None, "1700000060", True, [], {}, NOW, NOW - 1, float("inf"), float("nan"), 10**400]
)
def test_scenario_34__exp_missing_over_or_no_number__is_refused(exp: Any) -> None:
    _refused(PEN.token(UID, exp))


@pytest.mark.parametrize("nbf", ["0", None, True, NOW + 1])
def test_scenario_34__nbf_to_come_or_no_number__is_refused(nbf: Any) -> None:
    _refused(PEN.token(UID, NOW + 60, nbf=nbf))


@pytest.mark.parametrize("sub", [None, "", "*", UID.upper(), UID + "a", [UID], UID + "\n"])
def test_scenario_34__sub_that_is_not_one_uid__is_refused(sub: Any) -> None:
    assert _refused(PEN.token(UID, NOW + 60, sub=sub)) == "sub is no uid"


@given(st.integers(0, 2047), st.sampled_from([0, 1, 2]))
def test_scenario_34__one_bit_altered__is_refused(bit: int, part: int) -> None:
    parts = [bytearray(decode(text)) for text in GOOD.split(".")]
    changed = parts[part]
    changed[bit // 8 % len(changed)] ^= 1 << bit % 8
    with pytest.raises(BadTokenError):
        _verified(".".join(encode(bytes(each)) for each in parts))


GOOD = PEN.token(UID, NOW + 60)


@pytest.mark.parametrize(
    "token",
    [
        GOOD + "=",
        GOOD + "==",
        GOOD.replace(".", "=.", 1),
        GOOD[:-1] + ("B" if GOOD[-1] != "B" else "C"),
        GOOD + ".",
        GOOD.rpartition(".")[0],
        "..",
        "a.b.c",
        GOOD + "\n",
        "é" + GOOD,
        "A" * 9000 + ".A.A",
    ],
    ids=range(11),  # another key in each process: a token may be no test's name
)
def test_scenario_34__written_in_another_way__is_refused(token: str) -> None:
    with pytest.raises(BadTokenError):
        _verified(token)


def test_scenario_34__a_claim_that_stands_twice__is_refused() -> None:
    head = encode(json.dumps({"alg": "RS256", "kid": KID}).encode())
    claims = encode(f'{{"sub":"{UID}","kid":"{KID}","exp":1,"exp":{NOW + 60}}}'.encode())
    assert _refused(f"{head}.{claims}.AAAA") == "JSON"


def _rules(*rules: Mapping[str, Any]) -> VerifiedToken:
    return _verified(PEN.token(UID, NOW + 60, accessRules=list(rules)))


def test_rules__the_first_that_concerns_the_viewer__decides() -> None:
    school = {"type": "ip.src", "action": "allow", "ip": ["192.0.2.0/24", "2001:db8::/32"]}
    nobody = {"type": "any", "action": "block"}
    token = _rules(school, nobody)
    assert token.admits("192.0.2.7")
    assert token.admits("2001:db8::1")
    assert not token.admits("198.51.100.1")
    assert not token.admits("2001:db9::1")
    assert not _rules(nobody, school).admits("192.0.2.7")
    assert _rules({**school, "action": "block"}).admits("198.51.100.1")  # none concerns it
    assert _rules().admits("198.51.100.1")


def test_rules__about_countries__concern_who_is_known_to_be_there() -> None:
    token = _rules(
        {"type": "ip.geoip.country", "action": "allow", "country": ["VN", "DE"]},
        {"type": "any", "action": "block"},
    )
    assert token.admits("192.0.2.7", "VN")
    assert not token.admits("192.0.2.7", "FR")
    assert not token.admits("192.0.2.7")


ANY = {"type": "any", "action": "allow"}


def test_scenario_34__more_than_five_rules__are_refused() -> None:
    assert _rules(*[ANY] * 5).admits("192.0.2.1")
    assert "at most 5" in _refused(PEN.token(UID, NOW + 60, accessRules=[ANY] * 6))


@pytest.mark.parametrize(
    "rules",
    [
        "any",
        {},
        None,
        [1],
        [{"type": "any"}],
        [{"type": "any", "action": "deny"}],
        [{"type": "ip.asn", "action": "allow"}],
        [{"type": "ip.src", "action": "allow"}],
        [{"type": "ip.src", "action": "allow", "ip": "192.0.2.1"}],
        [{"type": "ip.src", "action": "allow", "ip": ["192.0.2.1/24"]}],
        [{"type": "ip.src", "action": "allow", "ip": []}],
        [{"type": "ip.geoip.country", "action": "block", "country": ["Vietnam"]}],
        [{"type": "ip.geoip.country", "action": "block", "country": [1]}],
    ],
)
def test_scenario_34__rules_of_no_known_form__are_refused(rules: Any) -> None:
    assert "accessRules" in _refused(PEN.token(UID, NOW + 60, accessRules=rules))


def test_named_uid__of_a_token_of_any_age__is_what_it_says() -> None:
    assert named_uid(PEN.token(UID, 1)) == UID
    for text in ("a.b.c", unsigned({}, {}) + ".AA", GOOD + "="):
        with pytest.raises(BadTokenError):
            named_uid(text)
