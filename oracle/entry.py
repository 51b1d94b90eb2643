"""What the oracle remembers of one room: an entry of its journal.

An entry is named by the room's tag at creation, so a room number that a reorg gives to another host
is another entry. It holds no secret: credentials are kept as a digest, sealed bytes as they go on
chain. Promises: immutable; all of it can be lost at the cost of delay only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

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
    `account`: the Cloudflare account in which the input was made or seen.
    `intent_at`: since when an input of this `attempt` may exist; None: surely none does.
    `enabled`: the input's switch as we last set it; None: unknown, perhaps half-way.
    `gone`: Cloudflare proved that the input of this attempt exists no more.
    `digest`: of the input's present credentials, as far as we know.
    `exposed`: per tag (hex) the digest of the credentials that were sealed to its key, and so may
    be known to whoever holds it.
    `suspect`: the present credentials may be so exposed without our knowing (the journal was lost).
    `stale`: what is published for the present tag is known not to open the input any more.
    `sent`: key of the last transaction that carries this room.
    `verified`: the tag whose published credentials were compared with Cloudflare's afterwards.
    `cleared`: recordings were dealt with. `lost_at`: since when Cloudflare denies the input.
    `closed`: at rest. `reason`: what last went wrong with it, in words.
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
    account: str | None = None
    intent_at: float | None = None
    uid: str | None = None
    enabled: bool | None = None
    gone: bool = False
    digest: str | None = None
    seal: Seal | None = None
    exposed: Mapping[str, str] = field(default_factory=dict)
    suspect: bool = False
    rotation: Rotation | None = None
    stale: bool = False
    sent: str | None = None
    verified: bytes | None = None
    cleared: bool = False
    lost_at: float | None = None
    closed: bool = False
    reason: str | None = None
    updated_at: float = 0.0
    version: int = 0

    def next_attempt(self) -> Entry:
        """The same room without an input, after the deletion of the former one was proven."""
        return Entry(
            id=self.id,
            operator_id=self.operator_id,
            room_id=self.room_id,
            tag0=self.tag0,
            mode=self.mode,
            gated=self.gated,
            host=self.host,
            created_at=self.created_at,
            seen_block=self.seen_block,
            attempt=self.attempt + 1,
            # Of a forgotten life's next attempt we know as little as of its first.
            suspect=self.suspect,
            updated_at=self.updated_at,
            version=self.version,
        )

    def adopting(self, uid: str) -> Entry:
        """The room with an input that the chain names and this journal knows nothing of."""
        fresh = self.next_attempt()
        return replace(fresh, attempt=self.attempt, uid=uid, suspect=True)

    def rotated_for(self, tag: bytes) -> bool:
        """Whether the input's keys were rotated for `tag`."""
        return self.rotation is not None and self.rotation.tag == tag and self.rotation.done

    def needs_rotation(self, tag: bytes) -> bool:
        """Whether the present credentials must not be handed to the holder of `tag`'s key."""
        if self.rotation is not None and self.rotation.tag == tag and not self.rotation.done:
            return True
        others = [digest for other, digest in self.exposed.items() if other != tag.hex()]
        return self.suspect or any(self.digest in (None, digest) for digest in others)

    def sealed_for(self, tag: bytes) -> bool:
        """Whether `seal` holds the present credentials for `tag`."""
        return self.seal is not None and self.seal.tag == tag and self.seal.digest == self.digest


def entry_id(contract: str, room_id: int, tag0: bytes) -> str:
    """The entry's name: `<contract>:<room>:<tag at creation>`."""
    return f"{contract}:{room_id}:{tag0.hex()}"
