"""Events: the layouts are the ABI's, decoding is strict, encoding is its inverse."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain import abi
from chain import event_codec as codec
from chain import events as t
from chain.enums import EndReason, Mode
from chain.hexes import ZERO_ADDRESS, keccak
from chain.history import address_word, genesis, step

META = t.LogMeta("0x" + "11" * 20, 5, "0x" + "22" * 32, "0x" + "33" * 32, 1, 2)
ACTOR = "0x" + "44" * 20
OTHER = "0x" + "55" * 20

SAMPLES: dict[type[Any], dict[str, Any]] = {
    t.RoomCreated: {
        "room_id": 7, "operator_id": 1, "terms_id": 2, "mode": Mode.BROADCAST, "gate": OTHER,
        "ingest_key": b"k" * 32, "tag": b"t" * 12, "title": "phòng".encode(),
    },
    t.RoomUpdated: {"room_id": 7, "title": b""},
    t.RoomDescribed: {"room_id": 7, "starts_at": 2**40 - 1, "details": b"{}"},
    t.RoomRekeyed: {"room_id": 7, "key_version": 2, "ingest_key": b"k" * 32, "tag": b"t" * 12},
    t.RoomTransferStarted: {"room_id": 7, "to": ZERO_ADDRESS},
    t.RoomTransferred: {
        "room_id": 7, "former_host": OTHER, "key_version": 2, "ingest_key": b"k" * 32,
        "tag": b"t" * 12,
    },
    t.RoomProvisioned: {
        "room_id": 7, "tag": b"t" * 12, "uid": b"u" * 16, "sealed_ingest": b"s" * 33
    },
    t.RoomEnded: {
        "room_id": 7,
        "host": OTHER,
        "reason": EndReason.DECLINED,
        "detail": 3,
        "amount": 2**200,
    },
    t.RoomReleased: {"room_id": 7},
    t.Credited: {"account": OTHER, "amount": 2**200, "operator_id": 1},
    t.CreditSpent: {"room_id": 7, "amount": 2**200},
    t.Withdrawn: {"to": OTHER, "amount": 1},
    t.OperatorAdded: {
        "operator_id": 1, "account": OTHER, "payee": ACTOR, "playback_base": b"https://a.example"
    },
    t.OperatorAccountChanged: {"operator_id": 1, "account": ZERO_ADDRESS},
    t.OperatorPayeeChanged: {"operator_id": 1, "payee": OTHER},
    t.OperatorAcceptingChanged: {"operator_id": 1, "accepting": True},
    t.OperatorEnabledChanged: {"operator_id": 1, "enabled": False},
    t.TermsSet: {
        "terms_id": 3, "deposit": 10**15, "fee": 10**14, "max_room_seconds": 86_400,
        "fulfill_deadline_seconds": 600, "max_open_rooms": 20, "max_room_events": 200,
        "rekey_cooldown": 30,
    },
    t.ModeratorChanged: {"account": OTHER, "allowed": True},
    t.PauseChanged: {"paused": True},
    t.Retired: {"successor": ZERO_ADDRESS},
    t.OwnerProposed: {"account": OTHER},
    t.OwnerChanged: {"account": OTHER},
}  # fmt: skip


def sample(kind: type[Any]) -> Any:
    return codec.build_event(
        kind, META, seq=9, actor=ACTOR, timestamp=1_700_000_000, **SAMPLES[kind]
    )


KINDS = pytest.mark.parametrize("kind", list(SAMPLES), ids=lambda kind: kind.__name__)


def _spread(inputs: list[dict[str, Any]]) -> list[str]:
    found: list[str] = []
    for item in inputs:
        found += _spread(item["components"]) if item["type"] == "tuple" else [item["type"]]
    return found


@KINDS
def test_layout__the_abi_of_the_artifact__same_types_and_same_indexed(kind: type[Any]) -> None:
    event = next(i for i in abi.load().abi if i.get("name") == kind.__name__)
    layout = codec.BY_TYPE[kind]
    assert [i["name"] for i in event["inputs"]][:3] == ["seq", "actor", "timestamp"]
    assert tuple(_spread(event["inputs"][3:])) == layout.params
    indexed = [i["indexed"] for i in event["inputs"]]
    assert indexed[:3] == [False, True, False]
    assert indexed[3:] == [place < layout.indexed for place in range(len(indexed) - 3)]


def test_layouts__every_event_of_ours_in_the_abi__is_there() -> None:
    names = {i["name"] for i in abi.load().abi if i["type"] == "event"}
    openzeppelin = {"OwnershipTransferStarted", "OwnershipTransferred"}
    assert {layout.type.__name__ for layout in codec.LAYOUTS} == names - openzeppelin


@KINDS
def test_decode__what_encode_made__the_same_event(kind: type[Any]) -> None:
    event = sample(kind)
    assert codec.decode(codec.encode(event)) == event
    assert event.meta == META
    assert (event.seq, event.actor, event.timestamp) == (9, ACTOR, 1_700_000_000)
    for name, value in SAMPLES[kind].items():
        assert getattr(event, name) == value


@KINDS
def test_words__any_event__are_what_the_contract_hashes(kind: type[Any]) -> None:
    event = sample(kind)
    layout = codec.BY_TYPE[kind]
    words = [(9).to_bytes(32), bytes.fromhex(layout.topic0[2:]), address_word(ACTOR)]
    words.append((1_700_000_000).to_bytes(32))
    for type_, value in zip(layout.params, list(event)[5:], strict=True):
        if type_ in ("string", "bytes"):
            words.append(keccak(value))
        elif type_ == "address":
            words.append(address_word(value))
        elif type_.startswith("bytes"):
            words.append(value.ljust(32, b"\0"))
        else:
            words.append(int(value).to_bytes(32))
    assert event.words == b"".join(words)
    h = genesis(31337, META.contract)
    assert step(h, event) == keccak(h + bytes(9) + event.words)[:23]


def test_decode__a_foreign_topic_or_none__is_nothing() -> None:
    log = codec.encode(sample(t.RoomReleased))
    assert codec.decode({**log, "topics": ["0x" + "ab" * 32]}) is None
    assert codec.decode({**log, "topics": []}) is None


@KINDS
def test_decode__a_byte_too_many_or_too_few__is_refused(kind: type[Any]) -> None:
    log = codec.encode(sample(kind))
    for data in (log["data"] + "00", log["data"][:-2], log["data"] + "00" * 32, "0x"):
        with pytest.raises(codec.EventError):
            codec.decode({**log, "data": data})
    for topics in (log["topics"][:-1], [*log["topics"], "0x" + "00" * 32]):
        if topics:
            with pytest.raises(codec.EventError):
                codec.decode({**log, "topics": topics})


@KINDS
@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_decode__any_flipped_bit__is_refused_or_another_event(
    kind: type[Any], place: int, bit: int
) -> None:
    event = sample(kind)
    log = codec.encode(event)
    data = bytearray.fromhex(log["data"][2:])
    data[place % len(data)] ^= 1 << bit
    try:
        other = codec.decode({**log, "data": "0x" + data.hex()})
    except codec.EventError:
        return
    assert other is not None
    assert other.words != event.words
    assert codec.encode(other)["data"] == "0x" + data.hex()


def test_decode__a_removed_log__is_refused() -> None:
    with pytest.raises(codec.EventError):
        codec.decode({**codec.encode(sample(t.RoomReleased)), "removed": True})
