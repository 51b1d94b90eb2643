"""The contract's events on the wire: their layouts, decoding and encoding.

Promises: `LAYOUTS` are plain tables from which decoding, encoding and the tests work. `decode`
turns a log object into a typed event, or None for a log of another kind (OpenZeppelin's ownership
events). It is strict: a value over its type's range, padding that is not zero, an offset or a
length other than the compiler's, a missing or a surplus byte are all `EventError`. `encode` is its
inverse, for simulations and tests: `decode(encode(event)) == event` for every event that
`build_event` made.
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
from chain.hexes import hex_data, keccak, to_bytes

TERMS = ("uint256", "uint256", "uint32", "uint32", "uint16", "uint16", "uint16")


class Layout(NamedTuple):
    """Every event's parameters are `seq, actor (indexed), timestamp`, then `params`, of which the
    first ones are indexed (none to two of them); a dynamic one comes last.

    `params`: their ABI types, in declaration order; TermsSet's struct is spread over its words.
    `indexed`: how many of them are. `data_words`: the static words in the data, `seq` and
    `timestamp` included, the offset word of a dynamic parameter not. `dynamic`: the last parameter
    is string or bytes."""

    type: type[t.ChainEvent]
    signature: str
    topic0: str
    params: tuple[str, ...]
    indexed: int
    dynamic: bool
    data_words: int


def _layout(kind: type[t.ChainEvent], *params: str, indexed: int = 1) -> Layout:
    struct = kind is t.TermsSet
    shown = (*params[:1], f"({','.join(TERMS)})") if struct else params
    signature = f"{kind.__name__}({','.join(('uint40', 'address', 'uint40', *shown))})"
    dynamic = params[-1] in ("string", "bytes")
    return Layout(
        type=kind,
        signature=signature,
        topic0=hex_data(keccak(signature.encode())),
        params=params,
        indexed=indexed,
        dynamic=dynamic,
        data_words=2 + len(params) - indexed - int(dynamic),
    )


_ROOM_ID = "uint256"
_CREATION = ("uint16", "uint16", "uint8", "address", "bytes32", "bytes12", "string")

LAYOUTS: tuple[Layout, ...] = (
    _layout(t.RoomCreated, _ROOM_ID, *_CREATION, indexed=2),
    _layout(t.RoomUpdated, _ROOM_ID, "string"),
    _layout(t.RoomDescribed, _ROOM_ID, "uint40", "string"),
    _layout(t.RoomRekeyed, _ROOM_ID, "uint16", "bytes32", "bytes12"),
    _layout(t.RoomTransferStarted, _ROOM_ID, "address", indexed=2),
    _layout(t.RoomTransferred, _ROOM_ID, "address", "uint16", "bytes32", "bytes12", indexed=2),
    _layout(t.RoomProvisioned, _ROOM_ID, "bytes12", "bytes16", "bytes"),
    _layout(t.RoomEnded, _ROOM_ID, "address", "uint8", "uint16", "uint256", indexed=2),
    _layout(t.RoomReleased, _ROOM_ID),
    _layout(t.Credited, "address", "uint256", "uint16"),
    _layout(t.CreditSpent, _ROOM_ID, "uint256"),
    _layout(t.Withdrawn, "address", "uint256"),
    _layout(t.OperatorAdded, "uint16", "address", "address", "string"),
    _layout(t.OperatorAccountChanged, "uint16", "address"),
    _layout(t.OperatorPayeeChanged, "uint16", "address"),
    _layout(t.OperatorAcceptingChanged, "uint16", "bool"),
    _layout(t.OperatorEnabledChanged, "uint16", "bool"),
    _layout(t.TermsSet, "uint16", *TERMS),
    _layout(t.ModeratorChanged, "address", "bool"),
    _layout(t.PauseChanged, "bool", indexed=0),
    _layout(t.Retired, "address"),
    _layout(t.OwnerProposed, "address"),
    _layout(t.OwnerChanged, "address"),
)

BY_TOPIC = {layout.topic0: layout for layout in LAYOUTS}
BY_TYPE = {layout.type: layout for layout in LAYOUTS}
TOPICS: tuple[str, ...] = tuple(layout.topic0 for layout in LAYOUTS)
"""Every topic0 of ours, as 0x strings."""


# --- decoding -----------------------------------------------------------------------------------


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
        if any(len(topic) != 66 for topic in topics):
            raise EventError("a topic of other than 32 bytes")
        actor = topics[1]
        keys = "".join([topic[2:] for topic in topics[2:]])
        data = log["data"]
        rest = data[130:static_end] if dynamic else data[130:]
        words = bytes.fromhex(data[2:66] + topic0 + actor[2:] + data[66:130] + keys + rest)
        seq, timestamp, *values = unpack(words)
        if _number(words) & forbidden:
            raise EventError("a value over the range of its type, or padding that is not zero")
        for place, true in convert:
            values[place] = true(values[place])
        if dynamic:
            tail = _tail(data, static_end)
            words += keccak_256(tail).digest()
            values.append(tail)
        transaction, place = int(log["transactionIndex"], 16), int(log["logIndex"], 16)
        digest = log["transactionHash"].lower()
        if (transaction | place) >> 63 or len(digest) != 66:
            raise EventError("a place that no block has, or a transaction's hash of another length")
        meta = t.LogMeta(
            log["address"].lower(),
            int(log["blockNumber"], 16),
            log["blockHash"].lower(),
            digest,
            transaction,
            place,
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
_ROOM_NUMBER = ("24xQ", _LOW[63])
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
    words = [_WORDS["uint40"], ("32x", _LOW[256]), ("32x", _LOW[160]), _WORDS["uint40"]]
    convert = []
    names = layout.type._fields[5:]
    for place, (name, type_) in enumerate(zip(names, layout.params, strict=True)):
        if type_ in ("string", "bytes"):
            continue
        words.append(_ROOM_NUMBER if name == "room_id" else _WORDS[type_])
        true = _ENUMS.get(name) or _CONVERT.get(type_)
        if true is not None and name != "room_id":
            convert.append((place, true))
    allowed = _number(b"".join(mask.to_bytes(32) for _, mask in words))
    return _Plan(
        kind=layout.type,
        topic0=layout.topic0[2:],
        topics=2 + layout.indexed,
        static_end=2 + 64 * layout.data_words,
        dynamic=layout.dynamic,
        forbidden=((1 << 256 * len(words)) - 1) ^ allowed,
        unpack=struct.Struct(">" + "".join(code for code, _ in words)).unpack,
        convert=tuple(convert),
    )


_PLANS = {layout.topic0: _plan(layout) for layout in LAYOUTS}


# --- encoding, for simulations and tests --------------------------------------------------------


def build_event(
    kind: type[t.ChainEvent],
    meta: t.LogMeta,
    *,
    seq: int,
    actor: str,
    timestamp: int,
    **values: Any,
) -> t.ChainEvent:
    """A typed event with its `words` worked out. `values` are the fields after `timestamp`."""
    layout = BY_TYPE[kind]
    made: Any = kind
    raw = made(meta=meta, words=b"", seq=seq, actor=actor, timestamp=timestamp, **values)
    event = decode(encode(raw))
    if event is None:
        raise ValueError(f"{layout.signature} did not survive encoding")
    return event


def encode(event: t.ChainEvent) -> dict[str, Any]:
    """The log object of eth_getLogs that carries `event`."""
    layout = BY_TYPE[type(event)]
    values: list[Any] = list(event)[5:]
    words = [
        _word(type_, value)
        for type_, value in zip(layout.params, values, strict=True)
        if type_ not in ("string", "bytes")
    ]
    topics = [layout.topic0, hex_data(_word("address", event.actor))]
    topics += [hex_data(word) for word in words[: layout.indexed]]
    data = [_word("uint40", event.seq), _word("uint40", event.timestamp), *words[layout.indexed :]]
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
