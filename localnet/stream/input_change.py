"""The body of create and update, checked.

Promises: `parse` takes what real accounts take: unknown keys are swallowed, a retention inside
`recording` is ignored, `timeoutSeconds: 0` becomes null; what is refused has Stream's code.
Assumes: an update merges, in `recording` too (a guess: it is not known whether Cloudflare
replaces the object).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from localnet.stream import errors
from localnet.stream.model import Json, RecordingSettings, StandInLiveInput

_RETENTION_DAYS = range(30, 1097)


class _Unset:
    """The body did not name this field."""


UNSET = _Unset()


@dataclass(frozen=True, slots=True)
class InputChange:
    """What a body asks for. `recording` holds only the fields it named."""

    recording: Mapping[str, Any]
    meta: Json | _Unset | None = UNSET
    enabled: bool | _Unset = UNSET
    delete_recording_after_days: int | _Unset | None = UNSET
    prefer_low_latency: bool | _Unset = UNSET
    default_creator: str | _Unset | None = UNSET

    def apply(self, live: StandInLiveInput, now: float) -> StandInLiveInput:
        """The input with the change made, modified at `now`."""
        named = {
            item.name: getattr(self, item.name)
            for item in fields(self)
            if item.name != "recording" and getattr(self, item.name) is not UNSET
        }
        recording: RecordingSettings = replace(live.recording, **self.recording)
        return replace(live, recording=recording, modified=now, **named)


def decode(body: bytes) -> dict[str, Any]:
    """The JSON object of a request; an empty body counts as `{}`. Raises ApiError."""
    if not body.strip():
        return {}
    try:
        raw = json.loads(body)
    except ValueError:
        raise errors.decoding() from None
    if not isinstance(raw, dict):
        raise errors.decoding()
    return raw


def parse(raw: Mapping[str, Any]) -> InputChange:
    """Checks a create or update body. Raises ApiError 10005 or 10060."""
    named: dict[str, Any] = {}
    if "meta" in raw:
        named["meta"] = _typed("meta", raw["meta"], dict, "an object", none=True)
    if raw.get("enabled") is not None:
        named["enabled"] = _typed("enabled", raw["enabled"], bool, "a boolean")
    if raw.get("preferLowLatency") is not None:
        value = _typed("preferLowLatency", raw["preferLowLatency"], bool, "a boolean")
        named["prefer_low_latency"] = value
    if "defaultCreator" in raw:
        value = _typed("defaultCreator", raw["defaultCreator"], str, "a string", none=True)
        named["default_creator"] = value
    if "deleteRecordingAfterDays" in raw:
        named["delete_recording_after_days"] = _days(raw["deleteRecordingAfterDays"])
    recording = _typed("recording", raw.get("recording"), dict, "an object", none=True) or {}
    return InputChange(recording=_recording(recording), **named)


def _recording(raw: Mapping[str, Any]) -> dict[str, Any]:
    named: dict[str, Any] = {}
    if raw.get("mode") is not None:
        if raw["mode"] not in ("off", "automatic"):
            raise errors.bad_request('recording.mode must be "off" or "automatic"')
        named["mode"] = raw["mode"]
    if "timeoutSeconds" in raw:
        seconds = raw["timeoutSeconds"]
        if seconds is not None and not (_is_int(seconds) and seconds >= 0):
            raise errors.bad_request("recording.timeoutSeconds must be a whole number")
        named["timeout_seconds"] = seconds or None
    for key, field in (
        ("requireSignedURLs", "require_signed_urls"),
        ("hideLiveViewerCount", "hide_live_viewer_count"),
    ):
        if raw.get(key) is not None:
            named[field] = _typed(f"recording.{key}", raw[key], bool, "a boolean")
    if "allowedOrigins" in raw:
        origins = _typed(
            "recording.allowedOrigins", raw["allowedOrigins"], list, "a list", none=True
        )
        if origins and not all(isinstance(origin, str) for origin in origins):
            raise errors.bad_request("recording.allowedOrigins must hold strings")
        named["allowed_origins"] = origins or None
    return named


def _days(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise errors.bad_request("deleteRecordingAfterDays must be a number")
    if value not in _RETENTION_DAYS:
        raise errors.retention_days()
    return int(value)


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _typed(name: str, value: Any, kind: type, words: str, *, none: bool = False) -> Any:
    if value is None and none:
        return None
    if not isinstance(value, kind):
        raise errors.bad_request(f"{name} must be {words}")
    return value
