"""What a viewer brings to enter, and who may say that it was enough of it."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class WalletProof(NamedTuple):
    """The signature of the text that `nonce` was given with."""

    nonce: str
    signature: bytes


class InvitationProof(NamedTuple):
    """A link's fragment."""

    text: str


class EntryLimits(Protocol):
    """`kind`: "wallet" and "host" (an address), "link" (its hash), once their signature held;
    "proof" (the client's address) before a node is asked about a contract's signature."""

    def entered(self, kind: str, key: str) -> None:
        """Raises the problem `rate-limited`."""
        ...
