"""WHIP and WHEP over HTTP where no browser is needed: refusals, sessions, time limits."""

from __future__ import annotations

import random

import httpx
import pytest

from tests.integration.stream.conftest import Api
from tests.unit.stream.test_sdp import AUDIO, HEAD, ONE, VIDEO

SDP = {"Content-Type": "application/sdp"}


def _post(url: str, body: str) -> httpx.Response:
    return httpx.post(url, content=body.encode(), headers=SDP)


def test_whip__good_offer__201_with_answer_location_and_etag(api: Api) -> None:
    made = api.create()
    response = _post(made["webRTC"]["url"], HEAD + AUDIO + VIDEO)
    assert response.status_code == 201
    assert response.headers["content-type"].startswith("application/sdp")
    assert response.headers["ETag"]
    assert response.headers["Location"].startswith("/")
    assert "a=candidate:" in response.text
    assert "127.0.0.1" in response.text
    assert "a=recvonly" in response.text
    assert "VP8" in response.text
    assert "H264" not in response.text
    session = httpx.URL(made["webRTC"]["url"]).join(response.headers["Location"])
    frag = {"Content-Type": "application/trickle-ice-sdpfrag", "If-Match": '"x"'}
    assert httpx.patch(session, content=b"a=end-of-candidates", headers=frag).status_code == 204
    restart = httpx.patch(session, content=b"a=ice-ufrag:x", headers={**frag, "If-Match": "*"})
    assert restart.status_code == 501
    assert [httpx.delete(session).status_code for _ in range(3)] == [200] * 3


def test_whip__accepted_but_not_connected__is_not_live(api: Api) -> None:
    made = api.create()
    _post(made["webRTC"]["url"], HEAD + AUDIO + VIDEO)
    answer = httpx.get(f"{api.standin.public_base}/{made['uid']}/lifecycle")
    assert answer.json()["live"] is False
    play = _post(made["webRTCPlayback"]["url"], HEAD + AUDIO + VIDEO)
    assert (play.status_code, play.text) == (409, "Live broadcast not started yet")


@pytest.mark.parametrize("body", ["", "nonsense", "v=0", HEAD, HEAD + AUDIO + AUDIO])
def test_whip__broken_offer__400_in_words(api: Api, body: str) -> None:
    response = _post(api.create()["webRTC"]["url"], body)
    assert (response.status_code, response.text) == (400, "Unable to parse SDP")


def test_whip__offers_damaged_at_random__never_a_server_error(api: Api) -> None:
    rng = random.Random(7)
    lines = (HEAD + AUDIO + VIDEO).encode().split(b"\r\n")
    url = api.create()["webRTC"]["url"]
    for _ in range(60):
        kept = bytearray(b"\r\n".join(line for line in lines if rng.random() > 0.03))
        kept[rng.randrange(len(kept))] = rng.randrange(32, 127)
        response = httpx.post(url, content=bytes(kept))
        assert response.status_code in (201, 400, 406), kept


def test_whip__offer_that_only_receives__400(api: Api) -> None:
    offer = (HEAD + AUDIO + VIDEO).replace("a=sendonly", "a=recvonly")
    assert _post(api.create()["webRTC"]["url"], offer).status_code == 400


def test_whip__only_codecs_that_cannot_pass__406_says_not_simulated(api: Api) -> None:
    offer = ONE + VIDEO.replace("98 96 97 102 103", "98")
    response = _post(api.create()["webRTC"]["url"], offer)
    assert response.status_code == 406
    assert "not simulated here" in response.text


def test_whip__media_cut_by_a_test__503(api: Api) -> None:
    made = api.create()
    api.control.set_media(made["uid"], "cut")
    assert _post(made["webRTC"]["url"], ONE + AUDIO).status_code == 503
    api.control.set_media(made["uid"], "flowing")
    assert _post(made["webRTC"]["url"], ONE + AUDIO).status_code == 201


def test_session__of_another_input__is_not_ended(api: Api) -> None:
    one, other = api.create(), api.create()
    location = _post(one["webRTC"]["url"], HEAD + AUDIO + VIDEO).headers["Location"]
    session = location.rsplit("/", 1)[1]
    assert httpx.delete(f"{other['webRTC']['url']}/{session}").status_code == 200
    assert one["uid"] in api.control.media()
    httpx.delete(f"{one['webRTC']['url']}/{session}")
    assert one["uid"] not in api.control.media()


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_webrtc__other_methods__405(api: Api, method: str) -> None:
    made = api.create()
    for url in (made["webRTC"]["url"], made["webRTCPlayback"]["url"]):
        assert httpx.request(method, url).status_code == 405


def test_webrtc__every_answer__may_be_read_by_a_page(api: Api) -> None:
    made = api.create()
    for response in (
        _post(made["webRTC"]["url"], ONE + AUDIO),
        _post(made["webRTC"]["url"], "x"),
        httpx.get(made["webRTC"]["url"]),
        httpx.delete(made["webRTC"]["url"] + "/x"),
    ):
        assert response.headers["Access-Control-Allow-Origin"] == "*"
