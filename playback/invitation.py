"""An invitation as its link carries it: read, written and named, without asking anybody.

Promises: pure. What `decode` reads encodes back to the same text, so that one invitation has one
text; everything else is a `MalformedInvitation`. Names (`delegation_hash`, `link_hash`) are of what
was granted: neither the signatures nor where the wallet's signature stands change them, since who
holds the key could make new ones of the same grant. `key_signed` looks at the link's own signature;
the wallet's is `playback.delegation`'s matter.
The bytes, in their order (numbers big-endian), and in the link base64url without padding:

    delegation   version u8 = 1, flags u8 (1: a class, 2: the wallet signature by its hash, 4: the
                 statement is Vietnamese), scope 8 bytes (a room's number as u64, or the class's
                 bytes), from u32, until u32, key 33 bytes (P-256, compressed)
    signature    u8 length (at most 100) and bytes, or sha256 of the wallet's signature, 32 bytes
    link         id 16 bytes, number u16, seats u16, from u32, until u32, label u8 length and UTF-8
    key's        r and s, 64 bytes, low s, of ECDSA with SHA-256 over PURPOSE, sha256(delegation and
                 signature) and link
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from chain.enums import room_name
from chain.hexes import hex_data
from common.base64url import decode as decode_text
from common.base64url import encode as to_text

VERSION = 1
PURPOSE = b"livestream-invitation-1\0"
HOST_PURPOSE = b"livestream-host-1\0"
MOST_INLINE = 100
"""Bytes of a wallet signature that a link may carry; a longer one is left with the service."""
MOST_LABEL = 24
MOST_SEATS = 500
MOST_CLASS_SECONDS = 180 * 86400
MOST_TEXT = 359
"""Characters of the longest invitation; one of an account with a key has 280."""

_CLASS, _BY_HASH, _VIETNAMESE = 1, 2, 4
_CORE, _LINK = 51, 29
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class MalformedInvitation(ValueError):
    """The text is no invitation of ours; what is wrong with it stands in the text."""


class InvitationScope(NamedTuple):
    """One room (`data`: its number as u64) or one class (its eight random bytes)."""

    is_class: bool
    data: bytes

    @classmethod
    def of_room(cls, number: int) -> InvitationScope:
        return cls(False, number.to_bytes(8, "big"))

    @property
    def room(self) -> int | None:
        return None if self.is_class else int.from_bytes(self.data, "big")

    @property
    def text(self) -> str:
        """As wallets show it and we store it: "live_7" or "class 0123456789abcdef"."""
        if self.is_class:
            return f"class {self.data.hex()}"
        return room_name(int.from_bytes(self.data, "big"))

    def covers(self, room: int, class_: str | None) -> bool:
        """Whether the room is of this scope. `class_`: the class that its details name."""
        return self.room == room if not self.is_class else class_ == self.data.hex()


@dataclass(frozen=True)
class Delegation:
    """What a host's wallet grants a browser's key. `signature`: the wallet's, None where only
    `signature_hash` stands in the link."""

    scope: InvitationScope
    language: str
    start: int
    until: int
    key: bytes
    signature: bytes | None
    signature_hash: bytes | None = None

    @property
    def core(self) -> bytes:
        return self._core(_BY_HASH if self.signature is None else 0)

    @property
    def field(self) -> bytes:
        """The wallet's signature as it stands in the link."""
        if self.signature is not None:
            return bytes([len(self.signature)]) + self.signature
        return self.signature_hash or b""

    @cached_property
    def digest(self) -> bytes:
        """`delegation_hash` as bytes."""
        return hashlib.sha256(self._core(0)).digest()

    @property
    def delegation_hash(self) -> str:
        """Names the grant: sha256 of its bytes as if the signature stood in the link."""
        return hex_data(self.digest)

    def key_signed(self, signature: bytes, message: bytes) -> bool:
        """Whether this key made `signature` (r and s) of the message; a high s is refused."""
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        if len(signature) != 64 or not 0 < s <= _ORDER // 2 or not 0 < r < _ORDER:
            return False
        try:
            _public_key(self.key).verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return True

    def _core(self, by_hash: int) -> bytes:
        flags = (_CLASS if self.scope.is_class else 0) | by_hash
        flags |= _VIETNAMESE if self.language == "vi" else 0
        return b"".join(
            (bytes([VERSION, flags]), self.scope.data, _u32(self.start), _u32(self.until), self.key)
        )


@dataclass(frozen=True)
class InvitationLink:
    """What the browser's key grants whoever brings the link. `id`: 16 random bytes."""

    id: bytes
    number: int
    seats: int
    start: int
    until: int
    label: str = ""

    @property
    def part(self) -> bytes:
        label = self.label.encode()
        return b"".join(
            (
                *(self.id, self.number.to_bytes(2, "big"), self.seats.to_bytes(2, "big")),
                *(_u32(self.start), _u32(self.until), bytes([len(label)]), label),
            )
        )


