"""The hash over all events as docs/contract.md tells it; the parameters' types are the ABI's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chain import abi
from chain import events as t
from chain.hexes import keccak

HASH_BYTES = 23

_Word = Callable[[Any], bytes]


def genesis(chain_id: int, contract: str) -> bytes:
    """The hash before the first event."""
    return keccak(chain_id.to_bytes(32) + _address(contract))[:HASH_BYTES]


def step(
    digest: bytes, kind: type[t.ChainEvent], seq: int, actor: str, at: int, values: tuple[Any, ...]
) -> bytes:
    """The hash after one more event."""
    topic, words = _LAYOUTS[kind.__name__]
    before = digest.ljust(32, b"\0")
    parts = [before, seq.to_bytes(32), topic, _address(actor), at.to_bytes(32)]
    parts += [word(value) for word, value in zip(words, values, strict=True)]
    return keccak(b"".join(parts))[:HASH_BYTES]


def _address(value: str) -> bytes:
    return bytes(12) + bytes.fromhex(value[2:])


def _number(value: int) -> bytes:
    return int(value).to_bytes(32)


def _left_aligned(value: bytes) -> bytes:
    return value.ljust(32, b"\0")


def _word(kind: str) -> _Word:
    if kind == "address":
        return _address
    if kind in ("string", "bytes"):
        return keccak
    return _left_aligned if kind.startswith("bytes") else _number


def _flat(entry: dict[str, Any]) -> list[dict[str, Any]]:
    return list(entry["components"]) if entry["type"] == "tuple" else [entry]


def _canonical(entry: dict[str, Any]) -> str:
    inner = ",".join(part["type"] for part in entry.get("components", ()))
    return f"({inner})" if entry["type"] == "tuple" else str(entry["type"])


def _layouts() -> dict[str, tuple[bytes, tuple[_Word, ...]]]:
    found = {}
    for event in abi.load().abi:
        if event["type"] == "event":
            inputs = event["inputs"]
            signature = f"{event['name']}({','.join(map(_canonical, inputs))})"
            own = [part for entry in inputs[3:] for part in _flat(entry)]
            words = tuple(_word(part["type"]) for part in own)
            found[event["name"]] = (keccak(signature.encode()), words)
    return found


_LAYOUTS = _layouts()
"""topic0 and, parameter by parameter after the timestamp, how to make a word of it."""
