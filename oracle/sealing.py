"""Seals a room's ingest credentials to its host: HPKE (RFC 9180), base mode, one message a key.

Suite: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. The sealed message is `enc (32 bytes)
|| ciphertext (text + 16 bytes)`; no AAD. `info` is the domain string, then the room's tag (12
bytes), then the live input's uid (16 bytes): a message moved to another room, host, chain, contract
or live input does not open. docs/sealing.md has the bytes for a reader in another language.

Promises: what is sealed opens again with the host's private key only, and is at most 1024 bytes
(the contract's bound); a host key nobody can be reached by raises `UnusableKey`, so that the oracle
declines the room instead of failing; no error carries plain text or key. Assumes: the key comes
from the chain, so it is any 32 bytes a stranger chose. Keeps no state.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from oracle.ingest import Ingest, decode, encode

DOMAIN = b"livestream-rooms/ingest/v1"
KEY_BYTES = 32
TAG_BYTES = 12
UID_BYTES = 16
ENC_BYTES = 32
MAC_BYTES = 16
MAX_SEALED_BYTES = 1024

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class SealingError(Exception):
    """Sealing or opening failed. The text says what to do and holds no secret."""


class UnusableKey(SealingError):
    """The host's key gives an all-zero exchange (a low-order point): decline the room."""


class SealedTooLong(SealingError):
    """The sealed credentials would exceed the contract's 1024 bytes."""


class CannotOpen(SealingError):
    """The message was not sealed to this key for this tag and uid, or was damaged."""


def seal_info(tag: bytes, uid: bytes) -> bytes:
    """HPKE's `info`: 54 bytes, `DOMAIN || tag || uid`. Raises ValueError for wrong lengths."""
    _length("tag", tag, TAG_BYTES)
    _length("uid", uid, UID_BYTES)
    return DOMAIN + tag + uid


def seal(ingest_key: bytes, tag: bytes, uid: bytes, credentials: Ingest) -> bytes:
    """Seals `credentials` to the X25519 public key `ingest_key` (32 bytes).

    Raises UnusableKey, SealedTooLong, or ValueError for a wrong length. Two calls give two
    different messages (a fresh ephemeral key each).
    """
    _length("ingest key", ingest_key, KEY_BYTES)
    info = seal_info(tag, uid)
    text = encode(credentials)
    size = ENC_BYTES + len(text) + MAC_BYTES
    if size > MAX_SEALED_BYTES:
        raise SealedTooLong(
            f"the sealed credentials would be {size} bytes, the contract takes {MAX_SEALED_BYTES}"
        )
    try:
        return _SUITE.encrypt(text, X25519PublicKey.from_public_bytes(ingest_key), info)
    except ValueError:
        # With lengths checked, OpenSSL refuses for one reason only: the exchange is all zero.
        pass
    raise UnusableKey("the ingest key is a low-order point: anyone could open what is sealed to it")


def is_usable(ingest_key: bytes) -> bool:
    """Whether `seal` would accept this key; lets the oracle decline before it creates anything."""
    _length("ingest key", ingest_key, KEY_BYTES)
    try:
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(ingest_key))
    except ValueError:
        return False
    return True


def open_sealed(private_key: X25519PrivateKey, tag: bytes, uid: bytes, sealed: bytes) -> Ingest:
    """Opens what `seal` made. Raises CannotOpen, IngestFormatError; ValueError for lengths."""
    info = seal_info(tag, uid)
    if ENC_BYTES + MAC_BYTES < len(sealed) <= MAX_SEALED_BYTES:
        try:
            return decode(_SUITE.decrypt(sealed, private_key, info))
        except InvalidTag:
            pass
    raise CannotOpen(
        "these credentials were not sealed to this key for this room and live input, or are "
        "damaged; use the key of the room's current key version, or rekey to get new ones"
    )


def _length(name: str, value: bytes, want: int) -> None:
    if len(value) != want:
        raise ValueError(f"{name} must be {want} bytes, not {len(value)}")
