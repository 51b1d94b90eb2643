"""The text by which a wallet signs in (EIP-4361), and its digest.

Promises: pure. The whole text is the service's: the viewer's clock and page have no say in it. It
names the page's domain, the chain, and the room with its contract; another of these is another
text, so a signature of one is none of the other.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from chain.enums import room_name
from chain.hexes import keccak
from playback.delegation import RoomRegistry

SECONDS = 300
"""How long a text may be signed in."""


class SignIn(NamedTuple):
    """`address`: checksummed; `origin`: of the page, like https://rooms.example; `registry`: of the
    room. `nonce`: 32 hex digits; `issued`: unix seconds."""

    registry: RoomRegistry
    origin: str
    room: int
    address: str
    nonce: str
    issued: int


def message(asked: SignIn) -> str:
    """The text, as the wallet shows it."""
    room, registry = room_name(asked.room), asked.registry
    domain = asked.origin.partition("://")[2]
    return "\n".join(
        (
            f"{domain} wants you to sign in with your Ethereum account:",
            asked.address,
            "",
            f"Watch the private room {room}.",
            "",
            f"URI: {asked.origin}/room/{room}",
            "Version: 1",
            f"Chain ID: {registry.chain_id}",
            f"Nonce: {asked.nonce}",
            f"Issued At: {_moment(asked.issued)}",
            f"Expiration Time: {_moment(asked.issued + SECONDS)}",
            "Resources:",
            f"- urn:livestream:eip155:{registry.chain_id}:{registry.address.lower()}:{room}",
        )
    )


def personal_digest(text: str) -> bytes:
    """What a wallet signs of a text (EIP-191)."""
    raw = text.encode()
    return keccak(b"\x19Ethereum Signed Message:\n" + str(len(raw)).encode() + raw)


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
