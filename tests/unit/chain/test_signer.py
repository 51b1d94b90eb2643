"""Bytes that never change; and keys and passwords that never show."""

from __future__ import annotations

import asyncio
import copy
import json
import logging
import pickle
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from eth_account import Account
from eth_keys.datatypes import PrivateKey

from chain.hexes import keccak
from chain.send.signer import (
    LocalSigner,
    SignerAway,
    SignerError,
    Web3Signer,
    keystore_signer,
    plain_key_signer,
    remote_signer,
)

KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
PASSWORD = "a pass phrase"
TX: dict[str, Any] = {
    "chainId": 31337,
    "nonce": 7,
    "to": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    "value": 10**18,
    "data": "0xdeadbeef",
    "gas": 100_000,
    "maxFeePerGas": 3 * 10**9,
    "maxPriorityFeePerGas": 10**8,
}
# TX as eth-account 0.13 signs it with KEY
RAW = (
    "02f879827a69078405f5e10084b2d05e00830186a09470997970c51812dc3a010c7d01b50e0d17dc"
    "79c8880de0b6b3a764000084deadbeefc001a0ba00e5744d29e3236ca736ed9be30f4503e4a1aacc"
    "eb1c86969bf923afda5c08a02b7dcdf54a49b597e9834d703d658ba1293204f70ad2935df9191078"
    "de289276"
)
# what changes in TX, and the hash of what is broadcast then
GOLDEN: dict[str, tuple[dict[str, Any], str]] = {
    "plain": ({}, "0x271c388b8f9b8bc43e4d8767ada808f15174811c13c96f863726fe0f99f75d67"),
    "zeros": (
        {
            "nonce": 0,
            "value": 0,
            "data": "0x",
            "gas": 0,
            "maxFeePerGas": 0,
            "maxPriorityFeePerGas": 0,
        },
        "0xd403c65256329d0925b9a73bd69693f09c1fa17c5012cfdaf7772a9623956f5d",
    ),
    "long data": (
        {"data": "0x" + "ab" * 1000},
        "0xb872df54463a93852591f27e0a39646a9e4e4b17b24ee7a64339a712416efe63",
    ),
    "one byte of data": (
        {"data": "0x7f"},
        "0xb2a3e5eaaa547a9cf05b11f041f9e27e7a24c0869f0bc791ef17b1f60951ba44",
    ),
    "large numbers": (
        {
            "value": 2**256 - 1,
            "nonce": 2**64 - 2,
            "gas": 2**63,
            "maxFeePerGas": 2**128,
            "maxPriorityFeePerGas": 2**128,
        },
        "0x089cd03a8c6d1c4136da409ccbe62ff7e1c6beb8cbfcf6035a7c94a849e7e9a7",
    ),
    "mainnet": (
        {"chainId": 1},
        "0x4a74d1cbd1a31d3081b62e16a01eeebeaf29c14bfc122d26c8f15c5cfc51f47f",
    ),
}


async def test_sign__a_transaction__the_bytes_of_ever() -> None:
    signed = await plain_key_signer(KEY, 31337).sign(TX)
    assert type(signed.raw) is bytes
    assert signed.raw.hex() == RAW


@pytest.mark.parametrize("what", GOLDEN)
async def test_sign__any_transaction__hash_of_ever_and_of_eth_account(what: str) -> None:
    change, expected = GOLDEN[what]
    tx = TX | change
    signed = await plain_key_signer(KEY, 31337).sign(tx)
    assert signed.hash == expected == "0x" + keccak(signed.raw).hex()
    assert signed == await (await web3_signer()).sign(tx)
    assert signed.raw == bytes(Account.sign_transaction(tx, KEY).raw_transaction)
    assert Account.recover_transaction(signed.raw) == ADDRESS


async def test_sign__malformed_transaction__value_error_and_nobody_is_asked() -> None:
    for signer in (plain_key_signer(KEY, 31337), await web3_signer(answer=lambda _: 1 / 0)):
        with pytest.raises(ValueError, match="lacks gas"):
            await signer.sign({k: v for k, v in TX.items() if k != "gas"})


