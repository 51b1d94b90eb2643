"""Hosts of unit tests: `localnet.invitations` with keys that are always the same."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec
from eth_keys.datatypes import PrivateKey

from localnet.invitations import HostSigner, link_of
from playback.delegation import RoomRegistry
from tests.support.indexer.contract_story import CONTRACT

__all__ = ["ORIGIN", "REGISTRY", "InvitingHost", "link_of"]

ORIGIN = "https://rooms.example"
REGISTRY = RoomRegistry(31337, CONTRACT)


class InvitingHost(HostSigner):
    """`seed`: of both keys; 1 to 255."""

    def __init__(self, seed: int, registry: RoomRegistry = REGISTRY, origin: str = ORIGIN) -> None:
        key = ec.derive_private_key(int.from_bytes(bytes([seed]) * 31, "big"), ec.SECP256R1())
        super().__init__(PrivateKey(bytes([seed]) * 32), registry, origin, key)
