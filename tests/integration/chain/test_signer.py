"""The remote signer, against a local server that speaks Web3Signer's eth1 API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from eth_account import Account

from chain.hexes import hex_data
from chain.rpc.client import http_client
from chain.send.signer import SignerError, plain_key_signer, remote_signer
from localnet.anvil import Anvil
from localnet.ports import free_port
from tests.support.sender.web3signer_server import Web3SignerServer

KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
TX: dict[str, Any] = {
    "chainId": 1,
    "nonce": 3,
    "to": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    "value": 0,
    "data": "0xdeadbeef",
    "gas": 100_000,
    "maxFeePerGas": 3 * 10**9,
    "maxPriorityFeePerGas": 10**8,
}


@pytest.fixture
def server() -> Iterator[Web3SignerServer]:
    with Web3SignerServer(KEY) as running:
        yield running


async def test_sign__good_signer__bytes_that_recover_to_the_account(
    server: Web3SignerServer,
) -> None:
    async with http_client() as client:
        signer = await remote_signer(server.url, ADDRESS.lower(), client)
        signed = await signer.sign(TX)
    assert signer.address == ADDRESS
    assert Account.recover_transaction(signed.raw) == ADDRESS
    assert signed.raw == bytes(Account.sign_transaction(TX, KEY).raw_transaction)
    assert server.requests == [
        "/api/v1/eth1/publicKeys",
        f"/api/v1/eth1/sign/{server.key.public_key}",
    ]


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("down", "HTTP status 500"),
        ("garbage", "not a 65-byte signature"),
        ("tampered", "with a key that is not|not a valid"),
    ],
)
async def test_sign__bad_answer__signer_error(
    server: Web3SignerServer, mode: str, words: str
) -> None:
    async with http_client() as client:
        signer = await remote_signer(server.url, ADDRESS, client)
        server.mode = mode
        with pytest.raises(SignerError, match=words):
            await signer.sign(TX)


async def test_remote_signer__key_not_held__named_account(server: Web3SignerServer) -> None:
    async with http_client() as client:
        with pytest.raises(SignerError, match="holds 2 keys, but not that of 0x7099"):
            await remote_signer(server.url, TX["to"], client)


async def test_remote_signer__nobody_listens__clear_error_without_secrets() -> None:
    url = f"http://user:hunter2@127.0.0.1:{free_port()}/KEY"
    async with http_client() as client:
        with pytest.raises(SignerError, match="cannot be reached") as caught:
            await remote_signer(url, ADDRESS, client)
    assert "hunter2" not in str(caught.value)
    assert "KEY" not in str(caught.value)


async def test_sign__by_either_signer__anvil_mines_it_under_the_same_hash(
    server: Web3SignerServer, anvil_factory: Callable[..., Anvil]
) -> None:
    chain = anvil_factory()
    tx = {**TX, "chainId": chain.chain_id(), "nonce": chain.nonce(ADDRESS)}
    async with http_client() as client:
        remote = await (await remote_signer(server.url, ADDRESS, client)).sign(tx)
    local = await plain_key_signer(KEY, chain.chain_id()).sign({**tx, "nonce": tx["nonce"] + 1})
    for signed in (remote, local):
        assert chain.rpc("eth_sendRawTransaction", hex_data(signed.raw)) == signed.hash
        receipt = chain.receipt(signed.hash)
        assert receipt["from"] == ADDRESS.lower()
        assert receipt["type"] == "0x2"
