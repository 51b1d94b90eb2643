"""From an envelope's `result` to types.

Promises: accepts every documented and every measured form (status null, text or object; list as a
bare array or `{liveInputs}`; absent = null = default); anything else raises `ShapeError`, which
names the field and never its value. Ignores fields it does not know.
"""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from common.playback_key import KID
from oracle.cloudflare.models import (
    Issued,
    IssuedKey,
    ListedInput,
    ListedKey,
    LiveInput,
    Playback,
    PublishCredentials,
    Recording,
    Video,
)
from oracle.ingest import BroadcastIngest, WebRtcIngest
from oracle.secret import Secret

UID = re.compile(r"[0-9a-f]{32}")


class ShapeError(ValueError):
    """A field is missing or of another kind. The text is its name."""


def live_input(result: Any) -> LiveInput:
    """One live input. Raises ShapeError."""
    source = _object(result, "result")
    uid = _text(source, "uid")
    if uid is None or not UID.fullmatch(uid):
        raise ShapeError("result.uid")
    playback = _object(source.get("playback"), "playback")
    return LiveInput(
        uid=uid,
        enabled=_flag(source, "enabled", default=True),
        created=_moment(source, "created"),
        modified=_moment(source, "modified"),
        keys_rotated_at=_moment(source, "keysRotatedAt"),
        state=_state(source.get("status")),
        recording=_recording(source),
        delete_recording_after_days=_whole(source, "deleteRecordingAfterDays"),
        prefer_low_latency=_flag(source, "preferLowLatency"),
        meta=_meta(source),
        playback=Playback(
            webrtc=_text(_object(source.get("webRTCPlayback"), "webRTCPlayback"), "url"),
            hls=_text(playback, "hls"),
            dash=_text(playback, "dash"),
        ),
    )


def issued(result: Any) -> Issued:
    """A live input with its credentials. Raises ShapeError, also if there are none at all."""
    source = _object(result, "result")
    parsed = live_input(source)
    credentials = PublishCredentials(parsed.uid, _webrtc(source), _broadcast(source))
    if credentials.webrtc is None and credentials.broadcast is None:
        raise ShapeError("webRTC, rtmps and srt")
    return Issued(parsed, credentials)


def listed_inputs(result: Any) -> tuple[ListedInput, ...]:
    """The list, as a bare array (measured) or `{liveInputs}` (documented). Raises ShapeError."""
    entries = result.get("liveInputs") if isinstance(result, dict) else result
    if not isinstance(entries, list):
        raise ShapeError("result (a list)")
    return tuple(_listed(entry) for entry in entries)


def videos(result: Any) -> tuple[Video, ...]:
    """The videos of an input, in Cloudflare's order. Raises ShapeError."""
    if not isinstance(result, list):
        raise ShapeError("result (a list)")
    return tuple(_video(entry) for entry in result)


def issued_key(result: Any) -> IssuedKey:
    """A new signing key; `pem` is base64 of the PEM. Raises ShapeError."""
    source = _object(result, "result")
    try:
        pem = base64.b64decode(_text(source, "pem") or "", validate=True).decode()
    except ValueError:
        pem = ""
    if not pem:
        raise ShapeError("pem")
    return IssuedKey(_kid(source), _moment(source, "created"), Secret(pem))


def keys(result: Any) -> tuple[ListedKey, ...]:
    """The account's signing keys. Raises ShapeError."""
    if not isinstance(result, list):
        raise ShapeError("result (a list)")
    sources = [_object(entry, "keys[]") for entry in result]
    return tuple(ListedKey(_kid(source), _moment(source, "created")) for source in sources)


def token_status(result: Any) -> tuple[str, datetime | None]:
    """`status` and `expires_on` of a token verification. Raises ShapeError."""
    source = _object(result, "result")
    return _text(source, "status") or "unknown", _moment(source, "expires_on")


def _kid(source: dict[str, Any]) -> str:
    # the list's entries have `id` by the documentation, and `key_id` beside it in Cloudflare's SDK
    kid = _text(source, "id") or _text(source, "key_id")
    if kid is None or not KID.fullmatch(kid):
        raise ShapeError("id")
    return kid


