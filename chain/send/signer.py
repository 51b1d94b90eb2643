"""Who signs our transactions: a keystore, a plain key, or a remote signer that holds the key.

Promises: a key is in no repr, exception or log of ours, nor is a password. A plain key serves chain
31337 (local development) only. The keystore is decrypted once, at start. eth-account signs: the
same transaction always has the same bytes. A remote signer's answer is believed only if the bytes
to be broadcast recover to our account: a wrong key or a tampered answer is an error, never a
broadcast. One that is not up yet, or late, is a `SignerAway`: to be asked again; an answer that
comes after its time is never seen.
Assumes: the process' memory is private. The remote signer is a Web3Signer, with the eth1 API as
documented (docs.web3signer.consensys.io): GET /api/v1/eth1/publicKeys lists uncompressed public
keys; POST /api/v1/eth1/sign/{public key} with {"data": "0x..."} hashes the data with keccak-256,
signs it, and answers 65 bytes r || s || v (v is 27 or 28) as hex text. TLS client certificates are
the HTTP client's matter.
On restart: keys are read again; the remote signer's are looked up by `check`, or when first used.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import httpx
from eth_account import Account
from eth_keys.constants import SECPK1_N
from eth_keys.datatypes import PrivateKey, PublicKey
from eth_keys.exceptions import BadSignature
from eth_utils.address import to_checksum_address
from eth_utils.exceptions import ValidationError

from chain.hexes import hex_data
from chain.send.tx import fee_tx, signed_bytes, tx_hash, unsigned_bytes
from common.redact import redact_url, silence_urls
from common.settings import LOCAL_CHAIN_ID
from common.settings.files import read_text, why_unreadable

_LATER = (408, 425, 429)
"""Answers below 500 that mean: ask again."""


class SignerError(Exception):
    """No signature, with the reason and what to do. Never holds a key or a password."""


class SignerAway(SignerError):
    """The remote signer does not answer, or not yet; it may later."""


class SignedTx(NamedTuple):
    """`raw`: the bytes to broadcast; `hash`: 0x, lower case."""

    raw: bytes
    hash: str


class Signer(Protocol):
    """Signs for one account."""

    @property
    def address(self) -> str:
        """The account, checksummed."""
        ...

    async def check(self) -> None:
        """Find out whether it can sign. Raises `SignerAway` if it may later, else `SignerError`."""
        ...

    async def sign(self, tx: Mapping[str, Any]) -> SignedTx:
        """Sign {chainId, nonce, to, value, data, gas, maxFeePerGas, maxPriorityFeePerGas}.

        Raises `SignerError` if there is no signature, ValueError if `tx` is malformed.
        """
        ...


class LocalSigner:
    """Signs with a key in memory. Build it with `keystore_signer` or `plain_key_signer`."""

    def __init__(self, key: bytes) -> None:
        if len(key) != 32 or not 0 < int.from_bytes(key, "big") < SECPK1_N:
            raise SignerError("the private key is malformed: 32 bytes on secp256k1 are needed")
        # Not an `Account`: given bytes, eth-account works out the public key at each signature.
        self._key = PrivateKey(key)
        self._address = to_checksum_address(self._key.public_key.to_canonical_address())

    @property
    def address(self) -> str:
        return self._address

    def __repr__(self) -> str:
        return f"LocalSigner({self._address})"

    def __reduce__(self) -> str:
        raise TypeError("a signer is not to be copied or stored")

    async def check(self) -> None:
        """The key is here."""

    async def sign(self, tx: Mapping[str, Any]) -> SignedTx:
        signed = Account.sign_transaction(fee_tx(tx), self._key)
        return SignedTx(bytes(signed.raw_transaction), hex_data(bytes(signed.hash)))


def keystore_signer(path: str | Path, password_file: str | Path) -> LocalSigner:
    """The key of an encrypted keystore (Web3 Secret Storage, as geth and cast write it).

    Takes a second or more: the file is hard to decrypt on purpose. Raises `SignerError`.
    """
    try:
        password = read_text(password_file).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = why_unreadable(password_file, error)
        raise SignerError(f"cannot read the password file {password_file}: {why}") from None
    try:
        keystore = json.loads(read_text(path))
    except OSError as error:
        why = why_unreadable(path, error)
        raise SignerError(f"cannot read the keystore {path}: {why}") from None
    except ValueError:
        raise SignerError(f"the keystore {path} is not JSON") from None
    if not isinstance(keystore, dict) or keystore.get("version") != 3:
        raise SignerError(f"the file {path} is not a version 3 keystore")
    try:
        key = bytes(Account.decrypt(keystore, password))
    except Exception as error:
        # A file may be wrong in many ways, and eth-keyfile stumbles over each in its own; only of
        # the password it has a word.
        if str(error) == "MAC mismatch":
            raise SignerError(f"the password in {password_file} does not open {path}") from None
        raise SignerError(f"the file {path} is not a version 3 keystore") from None
    return LocalSigner(key)


def plain_key_signer(key: str, chain_id: int) -> LocalSigner:
    """A key given in clear: for local development only. Raises `SignerError` elsewhere."""
    if chain_id != LOCAL_CHAIN_ID:
        raise SignerError(
            f"a plain private key is allowed on chain {LOCAL_CHAIN_ID} only, this is chain"
            f" {chain_id}: use an encrypted keystore or a remote signer"
        )
    text = key.strip().removeprefix("0x")
    try:
        return LocalSigner(bytes.fromhex(text))
    except ValueError:
        raise SignerError(
            "the private key is malformed: 64 hexadecimal digits are needed"
        ) from None


class Web3Signer:
    """One account of a remote signer, which is asked nothing before `check` or `sign`."""

    def __init__(
        self, url: str, address: str, client: httpx.AsyncClient, *, within: float = 10.0
    ) -> None:
        silence_urls()
        self._url = url
        self._address = to_checksum_address(address)
        self._client = client
        self._timeout = within
        self._public_key: str | None = None

    @property
    def address(self) -> str:
        return self._address

    def __repr__(self) -> str:
        return f"Web3Signer({redact_url(self._url)}, {self._address})"

    async def check(self) -> None:
        """Whether the signer is there and holds the key."""
        self._public_key = await self._find()

    async def _find(self) -> str:
        """The public key by which the signer knows the account."""
        path = "/api/v1/eth1/publicKeys"
        response = await _ask_remote(self._client, "GET", self._url, path, self._timeout, None)
        try:
            listed = response.json()
        except ValueError:
            listed = None
        if not isinstance(listed, list):
            raise SignerError("the remote signer's list of public keys is not a JSON array")
        for public_key in listed:
            if _address_of(str(public_key)) == self._address:
                return str(public_key)
        raise SignerError(
            f"the remote signer at {redact_url(self._url)} holds {len(listed)} keys, but not that"
            f" of {self._address}: load it there, or correct the account in the settings"
        )

    async def sign(self, tx: Mapping[str, Any]) -> SignedTx:
        fields = fee_tx(tx)
        if self._public_key is None:
            self._public_key = await self._find()
        path = f"/api/v1/eth1/sign/{self._public_key}"
        body = {"data": hex_data(unsigned_bytes(fields))}
        response = await _ask_remote(self._client, "POST", self._url, path, self._timeout, body)
        text = response.text.strip().strip('"').removeprefix("0x")
        try:
            signature = bytes.fromhex(text)
        except ValueError:
            signature = b""
        if len(signature) != 65:
            raise SignerError("the remote signer's answer is not a 65-byte signature")
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")
        y_parity = signature[64] - 27 if signature[64] >= 27 else signature[64]
        try:
            if y_parity not in (0, 1):  # eth-account would take 35, 36 ... for a chain's own
                raise BadSignature
            raw = signed_bytes(fields, y_parity, r, s)
            signed_by = str(Account.recover_transaction(raw))
        except (BadSignature, TypeError):
            raise SignerError("the remote signer's answer is not a valid signature") from None
        if signed_by != self._address:
            raise SignerError(f"the remote signer signed with a key that is not {self._address}'s")
        return SignedTx(raw, tx_hash(raw))


async def remote_signer(
    url: str, address: str, client: httpx.AsyncClient, *, within: float = 10.0
) -> Web3Signer:
    """The signer at `url`, which holds the key of `address`. Raises `SignerAway`, `SignerError`."""
    signer = Web3Signer(url, address, client, within=within)
    await signer.check()
    return signer


def _address_of(public_key: str) -> str | None:
    try:
        raw = bytes.fromhex(public_key.removeprefix("0x"))
        if len(raw) == 65 and raw[0] == 4:
            raw = raw[1:]
        return str(PublicKey(raw).to_checksum_address())
    except (ValueError, ValidationError):
        return None


async def _ask_remote(
    client: httpx.AsyncClient,
    method: str,
    url: str,
    path: str,
    within: float,
    body: dict[str, str] | None,
) -> httpx.Response:
    where = f"the remote signer at {redact_url(url)}"
    try:
        async with asyncio.timeout(within):
            response = await client.request(method, url.rstrip("/") + path, json=body)
    except (TimeoutError, httpx.TimeoutException):
        raise SignerAway(f"{where} did not answer within {within:g} s") from None
    except httpx.InvalidURL:
        raise SignerError(f"{where} cannot be asked: correct ORACLE_SIGNER_URL") from None
    except httpx.HTTPError as error:
        raise SignerAway(
            f"{where} cannot be reached ({type(error).__name__}): start it, or correct"
            " ORACLE_SIGNER_URL"
        ) from None
    status = response.status_code
    if status >= 500 or status in _LATER:
        raise SignerAway(f"{where} answered HTTP status {status}: see its log")
    if status == 404:
        unknown = "does not know the key" if body else "has no web3signer API"
        raise SignerError(f"{where} {unknown} (404): correct ORACLE_SIGNER_URL, or load the key")
    if status != 200:
        raise SignerError(f"{where} answered HTTP status {status}: it refuses us, see its log")
    return response
