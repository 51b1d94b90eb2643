"""The playback host: lifecycle, views, manifests, recordings, signed playback, CORS."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.integration.stream.conftest import Api

BROADCAST = {"meta": {"name": "b"}, "recording": {"mode": "automatic"}}


def _get(api: Api, path: str) -> httpx.Response:
    return httpx.get(f"{api.standin.public_base}/{path}")


def _lifecycle(api: Api, uid: str) -> dict[str, Any]:
    body: dict[str, Any] = _get(api, f"{uid}/lifecycle").json()
    return body


def test_lifecycle__follows_the_publisher(api: Api) -> None:
    uid = api.create()["uid"]
    assert _lifecycle(api, uid) == {"isInput": True, "videoUID": None, "live": False}
    api.control.mark_live(uid)
    assert _lifecycle(api, uid)["live"] is True
    api.control.mark_disconnected(uid)
    assert _lifecycle(api, uid)["live"] is False


def test_lifecycle__disabled_or_deleted__is_not_live(api: Api) -> None:
    uid = api.create()["uid"]
    api.control.mark_live(uid)
    api.http.post(f"{api.inputs}/{uid}/disable")
    assert _lifecycle(api, uid)["live"] is False
    api.http.delete(f"{api.inputs}/{uid}")
    assert _get(api, f"{uid}/lifecycle").status_code == 404


def test_lifecycle__that_does_not_know_whip__calls_it_never_live(api: Api) -> None:
    api.control.set_quirks(whip_lifecycle="unknown")
    by_whip, by_rtmp = (api.create(BROADCAST)["uid"] for _ in range(2))
    api.control.mark_live(by_whip, "webrtc")
    api.control.mark_live(by_rtmp, "rtmp")
    assert _lifecycle(api, by_whip) == {"isInput": True, "videoUID": None, "live": False}
    assert _lifecycle(api, by_rtmp)["live"] is True
    status = api.http.get(f"{api.inputs}/{by_whip}").json()["result"]["status"]
    assert status["current"]["state"] == "connected"


def test_status__of_a_live_input__is_an_object(api: Api) -> None:
    uid = api.create()["uid"]
    api.control.mark_live(uid, "srt")
    status = api.http.get(f"{api.inputs}/{uid}").json()["result"]["status"]
    assert status["current"]["state"] == "connected"
    assert status["current"]["ingestProtocol"] == "srt"
    assert status["history"] == []


def test_manifest__not_live__is_an_empty_204(api: Api) -> None:
    uid = api.create(BROADCAST)["uid"]
    for name in ("video.m3u8", "video.mpd"):
        response = _get(api, f"{uid}/manifest/{name}")
        assert (response.status_code, response.content) == (204, b"")


def test_manifest__published_by_whip__stays_204(api: Api) -> None:
    uid = api.create(BROADCAST)["uid"]
    api.control.mark_live(uid, "webrtc")
    assert _get(api, f"{uid}/manifest/video.m3u8").status_code == 204
    assert _lifecycle(api, uid)["videoUID"] is None


def test_recordings__a_broadcast__is_listed_kept_and_deleted(api: Api) -> None:
    uid = api.create({**BROADCAST, "deleteRecordingAfterDays": 45})["uid"]
    videos = f"/accounts/{api.account}/stream"
    api.control.mark_live(uid, "rtmp")
    (video,) = api.http.get(videos, params={"live_input_id": uid}).json()["result"]
    assert video["status"]["state"] == "live-inprogress"
    assert _lifecycle(api, uid) == {"isInput": True, "videoUID": video["uid"], "live": True}
    assert api.codes(api.http.delete(f"{videos}/{video['uid']}")) == (409, 10046)
    api.http.post(f"{api.inputs}/{uid}/disable")
    (video,) = api.http.get(f"{api.inputs}/{uid}/videos").json()["result"]
    assert (video["status"]["state"], video["liveInput"]) == ("ready", uid)
    assert video["scheduledDeletion"] is not None
    api.http.delete(f"{api.inputs}/{uid}")
    assert api.codes(api.http.get(f"{api.inputs}/{uid}/videos")) == (404, 10003)
    assert len(api.http.get(videos, params={"live_input_id": uid}).json()["result"]) == 1
    assert api.http.delete(f"{videos}/{video['uid']}").json()["success"] is True
    assert api.codes(api.http.get(f"{videos}/{video['uid']}")) == (404, 10003)
    assert api.http.get(videos, params={"live_input_id": uid}).json()["result"] == []


def test_video_list__filters_and_limits__as_measured(api: Api) -> None:
    uid = api.create(BROADCAST)["uid"]
    videos = [api.control.add_recording(uid, duration=n) for n in (1, 2, 3)]
    path = f"/accounts/{api.account}/stream"
    query = {"live_input_id": uid}
    listed = api.http.get(path, params={**query, "include_counts": "true", "limit": 2}).json()
    assert [video["uid"] for video in listed["result"]] == videos[:0:-1]
    assert listed["total"] == "3"
    oldest = api.http.get(path, params={**query, "asc": "true", "limit": 1}).json()["result"]
    assert oldest[0]["uid"] == videos[0]
    assert api.http.get(path, params={**query, "status": "error"}).json()["result"] == []
    assert api.codes(api.http.get(path, params={"limit": 1001})) == (400, 10005)
    broken = api.http.get(path, params={"limit": "abc"})
    assert (broken.status_code, broken.content) == (500, b"")


def test_views__as_set__by_the_test(api: Api) -> None:
    uid = api.create()["uid"]
    assert _get(api, f"{uid}/views").json() == {"liveViewers": 0}
    api.control.set_views(uid, 113)
    assert _get(api, f"{uid}/views").json() == {"liveViewers": 113}


def test_whep__nobody_publishes__409_in_words(api: Api) -> None:
    uid = api.create()["uid"]
    for target in (uid, "f" * 32):
        url = f"{api.standin.public_base}/{target}/webRTC/play"
        response = httpx.post(url, content=b"v=0", headers={"Content-Type": "application/sdp"})
        assert (response.status_code, response.text) == (409, "Live broadcast not started yet")


@pytest.mark.parametrize("path", ["x/webRTC/play", "x/webRTC/publish"])
def test_webrtc__wrong_url__405(api: Api, path: str) -> None:
    assert httpx.post(f"{api.standin.public_base}/{path}").status_code == 405


def test_whip__wrong_old_or_deleted_key__401(api: Api) -> None:
    made = api.create()
    url = made["webRTC"]["url"]
    path = f"{api.inputs}/{made['uid']}"
    rotated = api.http.post(f"{path}/rotate_keys").json()["result"]["webRTC"]["url"]
    assert httpx.post(url).status_code == 401
    assert httpx.post(url.replace(url.split("/")[3][:4], "0000")).status_code == 401
    api.http.post(f"{path}/disable")
    assert httpx.post(rotated).status_code == 403
    api.http.delete(path)
    assert httpx.post(rotated).status_code == 401


def test_token_endpoint__of_an_unknown_uid__is_not_found(api: Api) -> None:
    missing = api.http.post(f"/accounts/{api.account}/stream/{'0' * 32}/token", json={})
    assert api.codes(missing) == (404, 10003)


def test_cors__any_page__may_ask_and_read_location(api: Api) -> None:
    uid = api.create()["uid"]
    url = f"{api.standin.public_base}/{uid}/webRTC/play"
    asked = {
        "Origin": "http://page.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    preflight = httpx.options(url, headers=asked)
    assert preflight.status_code == 204
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in preflight.headers["Access-Control-Allow-Headers"]
    for response in (preflight, httpx.post(url), _get(api, f"{uid}/lifecycle")):
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "Location" in response.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Origin" not in api.http.get(api.inputs).headers
