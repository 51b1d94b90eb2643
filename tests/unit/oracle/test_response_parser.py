"""Every documented and measured form of an answer, and what none of them is."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import pytest

from chain.enums import Mode
from oracle.cloudflare import response_parser
from oracle.ingest import BroadcastIngest, WebRtcIngest
from tests.unit.oracle import samples


def test_issued__the_measured_answer__all_fields() -> None:
    issued = response_parser.issued(samples.live_input(keysRotatedAt="2026-09-21T00:00:00Z"))
    found = issued.input
    assert found.uid == samples.UID
    assert found.uid_bytes.hex() == samples.UID
    assert found.enabled
    assert found.created == datetime(2026, 9, 20, 10, 52, 4, 856545, tzinfo=UTC)
    assert found.keys_rotated_at == datetime(2026, 9, 21, tzinfo=UTC)
    assert found.state is None
    assert found.recording.mode == "automatic"
    assert found.recording.timeout_seconds == 180
    assert found.delete_recording_after_days == 30
    assert found.meta == {"name": "test"}
    assert found.playback.webrtc == f"{samples.BASE}/{samples.UID}/webRTC/play"
    assert found.playback.hls == f"{samples.BASE}/{samples.UID}/manifest/video.m3u8"


def test_credentials__by_mode__what_its_host_needs() -> None:
    credentials = response_parser.issued(samples.live_input()).credentials
    webrtc, broadcast = (credentials.for_mode(mode) for mode in (Mode.WEBRTC, Mode.BROADCAST))
    assert isinstance(webrtc, WebRtcIngest)
    assert webrtc.whip.reveal() == f"{samples.BASE}/{samples.key('5')}/webRTC/publish"
    assert isinstance(broadcast, BroadcastIngest)
    assert broadcast.stream_key.reveal() == samples.key("1")
    assert broadcast.passphrase.reveal() == samples.key("3")
    assert broadcast.srt_stream_id.reveal() == "d" * 32


def test_credentials__digest__changes_with_every_secret_and_only_then() -> None:
    def digest(**changes: Any) -> str:
        return response_parser.issued(samples.live_input(**changes)).credentials.digest()

    same = digest()
    assert same == digest(enabled=False, meta={}, modified="2027-01-01T00:00:00Z")
    rtmps, srt = samples.live_input()["rtmps"], samples.live_input()["srt"]
    others = {
        digest(webRTC={"url": "https://other.example/key/webRTC/publish"}),
        digest(webRTC=None),
        digest(rtmps=rtmps | {"streamKey": "other"}),
        digest(srt=srt | {"passphrase": "other"}),
        digest(srt=srt | {"streamId": "other"}),
    }
    assert len(others) == 5
    assert same not in others


def test_live_input__older_samples__absent_is_null_is_default() -> None:
    full = samples.live_input()
    keep = {key: full[key] for key in ("uid", "webRTC")}
    least = response_parser.issued(keep).input
    nulls = response_parser.issued(dict.fromkeys(full) | keep).input
    assert least == nulls
    assert least.enabled
    assert least.recording.mode == "off"
    assert least.delete_recording_after_days is None
    assert not least.prefer_low_latency


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (None, None),
        ("connected", "connected"),
        ({"current": {"state": "disconnected"}, "history": []}, "disconnected"),
        ({"current": None}, None),
        ({}, None),
        (7, None),
    ],
)
def test_live_input__status__null_text_or_object(status: Any, state: str | None) -> None:
    assert response_parser.live_input(samples.live_input(status=status)).state == state


def test_live_input__timeout_zero_and_float_days__as_cloudflare_means_them() -> None:
    answer = samples.live_input(recording={"timeoutSeconds": 0}, deleteRecordingAfterDays=45.0)
    found = response_parser.live_input(answer)
    assert found.recording.timeout_seconds is None
    assert found.delete_recording_after_days == 45


def test_live_input__meta_that_is_no_object__counts_as_empty() -> None:
    assert response_parser.live_input(samples.live_input(meta="x")).meta == {}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"uid": None}, "uid"),
        ({"uid": "A" * 32}, "uid"),
        ({"uid": "a" * 33}, "uid"),
        ({"uid": 5}, "uid"),
        ({"enabled": "yes"}, "enabled"),
        ({"created": "yesterday"}, "created"),
        ({"keysRotatedAt": 5}, "keysRotatedAt"),
        ({"recording": []}, "recording"),
        ({"recording": {"mode": 1}}, "mode"),
        ({"recording": {"allowedOrigins": "x"}}, "allowedOrigins"),
        ({"deleteRecordingAfterDays": "45"}, "deleteRecordingAfterDays"),
        ({"deleteRecordingAfterDays": 45.5}, "deleteRecordingAfterDays"),
        ({"webRTC": "https://hunter2"}, "webRTC"),
        ({"webRTC": {"url": ["hunter2"]}}, "url"),
        ({"webRTC": None, "rtmps": None}, "webRTC, rtmps and srt"),
    ],
)
def test_issued__a_wrong_shape__names_the_field_and_no_value(
    changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(response_parser.ShapeError, match=field) as caught:
        response_parser.issued(samples.live_input() | changes)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("result", [None, [], "", 5])
def test_issued__no_object__shape_error(result: Any) -> None:
    with pytest.raises(response_parser.ShapeError):
        response_parser.issued(result)


def test_listed_inputs__bare_array_and_documented_object__the_same() -> None:
    entries = [{"uid": "anything", "meta": {"name": "x"}}, {"uid": samples.UID, "enabled": False}]
    found = response_parser.listed_inputs(entries)
    assert response_parser.listed_inputs({"liveInputs": entries, "range": 2, "total": 2}) == found
    assert [entry.uid for entry in found] == ["anything", samples.UID]
    assert [entry.enabled for entry in found] == [True, False]


@pytest.mark.parametrize("result", [None, {}, {"liveInputs": None}, [5], [{"meta": {}}]])
def test_listed_inputs__anything_else__shape_error_not_an_empty_list(result: Any) -> None:
    with pytest.raises(response_parser.ShapeError):
        response_parser.listed_inputs(result)


def test_issued_key__pem__is_base64_of_the_pem_and_shown_nowhere() -> None:
    pem = "-----BEGIN RSA PRIVATE KEY-----\nabc\n"
    result = {
        "id": "a" * 32,
        "pem": base64.b64encode(pem.encode()).decode(),
        "jwk": "e30=",
        "created": "2026-09-20T10:52:04Z",
    }
    issued = response_parser.issued_key(result)
    assert (issued.kid, issued.pem.reveal()) == ("a" * 32, pem)
    assert "abc" not in repr(issued)
    assert issued.created == datetime(2026, 9, 20, 10, 52, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "result",
    [
        None,
        {},
        {"id": "a"},
        {"id": "a", "pem": ""},
        {"id": "a", "pem": "not base64!"},
        {"id": "a", "pem": 5},
        {"id": "../a", "pem": "YWJj"},
        {"pem": "YWJj"},
    ],
)
def test_issued_key__anything_else__shape_error_without_its_values(result: Any) -> None:
    with pytest.raises(response_parser.ShapeError) as caught:
        response_parser.issued_key(result)
    assert "YWJj" not in str(caught.value)


def test_keys__by_either_name_of_their_id__typed() -> None:
    found = response_parser.keys([{"id": "a", "created": None}, {"key_id": "b"}])
    assert [entry.kid for entry in found] == ["a", "b"]
    assert response_parser.keys([]) == ()


@pytest.mark.parametrize("result", [None, {}, [5], [{}], [{"id": "a b"}]])
def test_keys__anything_else__shape_error_not_an_empty_list(result: Any) -> None:
    with pytest.raises(response_parser.ShapeError):
        response_parser.keys(result)


def test_videos__live_and_ready__typed() -> None:
    live = {
        "uid": samples.UID, "liveInput": samples.OTHER_UID, "duration": -1,
        "status": {"state": "live-inprogress"}, "readyToStream": True,
    }  # fmt: skip
    ready = {
        "uid": samples.OTHER_UID, "duration": 12.5, "size": 1000,
        "status": {"state": "ready"}, "readyToStream": True,
        "created": "2026-09-20T10:52:04Z", "scheduledDeletion": "2026-11-04T10:52:04Z",
        "playback": {"hls": "https://x.example/v.m3u8"}, "thumbnail": "https://x.example/t.jpg",
    }  # fmt: skip
    first, second = response_parser.videos([live, ready])
    assert first.live
    assert first.live_input == samples.OTHER_UID
    assert first.duration_seconds is None
    assert not second.live
    assert (second.duration_seconds, second.size_bytes) == (12.5, 1000)
    assert second.scheduled_deletion == datetime(2026, 11, 4, 10, 52, 4, tzinfo=UTC)


@pytest.mark.parametrize("result", [None, {}, [{}], [{"uid": "x"}]])
def test_videos__anything_else__shape_error(result: Any) -> None:
    with pytest.raises(response_parser.ShapeError):
        response_parser.videos(result)
