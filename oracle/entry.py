"""What the oracle remembers of one room: an entry of its journal.

An entry is named by the room's tag at creation, so a room number that a reorg gives to another host
is another entry. It holds no secret: credentials are kept as a digest, sealed bytes as they go on
chain. Promises: immutable; everything in it can be lost at the cost of delay only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chain.enums import Mode


@dataclass(frozen=True, slots=True)
class Seal:
    """Credentials sealed to one key: ready to be sent, or sent."""

    tag: bytes
    digest: str
    """Of the credentials inside (`Credentials.digest`)."""
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Rotation:
    """A rotation of the input's keys for a tag, written down before it is asked for."""

    tag: bytes
    before: str | None
    """`keysRotatedAt` as read before, ISO text: once it differs, the rotation took place."""
    done: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """See the module. Times are unix seconds, blocks numbers, `uid` 32 hex digits.

    `seen_block`: acting depth at which the room was first seen: once that is final, so is the room.
    `intent_at`: since when an input of this `attempt` may exist; None: surely none does.
    `enabled`: the input's switch as we last set it; None: unknown, perhaps half-way.
    `gone`: Cloudflare proved that the input of this attempt exists no more.
    `digest`: of the input's present credentials, as far as we know.
    `exposed`: per tag (hex) the digest of the credentials that may be public sealed to its key.
    `sent`: key of the last transaction that carries this room.
    `verified`: the tag whose published credentials were compared with Cloudflare's afterwards.
    `cleared`: recordings were dealt with. `lost_at`: since when Cloudflare denies the input.
    `closed`: at rest; `due`: not to be looked at before; `watch_block`: nor before that is final.
    """

    id: str
    operator_id: int
    room_id: int
    tag0: bytes
    mode: Mode
    gated: bool
    host: str
    created_at: int
    seen_block: int
    attempt: int = 0
    intent_at: float | None = None
    uid: str | None = None
    enabled: bool | None = None
    gone: bool = False
    digest: str | None = None
    seal: Seal | None = None
    exposed: Mapping[str, str] = field(default_factory=dict)
    rotation: Rotation | None = None
    sent: str | None = None
    verified: bytes | None = None
    cleared: bool = False
    lost_at: float | None = None
    closed: bool = False
    reason: str | None = None
    failures: int = 0
    due: float = 0.0
    watch_block: int = 0
    updated_at: float = 0.0
    version: int = 0

    def with_(self, **changes: Any) -> Entry:
        """A changed copy."""
        return replace(self, **changes)

    def next_attempt(self) -> Entry:
        """The same room without an input, after the former one's deletion was proven."""
        return replace(
            self,
            attempt=self.attempt + 1,
            intent_at=None,
            uid=None,
            enabled=None,
            gone=False,
            digest=None,
            seal=None,
            exposed={},
            rotation=None,
            sent=None,
            verified=None,
            cleared=False,
            lost_at=None,
        )

    def exposed_elsewhere(self, tag: bytes) -> bool:
        """Whether the present credentials may be readable by the holder of another key."""
        return any(t != tag.hex() and d == self.digest for t, d in self.exposed.items())


def entry_id(contract: str, room_id: int, tag0: bytes) -> str:
    """The entry's name: `<contract>:<room>:<tag at creation>`."""
    return f"{contract}:{room_id}:{tag0.hex()}"
