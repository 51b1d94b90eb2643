"""Events as documents and back, and in pages: each event in exactly one, whatever the batches."""

from __future__ import annotations

from typing import Any

import pytest

from chain import events as t
from chain.enums import EndReason, Mode
from chain.hexes import ZERO_ADDRESS
from indexer import event_pages
from indexer.event_pages import PER_PAGE, event_doc, event_of_doc
from tests.support.indexer.fold_tables import (
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
        t.RoomDescribed, ALICE, {"room_id": 7, "starts_at": 2**40 - 1, "details": b"{} \xff"},
        7, None,
        {"starts_at": 2**40 - 1, "details": "{} \ufffd", "details_hex": "0x7b7d20ff"},
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
        {"room_id": 7, "host": BOB, "reason": EndReason.TAKEN_DOWN, "detail": 2,
         "amount": 10**16},
        7, None,
        {"host": BOB, "reason": "taken_down", "detail": 2, "amount": WEI_16},
    ),
    (t.RoomReleased, OPERATOR, {"room_id": 7}, 7, None, {}),
    (
        t.Credited, OPERATOR, {"account": BOB, "amount": 10**15, "operator_id": 2}, None, BOB,
        {"account": BOB, "amount": WEI_15, "operator_id": 2},
    ),
    (
        t.CreditSpent, ALICE, {"room_id": 7, "amount": 10**15}, 7, ALICE, {"amount": WEI_15},
    ),
    (
        t.Withdrawn, ALICE, {"to": BOB, "amount": 10**15}, None, ALICE,
        {"to": BOB, "amount": WEI_15},
    ),
    (
        t.OperatorAdded, OWNER,
        {"operator_id": 2, "account": BOB, "payee": ALICE, "playback_base": BASE.encode()},
        None, BOB,
        {"operator_id": 2, "account": BOB, "payee": ALICE, "playback_base": BASE},
    ),
    (
        t.OperatorAccountChanged, OWNER, {"operator_id": 2, "account": ZERO_ADDRESS}, None,
        ZERO_ADDRESS, {"operator_id": 2, "account": ZERO_ADDRESS},
    ),
    (
        t.OperatorPayeeChanged, ALICE, {"operator_id": 2, "payee": BOB}, None, None,
        {"operator_id": 2, "payee": BOB},
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
    (t.Retired, OWNER, {"successor": BOB}, None, None, {"successor": BOB}),
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


# --- pages ----------------------------------------------------------------------------------------

C = "0x" + "c0" * 20


def docs(first: int, last: int) -> list[Any]:
    return [{"contract": C, "seq": seq} for seq in range(first, last + 1)]


@pytest.mark.parametrize(
    ("first", "last"), [(1, 1), (1, 16), (1, 17), (16, 17), (5, 100), (33, 48)]
)
def test_pack_events__events_in_order__all_in_the_page_of_their_number(
    first: int, last: int
) -> None:
    found = list(event_pages.pack_events(docs(first, last)))
    assert [doc["seq"] for page in found for doc in page["events"]] == list(range(first, last + 1))
    for page in found:
        assert {event_pages.page_number(doc["seq"]) for doc in page["events"]} == {page["page"]}
        assert page["last"] == page["events"][-1]["seq"]
        assert len(page["events"]) <= PER_PAGE
        assert page["_id"] == event_pages.page_id(C, page["page"])


def test_has_first_event__a_batch_that_goes_on_within_a_page__no() -> None:
    assert event_pages.has_first_event(next(event_pages.pack_events(docs(17, 20))))
    assert not event_pages.has_first_event(next(event_pages.pack_events(docs(18, 20))))


def test_page_ids__scattered_numbers__each_page_once_ascending() -> None:
    assert event_pages.page_ids(C, [40, 1, 2, 33]) == [
        event_pages.page_id(C, 0),
        event_pages.page_id(C, 2),
    ]


def test_unpack_events_and_events_below__only_what_is_asked_for() -> None:
    held = list(event_pages.pack_events(docs(1, 40)))
    assert [doc["seq"] for doc in event_pages.unpack_events(held, [3, 17, 90])] == [3, 17]
    assert [doc["seq"] for doc in event_pages.events_below(held[1], 20)] == [17, 18, 19]
