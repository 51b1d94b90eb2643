"""What a host's wallet signs (EIP-712): that a browser may invite, and that invitations are over.

Promises: pure. The statement that a wallet shows says in words, English or Vietnamese, for which
room or class; the domain is that of the room's contract, so a signature is for one chain and one
contract. Field for field: dapp/src/playback/ writes the same, held to it by shared vectors.
"""

from __future__ import annotations

from typing import NamedTuple

from chain.hexes import keccak, to_bytes
from playback.invitation import Delegation, InvitationScope

_DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
_INVITATIONS = (
    "Invitations(string statement,string origin,string scope,bytes key,uint64 from,uint64 until)"
)
_REVOCATION = (
    "Revocation(string statement,string origin,string scope,bytes32 delegation,uint64 before,"
    "uint64 issued)"
)
_NAME, _VERSION = "Livestream Rooms", "1"
ALL = b"\0" * 32
"""Instead of a delegation: all of the scope."""

_GRANTS = {
    ("en", False): "Let this browser invite people to my room {}.",
    ("en", True): "Let this browser invite people to the rooms of my {}.",
    ("vi", False): "Cho phép trình duyệt này mời người vào phòng {} của tôi.",
    ("vi", True): "Cho phép trình duyệt này mời người vào các phòng thuộc {} của tôi.",
}
_WITHDRAWS = {
    ("en", False): "Withdraw invitations to my room {}.",
    ("en", True): "Withdraw invitations to the rooms of my {}.",
    ("vi", False): "Thu hồi lời mời vào phòng {} của tôi.",
    ("vi", True): "Thu hồi lời mời vào các phòng thuộc {} của tôi.",
}


class RoomRegistry(NamedTuple):
    """The contract that rooms are of."""

    chain_id: int
    address: str


class Withdrawal(NamedTuple):
    """`delegation`: its 32 bytes of hash, or `ALL`, which takes back what is issued from before
    `before`. `issued`: unix seconds by the host's clock."""

    scope: InvitationScope
    language: str
    delegation: bytes
    before: int
    issued: int


def statement(scope: InvitationScope, language: str) -> str:
    """What the wallet shows of a delegation."""
    return _said(_GRANTS, scope, language)


def withdrawal_statement(scope: InvitationScope, language: str) -> str:
    return _said(_WITHDRAWS, scope, language)


def delegation_digest(registry: RoomRegistry, origin: str, delegation: Delegation) -> bytes:
    """The 32 bytes that the wallet signs. `origin`: the page's."""
    d = delegation
    return _digest(
        registry,
        keccak(_INVITATIONS.encode()),
        *map(_text, (statement(d.scope, d.language), origin, d.scope.text)),
        *(keccak(d.key), _word(d.start), _word(d.until)),
    )


def withdrawal_digest(registry: RoomRegistry, origin: str, withdrawal: Withdrawal) -> bytes:
    """The 32 bytes that the wallet signs."""
    w = withdrawal
    return _digest(
        registry,
        keccak(_REVOCATION.encode()),
        *map(_text, (withdrawal_statement(w.scope, w.language), origin, w.scope.text)),
        *(w.delegation, _word(w.before), _word(w.issued)),
    )


def _said(texts: dict[tuple[str, bool], str], scope: InvitationScope, language: str) -> str:
    shown = scope.text
    if scope.is_class and language == "vi":
        shown = f"lớp {scope.data.hex()}"
    return texts[language, scope.is_class].format(shown)


def _digest(registry: RoomRegistry, *words: bytes) -> bytes:
    domain = keccak(
        b"".join(
            (
                *(keccak(_DOMAIN.encode()), _text(_NAME), _text(_VERSION)),
                *(_word(registry.chain_id), b"\0" * 12 + to_bytes(registry.address)),
            )
        )
    )
    return keccak(b"\x19\x01" + domain + keccak(b"".join(words)))


def _text(text: str) -> bytes:
    return keccak(text.encode())


def _word(number: int) -> bytes:
    return number.to_bytes(32, "big")
