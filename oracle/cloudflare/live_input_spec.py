"""What a room wants of Cloudflare, as bytes that are the same every time.

The idempotency key is keccak256(abi.encode(chainId, contract, roomId, tag at creation, attempt)),
the body is canonical JSON with the same key in `meta`. So a repeated create is the same create, and
an input found later tells whose it is. `attempt` rises only after a proven deletion.

Promises: pure; the same intent gives the same bytes in every process and version of this format.
What comes back is compared field by field (`echo_mismatch`, `playback_mismatch`); the texts name
fields and settings, never a secret. `owner_of` trusts nothing: an input is ours only if its key
fits its fields. Note: the recording policy is part of the body; changed between two tries of one
create, Cloudflare keeps the first and `echo_mismatch` says so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chain.enums import Mode, room_name
from chain.hexes import hex_data, keccak, to_bytes
from chain.history import TAG_BYTES, address_word
from oracle.cloudflare.models import LiveInput

MIN_RETENTION_DAYS = 30
MAX_RETENTION_DAYS = 1096
MAX_TIMEOUT_SECONDS = 86_400

_ADDRESS = re.compile(r"0x[0-9a-f]{40}")
_TAG = re.compile(r"0x[0-9a-f]{24}")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,77}")
_WORD_MAX = 2**256


@dataclass(frozen=True, slots=True)
class RecordingPolicy:
    """How BROADCAST rooms are recorded. Raises ValueError for what Cloudflare would refuse."""

    timeout_seconds: int = 60
    """A broadcast interrupted for less stays one recording. 0: the platform's default."""
    delete_after_days: int | None = 45
    """30..1096, or None: kept until somebody deletes them."""

    def __post_init__(self) -> None:
        if not 0 <= self.timeout_seconds <= MAX_TIMEOUT_SECONDS:
            raise ValueError(f"the recording timeout must be 0 to {MAX_TIMEOUT_SECONDS} seconds")
        days = self.delete_after_days
        if days is not None and not MIN_RETENTION_DAYS <= days <= MAX_RETENTION_DAYS:
            raise ValueError(
                f"recordings can be kept {MIN_RETENTION_DAYS} to {MAX_RETENTION_DAYS} days, or "
                "without a limit"
            )


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a live input is. `contract` is 0x and 40 lower-case hex digits."""

    chain_id: int
    contract: str
    room_id: int
    tag: bytes
    """The room's tag at its creation, 12 bytes; it does not change with a rekey."""
    attempt: int

    @property
    def key(self) -> str:
        """The idempotency key."""
        return idempotency_key(self.chain_id, self.contract, self.room_id, self.tag, self.attempt)


def idempotency_key(
    chain_id: int, contract: str, room_id: int, tag_at_creation: bytes, attempt: int
) -> str:
    """64 lower-case hex digits. Raises ValueError for a contract or tag of another length."""
    if len(tag_at_creation) != TAG_BYTES:
        raise ValueError("a tag has 12 bytes")
    word = address_word(contract)
    if len(word) != 32:
        raise ValueError("a contract address has 20 bytes")
    words = (
        chain_id.to_bytes(32),
        word,
        room_id.to_bytes(32),
        tag_at_creation.ljust(32, b"\0"),
        attempt.to_bytes(32),
    )
    return keccak(b"".join(words)).hex()


def create_body(owner: Owner, mode: Mode, *, gated: bool, policy: RecordingPolicy) -> bytes:
    """The create request's body: canonical JSON (sorted keys, no blanks, ASCII)."""
    recording: dict[str, Any] = {"mode": "off"}
    body: dict[str, Any] = {"meta": meta_of(owner), "recording": recording}
    if mode is Mode.BROADCAST:
        recording["mode"] = "automatic"
        recording["timeoutSeconds"] = policy.timeout_seconds
        if policy.delete_after_days is not None:
            body["deleteRecordingAfterDays"] = policy.delete_after_days
    if gated:
        recording["requireSignedURLs"] = True
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()


