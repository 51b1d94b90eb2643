"""What wallets sign: EIP-712 held against eth-account, EIP-4361 against the letter, and the page's
vectors against both."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct, encode_typed_data

from playback import delegation as wallet
from playback import invitation as codec
from playback import sign_in
from playback.delegation import RoomRegistry, Withdrawal
from playback.invitation import InvitationScope
from tests.support import playback_vectors
from tests.support.playback.inviting import ORIGIN, REGISTRY, InvitingHost

AT = 1_790_000_000
HOST = InvitingHost(1)
ROOM = InvitationScope.of_room(7)
CLASS = InvitationScope(True, bytes.fromhex("0123456789abcdef"))
DOMAIN = {
    "name": "Livestream Rooms",
    "version": "1",
    "chainId": REGISTRY.chain_id,
    "verifyingContract": REGISTRY.address,
}


def typed(name: str, fields: list[tuple[str, str]], values: dict[str, Any]) -> str:
    """Who signed, by eth-account's own reading of the typed data."""
    types = {name: [{"type": kind, "name": field} for kind, field in fields]}
    message = encode_typed_data(DOMAIN, types, values)
    signed = Account.sign_message(message, HOST.wallet)
    return bytes(signed.message_hash).hex()


@pytest.mark.parametrize("scope", [ROOM, CLASS])
@pytest.mark.parametrize("language", ["en", "vi"])
def test_delegation__as_typed_data__is_what_eth_account_signs(
    scope: InvitationScope, language: str
) -> None:
    granted = HOST.delegate(scope, AT, AT + 60, language)
    theirs = typed(
        "Invitations",
        [
            ("string", "statement"), ("string", "origin"), ("string", "scope"), ("bytes", "key"),
            ("uint64", "from"), ("uint64", "until"),
        ],
        {
            "statement": wallet.statement(scope, language), "origin": ORIGIN, "scope": scope.text,
            "key": granted.key, "from": AT, "until": AT + 60,
        },
    )  # fmt: skip
    assert theirs == wallet.delegation_digest(REGISTRY, ORIGIN, granted).hex()


def test_withdrawal__as_typed_data__is_what_eth_account_signs() -> None:
    told = Withdrawal(CLASS, "vi", b"\x07" * 32, 5, AT)
    theirs = typed(
        "Revocation",
        [
            ("string", "statement"), ("string", "origin"), ("string", "scope"),
            ("bytes32", "delegation"), ("uint64", "before"), ("uint64", "issued"),
        ],
        {
            "statement": wallet.withdrawal_statement(CLASS, "vi"), "origin": ORIGIN,
            "scope": CLASS.text, "delegation": told.delegation, "before": 5, "issued": AT,
        },
    )  # fmt: skip
    assert theirs == wallet.withdrawal_digest(REGISTRY, ORIGIN, told).hex()


def test_statements__in_both_languages__name_room_or_class() -> None:
    said = [
        text(scope, language)
        for text in (wallet.statement, wallet.withdrawal_statement)
        for language in ("en", "vi")
        for scope in (ROOM, CLASS)
    ]
    assert said == [
        "Let this browser invite people to my room live_7.",
        "Let this browser invite people to the rooms of my class 0123456789abcdef.",
        "Cho phép trình duyệt này mời người vào phòng live_7 của tôi.",
        "Cho phép trình duyệt này mời người vào các phòng thuộc lớp 0123456789abcdef của tôi.",
        "Withdraw invitations to my room live_7.",
        "Withdraw invitations to the rooms of my class 0123456789abcdef.",
        "Thu hồi lời mời vào phòng live_7 của tôi.",
        "Thu hồi lời mời vào các phòng thuộc lớp 0123456789abcdef của tôi.",
    ]


def test_sign_in__its_text__is_eip_4361_by_the_letter() -> None:
    asked = sign_in.SignIn(REGISTRY, ORIGIN, 7, HOST.address, "ab" * 16, AT)
    assert sign_in.message(asked) == (
        "rooms.example wants you to sign in with your Ethereum account:\n"
        f"{HOST.address}\n"
        "\n"
        "Watch the private room live_7.\n"
        "\n"
        "URI: https://rooms.example/room/live_7\n"
        "Version: 1\n"
        "Chain ID: 31337\n"
        f"Nonce: {'ab' * 16}\n"
        "Issued At: 2026-09-21T14:13:20Z\n"
        "Expiration Time: 2026-09-21T14:18:20Z\n"
        "Resources:\n"
        f"- urn:livestream:eip155:31337:{REGISTRY.address}:live_7"
    )


def test_sign_in__its_digest__is_what_eth_account_signs() -> None:
    text = sign_in.message(sign_in.SignIn(REGISTRY, ORIGIN, 7, HOST.address, "ab" * 16, AT))
    signed = Account.sign_message(encode_defunct(text=text), HOST.wallet)
    assert sign_in.personal_digest(text) == bytes(signed.message_hash)


@pytest.mark.parametrize(
    "other",
    [
        {"registry": RoomRegistry(1, REGISTRY.address)},
        {"registry": RoomRegistry(31337, "0x" + "c1" * 20)},
        {"origin": "https://evil.example"},
        {"room": 8},
        {"nonce": "cd" * 16},
    ],
)
def test_scenario_34__sign_in_of_another_domain_chain_or_room__is_another_text(
    other: dict[str, Any],
) -> None:
    asked = sign_in.SignIn(REGISTRY, ORIGIN, 7, HOST.address, "ab" * 16, AT)
    assert sign_in.message(asked._replace(**other)) != sign_in.message(asked)


def test_vectors__committed__equal_what_we_write() -> None:
    kept = playback_vectors.FILE.read_text(encoding="utf-8")
    assert kept == playback_vectors.text(), "renew: python -m tests.support.playback_vectors"


def test_vectors__malformed_ones__are_refused() -> None:
    for row in playback_vectors.vectors()["malformed"]:
        with pytest.raises(codec.MalformedInvitation):
            codec.decode(row["text"])
