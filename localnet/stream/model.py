"""Live inputs, outputs and videos as values.

Promises: a `StandInLiveInput` renders to the same bytes on create, get and update; secrets never
show in a repr.
Assumes: key order as measured on a real account.
On restart: `load_input` and `load_video` read back what `dump` wrote.
"""

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]

RTMPS_URL = "rtmps://live.cloudflare.com:443/live/"
SRT_URL = "srt://live.cloudflare.com:778"


def stamp(seconds: float) -> str:
    """UTC with microseconds and `Z`, as measured."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True, slots=True)
class RecordingSettings:
    """The `recording` object; `timeout_seconds` None is the platform's default."""

    mode: str = "off"
    timeout_seconds: int | None = None
    require_signed_urls: bool = False
    allowed_origins: list[str] | None = None
    hide_live_viewer_count: bool = False

    def render(self) -> Json:
        return {
            "mode": self.mode,
            "timeoutSeconds": self.timeout_seconds,
            "requireSignedURLs": self.require_signed_urls,
            "allowedOrigins": self.allowed_origins,
            "hideLiveViewerCount": self.hide_live_viewer_count,
        }


@dataclass(frozen=True, slots=True)
class StandInCredentials:
    """Every secret of one live input: `<32 hex>k<uid>` each, all different."""

    rtmps: str = field(repr=False)
    rtmps_playback: str = field(repr=False)
    srt: str = field(repr=False)
    srt_playback: str = field(repr=False)
    webrtc: str = field(repr=False)
    srt_stream_id: str = field(repr=False)
    srt_playback_stream_id: str = field(repr=False)

    def secrets(self) -> dict[str, str]:
        """Kind -> secret, stream ids (opaque, not secret) left out."""
        return {
            kind: value for kind, value in asdict(self).items() if not kind.endswith("stream_id")
        }


@dataclass(frozen=True, slots=True)
class StandInLiveInput:
    """One live input. Times are seconds since the epoch; `deleted` marks a tombstone."""

    uid: str
    account: str
    base: str
    created: float
    modified: float
    credentials: StandInCredentials
    rtmps_url: str = RTMPS_URL
    recording: RecordingSettings = field(default_factory=RecordingSettings)
    enabled: bool = True
    meta: Json | None = None
    status: Json | None = None
    delete_recording_after_days: int | None = None
    prefer_low_latency: bool | None = None
    default_creator: str | None = None
    keys_rotated: float | None = None
    deleted: float | None = None

    @property
    def is_live(self) -> bool:
        """Whether somebody is publishing right now."""
        return self.status is not None and self.status["current"]["state"] == "connected"

    @property
    def by_whip(self) -> bool:
        """Whether whoever published last did so by WHIP."""
        return self.status is not None and self.status["current"]["ingestProtocol"] == "webrtc"

    def summary(self) -> Json:
        """An item of the list: no secrets, no recording, no URLs (documented and measured)."""
        item: Json = {
            "uid": self.uid,
            "created": stamp(self.created),
            "modified": stamp(self.modified),
        }
        if self.meta is not None:
            item["meta"] = self.meta
        item["enabled"] = self.enabled
        item["deleteRecordingAfterDays"] = self.delete_recording_after_days
        return item

    def render(self) -> Json:
        """The full object, in the measured order. Optional keys are absent until set."""
        keys, base, uid = self.credentials, self.base, self.uid
        result: Json = {
            "uid": uid,
            "rtmps": {"url": self.rtmps_url, "streamKey": keys.rtmps},
            "rtmpsPlayback": {"url": RTMPS_URL, "streamKey": keys.rtmps_playback},
            "srt": {"url": SRT_URL, "streamId": keys.srt_stream_id, "passphrase": keys.srt},
            "srtPlayback": {
                "url": SRT_URL,
                "streamId": keys.srt_playback_stream_id,
                "passphrase": keys.srt_playback,
            },
            "webRTC": {"url": f"{base}/{keys.webrtc}/webRTC/publish"},
            "webRTCPlayback": {"url": f"{base}/{uid}/webRTC/play"},
            "playback": playback_urls(base, uid),
            "created": stamp(self.created),
            "modified": stamp(self.modified),
        }
        if self.keys_rotated is not None:
            result["keysRotatedAt"] = stamp(self.keys_rotated)
        result["enabled"] = self.enabled
        if self.meta is not None:
            result["meta"] = self.meta
        result["status"] = self.status
        result["recording"] = self.recording.render()
        result["deleteRecordingAfterDays"] = self.delete_recording_after_days
        if self.prefer_low_latency is not None:
            result["preferLowLatency"] = self.prefer_low_latency
        return result

    def with_status(self, state: str, reason: str, protocol: str, at: float) -> "StandInLiveInput":
        """The input after its publisher connected or left; the old state joins the history."""
        history = list(self.status["history"]) if self.status else []
        if self.status:
            history.insert(0, self.status["current"])
        current = {
            "ingestProtocol": protocol,
            "state": state,
            "reason": reason,
            "statusEnteredAt": stamp(at),
            "statusLastSeen": stamp(at),
        }
        return replace(self, status={"current": current, "history": history[:20]})


def playback_urls(base: str, uid: str) -> Json:
    """HLS and DASH under one uid."""
    return {"hls": f"{base}/{uid}/manifest/video.m3u8", "dash": f"{base}/{uid}/manifest/video.mpd"}


def dump(value: Any) -> str:
    """A dataclass as JSON for the store. Holds secrets: never log it."""
    return json.dumps(asdict(value), separators=(",", ":"))


def load_input(text: str, rtmps_url: str) -> StandInLiveInput:
    """Reads back `dump` of a live input; `rtmps_url` is where RTMP is taken now."""
    raw = json.loads(text) | {"rtmps_url": rtmps_url}
    raw["credentials"] = StandInCredentials(**raw["credentials"])
    raw["recording"] = RecordingSettings(**raw["recording"])
    return StandInLiveInput(**raw)
