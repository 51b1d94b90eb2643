"""What Cloudflare answers, typed. Values only; `response_parser` makes them.

Promises: everything here is frozen; publish credentials live in `PublishCredentials` only, which
shows, pickles and copies nothing. Playback secrets (`rtmpsPlayback`, `srtPlayback`) are not kept at
all. Absent, null and the documented default are the same. `meta` and playback URLs are left out of
reprs: they are remote text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chain.enums import Mode
from oracle.ingest import BroadcastIngest, Ingest, WebRtcIngest
from oracle.secret import Secret

_CONNECTED = frozenset({"connected", "reconnected", "new_configuration_accepted"})
"""States of a live input while a broadcast runs; `reconnecting` is one that has broken off."""


@dataclass(frozen=True, slots=True)
class Recording:
    """`recording` of a live input. `timeout_seconds` None: the platform's default."""

    mode: str = "off"
    timeout_seconds: int | None = None
    require_signed_urls: bool = False
    allowed_origins: tuple[str, ...] = ()
    hide_live_viewer_count: bool = False


@dataclass(frozen=True, slots=True)
class Playback:
    """Playback URLs as returned; None where Cloudflare gave none."""

    webrtc: str | None = None
    hls: str | None = None
    dash: str | None = None


@dataclass(frozen=True, slots=True)
class LiveInput:
    """One live input, without its credentials."""

    uid: str
    """32 lower-case hex digits."""
    enabled: bool
    created: datetime | None
    modified: datetime | None
    keys_rotated_at: datetime | None
    """None: never rotated."""
    state: str | None
    """Last connection state (`connected`, `disconnected`, ...); None: never connected."""
    recording: Recording
    delete_recording_after_days: int | None
    prefer_low_latency: bool
    meta: Mapping[str, Any] = field(repr=False)
    playback: Playback = field(repr=False)

    @property
    def connected(self) -> bool:
        """Whether somebody is broadcasting into it, as far as Cloudflare says."""
        return self.state in _CONNECTED

    @property
    def uid_bytes(self) -> bytes:
        """The uid as the contract's bytes16."""
        return bytes.fromhex(self.uid)


@dataclass(frozen=True, slots=True)
class ListedInput:
    """An entry of the list: no credentials, URLs or recording settings. `uid` is any text."""

    uid: str
    enabled: bool
    created: datetime | None
    meta: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class PublishCredentials:
    """Everything that lets somebody publish to one live input; None for a protocol not offered."""

    uid: str
    webrtc: WebRtcIngest | None = field(repr=False)
    broadcast: BroadcastIngest | None = field(repr=False)

    def for_mode(self, mode: Mode) -> Ingest | None:
        """What the host of a room of this mode gets; None if Cloudflare did not offer it."""
        return self.webrtc if mode is Mode.WEBRTC else self.broadcast

    def digest(self) -> str:
        """64 hex digits that are equal when all credentials are equal, and tell nothing else."""
        parts = [self.uid.encode()]
        if self.webrtc is not None:
            parts.append(self.webrtc.whip.digest())
        parts.append(b"|")
        if self.broadcast is not None:
            b = self.broadcast
            parts += [b.rtmps_url.encode(), b"|", b.srt_url.encode(), b"|"]
            parts += [s.digest() for s in (b.stream_key, b.srt_stream_id, b.passphrase)]
        return hashlib.sha256(b"".join(parts)).hexdigest()


@dataclass(frozen=True, slots=True)
class Issued:
    """A live input together with its current credentials."""

    input: LiveInput
    credentials: PublishCredentials


@dataclass(frozen=True, slots=True)
class Video:
    """A recording (or a broadcast in progress) of a live input."""

    uid: str
    live_input: str | None
    state: str | None
    """`live-inprogress`, `ready`, `error`, ..."""
    ready: bool
    created: datetime | None
    duration_seconds: float | None
    size_bytes: int | None
    scheduled_deletion: datetime | None
    require_signed_urls: bool
    hls: str | None = field(repr=False)
    thumbnail: str | None = field(repr=False)

    @property
    def live(self) -> bool:
        """Still being broadcast; Cloudflare refuses to delete it (409 / 10046)."""
        return self.state == "live-inprogress"


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A signing key of the account, as the list has it: never its private part."""

    kid: str
    created: datetime | None


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new signing key; `pem` is shown this once."""

    kid: str
    created: datetime | None
    pem: Secret = field(repr=False)


@dataclass(frozen=True, slots=True)
class TokenReport:
    """What the credentials may do. `problems` are words for an operator, empty if all is well."""

    status: str
    """`active` as Cloudflare says it, or `unverified` for a Global API Key."""
    expires_on: datetime | None
    can_read: bool
    can_write: bool
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether the oracle can work with them."""
        return not self.problems