def meta_of(owner: Owner) -> dict[str, str]:
    """Our `meta`: texts only. `name` is what Cloudflare's dashboard shows."""
    return {
        "name": f"{room_name(owner.room_id)} (chain {owner.chain_id})",
        "chain": str(owner.chain_id),
        "contract": owner.contract,
        "room": str(owner.room_id),
        "tag": hex_data(owner.tag),
        "attempt": str(owner.attempt),
        "key": owner.key,
    }


def owner_of(meta: Mapping[str, Any]) -> Owner | None:
    """Whose input this is, or None for everything that is not exactly ours.

    `name` is not looked at: somebody may have renamed the input in the dashboard.
    """
    contract, tag = _matching(meta, "contract", _ADDRESS), _matching(meta, "tag", _TAG)
    numbers = [_number(meta, key) for key in ("chain", "room", "attempt")]
    chain_id, room_id, attempt = numbers
    if contract is None or tag is None or chain_id is None or room_id is None or attempt is None:
        return None
    owner = Owner(chain_id, contract, room_id, to_bytes(tag), attempt)
    return owner if meta.get("key") == owner.key else None


def echo_mismatch(answer: LiveInput, body: bytes) -> list[str]:
    """What of `body` (a `create_body`) Cloudflare did not take, in words; empty if it took all.

    A 200 does not prove that a setting took: unknown or misplaced ones are swallowed.
    """
    asked = json.loads(body)
    recording = asked.get("recording", {})
    pairs: list[tuple[str, Any, Any]] = [
        ("recording.mode", recording.get("mode", "off"), answer.recording.mode),
        (
            "recording.timeoutSeconds",
            recording.get("timeoutSeconds") or None,
            answer.recording.timeout_seconds,
        ),
        (
            "recording.requireSignedURLs",
            recording.get("requireSignedURLs", False),
            answer.recording.require_signed_urls,
        ),
        (
            "deleteRecordingAfterDays",
            asked.get("deleteRecordingAfterDays"),
            answer.delete_recording_after_days,
        ),
        ("enabled", asked.get("enabled", True), answer.enabled),
    ]
    if recording.get("mode") != "automatic":
        # With recording off the timeout means nothing, and an account default may be echoed.
        pairs = [pair for pair in pairs if pair[0] != "recording.timeoutSeconds"]
    wrong = [f"{name} is {got!r}, requested {want!r}" for name, want, got in pairs if want != got]
    for key, want in asked.get("meta", {}).items():
        if answer.meta.get(key) != want:
            wrong.append(f"meta.{key} is not what was requested")
    if answer.recording.allowed_origins:
        wrong.append("recording.allowedOrigins is set, none was requested")
    return wrong


def playback_mismatch(answer: LiveInput, playback_base: str, mode: Mode) -> list[str]:
    """Whether the returned playback URL is the one the contract derives; empty if so.

    The contract builds `<base>/<uid>/webRTC/play` or `<base>/<uid>/manifest/video.m3u8`. The URL
    itself is never quoted: should it carry a key, it must not get into a log.
    """
    if mode is Mode.WEBRTC:
        name, path, got = "webRTCPlayback.url", "webRTC/play", answer.playback.webrtc
    else:
        name, path, got = "playback.hls", "manifest/video.m3u8", answer.playback.hls
    if got is None:
        return [f"{name} is missing"]
    if got == f"{playback_base}/{answer.uid}/{path}":
        return []
    if not got.startswith(playback_base + "/"):
        return [f"{name} does not start with the operator's playback base {playback_base}"]
    return [f"{name} is not <playback base>/<uid>/{path}"]


def _matching(meta: Mapping[str, Any], key: str, pattern: re.Pattern[str]) -> str | None:
    value = meta.get(key)
    return value if isinstance(value, str) and pattern.fullmatch(value) else None


def _number(meta: Mapping[str, Any], key: str) -> int | None:
    text = _matching(meta, key, _NUMBER)
    number = None if text is None else int(text)
    return number if number is not None and number < _WORD_MAX else None
