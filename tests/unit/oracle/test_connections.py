"""What the oracle opens at its start does not hold up its event loop."""

from __future__ import annotations

import asyncio
import threading

import httpx
import pytest

from chain.send.signer import LocalSigner, Signer
from common import settings
from common.settings import OracleSettings
from oracle import connections

SETTINGS = {
    "CHAIN_ID": "1",
    "RPC_URLS": "https://node.example",
    "CONTRACTS": "0x" + "5f" * 20 + "@0",
    "MONGODB_URI": "mongodb://database.example",
    "ORACLE_OPERATOR_ID": "1",
    "ORACLE_KEYSTORE": "/run/keys/operator.json",
    "ORACLE_KEYSTORE_PASSWORD_FILE": "/run/keys/password",
    "CLOUDFLARE_ACCOUNT_ID": "a" * 32,
    "CLOUDFLARE_API_TOKEN": "t" * 40,
}


async def test_open_signer__keystore_is_hard_to_decrypt__the_loop_turns_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turned = threading.Event()

    def decrypt(path: object, password_file: object) -> Signer:
        assert turned.wait(10), "the loop waits for scrypt"
        return LocalSigner(b"\x01" * 32)

    monkeypatch.setattr(connections, "keystore_signer", decrypt)
    loaded = settings.load(OracleSettings, SETTINGS, None)
    async with httpx.AsyncClient() as http:
        asyncio.get_running_loop().call_soon(turned.set)
        signer = await connections.open_signer(loaded, http)
    assert signer.address.startswith("0x")
