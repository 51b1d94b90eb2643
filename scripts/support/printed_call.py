"""A call for another wallet to send: to whom, what value, what data, and what the data says.

Promises: prints only; the meaning is read back from the data itself, by the artifact's ABI, so that
who signs elsewhere can compare it with what that wallet shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from eth_utils.abi import collapse_if_tuple, function_abi_to_4byte_selector
from eth_utils.address import to_checksum_address

from chain import abi
from chain.contract import CODEC
from chain.hexes import hex_data
from chain.units import in_ether


def print_call(to: str | None, value: int, data: bytes) -> None:
    """Print a call; `to` None creates the contract."""
    print(f"  target   {to or 'none: it creates a contract'}")
    print(f"  value    {value} wei ({in_ether(value)})")
    print(f"  data     {hex_data(data)}")
    print(f"  meaning  {meaning_of(data)}")


def meaning_of(data: bytes) -> str:
    """The function and its arguments."""
    contract = abi.load()
    for entry in contract.abi:
        if entry["type"] == "constructor" and data.startswith(contract.bytecode):
            return _call(f"new {contract.name}", entry, data[len(contract.bytecode) :])
        if entry["type"] == "function" and data[:4] == function_abi_to_4byte_selector(
            cast(Any, entry)
        ):
            return _call(entry["name"], entry, data[4:])
    raise ValueError("the data is no call of the contract")


def _call(name: str, entry: dict[str, Any], data: bytes) -> str:
    inputs = entry["inputs"]
    values = CODEC.decode([collapse_if_tuple(cast(Any, one)) for one in inputs], data)
    return f"{name}({_named(inputs, values)})"


def _named(inputs: Sequence[dict[str, Any]], values: Sequence[Any]) -> str:
    """Each by its name; the source ends some with a line below for its own reasons."""
    return ", ".join(
        f"{one['name'].rstrip('_')}={_told(one, value)}"
        for one, value in zip(inputs, values, strict=True)
    )


def _told(input_: dict[str, Any], value: Any) -> str:
    kind = str(input_["type"])
    if kind.endswith("[]"):
        one = {**input_, "type": kind.removesuffix("[]")}
        return "[" + ", ".join(_told(one, item) for item in value) + "]"
    if kind == "tuple":
        return f"({_named(input_['components'], value)})"
    if kind == "address":
        return to_checksum_address(value)
    if isinstance(value, bytes):
        return hex_data(value)
    return repr(value) if kind == "string" else str(value)
