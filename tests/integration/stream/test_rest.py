"""The live-input API over HTTP, as real accounts answer it."""

from __future__ import annotations

import concurrent.futures
import re

import httpx

from tests.integration.stream.conftest import Api, client

MEASURED_ORDER = [
    "uid", "rtmps", "rtmpsPlayback", "srt", "srtPlayback", "webRTC", "webRTCPlayback", "playback",
    "created", "modified", "enabled", "meta", "status", "recording", "deleteRecordingAfterDays",
]  # fmt: skip


def test_create__full_body__answers_the_measured_shape(api: Api) -> None:
    body = {
        "meta": {"name": "Room"},
        "recording": {"mode": "automatic", "timeoutSeconds": 180},
        "deleteRecordingAfterDays": 30,
    }
    response = api.http.post(api.inputs, json=body)
    assert response.status_code == 200
    assert list(response.json()) == ["result", "success", "errors", "messages"]
    result = response.json()["result"]
    assert list(result) == MEASURED_ORDER
    assert re.fullmatch(r"[0-9a-f]{32}", result["uid"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", result["created"])
    base = api.standin.public_base
    secret = result["webRTC"]["url"].removeprefix(base + "/").removesuffix("/webRTC/publish")
    assert re.fullmatch(rf"[0-9a-f]{{32}}k{result['uid']}", secret)
    assert result["webRTCPlayback"]["url"] == f"{base}/{result['uid']}/webRTC/play"
    assert result["playback"]["hls"] == f"{base}/{result['uid']}/manifest/video.m3u8"
    assert result["status"] is None


def test_get__after_create__is_byte_for_byte_the_same(api: Api) -> None:
    created = api.http.post(api.inputs, json={"meta": {"name": "Phòng số 1 \u202e\U0001f600"}})
    uid = created.json()["result"]["uid"]
    assert api.http.get(f"{api.inputs}/{uid}").content == created.content


def test_create__without_a_body__works(api: Api) -> None:
    assert api.http.post(api.inputs).json()["success"] is True


def test_list__bare_array__carries_no_secret_no_url_no_recording(api: Api) -> None:
    made = api.create({"meta": {"name": "listed"}})
    response = api.http.get(api.inputs)
    (item,) = [item for item in response.json()["result"] if item["uid"] == made["uid"]]
    assert set(item) == {
        "uid", "created", "modified", "meta", "enabled", "deleteRecordingAfterDays",
    }  # fmt: skip
    issued = [secret["value"] for secret in api.control.secrets()]
    assert not any(secret in response.text for secret in issued)


def test_list__quirk_object__is_the_shape_of_the_specification(api: Api) -> None:
    api.create()
    api.control.set_quirks(list_shape="object")
    result = api.http.get(api.inputs).json()["result"]
    assert result["total"] == result["range"] == len(result["liveInputs"]) > 0


def test_delete__then_get_and_delete__not_found_with_null_messages(api: Api) -> None:
    uid = api.create()["uid"]
    response = api.http.delete(f"{api.inputs}/{uid}")
    assert response.status_code == 200
    assert response.text == '{"result":"","success":true,"errors":[],"messages":[]}'
    for again in (api.http.get(f"{api.inputs}/{uid}"), api.http.delete(f"{api.inputs}/{uid}")):
        assert api.codes(again) == (404, 10003)
        assert again.json()["messages"] is None
        assert again.json()["result"] is None


def test_update_disable_enable_rotate__answer_the_full_object(api: Api) -> None:
    made = api.create({"meta": {"name": "x"}})
    path = f"{api.inputs}/{made['uid']}"
    assert api.http.put(path, json={"enabled": False}).json()["result"]["enabled"] is False
    assert api.http.post(f"{path}/enable").json()["result"]["enabled"] is True
    assert api.http.post(f"{path}/disable").json()["result"]["enabled"] is False
    rotated = api.http.post(f"{path}/rotate_keys").json()["result"]
    assert rotated["webRTC"]["url"] != made["webRTC"]["url"]
    assert rotated["webRTCPlayback"] == made["webRTCPlayback"]
    assert rotated["meta"] == {"name": "x"}
    assert "keysRotatedAt" in rotated
    assert api.http.get(path).json()["result"] == rotated


def test_bad_bodies__have_stream_codes(api: Api) -> None:
    bad = api.http.post(api.inputs, content=b"{")
    assert api.codes(bad) == (400, 10004)
    days = api.http.post(api.inputs, json={"deleteRecordingAfterDays": 7})
    assert api.codes(days) == (400, 10060)
    assert "between 30 and 1096 days" in days.json()["errors"][0]["message"]
    mode = api.http.post(api.inputs, json={"recording": {"mode": "on"}})
    assert api.codes(mode) == (400, 10005)
    large = api.http.post(api.inputs, content=b" " * 2_000_000)
    assert api.codes(large) == (413, 10005)


def test_idempotency__fifty_at_once__make_one_input(api: Api) -> None:
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        uids = list(pool.map(lambda _: api.create({}, "at-once")["uid"], range(50)))
    assert len(set(uids)) == 1


def test_idempotency__key_over_255_bytes__is_refused(api: Api) -> None:
    response = api.http.post(api.inputs, headers={"Idempotency-Key": "x" * 256})
    assert api.codes(response) == (400, 10005)
    assert api.create({}, "x" * 255)["uid"]


def test_idempotency__deleted_input__conflicts_and_then_expires(clock_api: Api) -> None:
    api = clock_api
    uid = api.create({}, "deleted")["uid"]
    api.http.delete(f"{api.inputs}/{uid}")
    again = api.http.post(api.inputs, json={}, headers={"Idempotency-Key": "deleted"})
    assert again.status_code == 409
    assert again.json()["success"] is False
    api.control.advance_clock(6 * 3600)
    assert api.create({}, "deleted")["uid"] != uid


def test_routes__unknown_path_and_bad_ids__as_cloudflare(api: Api) -> None:
    unknown = api.http.get(f"/accounts/{api.account}/calls/sessions/x/whep")
    assert api.codes(unknown) == (404, 7003)
    assert unknown.json()["errors"][1]["code"] == 7000
    assert api.codes(api.http.get("/accounts/nonsense/stream/live_inputs")) == (404, 7003)
    assert api.codes(api.http.get(f"{api.inputs}/nonsense")) == (404, 10003)
    assert api.http.patch(f"{api.inputs}/x", json={}).status_code == 405


def test_outputs__life__as_documented(api: Api) -> None:
    uid = api.create()["uid"]
    path = f"{api.inputs}/{uid}/outputs"
    assert api.http.get(path).json()["result"] == []
    body = {"url": "rtmps://example.com/app", "streamKey": "k"}
    made = api.http.post(path, json=body).json()["result"]
    assert made == {"uid": made["uid"], **body, "enabled": True}
    changed = api.http.put(f"{path}/{made['uid']}", json={"enabled": False}).json()["result"]
    assert changed == {**made, "enabled": False}
    assert api.http.get(path).json()["result"] == [changed]
    assert api.http.delete(f"{path}/{made['uid']}").status_code == 200
    assert api.codes(api.http.delete(f"{path}/{made['uid']}")) == (404, 10003)
    assert api.codes(api.http.post(path, json={"url": "x"})) == (400, 10005)
    assert api.codes(api.http.get(f"{api.inputs}/{'0' * 32}/outputs")) == (404, 10003)


def test_rate_limit__over_it__plain_429_until_the_window_is_over(clock_api: Api) -> None:
    api = clock_api
    api.control.set_rate_limit(3, 60)
    answers = [api.http.get(api.inputs) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert answers[2].headers["Ratelimit"].startswith('"default";r=0;t=')
    assert answers[2].headers["Ratelimit-Policy"] == '"default";q=3;w=60'
    assert "Retry-After" not in answers[2].headers
    refused = api.http.get(api.inputs)
    assert refused.status_code == 429
    assert refused.headers["content-type"].startswith("text/plain")
    assert int(refused.headers["Retry-After"]) in (59, 60)
    api.control.advance_clock(60)
    assert api.http.get(api.inputs).status_code == 200


def test_rate_limit__another_account__is_not_touched(api: Api) -> None:
    api.control.set_rate_limit(1, 60)
    headers = {"Authorization": "Bearer the-token-of-the-second-account"}
    with client(api.standin, "b" * 32, headers) as other:
        assert api.http.get(api.inputs).status_code == 200
        assert api.http.get(api.inputs).status_code == 429
        assert other.http.get(other.inputs).status_code == 200


def test_public_base__of_the_account__stands_in_its_urls(api: Api) -> None:
    headers = {"Authorization": "Bearer the-token-of-the-second-account"}
    with client(api.standin, "b" * 32, headers) as other:
        made = other.create()
    base = "https://customer-bbb.example.com"
    assert made["webRTCPlayback"]["url"] == f"{base}/{made['uid']}/webRTC/play"


def test_request_id__every_answer__has_its_own(api: Api) -> None:
    rays = {api.http.get(api.inputs).headers["cf-ray"] for _ in range(3)}
    assert len(rays) == 3
    assert httpx.get(f"{api.standin.public_base}/nothing").headers["cf-ray"]
