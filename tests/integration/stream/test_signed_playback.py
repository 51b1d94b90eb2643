"""Signing keys and the tokens they sign, over HTTP: who plays what, and each refusal (401)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from common.base64url import decode, encode
from common.playback_key import PlaybackKey
from common.playback_token import playback_token
from localnet.stream.control import StandIn
from tests.integration.stream.conftest import Api, client
from tests.support.signed_tokens import SigningPen, unsigned

SIGNED = {"recording": {"mode": "automatic", "requireSignedURLs": True}}
REFUSED = 401
# nobody publishes: what may be played answers so
WHEP_NOT_LIVE, HLS_NOT_LIVE = 409, 204


def _keys(api: Api) -> str:
    return f"/accounts/{api.account}/stream/keys"


def _key(api: Api) -> dict[str, Any]:
    answer = api.http.post(_keys(api))
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()["result"]
    return made


def _pen(api: Api) -> SigningPen:
    made = _key(api)
    return SigningPen(made["id"], made["pem"])


def _ids(api: Api) -> list[str]:
    return [entry["id"] for entry in api.http.get(_keys(api)).json()["result"]]


def _whep(api: Api, segment: str) -> int:
    return httpx.post(f"{api.standin.public_base}/{segment}/webRTC/play").status_code


def _get(api: Api, segment: str, path: str = "manifest/video.m3u8") -> int:
    return httpx.get(f"{api.standin.public_base}/{segment}/{path}").status_code


def _plays(api: Api, segment: str) -> bool:
    """By WHEP and HLS alike."""
    found = (_whep(api, segment), _get(api, segment))
    assert found in ((REFUSED, REFUSED), (WHEP_NOT_LIVE, HLS_NOT_LIVE)), found
    return found != (REFUSED, REFUSED)


@pytest.fixture
def uid(api: Api) -> str:
    return str(api.create(SIGNED)["uid"])


@pytest.fixture
def pen(api: Api) -> Iterator[SigningPen]:
    pen = _pen(api)
    yield pen
    api.http.delete(f"{_keys(api)}/{pen.kid}")


def _soon() -> int:
    return int(time.time()) + 600


def test_keys__created_listed_and_revoked__as_documented(api: Api) -> None:
    made = _key(api)
    assert set(made) == {"id", "pem", "jwk", "created"}
    assert base64.b64decode(made["pem"]).startswith(b"-----BEGIN RSA PRIVATE KEY-----\n")
    jwk = json.loads(base64.b64decode(made["jwk"]))
    assert (jwk["kty"], jwk["alg"], jwk["kid"]) == ("RSA", "RS256", made["id"])
    private = SigningPen(made["id"], made["pem"]).private
    assert private.key_size == 2048
    assert int.from_bytes(decode(jwk["n"])) == private.public_key().public_numbers().n
    listed = api.http.get(_keys(api)).json()["result"]
    assert {"id": made["id"], "created": made["created"]} in listed
    assert "PRIVATE" not in json.dumps(listed)
    gone = api.http.delete(f"{_keys(api)}/{made['id']}").json()
    assert (gone["result"], gone["success"]) == ("Revoked", True)
    assert made["id"] not in _ids(api)
    assert api.codes(api.http.delete(f"{_keys(api)}/{made['id']}")) == (404, 10003)


def test_keys__permissions__as_for_every_other_route(api: Api) -> None:
    url = api.standin.api_base + _keys(api)
    reads = {"Authorization": "Bearer read-only-token-of-the-first-one"}
    assert httpx.get(url, headers=reads).status_code == 200
    assert api.codes(httpx.post(url, headers=reads)) == (403, 10000)
    assert api.codes(httpx.delete(f"{url}/x", headers=reads)) == (403, 10000)
    assert api.codes(httpx.post(url)) == (400, 9106)
    other = {"Authorization": "Bearer the-token-of-the-second-account"}
    assert api.codes(httpx.get(url, headers=other)) == (403, 10000)


def test_token__of_our_own_making__plays_where_the_plain_uid_does_not(api: Api, uid: str) -> None:
    made = _key(api)
    key = PlaybackKey(made["id"], base64.b64decode(made["pem"]).decode(), 0)
    assert _plays(api, playback_token(key, uid, time.time(), 600))
    assert not _plays(api, uid)


@pytest.mark.parametrize(
    "path", ["iframe", "watch", "thumbnails/thumbnail.jpg", "manifest/video.mpd", "views"]
)
def test_scenario_34__plain_uid_of_a_signed_input__is_refused_everywhere(
    api: Api, uid: str, pen: SigningPen, path: str
) -> None:
    assert _get(api, uid, path) == REFUSED
    assert _get(api, pen.token(uid, _soon()), path) in (200, 204, 501)


def test_lifecycle__of_a_signed_input__takes_a_token_and_the_uid_by_the_quirk(
    api: Api, uid: str, pen: SigningPen
) -> None:
    token = pen.token(uid, _soon())
    assert (_get(api, uid, "lifecycle"), _get(api, token, "lifecycle")) == (200, 200)
    api.control.set_quirks(signed_lifecycle="token")
    assert (_get(api, uid, "lifecycle"), _get(api, token, "lifecycle")) == (REFUSED, 200)
    assert _get(api, api.create()["uid"], "lifecycle") == 200


def test_recording__of_a_signed_input__plays_by_a_token_of_its_own(
    api: Api, uid: str, pen: SigningPen
) -> None:
    video = api.control.add_recording(uid)
    assert _get(api, video) == REFUSED
    assert _get(api, pen.token(uid, _soon())) == HLS_NOT_LIVE
    assert _get(api, pen.token(video, _soon())) == 501  # no media: nothing was really sent


def test_scenario_34__alg_none__is_refused(api: Api, uid: str, pen: SigningPen) -> None:
    claims = {"sub": uid, "kid": pen.kid, "exp": _soon()}
    assert not _plays(api, unsigned({"alg": "none", "kid": pen.kid}, claims) + ".")
    assert not _plays(api, pen.sign({"alg": "none", "kid": pen.kid}, claims))


def test_scenario_34__hs256_with_the_public_key__is_refused(
    api: Api, uid: str, pen: SigningPen
) -> None:
    public = pen.private.public_key()
    secret = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for alg in ("HS256", "RS256"):
        signed = unsigned(
            {"alg": alg, "kid": pen.kid}, {"sub": uid, "kid": pen.kid, "exp": _soon()}
        )
        mac = hmac.digest(secret, signed.encode(), hashlib.sha256)
        assert not _plays(api, f"{signed}.{encode(mac)}")


def test_scenario_34__unknown_kid__is_refused(api: Api, uid: str) -> None:
    stranger = SigningPen("0" * 32, _key(api)["pem"])
    assert not _plays(api, stranger.token(uid, _soon()))


def test_scenario_34__kids_that_differ__are_refused(api: Api, uid: str, pen: SigningPen) -> None:
    other = _pen(api)
    assert not _plays(api, pen.token(uid, _soon(), {"kid": other.kid}))
    assert not _plays(api, pen.token(uid, _soon(), kid=other.kid))


def test_scenario_34__exp_beyond_a_day_or_over__is_refused(
    api: Api, uid: str, pen: SigningPen
) -> None:
    now = int(time.time())
    assert _plays(api, pen.token(uid, now + 86_400 - 60))
    assert not _plays(api, pen.token(uid, now + 86_400 + 60))
    assert not _plays(api, pen.token(uid, now))
    assert not _plays(api, pen.token(uid, str(now + 60)))


def test_scenario_34__revoked_key__refuses_every_token_of_it(api: Api, uid: str) -> None:
    pen, kept = _pen(api), _pen(api)
    token, other = pen.token(uid, _soon()), kept.token(uid, _soon())
    assert _plays(api, token)
    api.http.delete(f"{_keys(api)}/{pen.kid}")
    assert not _plays(api, token)
    assert _plays(api, other)


def test_scenario_34__key_of_another_account__is_refused(api: Api, uid: str) -> None:
    headers = {"Authorization": "Bearer the-token-of-the-second-account"}
    with client(api.standin, "b" * 32, headers) as stranger:
        pen = _pen(stranger)
        theirs = stranger.create(SIGNED)["uid"]
    assert not _plays(api, pen.token(uid, _soon()))
    assert _plays(api, pen.token(theirs, _soon()))


def test_scenario_34__token_for_another_uid__is_refused(
    api: Api, uid: str, pen: SigningPen
) -> None:
    token = pen.token(api.create(SIGNED)["uid"], _soon())
    head, _, signature = token.split(".")
    _, claims, _ = pen.token(uid, _soon()).split(".")
    assert not _plays(api, f"{head}.{claims}.{signature}")


def test_scenario_34__token_of_the_endpoint__plays_hls_and_not_whep(api: Api, uid: str) -> None:
    answer = api.http.post(f"/accounts/{api.account}/stream/{uid}/token", json={})
    token = answer.json()["result"]["token"]
    assert (_whep(api, token), _get(api, token)) == (REFUSED, HLS_NOT_LIVE)


def test_scenario_34__access_rules__are_enforced_and_at_most_five(
    api: Api, uid: str, pen: SigningPen
) -> None:
    def rules(*found: tuple[str, str, list[str]]) -> list[dict[str, Any]]:
        return [{"type": "ip.src", "action": action, key: nets} for action, key, nets in found]

    here, there = ("allow", "ip", ["127.0.0.1/32"]), ("allow", "ip", ["192.0.2.0/24"])
    nobody = {"type": "any", "action": "block"}
    assert _plays(api, pen.token(uid, _soon(), accessRules=[*rules(here), nobody]))
    assert not _plays(api, pen.token(uid, _soon(), accessRules=[*rules(there), nobody]))
    assert not _plays(api, pen.token(uid, _soon(), accessRules=rules(*[here] * 6)))
    country = {"type": "ip.geoip.country", "action": "allow", "country": ["VN"]}
    assert not _plays(api, pen.token(uid, _soon(), accessRules=[country, nobody]))


@pytest.mark.parametrize("change", ["=", ".", "A", " "])
def test_scenario_34__a_good_token_written_otherwise__is_not_taken(
    api: Api, uid: str, pen: SigningPen, change: str
) -> None:
    token = pen.token(uid, _soon())
    assert _plays(api, token)
    assert _whep(api, token + change) in (REFUSED, 405)
    assert _get(api, token + change) in (REFUSED, 404)


def test_session__closed_with_a_token_that_has_ended__is_taken(api: Api, pen: SigningPen) -> None:
    """Whoever closes need not be able to watch: the session's id is what gives the right."""
    url = f"{api.standin.public_base}/{pen.token('a' * 32, 1)}/webRTC/play"
    assert httpx.post(url).status_code == REFUSED
    assert httpx.delete(f"{url}/{'b' * 32}").status_code == 200
    assert httpx.patch(f"{url}/{'b' * 32}").status_code == 204


def test_keys__after_a_kill__are_known_and_tokens_still_good(
    start: Callable[..., StandIn],
) -> None:
    standin = start()
    with client(standin, standin.account_id, standin.headers) as api:
        uid, pen = api.create(SIGNED)["uid"], _pen(api)
        tokens = [pen.token(uid, _soon())]
        asked = api.http.post(f"/accounts/{api.account}/stream/{uid}/token", json={})
        endpoint = asked.json()["result"]["token"]
        standin.kill()
        standin.restart()
        assert _ids(api) == [pen.kid]
        assert all(_plays(api, token) for token in tokens)
        assert _get(api, endpoint) == HLS_NOT_LIVE
        # and the clock is the stand-in's own
        standin.control.advance_clock(601)
        assert not any(_plays(api, token) for token in tokens)
        assert _get(api, endpoint) == HLS_NOT_LIVE
        standin.control.advance_clock(3600)
        assert _get(api, endpoint) == REFUSED
