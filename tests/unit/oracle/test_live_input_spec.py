"""What a room wants of Cloudflare: the same bytes every time, and checked when it comes back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from chain.enums import Mode
from oracle.cloudflare import response_parser
from oracle.cloudflare.live_input_spec import (
    Owner,
    RecordingPolicy,
    create_body,
    echo_mismatch,
    idempotency_key,
    meta_of,
    owner_of,
    playback_mismatch,
)
from tests.unit.oracle import samples

CONTRACT = "0x5fbdb2315678afecb367f032d93f642f64180aa3"
TAG = bytes(range(1, 13))
OWNER = Owner(31337, CONTRACT, 7, TAG, 0)
POLICY = RecordingPolicy()


def answer_to(body: bytes, **changes: Any) -> Any:
    asked = json.loads(body)
    return response_parser.live_input(
        samples.live_input(
            meta=asked["meta"],
            recording=asked["recording"] | changes.pop("recording", {}),
            deleteRecordingAfterDays=asked.get("deleteRecordingAfterDays"),
        )
        | changes
    )


def test_idempotency_key__is_keccak_of_the_abi_encoding() -> None:
    types = ["uint256", "address", "uint256", "bytes12", "uint256"]
    encoded = encode(types, [31337, CONTRACT, 7, TAG, 0])
    assert idempotency_key(31337, CONTRACT, 7, TAG, 0) == keccak(encoded).hex() == OWNER.key


def test_idempotency_key__each_part__gives_another_key() -> None:
    other = "0x" + "ab" * 20
    keys = {
        idempotency_key(*parts)
        for parts in (
            (31337, CONTRACT, 7, TAG, 0),
            (1, CONTRACT, 7, TAG, 0),
            (31337, other, 7, TAG, 0),
            (31337, CONTRACT, 8, TAG, 0),
            (31337, CONTRACT, 7, bytes(12), 0),
            (31337, CONTRACT, 7, TAG, 1),
        )
    }
    assert len(keys) == 6


@pytest.mark.parametrize(("contract", "tag"), [(CONTRACT[:-2], TAG), (CONTRACT, TAG + b"x")])
def test_idempotency_key__wrong_lengths__value_error(contract: str, tag: bytes) -> None:
    with pytest.raises(ValueError, match="bytes"):
        idempotency_key(1, contract, 1, tag, 0)


def test_create_body__webrtc__not_recorded_and_byte_identical() -> None:
    body = create_body(OWNER, Mode.WEBRTC, gated=False, policy=POLICY)
    assert body == (
        b'{"meta":{"attempt":"0","chain":"31337","contract":"' + CONTRACT.encode() + b'",'
        b'"key":"' + OWNER.key.encode() + b'","name":"live_7 (chain 31337)","room":"7",'
        b'"tag":"0x0102030405060708090a0b0c"},"recording":{"mode":"off"}}'
    )


def test_create_body__broadcast_and_gated__recorded_kept_and_signed() -> None:
    body = json.loads(create_body(OWNER, Mode.BROADCAST, gated=True, policy=POLICY))
    assert body["recording"] == {
        "mode": "automatic", "timeoutSeconds": 60, "requireSignedURLs": True,
    }  # fmt: skip
    assert body["deleteRecordingAfterDays"] == 45
    kept = RecordingPolicy(delete_after_days=None)
    assert "deleteRecordingAfterDays" not in json.loads(
        create_body(OWNER, Mode.BROADCAST, gated=False, policy=kept)
    )


def test_create_body__gated_webrtc__signed() -> None:
    body = json.loads(create_body(OWNER, Mode.WEBRTC, gated=True, policy=POLICY))
    assert body["recording"] == {"mode": "off", "requireSignedURLs": True}


@pytest.mark.parametrize(
    ("timeout", "days"), [(60, 29), (60, 1097), (60, 0), (-1, 45), (86_401, 45)]
)
def test_recording_policy__what_cloudflare_would_refuse__refused_before(
    timeout: int, days: int
) -> None:
    with pytest.raises(ValueError, match="record"):
        RecordingPolicy(timeout, days)


def test_owner_of__our_meta__comes_back() -> None:
    for owner in (OWNER, Owner(1, CONTRACT, 2**255, bytes(12), 12)):
        assert owner_of(meta_of(owner)) == owner
    assert owner_of({**meta_of(OWNER), "name": "renamed by hand", "more": [1]}) == OWNER


@pytest.mark.parametrize(
    "change",
    [
        {"key": "0" * 64},
        {"key": None},
        {"room": "8"},
        {"room": 7},
        {"room": "07"},
        {"room": "-7"},
        {"room": "７"},
        {"room": "9" * 78},
        {"room": "9" * 100_000},
        {"chain": ""},
        {"contract": CONTRACT.upper()},
        {"contract": CONTRACT + "\n"},
        {"contract": {"x": 1}},
        {"tag": "0x01"},
        {"attempt": None},
    ],
)
def test_owner_of__anything_that_does_not_fit__not_ours(change: dict[str, Any]) -> None:
    assert owner_of(meta_of(OWNER) | change) is None


@pytest.mark.parametrize("meta", [{}, {"name": "test stream 1"}, {"key": OWNER.key}])
def test_owner_of__somebody_elses_input__not_ours(meta: dict[str, Any]) -> None:
    assert owner_of(meta) is None


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("gated", [True, False])
def test_echo_mismatch__everything_taken__empty(mode: Mode, gated: bool) -> None:
    body = create_body(OWNER, mode, gated=gated, policy=POLICY)
    assert echo_mismatch(answer_to(body), body) == []
    filled = {"allowedOrigins": None, "hideLiveViewerCount": False}
    assert echo_mismatch(answer_to(body, recording=filled, preferLowLatency=False), body) == []


def test_echo_mismatch__platform_default_timeout__zero_is_null() -> None:
    policy = RecordingPolicy(timeout_seconds=0)
    body = create_body(OWNER, Mode.BROADCAST, gated=False, policy=policy)
    assert echo_mismatch(answer_to(body, recording={"timeoutSeconds": None}), body) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"recording": {"mode": "off"}}, "recording.mode is 'off', requested 'automatic'"),
        ({"recording": {"timeoutSeconds": 5}}, "recording.timeoutSeconds is 5, requested 60"),
        ({"recording": {"requireSignedURLs": False}}, "requireSignedURLs is False, requested True"),
        ({"deleteRecordingAfterDays": None}, "deleteRecordingAfterDays is None, requested 45"),
        ({"enabled": False}, "enabled is False, requested True"),
        ({"recording": {"allowedOrigins": ["x.example"]}}, "allowedOrigins"),
        ({"meta": {**meta_of(OWNER), "tag": "hunter2"}}, "meta.tag"),
        ({"meta": {}}, "meta.key"),
    ],
)
def test_echo_mismatch__a_setting_that_did_not_take__named(
    changes: dict[str, Any], words: str
) -> None:
    body = create_body(OWNER, Mode.BROADCAST, gated=True, policy=POLICY)
    wrong = echo_mismatch(answer_to(body, **changes), body)
    assert any(words in text for text in wrong)
    assert "hunter2" not in str(wrong)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("took", [False, None])
def test_scenario_34__gated_room_whose_input_would_play_by_its_uid__is_not_taken(
    mode: Mode, took: bool | None
) -> None:
    """With recording off, too: there it is not documented that the setting acts on WHEP."""
    body = create_body(OWNER, mode, gated=True, policy=POLICY)
    echo = answer_to(body, recording={"requireSignedURLs": took})
    assert echo_mismatch(echo, body) == ["recording.requireSignedURLs is False, requested True"]
    open_to_all = create_body(OWNER, mode, gated=False, policy=POLICY)
    echo = answer_to(open_to_all, recording={"requireSignedURLs": True})
    assert echo_mismatch(echo, open_to_all) == [
        "recording.requireSignedURLs is True, requested False"
    ]


@pytest.mark.parametrize("mode", Mode)
def test_playback_mismatch__the_contracts_url__empty(mode: Mode) -> None:
    found = response_parser.live_input(samples.live_input())
    assert playback_mismatch(found, samples.BASE, mode) == []


def test_playback_mismatch__another_base_or_path__named_without_quoting_the_url() -> None:
    secret = samples.key("5")
    odd: dict[str, Any] = {
        "webRTCPlayback": {"url": f"{samples.BASE}/{secret}/webRTC/play"},
        "playback": {"hls": f"https://customer-other.example/{samples.UID}/manifest/video.m3u8"},
    }
    found = response_parser.live_input(samples.live_input(**odd))
    (webrtc,) = playback_mismatch(found, samples.BASE, Mode.WEBRTC)
    (hls,) = playback_mismatch(found, samples.BASE, Mode.BROADCAST)
    assert "<playback base>/<uid>/webRTC/play" in webrtc
    assert f"does not start with the operator's playback base {samples.BASE}" in hls
    assert secret not in webrtc + repr(found)
    missing = response_parser.live_input(samples.live_input(webRTCPlayback=None))
    assert playback_mismatch(missing, samples.BASE, Mode.WEBRTC) == [
        "webRTCPlayback.url is missing"
    ]
