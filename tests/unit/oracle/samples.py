"""Answers as a real account gives them, with made-up secrets."""

from __future__ import annotations

from typing import Any

UID = "66be4bf738797e01e1fca35a7bdecdcd"
OTHER_UID = "0123456789abcdef0123456789abcdef"
BASE = "https://customer-code.cloudflarestream.com"


def key(letter: str, uid: str = UID) -> str:
    return letter * 32 + "k" + uid


SECRETS = [key(letter) for letter in "12345"] + ["d" * 32]


def live_input(uid: str = UID, **changes: Any) -> dict[str, Any]:
    """The measured create answer (2026-09-20)."""
    moment = "2026-09-20T10:52:04.856545Z"
    return {
        "uid": uid,
        "rtmps": {"url": "rtmps://live.cloudflare.com:443/live/", "streamKey": key("1", uid)},
        "rtmpsPlayback": {
            "url": "rtmps://live.cloudflare.com:443/live/",
            "streamKey": key("2", uid),
        },
        "srt": {
            "url": "srt://live.cloudflare.com:778",
            "streamId": "d" * 32,
            "passphrase": key("3", uid),
        },
        "srtPlayback": {
            "url": "srt://live.cloudflare.com:778",
            "streamId": "e" * 32,
            "passphrase": key("4", uid),
        },
        "webRTC": {"url": f"{BASE}/{key('5', uid)}/webRTC/publish"},
        "webRTCPlayback": {"url": f"{BASE}/{uid}/webRTC/play"},
        "playback": {
            "hls": f"{BASE}/{uid}/manifest/video.m3u8",
            "dash": f"{BASE}/{uid}/manifest/video.mpd",
        },
        "created": moment,
        "modified": moment,
        "enabled": True,
        "meta": {"name": "test"},
        "status": None,
        "recording": {
            "mode": "automatic",
            "timeoutSeconds": 180,
            "requireSignedURLs": False,
            "allowedOrigins": None,
            "hideLiveViewerCount": False,
        },
        "deleteRecordingAfterDays": 30,
        **changes,
    }