@dataclass(frozen=True)
class Invitation:
    """A link's whole content."""

    delegation: Delegation
    link: InvitationLink
    key_signature: bytes

    @property
    def link_hash(self) -> str:
        """Names the link: sha256 of what both granted."""
        named = self.delegation._core(0) + self.link.part
        return hex_data(hashlib.sha256(named).digest())

    @property
    def message(self) -> bytes:
        """What the browser's key signs."""
        return link_message(self.delegation, self.link)

    @property
    def key_signed(self) -> bool:
        return self.delegation.key_signed(self.key_signature, self.message)

    @property
    def within(self) -> bool:
        """Whether the link stays within what the wallet granted."""
        granted, link = self.delegation, self.link
        return granted.start <= link.start and link.until <= granted.until

    def encode(self) -> str:
        d = self.delegation
        return to_text(d.core + d.field + self.link.part + self.key_signature)


def link_message(delegation: Delegation, link: InvitationLink) -> bytes:
    """What the browser's key signs to grant `link`."""
    granted = hashlib.sha256(delegation.core + delegation.field).digest()
    return PURPOSE + granted + link.part


def session_message(delegation: Delegation, at: int, nonce: bytes, room: int) -> bytes:
    """What the browser's key signs for a host session. `at`: unix seconds; `nonce`: 16 bytes."""
    return HOST_PURPOSE + delegation.digest + _u32(at) + nonce + room.to_bytes(8, "big")


def decode(text: str) -> Invitation:
    """The invitation of a link's fragment. Raises `MalformedInvitation`."""
    if len(text) > MOST_TEXT:
        raise MalformedInvitation("the invitation is too long")
    rest = _Bytes(from_text(text))
    delegation = _delegation(rest)
    link = _link(rest)
    key_signature = rest.take(64)
    rest.end()
    return Invitation(delegation, link, key_signature)


def decode_delegation(text: str) -> Delegation:
    """A delegation with the wallet's signature or its hash. Raises `MalformedInvitation`."""
    if len(text) > MOST_TEXT:
        raise MalformedInvitation("the delegation is too long")
    rest = _Bytes(from_text(text))
    delegation = _delegation(rest)
    rest.end()
    return delegation


def encode_delegation(delegation: Delegation) -> str:
    return to_text(delegation.core + delegation.field)


def from_text(text: str) -> bytes:
    """The bytes of base64url without padding. Raises `MalformedInvitation` unless they encode back
    to the same text."""
    try:
        return decode_text(text)
    except ValueError as error:
        raise MalformedInvitation(f"the text is {error}") from None


class _Bytes:
    """Read from the front."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        taken = self._data[self._at : self._at + count]
        if len(taken) != count:
            raise MalformedInvitation("the text ends too early")
        self._at += count
        return taken

    def number(self, count: int) -> int:
        return int.from_bytes(self.take(count), "big")

    def end(self) -> None:
        if self._at != len(self._data):
            raise MalformedInvitation("the text goes on after its end")


def _delegation(rest: _Bytes) -> Delegation:
    if rest.number(1) != VERSION:
        raise MalformedInvitation("the invitation is of another version")
    flags = rest.number(1)
    if flags & ~(_CLASS | _BY_HASH | _VIETNAMESE):
        raise MalformedInvitation("the invitation has unknown flags")
    scope = InvitationScope(bool(flags & _CLASS), rest.take(8))
    start, until = rest.number(4), rest.number(4)
    if start >= until:
        raise MalformedInvitation("it ends before it begins")
    if scope.is_class and until - start > MOST_CLASS_SECONDS:
        raise MalformedInvitation("it is for longer than 180 days")
    key = rest.take(33)
    try:
        _public_key(key)
    except ValueError:
        raise MalformedInvitation("its key is no point of P-256") from None
    signature, signature_hash = None, None
    if flags & _BY_HASH:
        signature_hash = rest.take(32)
    else:
        length = rest.number(1)
        if not 0 < length <= MOST_INLINE:
            raise MalformedInvitation("its wallet signature is too long, or missing")
        signature = rest.take(length)
    language = "vi" if flags & _VIETNAMESE else "en"
    return Delegation(scope, language, start, until, key, signature, signature_hash)


def _link(rest: _Bytes) -> InvitationLink:
    id_, number, seats, start, until = (
        rest.take(16), rest.number(2), rest.number(2), rest.number(4), rest.number(4)
    )  # fmt: skip
    length = rest.number(1)
    if not number:
        raise MalformedInvitation("its number is 0")
    if not 0 < seats <= MOST_SEATS:
        raise MalformedInvitation(f"its seats are not 1 to {MOST_SEATS}")
    if start >= until:
        raise MalformedInvitation("the link ends before it begins")
    if length > MOST_LABEL:
        raise MalformedInvitation("its label is too long")
    try:
        label = rest.take(length).decode()
    except UnicodeDecodeError:
        raise MalformedInvitation("its label is not UTF-8") from None
    return InvitationLink(id_, number, seats, start, until, label)


@lru_cache(maxsize=1024)
def _public_key(compressed: bytes) -> ec.EllipticCurvePublicKey:
    """Raises ValueError for bytes that are no point, or not written so."""
    if len(compressed) != 33 or compressed[0] not in (2, 3):
        raise ValueError("not a compressed point")
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), compressed)


def _u32(moment: int) -> bytes:
    return moment.to_bytes(4, "big")
