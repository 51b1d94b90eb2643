"""Calldata: every function's is what the ABI makes of it, and no value out of range is sent."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import encode

from chain import abi, calldata
from chain.eth_call import ViewError
from chain.hexes import keccak

OTHER = "0x" + "5b" * 20
KEY, TAG, UID = b"k" * 32, b"t" * 12, b"u" * 16
TITLE = b"caf\xc3\xa9 \xff\x80\xed\xa0\x80"  # UTF-8, then bytes that are none
TERMS = calldata.Terms(1, 2, 3, 4, 5, 6, 7)
# name: what we make, and the arguments; a title's bytes are encoded as `bytes`, which is the same
MADE: dict[str, tuple[bytes, tuple[Any, ...]]] = {
    "createRoom": (
        calldata.create_room(1, 2, 0, OTHER, KEY, TITLE),
        (1, 2, 0, OTHER, KEY, TITLE),
    ),
    "updateRoom": (calldata.update_room(1, TITLE), (1, TITLE)),
    "describeRoom": (calldata.describe_room(1, 2, TITLE), (1, 2, TITLE)),
    "rekeyRoom": (calldata.rekey_room(1, KEY), (1, KEY)),
    "transferRoom": (calldata.transfer_room(1, OTHER), (1, OTHER)),
    "acceptRoom": (calldata.accept_room(1, TAG, KEY), (1, TAG, KEY)),
    "endRoom": (calldata.end_room(2**256 - 1), (2**256 - 1,)),
    "withdrawTo": (calldata.withdraw_to(OTHER), (OTHER,)),
    "fulfill": (
        calldata.fulfill([calldata.Fulfillment(1, TAG, UID, b"s" * 33)] * 2),
        ([(1, TAG, UID, b"s" * 33)] * 2,),
    ),
    "decline": (calldata.decline([calldata.Declination(1, TAG, 1)]), ([(1, TAG, 1)],)),
    "release": (calldata.release([calldata.Release(1, TAG)]), ([(1, TAG)],)),
    "setOperatorAccepting": (calldata.set_operator_accepting(1, True), (1, True)),
    "expire": (calldata.expire([1, 2]), ([1, 2],)),
    "takeDown": (calldata.take_down(1, 2), (1, 2)),
    "addOperator": (
        calldata.add_operator(OTHER, "0x" + "6c" * 20, "https://a"),
        (OTHER, "0x" + "6c" * 20, b"https://a"),
    ),
    "setOperatorAccount": (calldata.set_operator_account(1, OTHER), (1, OTHER)),
    "setOperatorPayee": (calldata.set_operator_payee(1, OTHER), (1, OTHER)),
    "setOperatorEnabled": (calldata.set_operator_enabled(1, False), (1, False)),
    "setTerms": (calldata.set_terms(TERMS), (tuple(TERMS),)),
    "setModerator": (calldata.set_moderator(OTHER, True), (OTHER, True)),
    "setPaused": (calldata.set_paused(True), (True,)),
    "retire": (calldata.retire(OTHER), (OTHER,)),
    "transferOwnership": (calldata.transfer_ownership(OTHER), (OTHER,)),
    "acceptOwnership": (calldata.accept_ownership(), ()),
}
ENTRIES = {i["name"]: i for i in abi.load().abi if i["type"] == "function"}


def _shown(item: dict[str, Any]) -> str:
    if item["type"].startswith("tuple"):
        inner = ",".join(_shown(part) for part in item["components"])
        return f"({inner}){item['type'][5:]}"
    return str(item["type"])


def _arguments(inputs: list[dict[str, Any]], values: tuple[Any, ...]) -> bytes:
    types = [_shown(item).replace("string", "bytes") for item in inputs]
    return encode(types, values)


@pytest.mark.parametrize("name", MADE)
def test_calls__a_function__are_the_abis_selector_and_arguments(name: str) -> None:
    data, values = MADE[name]
    inputs = ENTRIES[name]["inputs"]
    signature = f"{name}({','.join(_shown(item) for item in inputs)})"
    assert data == keccak(signature.encode())[:4] + _arguments(inputs, values)


def test_calls__all_that_write__are_made() -> None:
    writing = {n for n, i in ENTRIES.items() if i["stateMutability"] in ("nonpayable", "payable")}
    assert writing - {"renounceOwnership"} == set(MADE)


def test_constructor__the_artifact__takes_what_we_encode() -> None:
    (entry,) = (i for i in abi.load().abi if i["type"] == "constructor")
    made = calldata.constructor(OTHER, 7, TERMS)
    assert made == _arguments(entry["inputs"], (OTHER, 7, tuple(TERMS)))


def test_calls__an_address_of_any_case__is_the_same() -> None:
    mixed = "0x52908400098527886E0F7030069857D2E4169EE7"
    assert calldata.withdraw_to(mixed) == calldata.withdraw_to(mixed.lower())


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("takeDown", lambda: calldata.take_down(1, 70_000)),
        ("endRoom", lambda: calldata.end_room(-1)),
        ("endRoom", lambda: calldata.end_room("1")),  # type: ignore[arg-type]
        ("createRoom", lambda: calldata.create_room(1, 1, 0, "0x12", KEY, b"")),
        ("createRoom", lambda: calldata.create_room(1, 1, 256, OTHER, KEY, b"")),
        ("createRoom", lambda: calldata.create_room(1, 1, 0, OTHER, KEY + b"k", b"")),
        ("withdrawTo", lambda: calldata.withdraw_to("alice.eth")),
        ("fulfill", lambda: calldata.fulfill([calldata.Fulfillment(1, TAG, UID + b"u", b"s")])),
        ("setPaused", lambda: calldata.set_paused(1)),  # type: ignore[arg-type]
    ],
)
def test_calls__a_value_that_does_not_fit__are_refused_by_name(name: str, make: Any) -> None:
    with pytest.raises(ValueError, match=f"^{name}: "):
        make()


@pytest.mark.parametrize("batch", ["fulfill", "decline", "release", "expire"])
def test_applied__a_batchs_answer__is_how_many_took_effect(batch: str) -> None:
    assert calldata.applied(batch, (3).to_bytes(32)) == 3
    with pytest.raises(ViewError):
        calldata.applied(batch, b"")