# --- a plain key --------------------------------------------------------------------------------


def test_plain_key__another_chain__refused_with_advice() -> None:
    with pytest.raises(SignerError, match="keystore or a remote signer"):
        plain_key_signer(KEY, 1)


CURVE_ORDER = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"


@pytest.mark.parametrize(
    "key", ["", "0x12", "zz" * 32, "0x" + "00" * 32, "ac" * 33, CURVE_ORDER, "ff" * 32]
)
def test_plain_key__malformed__error_without_the_key(key: str) -> None:
    with pytest.raises(SignerError) as caught:
        plain_key_signer(key, 31337)
    assert not key or key not in shown(caught.value)


def test_signer__repr_and_copies__never_the_key() -> None:
    signer = plain_key_signer(KEY, 31337)
    assert signer.address == ADDRESS
    assert repr(signer) == f"LocalSigner({ADDRESS})"
    for make in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            make(signer)


# --- a keystore ---------------------------------------------------------------------------------


def shown(error: BaseException) -> str:
    """All that a log may show of an error."""
    return repr(error) + "".join(traceback.format_exception(error))


def keystore(folder: Path, password: str = PASSWORD, **crypto: Any) -> tuple[Path, Path]:
    """A keystore and the file with its password. `crypto`: what is put in its place there."""
    store, word = folder / "key.json", folder / "password"
    encrypted = Account.encrypt(bytes.fromhex(KEY[2:]), password, kdf="pbkdf2", iterations=2)
    encrypted["crypto"] |= crypto
    store.write_text(json.dumps(encrypted), encoding="utf-8")
    word.write_text(f"{PASSWORD}\n", encoding="utf-8")
    return store, word


def test_keystore__right_password__the_account(tmp_path: Path) -> None:
    signer = keystore_signer(*keystore(tmp_path))
    assert isinstance(signer, LocalSigner)
    assert signer.address == ADDRESS


def test_keystore__the_standards_own_example__opens(tmp_path: Path) -> None:
    """The test vector of Web3 Secret Storage, with PBKDF2-SHA-256."""
    store, word = tmp_path / "key.json", tmp_path / "password"
    crypto = {
        "cipher": "aes-128-ctr",
        "cipherparams": {"iv": "6087dab2f9fdbbfaddc31a909735c1e6"},
        "ciphertext": "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
        "kdf": "pbkdf2",
        "kdfparams": {
            "c": 262144,
            "dklen": 32,
            "prf": "hmac-sha256",
            "salt": "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd",
        },
        "mac": "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
    }
    store.write_text(json.dumps({"Crypto": crypto, "id": "3198bc9c", "version": 3}))
    word.write_text("testpassword")
    assert keystore_signer(store, word).address.lower() == (
        "0x008aeeda4d805471df9b2a5b0f38a0c3bcba786b"
    )


def test_keystore__wrong_password__clear_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(SignerError, match="does not open") as caught:
        keystore_signer(*keystore(tmp_path, "another"))
    for secret in (PASSWORD, KEY[2:]):
        assert secret not in shown(caught.value) + caplog.text


def test_keystore__missing_or_unreadable_files__each_named(tmp_path: Path) -> None:
    store, word = keystore(tmp_path)
    with pytest.raises(SignerError, match="cannot read the password file"):
        keystore_signer(store, tmp_path / "none")
    with pytest.raises(SignerError, match="cannot read the keystore"):
        keystore_signer(tmp_path / "none", word)
    store.write_text("no json", encoding="utf-8")
    with pytest.raises(SignerError, match="is not JSON"):
        keystore_signer(store, word)
    word.write_bytes(PASSWORD.encode() + b"\xff\xfe")
    with pytest.raises(SignerError, match="cannot read the password file") as caught:
        keystore_signer(store, word)
    assert PASSWORD not in shown(caught.value)


