"""Stored events: as documents and back, read in order, exported, and what they do not account for
(docs/index.md, "What is promised" and "Checking an export without us")."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from chain import events as t
from chain.enums import EndReason, Mode
from chain.hexes import ZERO_ADDRESS
from chain.keccak import keccak
from indexer import store as store_module
from indexer.cli.export import lines
from indexer.cli.extras import extras, written_at
from indexer.documents import ACCOUNTS, CHECKPOINT, EVENTS, MODERATORS, OPERATORS, ROOMS, TERMS
from indexer.event_pages import event_doc, event_of_doc
from indexer.store import IncompleteIndex, stored_events, stored_history
from tests.support.fold_tables import (
    ALICE,
    AT,
    BASE,
    BLOCK,
    BOB,
    CONTRACT,
    GATE,
    HASH,
    KEY_1,
    LOG_INDEX,
    OPERATOR,
    OWNER,
    SEQ,
    TAG_1,
    TX,
    UID,
    event,
)
from tests.support.memory_store import MemoryStore
from tests.support.written_index import CHAIN_ID, FOUNDATION, START, WrittenIndex

KEY_HEX, TAG_HEX = "0x" + "11" * 32, "0x" + "a1" * 12
WEI_15, WEI_16 = "000000000000001000000000000000", "000000000000010000000000000000"

# (type, actor, values, room, account, args): the last three as docs/index.md and the model tell
EACH: list[tuple[Any, str, dict[str, Any], int | None, str | None, dict[str, Any]]] = [
    (
        t.RoomCreated, ALICE,
        {"room_id": 7, "operator_id": 2, "terms_id": 3, "mode": Mode.BROADCAST, "gate": GATE,
         "ingest_key": KEY_1, "tag": TAG_1, "title": b"ok \xff"},
        7, None,
        {"operator_id": 2, "terms_id": 3, "mode": "broadcast", "gate": GATE,
         "ingest_key": KEY_HEX, "tag": TAG_HEX, "title": "ok \ufffd", "title_hex": "0x6f6b20ff"},
    ),
    (
        t.RoomUpdated, ALICE, {"room_id": 7, "title": "Lớp".encode()}, 7, None,
        {"title": "Lớp", "title_hex": "0x4ce1bb9b70"},
    ),
    (
        t.RoomRekeyed, ALICE,
        {"room_id": 7, "key_version": 2, "ingest_key": KEY_1, "tag": TAG_1}, 7, None,
        {"key_version": 2, "ingest_key": KEY_HEX, "tag": TAG_HEX},
    ),
    (t.RoomTransferStarted, ALICE, {"room_id": 7, "to": BOB}, 7, None, {"to": BOB}),
    (
        t.RoomTransferred, BOB,
        {"room_id": 7, "former_host": ALICE, "key_version": 2, "ingest_key": KEY_1, "tag": TAG_1},
        7, None,
        {"former_host": ALICE, "key_version": 2, "ingest_key": KEY_HEX, "tag": TAG_HEX},
    ),
    (
        t.RoomProvisioned, OPERATOR,
        {"room_id": 7, "tag": TAG_1, "uid": UID, "sealed_ingest": b"\x5e\xa1"}, 7, None,
        {"tag": TAG_HEX, "uid": "66be4bf738797e01e1fca35a7bdecdcd", "sealed_ingest": "0x5ea1"},
    ),
    (
        t.RoomEnded, OWNER,
        {"room_id": 7, "reason": EndReason.TAKEN_DOWN, "detail": 2, "amount": 10**16}, 7, None,
        {"reason": "taken_down", "detail": 2, "amount": WEI_16},
    ),
    (t.RoomReleased, OPERATOR, {"room_id": 7}, 7, None, {}),
    (
        t.Credited, OPERATOR, {"account": BOB, "amount": 10**15}, None, BOB,
        {"account": BOB, "amount": WEI_15},
    ),
    (
        t.Withdrawn, ALICE, {"to": BOB, "amount": 10**15}, None, ALICE,
        {"to": BOB, "amount": WEI_15},
    ),
    (
        t.OperatorAdded, OWNER,
        {"operator_id": 2, "account": BOB, "playback_base": BASE.encode()}, None, BOB,
        {"operator_id": 2, "account": BOB, "playback_base": BASE},
    ),
    (
        t.OperatorAccountChanged, OWNER, {"operator_id": 2, "account": ZERO_ADDRESS}, None,
        ZERO_ADDRESS, {"operator_id": 2, "account": ZERO_ADDRESS},
    ),
    (
        t.OperatorAcceptingChanged, BOB, {"operator_id": 2, "accepting": False}, None, None,
        {"operator_id": 2, "accepting": False},
    ),
    (
        t.OperatorEnabledChanged, OWNER, {"operator_id": 2, "enabled": True}, None, None,
        {"operator_id": 2, "enabled": True},
    ),
    (
        t.TermsSet, OWNER,
        {"terms_id": 3, "deposit": 10**16, "fee": 10**15, "max_room_seconds": 86400,
         "fulfill_deadline_seconds": 600, "max_open_rooms": 5, "max_room_events": 200,
         "rekey_cooldown": 60},
        None, None,
        {"terms_id": 3, "deposit": WEI_16, "fee": WEI_15, "max_room_seconds": 86400,
         "fulfill_deadline_seconds": 600, "max_open_rooms": 5, "max_room_events": 200,
         "rekey_cooldown": 60},
    ),
    (
        t.ModeratorChanged, OWNER, {"account": BOB, "allowed": True}, None, BOB,
        {"account": BOB, "allowed": True},
    ),
    (t.PauseChanged, OWNER, {"paused": True}, None, None, {"paused": True}),
    (t.OwnerProposed, OWNER, {"account": BOB}, None, BOB, {"account": BOB}),
    (t.OwnerChanged, BOB, {"account": BOB}, None, BOB, {"account": BOB}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "actor", "values", "room", "account", "args"), EACH, ids=[e[0].__name__ for e in EACH]
)
def test_event_doc__each_event__plain_values_and_the_same_event_back(
    kind: Any, actor: str, values: dict[str, Any], room: int | None, account: str | None, args: Any
) -> None:
    happened = event(kind, actor, **values)
    doc = event_doc(happened)
    assert doc == {
        "contract": CONTRACT,
        "seq": SEQ,
        "name": kind.__name__,
        "room_id": room,
        "account": account,
        "block": BLOCK,
        "block_hash": HASH,
        "tx": TX,
        "tx_index": 2,
        "log_index": LOG_INDEX,
        "actor": actor,
        "at": AT,
        "args": args,
    }
    assert event_of_doc(doc) == happened


def test_table__holds_every_event_of_the_contract() -> None:
    assert {entry[0] for entry in EACH} == set(t.ChainEvent.__args__)


@pytest.mark.parametrize(
    "change",
    [{"name": "RoomEaten"}, {"args": {}}, {"args": {"title_hex": "0xzz"}}],
    ids=["unknown_kind", "nothing_in_it", "no_hex"],
)
def test_event_of_doc__not_one_of_ours__refused(change: Any) -> None:
    doc = event_doc(event(t.RoomUpdated, ALICE, room_id=7, title=b"x"))
    with pytest.raises((KeyError, ValueError, TypeError)):
        event_of_doc({**doc, **change})


# --- reading them back --------------------------------------------------------------------------

SEQS = range(1, len(FOUNDATION) + 1)


def begun() -> WrittenIndex:
    return asyncio.run(WrittenIndex.begun())


async def _seqs(store: MemoryStore, first: int, last: int) -> list[int]:
    return [e.seq async for e in stored_events(store, CONTRACT, first, last)]


@pytest.mark.parametrize(("first", "last"), [(1, 12), (3, 5), (4, 4), (5, 4)])
@pytest.mark.parametrize("group", [1, 4, 500])
def test_stored_events__a_range__in_order_whatever_the_groups(
    first: int, last: int, group: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "READ_GROUP", group)
    assert asyncio.run(_seqs(begun().store, first, last)) == list(range(first, last + 1))


@pytest.mark.parametrize("missing", [1, 4, 5, 12])
@pytest.mark.parametrize("group", [4, 500])
def test_stored_events__one_is_missing__named(
    missing: int, group: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "READ_GROUP", group)
    store = begun().store
    del store.kinds[EVENTS][CONTRACT, missing]
    with pytest.raises(IncompleteIndex, match=f"event {missing} of {CONTRACT}"):
        asyncio.run(_seqs(store, 1, 12))


def test_stored_history__up_to_the_checkpoint__its_history_and_every_event_noted() -> None:
    index = begun()
    noted: list[int] = []
    point = index.book.checkpoint
    digest = asyncio.run(stored_history(index.store, point, 12, lambda e: noted.append(e.seq)))
    assert "0x" + digest.hex() == point["history"]
    assert noted == list(SEQS)


def test_export__of_an_index__checked_by_the_few_lines_of_the_docs() -> None:
    index = begun()

    async def read() -> list[dict[str, Any]]:
        return [line async for line in lines(index.store, CONTRACT)]

    first, *told, last = asyncio.run(read())
    assert first == {
        "kind": "contract", "chain_id": CHAIN_ID, "contract": CONTRACT, "start_block": START,
    }  # fmt: skip
    digest = keccak(CHAIN_ID.to_bytes(32) + bytes(12) + bytes.fromhex(CONTRACT[2:]))[:24]
    for number, line in enumerate(told, 1):
        assert (line["kind"], line["seq"]) == ("event", number)
        words = bytes.fromhex(line["words"][2:])
        assert words[:32] == number.to_bytes(32)
        assert words[32:64].hex() == line["topic0"][2:]
        assert words[76:96].hex() == line["actor"][2:]
        assert words[96:128] == line["at"].to_bytes(32)
        digest = keccak(digest + bytes(8) + words)[:24]
    assert last == {
        "kind": "position", "block": START, "block_hash": WrittenIndex.hash(START),
        "events": len(FOUNDATION), "history": "0x" + digest.hex(),
    }  # fmt: skip


def test_export__nothing_indexed__no_lines() -> None:
    async def read() -> list[dict[str, Any]]:
        return [line async for line in lines(MemoryStore(), CONTRACT)]

    assert asyncio.run(read()) == []


# --- what no event accounts for -----------------------------------------------------------------


class Listed:
    """The one question of `MongoStore` that reads whole collections."""

    def __init__(self, docs: dict[str, list[dict[str, Any]]]) -> None:
        self.docs = docs

    async def every(
        self, kind: str, contract: str, fields: Sequence[str]
    ) -> AsyncIterator[dict[str, Any]]:
        for doc in self.docs.get(kind, ()):
            yield {name: doc[name] for name in fields if name in doc}


@pytest.mark.parametrize(
    ("kind", "doc", "told"),
    [
        (ROOMS, {"n": 3, "seqs": [5], "last_seq": 9}, None),
        (ROOMS, {"n": 4, "seqs": [5, 99], "last_seq": 99}, "livestreams 4 is in the index"),
        (ROOMS, {"n": 4, "seqs": [13], "last_seq": 13}, None),
        (ROOMS, {"n": 4, "seqs": [12], "last_seq": 12}, "livestreams 4 is in the index"),
        (ROOMS, {"n": 4}, "livestreams 4 is in the index"),
        (OPERATORS, {"operator_id": 2, "seqs": [4], "last_seq": 4}, "operators 2 is in the index"),
        (OPERATORS, {"operator_id": 2, "seqs": [13], "last_seq": 13}, None),
        (TERMS, {"terms_id": 2, "seq": 12}, "terms 2 is in the index"),
        (TERMS, {"terms_id": 2, "seq": 13}, None),
        (ACCOUNTS, {"account": BOB, "as_of": {"seq": 12}}, f"accounts {BOB} is in the index"),
        (ACCOUNTS, {"account": BOB, "as_of": {"seq": 13}}, None),
        (ACCOUNTS, {"account": BOB, "as_of": None}, f"accounts {BOB} is in the index"),
        (ACCOUNTS, {"account": ALICE, "as_of": {"seq": 1}}, None),
        (MODERATORS, {"account": BOB, "seqs": [6], "last_seq": 6}, f"moderators {BOB} is in the"),
    ],
)
def test_extras__a_document_that_no_event_made__told_unless_it_is_newer(
    kind: str, doc: dict[str, Any], told: str | None
) -> None:
    point: Any = begun().store.kinds[CHECKPOINT][CONTRACT]
    assert point["seq"] == 12
    known: dict[str, Any] = {
        ROOMS: range(1, 4), OPERATORS: range(1, 2), TERMS: range(1, 2), ACCOUNTS: {ALICE},
        MODERATORS: set(),
    }  # fmt: skip
    listed: Any = Listed({kind: [doc]})

    async def read() -> list[str]:
        return [line async for line in extras(listed, point, known)]

    found = asyncio.run(read())
    assert len(found) == (0 if told is None else 1)
    if told is not None:
        assert found[0].startswith(told)


@pytest.mark.parametrize(
    ("doc", "seq"),
    [
        ({"last_seq": 9, "seqs": [1, 9]}, 9),
        ({"seq": 4}, 4),
        ({"as_of": {"seq": 7}}, 7),
        ({"as_of": None}, 0),
        ({}, 0),
        ({"last_seq": "x"}, 0),
    ],
)
def test_written_at__each_kind_of_document__its_newest_event(doc: Any, seq: int) -> None:
    assert written_at(doc) == seq
