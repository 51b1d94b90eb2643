"""A contract's calls and answers as bytes, by its ABI, through web3.py.

Promises: pure. `ContractCodec.encode` gives the calldata of a function by name, `decode` what it
answered; names, types and their order are the ABI's alone. A value that does not fit its type is a
ValueError before anything is sent, an answer of another shape a `ViewError`. Addresses may be of
any case, and come back in lower case.
Strings: a `str` may carry bytes that are not UTF-8 (`text_of`): the contract takes any bytes for a
title. They are refused in answers, where none of ours has such a string.
How: answers are read by web3.py's codec without its normalizers, which checksum every address:
nobody here wants that, and 32 rooms take 1.8 ms to decode and 9.8 more to normalize. Each function
is a `Contract` of its own, since web3.py looks through the whole ABI, and hashes every signature in
it, at each call. Encoding a call of 32 room numbers takes 1 ms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

from eth_abi.codec import ABICodec
from eth_abi.encoding import ByteStringEncoder, TextStringEncoder
from eth_abi.exceptions import DecodingError, EncodingError
from eth_abi.registry import BaseEquals, registry
from eth_utils.abi import get_abi_input_types, get_abi_output_types
from web3.contract import AsyncContract
from web3.exceptions import MismatchedABI, Web3Exception
from web3.providers import AsyncBaseProvider

from chain import abi
from chain.eth_call import ViewError, answer_bytes
from chain.hexes import to_bytes
from chain.rpc.web3_provider import checksummed, new_web3

_ANY_BYTES = "surrogateescape"


def text_of(data: bytes) -> str:
    """Bytes of any kind as a `str` that is encoded to the same bytes again."""
    return data.decode("utf-8", _ANY_BYTES)


class AnyStringEncoder(TextStringEncoder):
    """eth-abi's for `string`, but for strings of `text_of`."""

    @classmethod
    def encode(cls, value: Any) -> bytes:
        cls.validate_value(value)  # type: ignore[no-untyped-call]
        data = value.encode("utf-8", _ANY_BYTES)
        return bytes(ByteStringEncoder.encode(data))  # type: ignore[no-untyped-call]


def _codec() -> ABICodec:
    ours = registry.copy()  # type: ignore[no-untyped-call]
    any_string = BaseEquals("string")  # type: ignore[no-untyped-call]
    ours.unregister_encoder("string")
    ours.register_encoder(any_string, AnyStringEncoder, label="string")
    return ABICodec(ours)


CODEC = _codec()
"""web3.py's codec with our strings."""


class ContractCodec:
    """By one ABI, whose functions have a name each."""

    def __init__(self, entries: Sequence[Mapping[str, Any]]) -> None:
        web3 = new_web3(AsyncBaseProvider())  # which asks nobody
        web3.codec = CODEC
        self._web3 = web3
        self._entries = {
            entry.get("name", entry["type"]): entry
            for entry in entries
            if entry["type"] in ("function", "constructor")
        }
        self._takes = {
            name: get_abi_input_types(cast(Any, entry)) for name, entry in self._entries.items()
        }
        self._returns = {
            name: tuple(get_abi_output_types(cast(Any, entry)))
            for name, entry in self._entries.items()
            if entry["type"] == "function"
        }
        self._contracts: dict[str, type[AsyncContract]] = {}

    def encode(self, name: str, *values: Any) -> bytes:
        """The calldata of a function. Raises ValueError."""
        return self._encoded(name, values, None)

    def encode_constructor(self, *values: Any) -> bytes:
        """What follows the bytecode in a deployment. Raises ValueError."""
        return self._encoded("constructor", values, "")

    def decode(self, name: str, answer: Any) -> tuple[Any, ...]:
        """What a function returned, of the data that it answered. Raises `ViewError`."""
        raw = answer_bytes(answer)
        try:
            return CODEC.decode(self._returns[name], raw)
        except (DecodingError, TypeError, ValueError, OverflowError) as error:
            raise ViewError(f"the answer is not of the contract's shape: {error}") from None

    def _encoded(self, name: str, values: Sequence[Any], start: Any) -> bytes:
        types = self._takes[name]
        try:
            fitting = [_fit(*pair) for pair in zip(types, values, strict=True)]
            return to_bytes(self._contract(name).encode_abi(name, fitting, data=start))
        except MismatchedABI:
            why = _misfit(types, values)
        except (EncodingError, Web3Exception, TypeError, ValueError) as error:
            why = str(error)
        raise ValueError(f"{name}: {why}")

    def _contract(self, name: str) -> type[AsyncContract]:
        made = self._contracts.get(name)
        if made is None:
            abi_of_one = cast(Any, [self._entries[name]])
            made = self._contracts[name] = self._web3.eth.contract(abi=abi_of_one)
        return made


def _fit(type_: str, value: Any) -> Any:
    """With the addresses that web3.py takes: none of ours stands in a struct."""
    if type_ == "address[]":
        return [checksummed(one) for one in value]
    return checksummed(value) if type_ == "address" else value


def _misfit(types: Sequence[str], values: Sequence[Any]) -> str:
    """Which value does not fit."""
    for type_, value in zip(types, values, strict=True):
        try:
            CODEC.encode([type_], [value])
        except (EncodingError, TypeError, ValueError) as error:
            return str(error)
    return f"values of other types than {', '.join(types)}"


@cache
def livestream_rooms() -> ContractCodec:
    """By the committed artifact. Raises `chain.abi.ArtifactError`."""
    return ContractCodec(abi.load().abi)