@pytest.mark.parametrize(
    "text",
    ["{}", "[]", "null", '"text"', '{"version": 3}', '{"version": 3, "crypto": {}}',
     '{"version": 3, "crypto": []}', '{"version": 1, "crypto": {}}'],
)  # fmt: skip
def test_keystore__another_document__said_so(text: str, tmp_path: Path) -> None:
    store, word = keystore(tmp_path)
    store.write_text(text, encoding="utf-8")
    with pytest.raises(SignerError, match="is not a version 3 keystore") as caught:
        keystore_signer(store, word)
    assert PASSWORD not in shown(caught.value)


@pytest.mark.parametrize(
    "crypto",
    [
        {"kdf": "argon2"}, {"kdf": ["pbkdf2"]}, {"mac": "no hex"}, {"mac": 7}, {"ciphertext": "zz"},
        {"kdfparams": {}}, {"kdfparams": None},
        {"kdfparams": {"c": 2, "dklen": 32, "prf": "md5", "salt": "00"}},
        {"kdfparams": {"c": 2, "dklen": 32, "prf": 7, "salt": "00"}},
        {"kdfparams": {"c": 0, "dklen": 32, "prf": "hmac-sha256", "salt": "00"}},
        {"kdfparams": {"c": 2, "dklen": -1, "prf": "hmac-sha256", "salt": "00"}},
        {"kdfparams": {"c": 2, "dklen": 32, "prf": "hmac-nosuch", "salt": "00"}},
        {"kdf": "scrypt", "kdfparams": {"n": 3, "r": 8, "p": 1, "dklen": 32, "salt": "00"}},
        {"cipherparams": {}}, {"cipherparams": {"iv": "no hex"}},
    ],
)  # fmt: skip
def test_keystore__damaged__not_taken_for_a_wrong_password(
    crypto: dict[str, Any], tmp_path: Path
) -> None:
    store, word = keystore(tmp_path, **crypto)
    with pytest.raises(SignerError, match="is not a version 3 keystore") as caught:
        keystore_signer(store, word)
    assert PASSWORD not in shown(caught.value)


# --- a remote signer ----------------------------------------------------------------------------

Sign = Callable[[bytes], Any]


def signature(data: bytes, key: str = KEY) -> bytes:
    """What a Web3Signer answers: r || s || v."""
    made = PrivateKey(bytes.fromhex(key.removeprefix("0x"))).sign_msg_hash(keccak(data))
    return bytes(made)[:64] + bytes([27 + made.v])


def right(request: httpx.Request, answer: Sign = signature) -> httpx.Response:
    """What a Web3Signer answers that holds the key."""
    if request.method == "GET":
        public = str(PrivateKey(bytes.fromhex(KEY[2:])).public_key)
        return httpx.Response(200, json=[public])
    data = bytes.fromhex(json.loads(request.content)["data"][2:])
    return httpx.Response(200, text="0x" + answer(data).hex())


async def web3_signer(answer: Sign = signature) -> Web3Signer:
    """A signer whose remote one answers `answer(data)`, as hex text."""

    client = httpx.AsyncClient(transport=httpx.MockTransport(lambda asked: right(asked, answer)))
    return await remote_signer("https://user:hunter2@signer.example/x", ADDRESS, client)


BAD_SIGNATURES: dict[str, Sign] = {
    "no parity": lambda data: signature(data)[:64] + b"\x1d",
    "the parity of a chain's own": lambda data: (
        signature(data)[:64] + bytes([27 + 35 + signature(data)[64] - 27])
    ),
    "27 counted twice": lambda data: signature(data)[:64] + bytes([27 + signature(data)[64]]),
    "r is zero": lambda data: bytes(32) + signature(data)[32:],
    "s is zero": lambda data: signature(data)[:32] + bytes(32) + signature(data)[64:],
    "r is off the curve": lambda data: b"\xff" * 32 + signature(data)[32:],
    "s is off the curve": lambda data: signature(data)[:32] + b"\xff" * 32 + signature(data)[64:],
    "all zero": lambda _: bytes(65),
}


