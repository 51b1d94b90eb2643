"""From a typed event to the log object a node would answer: the inverse of decoding.

Promises: `decode(encode(event)) == event` for every event `build` made. For simulations and tests.
"""

from __future__ import annotations

from typing import Any

from chain.event_codec import decode
from chain.eventlayout import BY_TYPE
from chain.events import ChainEvent, LogMeta
from chain.hexes import hex_data, to_bytes


def build(
    kind: type[ChainEvent], meta: LogMeta, *, seq: int, actor: str, timestamp: int, **values: Any
) -> ChainEvent:
    """A typed event with its `words` worked out. `values` are the fields after `timestamp`."""
    layout = BY_TYPE[kind]
    made: Any = kind
    raw = made(meta=meta, words=b"", seq=seq, actor=actor, timestamp=timestamp, **values)
    event = decode(encode(raw))
    if event is None:
        raise ValueError(f"{layout.signature} did not survive encoding")
    return event


def encode(event: ChainEvent) -> dict[str, Any]:
    """The log object of eth_getLogs that carries `event`."""
    layout = BY_TYPE[type(event)]
    values: list[Any] = list(event)[5:]
    words = [
        _word(type_, value)
        for type_, value in zip(layout.params, values, strict=True)
        if type_ not in ("string", "bytes")
    ]
    topics = [layout.topic0, hex_data(_word("address", event.actor))]
    if layout.indexed:
        topics.append(hex_data(words.pop(0)))
    data = [_word("uint32", event.seq), _word("uint40", event.timestamp), *words]
    if layout.dynamic:
        tail: bytes = values[-1]
        data += [_word("uint256", 32 * (len(data) + 1)), _word("uint256", len(tail))]
        data.append(tail.ljust((len(tail) + 31) // 32 * 32, b"\0"))
    meta = event.meta
    return {
        "address": meta.contract,
        "topics": topics,
        "data": hex_data(b"".join(data)),
        "blockNumber": hex(meta.block_number),
        "blockHash": meta.block_hash,
        "transactionHash": meta.tx_hash,
        "transactionIndex": hex(meta.tx_index),
        "logIndex": hex(meta.log_index),
        "removed": False,
    }


def _word(type_: str, value: Any) -> bytes:
    if type_ == "address":
        return bytes(12) + to_bytes(value)
    if type_.startswith("bytes"):
        return bytes(value).ljust(32, b"\0")
    return int(value).to_bytes(32)
