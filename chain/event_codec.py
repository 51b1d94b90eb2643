"""From a log object to a typed event, by fixed offsets.

Promises: see `chain.event_facade`. Strict: a value over its type's range, padding that is not zero,
an offset or a length other than the compiler's, a missing or a surplus byte are all `EventError`.
Assumes: the log is an object of eth_getLogs; its block and transaction are the follower's to check.
How: the log's hex is put into the order that the history hash covers and turned into bytes once;
one mask checks all padding, one `struct` takes all values out; both are made from the layouts.
By hand, since this is the index's innermost loop, and a general ABI decoder costs about nine times
as much for the same strictness.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sha3 import keccak_256

from chain import events as t
from chain.enums import EndReason, Mode
from chain.eventlayout import LAYOUTS, Layout


class EventError(ValueError):
    """The log claims to be ours, but the contract cannot have emitted it."""


class _Plan(NamedTuple):
    """How to read one kind. `static_end`: where in the data's text the static words end;
    `forbidden`: a mask of the bits that are zero in every event; `unpack`: seq, timestamp and the
    static parameters out of the words; `convert`: which of these are not yet what they should be.
    """

    kind: type[t.ChainEvent]
    topic0: str
    topics: int
    static_end: int
    dynamic: bool
    forbidden: int
    unpack: Callable[[bytes], tuple[Any, ...]]
    convert: tuple[tuple[int, Callable[[Any], Any]], ...]


_number = int.from_bytes
_event: Callable[[type[t.ChainEvent], tuple[Any, ...]], Any] = tuple.__new__


def decode(log: Mapping[str, Any]) -> t.ChainEvent | None:
    """The event in `log`, or None if its first topic is not ours. Raises `EventError`."""
    topics = log["topics"]
    plan = _PLANS.get(topics[0]) if topics else None
    if plan is None:
        return None
    kind, topic0, n_topics, static_end, dynamic, forbidden, unpack, convert = plan
    try:
        if len(topics) != n_topics or log.get("removed"):
            raise EventError("wrong number of topics, or a removed log")
        actor, key = topics[1], topics[2] if n_topics == 3 else ""
        if len(actor) != 66 or len(key) not in (0, 66):
            raise EventError("a topic of other than 32 bytes")
        data = log["data"]
        rest = data[130:static_end] if dynamic else data[130:]
        words = bytes.fromhex(data[2:66] + topic0 + actor[2:] + data[66:130] + key[2:] + rest)
        seq, timestamp, *values = unpack(words)
        if _number(words) & forbidden:
            raise EventError("a value over the range of its type, or padding that is not zero")
        for place, true in convert:
            values[place] = true(values[place])
        if dynamic:
            tail = _tail(data, static_end)
            words += keccak_256(tail).digest()
            values.append(tail)
        meta = t.LogMeta(
            log["address"].lower(),
            int(log["blockNumber"], 16),
            log["blockHash"].lower(),
            log["transactionHash"].lower(),
            int(log["transactionIndex"], 16),
            int(log["logIndex"], 16),
        )
        event: t.ChainEvent = _event(
            kind, (meta, words, seq, "0x" + actor[26:].lower(), timestamp, *values)
        )
        return event
    except EventError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, struct.error) as error:
        raise EventError(f"a malformed log: {error!r}") from None


def _tail(data: str, static_end: int) -> bytes:
    """The dynamic parameter behind the static words and its offset word."""
    rest = bytes.fromhex(data[static_end:])
    length = _number(rest[32:64])
    end = 64 + length
    if _number(rest[:32]) != static_end // 2 + 31:
        raise EventError("a dynamic value at another place than the compiler's")
    if len(rest) != 64 + (length + 31) // 32 * 32 or _number(rest[end:]):
        raise EventError("data of a wrong length, or padding that is not zero")
    return rest[64:end]


# ABI type -> (the `struct` of its word, the bits of the word that it may use).
_LOW = [(1 << bits) - 1 for bits in range(257)]
_WORDS: dict[str, tuple[str, int]] = {
    "uint8": ("31xB", _LOW[8]),
    "uint16": ("30xH", _LOW[16]),
    "uint32": ("28xI", _LOW[32]),
    "uint40": ("24xQ", _LOW[40]),
    "uint256": ("32s", _LOW[256]),
    "bool": ("31x?", _LOW[1]),
    "address": ("12x20s", _LOW[160]),
    "bytes12": ("12s20x", _LOW[256] ^ _LOW[160]),
    "bytes16": ("16s16x", _LOW[256] ^ _LOW[128]),
    "bytes32": ("32s", _LOW[256]),
}
# Room numbers are int64 in documents; no contract gives out larger ones.
_ROOM = ("24xQ", _LOW[63])
_ENUMS: dict[str, Callable[[int], Any]] = {
    "mode": tuple(Mode).__getitem__,
    "reason": tuple(EndReason).__getitem__,
}
_CONVERT: dict[str, Callable[[Any], Any]] = {
    "address": lambda word: "0x" + word.hex(),
    "uint256": int.from_bytes,
}


def _plan(layout: Layout) -> _Plan:
    """The words in the order of the history: seq, topic0, actor, timestamp, parameters."""
    words = [_WORDS["uint32"], ("32x", _LOW[256]), ("32x", _LOW[160]), _WORDS["uint40"]]
    convert = []
    names = layout.type._fields[5:]
    for place, (name, type_) in enumerate(zip(names, layout.params, strict=True)):
        if type_ in ("string", "bytes"):
            continue
        words.append(_ROOM if name == "room_id" else _WORDS[type_])
        true = _ENUMS.get(name) or _CONVERT.get(type_)
        if true is not None and name != "room_id":
            convert.append((place, true))
    allowed = _number(b"".join(mask.to_bytes(32) for _, mask in words))
    return _Plan(
        kind=layout.type,
        topic0=layout.topic0[2:],
        topics=2 + int(layout.indexed),
        static_end=2 + 64 * layout.data_words,
        dynamic=layout.dynamic,
        forbidden=((1 << 256 * len(words)) - 1) ^ allowed,
        unpack=struct.Struct(">" + "".join(code for code, _ in words)).unpack,
        convert=tuple(convert),
    )


_PLANS = {layout.topic0: _plan(layout) for layout in LAYOUTS}
