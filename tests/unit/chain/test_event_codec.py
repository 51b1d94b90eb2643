"""Events: the layouts are the ABI's, decoding is strict, encoding is its inverse."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain import abi as artifact
from chain import calldata
from chain import event_facade as e
from chain.enums import EndReason, Mode
from chain.hexes import ZERO_ADDRESS
from chain.history import genesis, step
from chain.keccak import keccak
from chain.tags import address_word, room_tag

META = e.LogMeta("0x" + "11" * 20, 5, "0x" + "22" * 32, "0x" + "33" * 32, 1, 2)
ACTOR = "0x" + "44" * 20
OTHER = "0x" + "55" * 20

SAMPLES: dict[type[Any], dict[str, Any]] = {
    e.RoomCreated: {
        "room_id": 7, "operator_id": 1, "terms_id": 2, "mode": Mode.BROADCAST, "gate": OTHER,
        "ingest_key": b"k" * 32, "tag": b"t" * 12, "title": "phòng".encode(),
    },
    e.RoomUpdated: {"room_id": 7, "title": b""},
    e.RoomRekeyed: {"room_id": 7, "key_version": 2, "ingest_key": b"k" * 32, "tag": b"t" * 12},
    e.RoomTransferStarted: {"room_id": 7, "to": ZERO_ADDRESS},
    e.RoomTransferred: {
        "room_id": 7, "former_host": OTHER, "key_version": 2, "ingest_key": b"k" * 32,
        "tag": b"t" * 12,
    },
    e.RoomProvisioned: {
        "room_id": 7, "tag": b"t" * 12, "uid": b"u" * 16, "sealed_ingest": b"s" * 33
    },
    e.RoomEnded: {
        "room_id": 7,
        "reason": EndReason.DECLINED,
        "detail": 3,
        "amount": 2**200,
    },
    e.RoomReleased: {"room_id": 7},
    e.Credited: {"account": OTHER, "amount": 2**200},
    e.Withdrawn: {"to": OTHER, "amount": 1},
    e.OperatorAdded: {"operator_id": 1, "account": OTHER, "playback_base": b"https://a.example"},
    e.OperatorAccountChanged: {"operator_id": 1, "account": ZERO_ADDRESS},
    e.OperatorAcceptingChanged: {"operator_id": 1, "accepting": True},
    e.OperatorEnabledChanged: {"operator_id": 1, "enabled": False},
    e.TermsSet: {
        "terms_id": 3, "deposit": 10**15, "fee": 10**14, "max_room_seconds": 86_400,
        "fulfill_deadline_seconds": 600, "max_open_rooms": 20, "max_room_events": 200,
        "rekey_cooldown": 30,
    },
    e.ModeratorChanged: {"account": OTHER, "allowed": True},
    e.PauseChanged: {"paused": True},
    e.OwnerProposed: {"account": OTHER},
    e.OwnerChanged: {"account": OTHER},
}  # fmt: skip


def sample(kind: type[Any]) -> Any:
    return e.build(kind, META, seq=9, actor=ACTOR, timestamp=1_700_000_000, **SAMPLES[kind])


KINDS = pytest.mark.parametrize("kind", list(SAMPLES), ids=lambda kind: kind.__name__)


def _spread(inputs: list[dict[str, Any]]) -> list[str]:
    found: list[str] = []
    for item in inputs:
        found += _spread(item["components"]) if item["type"] == "tuple" else [item["type"]]
    return found


@KINDS
def test_layout__the_abi_of_the_artifact__same_types_and_same_indexed(kind: type[Any]) -> None:
    abi = next(i for i in artifact.load().abi if i.get("name") == kind.__name__)
    layout = e.BY_TYPE[kind]
    assert [i["name"] for i in abi["inputs"]][:3] == ["seq", "actor", "timestamp"]
    assert tuple(_spread(abi["inputs"][3:])) == layout.params
    indexed = [i["indexed"] for i in abi["inputs"]]
    assert indexed[:3] == [False, True, False]
    assert indexed[3:] == [layout.indexed] + [False] * (len(indexed) - 4)


def test_layouts__every_event_of_ours_in_the_abi__is_there() -> None:
    names = {i["name"] for i in artifact.load().abi if i["type"] == "event"}
    openzeppelin = {"OwnershipTransferStarted", "OwnershipTransferred"}
    assert {layout.type.__name__ for layout in e.LAYOUTS} == names - openzeppelin


@KINDS
def test_decode__what_encode_made__the_same_event(kind: type[Any]) -> None:
    event = sample(kind)
    assert e.decode(e.encode(event)) == event
    assert event.meta == META
    assert (event.seq, event.actor, event.timestamp) == (9, ACTOR, 1_700_000_000)
    for name, value in SAMPLES[kind].items():
        assert getattr(event, name) == value


@KINDS
def test_words__any_event__are_what_the_contract_hashes(kind: type[Any]) -> None:
    event = sample(kind)
    layout = e.BY_TYPE[kind]
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
    assert step(h, event) == keccak(h + bytes(8) + event.words)[:24]


def test_decode__a_foreign_topic_or_none__is_nothing() -> None:
    log = e.encode(sample(e.RoomReleased))
    assert e.decode({**log, "topics": ["0x" + "ab" * 32]}) is None
    assert e.decode({**log, "topics": []}) is None


@KINDS
def test_decode__a_byte_too_many_or_too_few__is_refused(kind: type[Any]) -> None:
    log = e.encode(sample(kind))
    for data in (log["data"] + "00", log["data"][:-2], log["data"] + "00" * 32, "0x"):
        with pytest.raises(e.EventError):
            e.decode({**log, "data": data})
    for topics in (log["topics"][:-1], [*log["topics"], "0x" + "00" * 32]):
        if topics:
            with pytest.raises(e.EventError):
                e.decode({**log, "topics": topics})


@KINDS
@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_decode__any_flipped_bit__is_refused_or_another_event(
    kind: type[Any], place: int, bit: int
) -> None:
    event = sample(kind)
    log = e.encode(event)
    data = bytearray.fromhex(log["data"][2:])
    data[place % len(data)] ^= 1 << bit
    try:
        other = e.decode({**log, "data": "0x" + data.hex()})
    except e.EventError:
        return
    assert other is not None
    assert other.words != event.words
    assert e.encode(other)["data"] == "0x" + data.hex()


def test_decode__a_removed_log__is_refused() -> None:
    with pytest.raises(e.EventError):
        e.decode({**e.encode(sample(e.RoomReleased)), "removed": True})


def test_calls__every_function__has_the_abis_selector() -> None:
    terms = calldata.Terms(1, 2, 3, 4, 5, 6, 7)
    made = {
        "createRoom": calldata.create_room(1, 0, OTHER, b"k" * 32, b"\xff"),
        "updateRoom": calldata.update_room(1, b"t"),
        "rekeyRoom": calldata.rekey_room(1, b"k" * 32),
        "transferRoom": calldata.transfer_room(1, OTHER),
        "acceptRoom": calldata.accept_room(1, b"k" * 32),
        "endRoom": calldata.end_room(1),
        "withdrawTo": calldata.withdraw_to(OTHER),
        "fulfill": calldata.fulfill([calldata.Fulfillment(1, b"t" * 12, b"u" * 16, b"s")]),
        "decline": calldata.decline([calldata.Declination(1, b"t" * 12, 1)]),
        "release": calldata.release([calldata.Release(1, b"t" * 12)]),
        "setOperatorAccepting": calldata.set_operator_accepting(1, True),
        "expire": calldata.expire([1, 2]),
        "takeDown": calldata.take_down(1, 2),
        "addOperator": calldata.add_operator(OTHER, "https://a"),
        "setOperatorAccount": calldata.set_operator_account(1, OTHER),
        "setOperatorEnabled": calldata.set_operator_enabled(1, True),
        "setTerms": calldata.set_terms(terms),
        "setModerator": calldata.set_moderator(OTHER, True),
        "setPaused": calldata.set_paused(True),
        "transferOwnership": calldata.transfer_ownership(OTHER),
        "acceptOwnership": calldata.accept_ownership(),
    }
    functions = {i["name"]: i for i in artifact.load().abi if i["type"] == "function"}
    for name, data in made.items():
        types = ",".join(_shown(i) for i in functions[name]["inputs"])
        assert data[:4] == calldata.selector(f"{name}({types})"), name
    writing = {
        name for name, i in functions.items() if i["stateMutability"] in ("nonpayable", "payable")
    }
    assert writing - {"renounceOwnership"} == set(made)


def _shown(item: dict[str, Any]) -> str:
    if item["type"].startswith("tuple"):
        inner = ",".join(_shown(part) for part in item["components"])
        return f"({inner}){item['type'][5:]}"
    return str(item["type"])


def test_calls__a_value_out_of_range__is_refused() -> None:
    with pytest.raises(ValueError, match="takeDown"):
        calldata.take_down(1, 70_000)
    with pytest.raises(ValueError):
        calldata.create_room(1, 0, "0x12", b"k" * 32, b"")


def test_room_tag__key_versions__bind_gate_then_former_tag() -> None:
    first = room_tag(31337, META.contract, 1, ACTOR, 1, 0, ZERO_ADDRESS, b"k" * 32, 1)
    second = room_tag(31337, META.contract, 1, ACTOR, 1, 0, first, b"k" * 32, 2)
    assert len(first) == len(second) == 12
    assert first != second
    with pytest.raises(ValueError):
        room_tag(31337, META.contract, 1, ACTOR, 1, 0, first, b"short", 2)
