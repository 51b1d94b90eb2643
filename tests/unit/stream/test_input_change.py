"""Bodies of create and update."""

from __future__ import annotations

from typing import Any

import pytest

from localnet.stream.errors import ApiError
from localnet.stream.input_change import decode, parse
from localnet.stream.model import StandInLiveInput
from tests.unit.stream.conftest import StandInParts


def _create(world: StandInParts, body: dict[str, Any]) -> StandInLiveInput:
    return world.inputs.create(world.account, parse(body))


@pytest.mark.parametrize("days", [7, 29, 1097, 30.5, -1])
def test_retention__out_of_range__is_refused_with_10060(days: float) -> None:
    with pytest.raises(ApiError) as error:
        parse({"deleteRecordingAfterDays": days})
    assert (error.value.status, error.value.errors[0]["code"]) == (400, 10060)


@pytest.mark.parametrize("days", [30, 45, 1096, None])
def test_retention__in_range__is_echoed(world: StandInParts, days: int | None) -> None:
    live = _create(world, {"deleteRecordingAfterDays": days})
    assert live.render()["deleteRecordingAfterDays"] == days


def test_retention__inside_recording__is_silently_ignored(world: StandInParts) -> None:
    live = _create(world, {"recording": {"deleteRecordingAfterDays": 7}})
    assert live.render()["deleteRecordingAfterDays"] is None


def test_unknown_keys__anywhere__are_swallowed(world: StandInParts) -> None:
    live = _create(world, {"colour": 1, "recording": {"colour": 2}})
    assert "colour" not in str(live.render())


def test_timeout__zero__becomes_null(world: StandInParts) -> None:
    assert _create(world, {"recording": {"timeoutSeconds": 0}}).recording.timeout_seconds is None
    assert _create(world, {"recording": {"timeoutSeconds": 9}}).recording.timeout_seconds == 9


@pytest.mark.parametrize(
    "body",
    [
        {"meta": []},
        {"enabled": "yes"},
        {"preferLowLatency": 1},
        {"defaultCreator": 1},
        {"deleteRecordingAfterDays": "45"},
        {"deleteRecordingAfterDays": True},
        {"recording": []},
        {"recording": {"mode": "on"}},
        {"recording": {"timeoutSeconds": -1}},
        {"recording": {"timeoutSeconds": True}},
        {"recording": {"requireSignedURLs": "true"}},
        {"recording": {"allowedOrigins": "example.com"}},
        {"recording": {"allowedOrigins": [1]}},
    ],
)
def test_body__mistyped_value__is_refused_with_10005(body: dict[str, Any]) -> None:
    with pytest.raises(ApiError) as error:
        parse(body)
    assert (error.value.status, error.value.errors[0]["code"]) == (400, 10005)


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"\xff\xfe{}x"])
def test_decode__no_json_object__is_a_decoding_error(body: bytes) -> None:
    with pytest.raises(ApiError) as error:
        decode(body)
    assert (error.value.status, error.value.errors[0]["code"]) == (400, 10004)


@pytest.mark.parametrize("body", [b"", b" \n", b"{}"])
def test_decode__nothing__is_an_empty_object(body: bytes) -> None:
    assert decode(body) == {}


def test_update__partial_body__keeps_the_rest(world: StandInParts) -> None:
    live = _create(
        world,
        {
            "meta": {"name": "a"},
            "deleteRecordingAfterDays": 45,
            "recording": {"mode": "automatic", "timeoutSeconds": 10, "allowedOrigins": ["a.b"]},
        },
    )
    world.clock.tick(5)
    after = world.inputs.update(
        world.account.id, live.uid, parse({"recording": {"requireSignedURLs": True}})
    )
    assert after.recording.require_signed_urls
    assert after.recording.mode == "automatic"
    assert after.recording.allowed_origins == ["a.b"]
    assert after.meta == {"name": "a"}
    assert after.delete_recording_after_days == 45
    assert after.modified == live.modified + 5
    assert after.created == live.created


def test_update__null_retention__removes_it(world: StandInParts) -> None:
    live = _create(world, {"deleteRecordingAfterDays": 45})
    after = world.inputs.update(
        world.account.id, live.uid, parse({"deleteRecordingAfterDays": None})
    )
    assert after.delete_recording_after_days is None


def test_echo__low_latency_and_creator__as_the_real_api(world: StandInParts) -> None:
    result = _create(world, {"preferLowLatency": False, "defaultCreator": "c"}).render()
    assert result["preferLowLatency"] is False
    assert "defaultCreator" not in result
