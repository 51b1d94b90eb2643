"""From a log object to a typed event, by fixed offsets.

Promises: see `chain.events`. Strict: a value over its type's range, padding that is not zero, an
offset or a length other than the compiler's, a missing or a surplus byte are all `EventError`.
Assumes: the log is an object of eth_getLogs; its block and transaction are the follower's to check.
Why by hand: this is the index's innermost loop, and a general ABI decoder costs about nine times as
much for the same strictness.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sha3 import keccak_256

from chain import eventtypes as t
from chain.enums import EndReason, Mode
from chain.eventlayout import LAYOUTS

_Builder = Callable[[t.LogMeta, bytes, int, str, int, bytes, str, bytes], t.ChainEvent]

_ZERO12 = bytes(12)
_ZERO16 = bytes(16)
_ZERO20 = bytes(20)
_MODES = tuple(Mode)
_REASONS = tuple(EndReason)
_BOOLS = (False, True)
_U16 = 1 << 16
_U32 = 1 << 32
_U40 = 1 << 40
_U63 = 1 << 63


class EventError(ValueError):
    """The log claims to be ours, but the contract cannot have emitted it."""


def decode(log: Mapping[str, Any]) -> t.ChainEvent | None:
    """The event in `log`, or None if its first topic is not ours. Raises `EventError`."""
    topics = log["topics"]
    known = _KNOWN.get(topics[0]) if topics else None
    if known is None:
        return None
    topic0, n_topics, static_end, dynamic, build = known
    try:
        data = bytes.fromhex(log["data"][2:])
        if len(topics) != n_topics or log.get("removed"):
            raise EventError("wrong number of topics, or a removed log")
        seq = int.from_bytes(data[:32])
        timestamp = int.from_bytes(data[32:64])
        topic1 = topics[1]
        actor_word = bytes.fromhex(topic1[2:])
        if seq >= _U32 or timestamp >= _U40 or actor_word[:12] != _ZERO12 or len(actor_word) != 32:
            raise EventError("seq, timestamp or actor out of range")
        if n_topics == 3:
            key = topics[2]
            key_word = bytes.fromhex(key[2:])
            if len(key_word) != 32:
                raise EventError("a topic of other than 32 bytes")
        else:
            key, key_word = "", b""
        if dynamic:
            tail = _tail(data, static_end)
            covered = data[64:static_end] + keccak_256(tail).digest()
        else:
            if len(data) != static_end:
                raise EventError("data of a wrong length")
            tail, covered = b"", data[64:]
        words = b"".join((data[:32], topic0, actor_word, data[32:64], key_word, covered))
        meta = t.LogMeta(
            log["address"].lower(),
            int(log["blockNumber"], 16),
            log["blockHash"].lower(),
            log["transactionHash"].lower(),
            int(log["transactionIndex"], 16),
            int(log["logIndex"], 16),
        )
        actor = "0x" + topic1[26:].lower()
        return build(meta, words, seq, actor, timestamp, data, key, tail)
    except EventError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise EventError(f"a malformed log: {error!r}") from None


def _tail(data: bytes, static_end: int) -> bytes:
    """The dynamic parameter behind the static words and its offset word."""
    start = static_end + 64
    if int.from_bytes(data[static_end : static_end + 32]) != static_end + 32:
        raise EventError("a dynamic value at another place than the compiler's")
    length = int.from_bytes(data[static_end + 32 : start])
    end = start + length
    padded = start + (length + 31) // 32 * 32
    if len(data) != padded or any(data[end:padded]):
        raise EventError("data of a wrong length, or padding that is not zero")
    return data[start:end]


def _uint(data: bytes, at: int, limit: int) -> int:
    value = int.from_bytes(data[at : at + 32])
    if value >= limit:
        raise EventError(f"{value} is over the range of its type")
    return value


def _address(data: bytes, at: int) -> str:
    if data[at : at + 12] != _ZERO12:
        raise EventError("an address word with bits above 160")
    return "0x" + data[at + 12 : at + 32].hex()


def _bytes12(data: bytes, at: int) -> bytes:
    if data[at + 12 : at + 32] != _ZERO20:
        raise EventError("a bytes12 word with bits below 160")
    return data[at : at + 12]


def _bytes16(data: bytes, at: int) -> bytes:
    if data[at + 16 : at + 32] != _ZERO16:
        raise EventError("a bytes16 word with bits below 128")
    return data[at : at + 16]


def _key(topic: str, limit: int) -> int:
    value = int(topic, 16)
    if value >= limit:
        raise EventError(f"{value} is over the range of its type")
    return value


def _key_address(topic: str) -> str:
    if topic[2:26] != "000000000000000000000000":
        raise EventError("an address topic with bits above 160")
    return "0x" + topic[26:].lower()


def _terms(data: bytes) -> list[int]:
    limits = (1 << 256, 1 << 256, _U32, _U32, _U16, _U16, _U16)
    return [_uint(data, 64 + 32 * i, limit) for i, limit in enumerate(limits)]


# Each takes (meta, words, seq, actor, timestamp, data, key, tail): `key` is the second indexed
# parameter's topic, `tail` the dynamic value.
_BUILDERS: dict[type[t.ChainEvent], _Builder] = {
    t.RoomCreated: lambda m, w, s, a, ts, d, key, tail: t.RoomCreated(
        m, w, s, a, ts, _key(key, _U63), _uint(d, 64, _U16), _uint(d, 96, _U16),
        _MODES[_uint(d, 128, 2)], _address(d, 160), d[192:224], _bytes12(d, 224), tail,
    ),
    t.RoomUpdated: lambda m, w, s, a, ts, d, key, tail: t.RoomUpdated(
        m, w, s, a, ts, _key(key, _U63), tail
    ),
    t.RoomRekeyed: lambda m, w, s, a, ts, d, key, tail: t.RoomRekeyed(
        m, w, s, a, ts, _key(key, _U63), _uint(d, 64, _U16), d[96:128], _bytes12(d, 128)
    ),
    t.RoomTransferStarted: lambda m, w, s, a, ts, d, key, tail: t.RoomTransferStarted(
        m, w, s, a, ts, _key(key, _U63), _address(d, 64)
    ),
    t.RoomTransferred: lambda m, w, s, a, ts, d, key, tail: t.RoomTransferred(
        m, w, s, a, ts, _key(key, _U63), _address(d, 64), _uint(d, 96, _U16), d[128:160],
        _bytes12(d, 160),
    ),
    t.RoomProvisioned: lambda m, w, s, a, ts, d, key, tail: t.RoomProvisioned(
        m, w, s, a, ts, _key(key, _U63), _bytes12(d, 64), _bytes16(d, 96), tail
    ),
    t.RoomEnded: lambda m, w, s, a, ts, d, key, tail: t.RoomEnded(
        m, w, s, a, ts, _key(key, _U63), _REASONS[_uint(d, 64, 6)], _uint(d, 96, _U16),
        int.from_bytes(d[128:160]),
    ),
    t.RoomReleased: lambda m, w, s, a, ts, d, key, tail: t.RoomReleased(
        m, w, s, a, ts, _key(key, _U63)
    ),
    t.Credited: lambda m, w, s, a, ts, d, key, tail: t.Credited(
        m, w, s, a, ts, _key_address(key), int.from_bytes(d[64:96])
    ),
    t.Withdrawn: lambda m, w, s, a, ts, d, key, tail: t.Withdrawn(
        m, w, s, a, ts, _key_address(key), int.from_bytes(d[64:96])
    ),
    t.OperatorAdded: lambda m, w, s, a, ts, d, key, tail: t.OperatorAdded(
        m, w, s, a, ts, _key(key, _U16), _address(d, 64), tail
    ),
    t.OperatorAccountChanged: lambda m, w, s, a, ts, d, key, tail: t.OperatorAccountChanged(
        m, w, s, a, ts, _key(key, _U16), _address(d, 64)
    ),
    t.OperatorAcceptingChanged: lambda m, w, s, a, ts, d, key, tail: t.OperatorAcceptingChanged(
        m, w, s, a, ts, _key(key, _U16), _BOOLS[_uint(d, 64, 2)]
    ),
    t.OperatorEnabledChanged: lambda m, w, s, a, ts, d, key, tail: t.OperatorEnabledChanged(
        m, w, s, a, ts, _key(key, _U16), _BOOLS[_uint(d, 64, 2)]
    ),
    t.TermsSet: lambda m, w, s, a, ts, d, key, tail: t.TermsSet(
        m, w, s, a, ts, _key(key, _U16), *_terms(d)
    ),
    t.ModeratorChanged: lambda m, w, s, a, ts, d, key, tail: t.ModeratorChanged(
        m, w, s, a, ts, _key_address(key), _BOOLS[_uint(d, 64, 2)]
    ),
    t.PauseChanged: lambda m, w, s, a, ts, d, key, tail: t.PauseChanged(
        m, w, s, a, ts, _BOOLS[_uint(d, 64, 2)]
    ),
    t.OwnerProposed: lambda m, w, s, a, ts, d, key, tail: t.OwnerProposed(
        m, w, s, a, ts, _key_address(key)
    ),
    t.OwnerChanged: lambda m, w, s, a, ts, d, key, tail: t.OwnerChanged(
        m, w, s, a, ts, _key_address(key)
    ),
}  # fmt: skip

# topic0 -> (topic0 as bytes, topics, end of the static data, has a dynamic value, builder)
_KNOWN = {
    layout.topic0: (
        bytes.fromhex(layout.topic0[2:]),
        2 + int(layout.indexed),
        32 * layout.data_words,
        layout.dynamic,
        _BUILDERS[layout.type],
    )
    for layout in LAYOUTS
}
