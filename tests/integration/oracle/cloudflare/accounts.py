"""The stand-in's accounts, and what a test asks of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import SecretStr

from chain.enums import Mode
from localnet.stream.control import Control
from oracle.cloudflare.client import CloudflareClient
from oracle.cloudflare.credentials import ApiToken
from oracle.cloudflare.live_input_spec import Owner, RecordingPolicy, create_body, owner_of

ACCOUNT, NO_STREAM = "a" * 32, "c" * 32
EMAIL, KEY = "a@example.com", "0123456789abcdef0123456789abcdef01234"
WRITER, READER = "the-token-of-the-first-account", "read-only-token-of-the-first-one"
OWNED, POWERLESS = "cfat_owned-by-the-first-account", "token-without-any-permission"
OTHER = "token-of-account-without-stream"
ACCOUNTS = {
    "accounts": [
        {
            "id": ACCOUNT,
            "tokens": [
                {"token": WRITER},
                {"token": READER, "permissions": ["read"]},
                {"token": OWNED},
                {"token": POWERLESS, "permissions": []},
            ],
            "keys": [{"email": EMAIL, "key": KEY}],
        },
        {"id": NO_STREAM, "stream": False, "tokens": [{"token": OTHER}]},
    ]
}
CONTRACT = "0x5fbdb2315678afecb367f032d93f642f64180aa3"
POLICY = RecordingPolicy()
Connect = Callable[..., CloudflareClient]


def token(text: str) -> ApiToken:
    return ApiToken(SecretStr(text))


def body_of(owner: Owner, mode: Mode = Mode.WEBRTC) -> bytes:
    return create_body(owner, mode, gated=False, policy=POLICY)


def inputs_of(control: Control, owner: Owner) -> list[dict[str, Any]]:
    return [found for found in control.inputs() if owner_of(found["meta"]) == owner]
