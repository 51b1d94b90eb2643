"""Who signs our transactions.

Promises: a key is in no repr, exception or log of ours. A plain key serves chain 31337 (local
development) only. The keystore is decrypted once, at start.
Assumes: the process' memory is private. The remote signer is `chain.send.web3signer`.
On restart: keys are read again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from eth_account import Account
from eth_keys.datatypes import PrivateKey
from eth_utils.address import to_checksum_address

from chain.send.tx import FeeTx, tx_hash

LOCAL_CHAIN_ID = 31337
_CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


class SignerError(Exception):
    """No signature, with the reason and what to do. Never holds a key or a password."""


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

    async def sign(self, tx: Mapping[str, Any]) -> SignedTx:
        """Sign {chainId, nonce, to, value, data, gas, maxFeePerGas, maxPriorityFeePerGas}.

        Raises `SignerError` if there is no signature, ValueError if `tx` is malformed.
        """
        ...


class LocalSigner:
    """Signs with a key in memory. Build it with `keystore_signer` or `plain_key_signer`."""

    def __init__(self, key: bytes) -> None:
        if len(key) != 32 or not 0 < int.from_bytes(key, "big") < _CURVE_ORDER:
            raise SignerError("the private key is malformed: 32 bytes on secp256k1 are needed")
        self._key = PrivateKey(key)
        self._address = to_checksum_address(self._key.public_key.to_canonical_address())

    @property
    def address(self) -> str:
        return self._address

    def __repr__(self) -> str:
        return f"LocalSigner({self._address})"

    def __reduce__(self) -> str:
        raise TypeError("a signer is not to be copied or stored")

    async def sign(self, tx: Mapping[str, Any]) -> SignedTx:
        fields = FeeTx.from_dict(tx)
        signature = self._key.sign_msg_hash(fields.signing_hash())
        raw = fields.signed(signature.v, signature.r, signature.s)
        return SignedTx(raw, tx_hash(raw))


def keystore_signer(path: str | Path, password_file: str | Path) -> LocalSigner:
    """The key of an encrypted keystore (Web3 Secret Storage, as geth and cast write it).

    Takes a second or more: the file is hard to decrypt on purpose. Raises `SignerError`.
    """
    try:
        password = Path(password_file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = type(error).__name__
        raise SignerError(f"cannot read the password file {password_file}: {reason}") from None
    try:
        keystore = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise SignerError(f"cannot read the keystore {path}: {error.strerror}") from None
    except ValueError:
        raise SignerError(f"the keystore {path} is not JSON") from None
    try:
        key = bytes(Account.decrypt(keystore, password))
    except ValueError:
        raise SignerError(f"the password in {password_file} does not open {path}") from None
    except (KeyError, TypeError, NotImplementedError):
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
