"""A host as the page makes one: a wallet, a browser's key, and what both sign.

Promises: what is signed is what `playback` reads; the browser's key signs the same twice.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from eth_keys.datatypes import PrivateKey

from common import base64url
from playback.delegation import (
    RoomRegistry,
    Withdrawal,
    delegation_digest,
    withdrawal_digest,
)
from playback.invitation import (
    MOST_INLINE,
    Delegation,
    Invitation,
    InvitationLink,
    InvitationScope,
    link_message,
)

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class HostSigner:
    """`origin`: of the page; `key`: the browser's, else one is made."""

    def __init__(
        self,
        wallet: PrivateKey,
        registry: RoomRegistry,
        origin: str,
        key: ec.EllipticCurvePrivateKey | None = None,
    ) -> None:
        self.wallet = wallet
        self.address = wallet.public_key.to_checksum_address()
        self.registry = registry
        self.origin = origin
        self._key = key or ec.generate_private_key(ec.SECP256R1())

    @property
    def account(self) -> str:
        """Lower case, as the index has it."""
        return self.address.lower()

    @property
    def public_key(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)

    def jwk(self) -> dict[str, str]:
        """The private key, as WebCrypto imports one."""
        numbers = self._key.private_numbers()
        public = numbers.public_numbers
        parts = {"x": public.x, "y": public.y, "d": numbers.private_value}
        return {
            "kty": "EC",
            "crv": "P-256",
            **{name: base64url.encode(value.to_bytes(32, "big")) for name, value in parts.items()},
        }

    def sign_digest(self, digest: bytes) -> bytes:
        """By the wallet: r, s, v."""
        signature = self.wallet.sign_msg_hash(digest).to_bytes()
        return signature[:64] + bytes([signature[64] + 27])

    def sign_by_key(self, message: bytes) -> bytes:
        """By the browser's key: r and s, low s."""
        signed = self._key.sign(message, ec.ECDSA(SHA256(), deterministic_signing=True))
        r, s = decode_dss_signature(signed)
        return r.to_bytes(32, "big") + min(s, _ORDER - s).to_bytes(32, "big")

    def delegate(
        self,
        scope: InvitationScope,
        start: int,
        until: int,
        language: str = "en",
        *,
        wallet_signature: bytes | None = None,
    ) -> Delegation:
        """Signed by the wallet; or by `wallet_signature`, which is left with the service if it is
        long."""
        bare = Delegation(scope, language, start, until, self.public_key, b"?")
        signature = wallet_signature
        if signature is None:
            signature = self.sign_digest(delegation_digest(self.registry, self.origin, bare))
        if len(signature) > MOST_INLINE:
            return replace(bare, signature=None, signature_hash=hashlib.sha256(signature).digest())
        return replace(bare, signature=signature)

    def invite(self, granted: Delegation, link: InvitationLink) -> Invitation:
        return Invitation(granted, link, self.sign_by_key(link_message(granted, link)))

    def withdraw(self, withdrawal: Withdrawal) -> bytes:
        """The wallet's signature."""
        return self.sign_digest(withdrawal_digest(self.registry, self.origin, withdrawal))


def link_of(
    start: int, until: int, *, number: int = 1, seats: int = 1, **more: Any
) -> InvitationLink:
    """A link with an id of its own number."""
    id_ = hashlib.sha256(f"{number} {seats}".encode()).digest()[:16]
    return InvitationLink(id_, number, seats, start, until, **more)
