"""Revert data in words.

Promises: `ErrorTable.words` answers a sentence for any bytes, known or not, and never raises.
web3.py decodes no custom errors, so the table is ours; names and types are the ABI's, and the bytes
are read by web3.py's codec.
Assumes: Solidity's encoding: Error(string), Panic(uint256), and the custom errors of the ABIs that
the table was made of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

from eth_abi.exceptions import DecodingError, ParseError
from eth_utils.abi import collapse_if_tuple, function_signature_to_4byte_selector

from chain import abi
from chain.contract import CODEC
from chain.hexes import hex_data

_ERROR = bytes.fromhex("08c379a0")
_PANIC = bytes.fromhex("4e487b71")
# docs.soliditylang.org, "Panic via assert and Error via require"
_PANICS = {
    0x01: "an assertion failed",
    0x11: "arithmetic overflow or underflow",
    0x12: "division by zero",
    0x21: "a value is not of its enum",
    0x22: "storage bytes are malformed",
    0x31: "pop from an empty array",
    0x32: "an index is out of bounds",
    0x41: "too much memory was asked for",
    0x51: "a zero function pointer was called",
}


@dataclass(frozen=True)
class AbiError:
    """A custom error: its name, and its arguments' (type, name)."""

    name: str
    inputs: tuple[tuple[str, str], ...]

    @property
    def selector(self) -> bytes:
        types = ",".join(kind for kind, _ in self.inputs)
        return function_signature_to_4byte_selector(f"{self.name}({types})")


@dataclass(frozen=True)
class ErrorTable:
    """Custom errors by selector. `sentences`: what an error's name means, for operators."""

    errors: Mapping[bytes, AbiError] = field(default_factory=dict)
    sentences: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_abi(
        cls, abi: Iterable[Mapping[str, Any]], sentences: Mapping[str, str] | None = None
    ) -> ErrorTable:
        """The table of an ABI's "error" entries (tuples as arguments included)."""
        found = [
            AbiError(entry["name"], _inputs(entry)) for entry in abi if entry.get("type") == "error"
        ]
        return cls({error.selector: error for error in found}, dict(sentences or {}))

    def words(self, data: bytes) -> str:
        """What the revert data says."""
        if not data:
            return "reverted without a reason"
        selector, body = data[:4], data[4:]
        try:
            if selector == _ERROR:
                return str(CODEC.decode(["string"], body)[0])
            if selector == _PANIC:
                code = int(CODEC.decode(["uint256"], body)[0])
                return _PANICS.get(code, f"panic 0x{code:02x}")
            error = self.errors.get(selector)
            if error is not None:
                return self._custom(error, CODEC.decode([kind for kind, _ in error.inputs], body))
        except (DecodingError, ParseError, UnicodeDecodeError, OverflowError):
            return f"a malformed error 0x{data[:36].hex()}"
        return f"an unknown error 0x{data[:36].hex()}"

    def _custom(self, error: AbiError, values: Sequence[Any]) -> str:
        arguments = ", ".join(
            f"{name}={_shown(value)}" if name else _shown(value)
            for (_, name), value in zip(error.inputs, values, strict=True)
        )
        sentence = self.sentences.get(error.name)
        return f"{error.name}({arguments})" + (f": {sentence}" if sentence else "")


@cache
def contract_errors() -> ErrorTable:
    """The contract's errors, each with the sentence that stands beside it in the source."""
    contract = abi.load()
    return ErrorTable.from_abi(contract.abi, contract.sentences)


def _inputs(entry: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((collapse_if_tuple(cast(Any, i)), i.get("name", "")) for i in entry["inputs"])


def _shown(value: Any) -> str:
    if isinstance(value, bytes):
        return hex_data(value)
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_shown(item) for item in value) + "]"
    return str(value)
