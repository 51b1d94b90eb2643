"""Bytes that eth-account would make, too; and keys that never show."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path

import pytest
from eth_account import Account

from chain.send.signer import LocalSigner, SignerError, keystore_signer, plain_key_signer
from chain.send.tx import FeeTx, tx_hash

KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
TX = {
    "chainId": 31337,
    "nonce": 7,
    "to": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    "value": 10**18,
    "data": "0xdeadbeef",
    "gas": 100_000,
    "maxFeePerGas": 3 * 10**9,
    "maxPriorityFeePerGas": 10**8,
}


async def test_sign__transaction__same_bytes_as_eth_account() -> None:
    signed = await plain_key_signer(KEY, 31337).sign(TX)
    reference = Account.sign_transaction(TX, KEY)
    assert signed.raw == bytes(reference.raw_transaction)
    assert signed.hash == "0x" + bytes(reference.hash).hex()
    assert tx_hash(signed.raw) == signed.hash
    assert Account.recover_transaction(signed.raw) == ADDRESS


async def test_sign__zero_fields__same_bytes_as_eth_account() -> None:
    tx = {**TX, "nonce": 0, "value": 0, "data": "0x", "maxPriorityFeePerGas": 0}
    signed = await plain_key_signer(KEY, 31337).sign(tx)
    assert signed.raw == bytes(Account.sign_transaction(tx, KEY).raw_transaction)


@pytest.mark.parametrize(
    "change",
    [{"to": "0x12"}, {"nonce": -1}, {"maxPriorityFeePerGas": 10**12}, {"data": "beef"}],
)
def test_fee_tx__malformed_field__value_error(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        FeeTx.from_dict({**TX, **change})


def test_fee_tx__missing_field__named() -> None:
    with pytest.raises(ValueError, match="lacks gas"):
        FeeTx.from_dict({k: v for k, v in TX.items() if k != "gas"})


def test_plain_key__another_chain__refused_with_advice() -> None:
    with pytest.raises(SignerError, match="keystore or a remote signer"):
        plain_key_signer(KEY, 1)


@pytest.mark.parametrize("key", ["", "0x12", "zz" * 32, "0x" + "00" * 32, "ac" * 33])
def test_plain_key__malformed__error_without_the_key(key: str) -> None:
    with pytest.raises(SignerError) as caught:
        plain_key_signer(key, 31337)
    assert not key or key not in str(caught.value)
    assert caught.value.__cause__ is None


def test_signer__repr_and_copies__never_the_key() -> None:
    signer = plain_key_signer(KEY, 31337)
    assert signer.address == ADDRESS
    assert repr(signer) == f"LocalSigner({ADDRESS})"
    for make in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            make(signer)


def keystore(folder: Path, password: str = "a pass phrase") -> tuple[Path, Path]:
    store, word = folder / "key.json", folder / "password"
    encrypted = Account.encrypt(bytes.fromhex(KEY[2:]), password, kdf="pbkdf2", iterations=2)
    store.write_text(json.dumps(encrypted), encoding="utf-8")
    word.write_text("a pass phrase\n", encoding="utf-8")
    return store, word


def test_keystore__right_password__the_account(tmp_path: Path) -> None:
    signer = keystore_signer(*keystore(tmp_path))
    assert isinstance(signer, LocalSigner)
    assert signer.address == ADDRESS


def test_keystore__wrong_password__clear_error(tmp_path: Path) -> None:
    with pytest.raises(SignerError, match="does not open"):
        keystore_signer(*keystore(tmp_path, "another"))


def test_keystore__bad_files__each_named(tmp_path: Path) -> None:
    store, word = keystore(tmp_path)
    with pytest.raises(SignerError, match="cannot read the password file"):
        keystore_signer(store, tmp_path / "none")
    with pytest.raises(SignerError, match="cannot read the keystore"):
        keystore_signer(tmp_path / "none", word)
    store.write_text("no json", encoding="utf-8")
    with pytest.raises(SignerError, match="is not JSON"):
        keystore_signer(store, word)
    for text in ("{}", "[]", '{"version": 3, "crypto": {}}'):
        store.write_text(text, encoding="utf-8")
        with pytest.raises(SignerError):
            keystore_signer(store, word)