def _listed(entry: Any) -> ListedInput:
    source = _object(entry, "liveInputs[]")
    uid = _text(source, "uid")
    if uid is None:
        raise ShapeError("liveInputs[].uid")
    return ListedInput(
        uid=uid,
        enabled=_flag(source, "enabled", default=True),
        created=_moment(source, "created"),
        meta=_meta(source),
    )


def _video(entry: Any) -> Video:
    source = _object(entry, "videos[]")
    uid = _text(source, "uid")
    if uid is None or not UID.fullmatch(uid):
        raise ShapeError("videos[].uid")
    live_input_uid = source.get("liveInput")
    status = source.get("status")
    duration = source.get("duration")  # -1 while it is not known
    return Video(
        uid=uid,
        live_input=live_input_uid if isinstance(live_input_uid, str) else None,
        state=_text(status, "state") if isinstance(status, dict) else None,
        ready=source.get("readyToStream") is True,
        created=_moment(source, "created"),
        duration_seconds=(
            float(duration) if isinstance(duration, int | float) and duration >= 0 else None
        ),
        size_bytes=_whole(source, "size"),
        scheduled_deletion=_moment(source, "scheduledDeletion"),
        require_signed_urls=_flag(source, "requireSignedURLs"),
        hls=_text(_object(source.get("playback"), "playback"), "hls"),
        thumbnail=_text(source, "thumbnail"),
    )


def _recording(source: dict[str, Any]) -> Recording:
    recording = _object(source.get("recording"), "recording")
    origins = recording.get("allowedOrigins") or []
    if not isinstance(origins, list) or not all(isinstance(o, str) for o in origins):
        raise ShapeError("recording.allowedOrigins")
    return Recording(
        mode=_text(recording, "mode") or "off",
        timeout_seconds=_whole(recording, "timeoutSeconds") or None,
        require_signed_urls=_flag(recording, "requireSignedURLs"),
        allowed_origins=tuple(origins),
        hide_live_viewer_count=_flag(recording, "hideLiveViewerCount"),
    )


def _webrtc(source: dict[str, Any]) -> WebRtcIngest | None:
    url = _text(_object(source.get("webRTC"), "webRTC"), "url")
    return WebRtcIngest(Secret(url)) if url else None


def _broadcast(source: dict[str, Any]) -> BroadcastIngest | None:
    rtmps, srt = _object(source.get("rtmps"), "rtmps"), _object(source.get("srt"), "srt")
    rtmps_url, stream_key = _text(rtmps, "url"), _text(rtmps, "streamKey")
    srt_url, stream_id, word = _text(srt, "url"), _text(srt, "streamId"), _text(srt, "passphrase")
    if not (rtmps_url and stream_key and srt_url and stream_id and word):
        return None
    return BroadcastIngest(rtmps_url, Secret(stream_key), srt_url, Secret(stream_id), Secret(word))


def _state(status: Any) -> str | None:
    """Null, the documented text, or the measured `{current: {state}}`."""
    if isinstance(status, dict):
        current = status.get("current")
        status = current.get("state") if isinstance(current, dict) else None
    return status if isinstance(status, str) else None


def _meta(source: dict[str, Any]) -> MappingProxyType[str, Any]:
    """`meta` is anybody's: whatever is not an object counts as empty."""
    meta = source.get("meta")
    return MappingProxyType(dict(meta) if isinstance(meta, dict) else {})


def _object(value: Any, name: str) -> dict[str, Any]:
    if value is None and name != "result":
        return {}
    if not isinstance(value, dict):
        raise ShapeError(name)
    return value


def _text(source: dict[str, Any], key: str) -> str | None:
    value = source.get(key)
    if value is not None and not isinstance(value, str):
        raise ShapeError(key)
    return value or None


def _flag(source: dict[str, Any], key: str, *, default: bool = False) -> bool:
    value = source.get(key)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise ShapeError(key)
    return value


def _whole(source: dict[str, Any], key: str) -> int | None:
    value = source.get(key)
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ShapeError(key)
    return value


def _moment(source: dict[str, Any], key: str) -> datetime | None:
    value = _text(source, key)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = None
    if moment is None:
        raise ShapeError(key)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