@pytest.mark.parametrize("bad", BAD_SIGNATURES)
async def test_web3_signer__no_signature_at_all__error_and_no_bytes(bad: str) -> None:
    signer = await web3_signer(BAD_SIGNATURES[bad])
    with pytest.raises(SignerError, match="is not a valid signature"):
        await signer.sign(TX)


@pytest.mark.parametrize(
    "other",
    [lambda data: signature(data + b"!"), lambda data: signature(data, "0x" + "11" * 32)],
    ids=["other bytes", "another key"],
)
async def test_web3_signer__something_else_was_signed__error_and_no_bytes(other: Sign) -> None:
    signer = await web3_signer(other)
    with pytest.raises(SignerError, match=r"with a key that is not|not a valid"):
        await signer.sign(TX)


async def test_web3_signer__parity_without_27__taken() -> None:
    plain = await web3_signer(lambda d: signature(d)[:64] + bytes([signature(d)[64] - 27]))
    assert await plain.sign(TX) == await plain_key_signer(KEY, 31337).sign(TX)


async def test_web3_signer__repr__never_the_urls_secrets() -> None:
    shown_of = repr(await web3_signer())
    assert ADDRESS in shown_of
    assert "hunter2" not in shown_of


AWAY: dict[str, httpx.Response | Exception] = {
    "nobody listens": httpx.ConnectError("refused"),
    "too slow": httpx.ReadTimeout("slow"),
    "cut off": httpx.RemoteProtocolError("closed"),
    "not up yet": httpx.Response(503),
    "behind a proxy": httpx.Response(502, text="<html>bad gateway"),
    "too many requests": httpx.Response(429),
}
FOR_GOOD = {
    "not let in": (httpx.Response(401), "refuses us"),
    "another service": (httpx.Response(404), "no web3signer API"),
    "not a list": (httpx.Response(200, json={"keys": []}), "not a JSON array"),
    "no keys": (httpx.Response(200, json=[]), "holds 0 keys, but not that of"),
}


def answering(answers: list[httpx.Response | Exception]) -> Web3Signer:
    """A signer that answers the first questions so, and rightly then."""

    def handle(request: httpx.Request) -> httpx.Response:
        if not answers:
            return right(request)
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    client = httpx.AsyncClient(transport=httpx.MockTransport(handle))
    return Web3Signer("https://user:hunter2@signer.example/x", ADDRESS, client)


@pytest.mark.parametrize("how", AWAY)
async def test_web3_signer__late__away_and_good_the_next_time(how: str) -> None:
    signer = answering([AWAY[how], AWAY[how]])
    assert signer.address == ADDRESS
    with pytest.raises(SignerAway) as caught:
        await signer.check()
    with pytest.raises(SignerAway):
        await signer.sign(TX)
    assert "hunter2" not in shown(caught.value)
    assert await signer.sign(TX) == await plain_key_signer(KEY, 31337).sign(TX)


@pytest.mark.parametrize("how", FOR_GOOD)
async def test_web3_signer__it_will_never_do__said_so_and_not_called_late(how: str) -> None:
    answer, words = FOR_GOOD[how]
    with pytest.raises(SignerError, match=words) as caught:
        await answering([answer]).check()
    assert not isinstance(caught.value, SignerAway)


async def test_web3_signer__answers_after_its_time__the_answer_is_never_used() -> None:
    released, asked = asyncio.Event(), []

    async def handle(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            asked.append(request.content)
            if len(asked) == 1:
                await released.wait()
        return right(request)

    client = httpx.AsyncClient(transport=httpx.MockTransport(handle))
    signer = await remote_signer("https://signer.example", ADDRESS, client, within=0.02)
    with pytest.raises(SignerAway, match=r"did not answer within 0\.02 s"):
        await signer.sign(TX)
    released.set()
    dearer = TX | {"maxFeePerGas": 4 * 10**9}
    assert await signer.sign(dearer) == await plain_key_signer(KEY, 31337).sign(dearer)
    assert len(asked) == 2
