"""Invitations, wallet statements and sign-in texts as the page meets them.

The page's own tests read dapp/test/playback-vectors.json, so that what it writes and signs is what
the service reads. `python -m tests.support.playback_vectors` writes the file anew; a test compares.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from eth_utils.address import to_checksum_address

from chain.hexes import hex_data
from common import base64url
from playback import delegation as wallet
from playback import invitation as codec
from playback import sign_in
from playback.invitation import Delegation, Invitation, InvitationLink, InvitationScope
from tests.support.playback import inviting

FILE = Path(__file__).resolve().parents[2] / "dapp" / "test" / "playback-vectors.json"
AT = 1_790_000_000
CLASS = InvitationScope(True, bytes.fromhex("0123456789abcdef"))
LONG_SIGNATURE = bytes(range(256)) * 2


def vectors() -> dict[str, Any]:
    host = inviting.InvitingHost(1)
    room = InvitationScope.of_room(7)
    personal = InvitationLink(b"\x01" * 16, 1, 1, AT + 60, AT + 7200)
    group = InvitationLink(bytes(range(16)), 65535, 500, AT, AT + 180 * 86400, "Lớp đàn")
    cases = [
        _case("room", host, host.delegate(room, AT, AT + 86400), personal),
        _case("room-vi", host, host.delegate(room, AT, 2**32 - 1, "vi"), personal),
        _case("class", host, host.delegate(CLASS, AT, AT + 180 * 86400), group),
        _case("class-vi", host, host.delegate(CLASS, AT, AT + 180 * 86400, "vi"), group),
        _case(
            "signature-left-with-the-service",
            host,
            host.delegate(room, AT, AT + 86400, wallet_signature=LONG_SIGNATURE),
            personal,
        ),
    ]
    registry = inviting.REGISTRY
    return {
        "about": "Made by tests/support/playback_vectors.py; do not edit.",
        "chainId": registry.chain_id,
        "registry": to_checksum_address(registry.address),
        "origin": inviting.ORIGIN,
        "host": {"address": host.address, "privateKey": hex_data(host.wallet.to_bytes())},
        "key": {"publicKey": hex_data(host.public_key), "jwk": host.jwk()},
        "cases": cases,
        "malformed": _malformed(host),
        "withdrawals": _withdrawals(host, cases[0]["delegationHash"]),
        "hostSession": _host_session(host),
        "signIn": _sign_in(host),
    }


def _case(
    name: str, host: inviting.InvitingHost, granted: Delegation, link: InvitationLink
) -> dict[str, Any]:
    made = host.invite(granted, link)
    scope = granted.scope
    return {
        "name": name,
        "scope": scope.text,
        "language": granted.language,
        "from": granted.start,
        "until": granted.until,
        "statement": wallet.statement(scope, granted.language),
        "digest": hex_data(wallet.delegation_digest(inviting.REGISTRY, inviting.ORIGIN, granted)),
        "walletSignature": None if granted.signature is None else hex_data(granted.signature),
        "walletSignatureHash": None
        if granted.signature_hash is None
        else hex_data(granted.signature_hash),
        "delegation": codec.encode_delegation(granted),
        "delegationHash": granted.delegation_hash,
        "link": {
            "id": hex_data(link.id),
            "number": link.number,
            "seats": link.seats,
            "from": link.start,
            "until": link.until,
            "label": link.label,
        },
        "message": hex_data(made.message),
        "keySignature": hex_data(made.key_signature),
        "linkHash": made.link_hash,
        "text": made.encode(),
    }


def _malformed(host: inviting.InvitingHost) -> list[dict[str, str]]:
    room = InvitationScope.of_room(7)
    good = host.invite(
        host.delegate(room, AT, AT + 86400), InvitationLink(b"\x01" * 16, 1, 1, AT, AT + 60)
    )
    raw, text = base64url.decode(good.encode()), good.encode()
    d = good.delegation

    def link(**changes: Any) -> str:
        values = {**good.link.__dict__, **changes}
        return Invitation(d, InvitationLink(**values), good.key_signature).encode()

    found = {
        "empty": "",
        "padded": text + "=",
        "a byte too many": base64url.encode(raw + b"\0"),
        "a byte missing": base64url.encode(raw[:-1]),
        "not the text of its bytes": base64url.encode(raw + b"\0")[:-1] + "B",
        "another alphabet": "+" + text[1:],
        "another version": base64url.encode(b"\x02" + raw[1:]),
        "an unknown flag": base64url.encode(raw[:1] + b"\x08" + raw[2:]),
        "ends before it begins": base64url.encode(raw[:10] + raw[14:18] + raw[10:14] + raw[18:]),
        "a key that is no point": base64url.encode(raw[:18] + b"\x05" + raw[19:]),
        "number 0": link(number=0),
        "no seats": link(seats=0),
        "501 seats": link(seats=501),
        "a label of 25 bytes": link(label="x" * 25),
    }
    return [{"name": name, "text": text} for name, text in found.items()]


def _withdrawals(host: inviting.InvitingHost, delegation: str) -> list[dict[str, Any]]:
    room = InvitationScope.of_room(7)
    one = bytes.fromhex(delegation[2:])
    told = [
        wallet.Withdrawal(room, "en", one, 0, AT + 10),
        wallet.Withdrawal(CLASS, "vi", one, 0, AT + 10),
        wallet.Withdrawal(room, "vi", wallet.ALL, AT + 5, AT + 10),
        wallet.Withdrawal(CLASS, "en", wallet.ALL, AT + 5, AT + 10),
    ]
    rows = []
    for each in told:
        digest = wallet.withdrawal_digest(inviting.REGISTRY, inviting.ORIGIN, each)
        rows.append(
            {
                "scope": each.scope.text,
                "language": each.language,
                "delegation": hex_data(each.delegation),
                "before": each.before,
                "issued": each.issued,
                "statement": wallet.withdrawal_statement(each.scope, each.language),
                "digest": hex_data(digest),
                "signature": hex_data(host.sign_digest(digest)),
            }
        )
    return rows


def _host_session(host: inviting.InvitingHost) -> dict[str, Any]:
    granted = host.delegate(CLASS, AT, AT + 86400)
    nonce = bytes(range(16))
    message = codec.session_message(granted, AT + 3, nonce, 7)
    return {
        "delegation": codec.encode_delegation(granted),
        "at": AT + 3,
        "nonce": nonce.hex(),
        "room": 7,
        "message": hex_data(message),
        "signature": base64url.encode(host.sign_by_key(message)),
    }


def _sign_in(host: inviting.InvitingHost) -> dict[str, Any]:
    asked = sign_in.SignIn(
        inviting.REGISTRY, inviting.ORIGIN, 7, host.address, bytes(range(16)).hex(), AT
    )
    text = sign_in.message(asked)
    digest = sign_in.personal_digest(text)
    signature = host.sign_digest(digest)
    return {
        "text": text,
        "digest": hex_data(digest),
        "signature": hex_data(signature),
    }


def text() -> str:
    """The file's content."""
    return json.dumps(vectors(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
