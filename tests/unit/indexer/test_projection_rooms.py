"""What each event makes of a room: one table a kind of event, written from docs/contract.md and
docs/index.md ("What an event changes")."""

from __future__ import annotations

from typing import Any

import pytest

from chain import events as t
from chain.enums import EndReason, Mode
from chain.hexes import ZERO_ADDRESS
from indexer.projection.contract import apply
from indexer.projection.ledger import FoldError
from tests.support.indexer.fold_tables import (
    ACTIVE,
    ALICE,
    AT,
    BASE,
    BLOCK,
    BOB,
    CAROL,
    CONTRACT,
    ENDED,
    GATE,
    HASH,
    KEY_1,
    KEY_2,
    LOG_INDEX,
    MODERATOR,
    NOW,
    OPERATOR,
    OPERATOR_1,
    PENDING,
    SEALED,
    SEQ,
    TAG_1,
    TAG_2,
    TERMS,
    TX,
    UID,
    Doc,
    event,
    later,
    ledger,
)

OFFERED: Doc = {"pending_host": BOB}


AWAITING_SEAL: Doc = {
    **ACTIVE,
    "work": "rekey",
    "key_version": 2,
    "ingest_key": "0x" + "22" * 32,
    "tag": "0x" + "a2" * 12,
    "former_tag": "0x" + "a1" * 12,
    "rekeyed_at": 1_700_000_100,
}


def folded(before: Doc, happened: Any) -> Doc:
    """The room after the event."""
    folded = ledger(rooms=[before], operators=[OPERATOR_1], terms=[TERMS])
    apply(folded, happened)
    return dict(folded.rooms[before["n"]])


# --- RoomCreated --------------------------------------------------------------------------------

FRESH: Doc = {
    "_id": 8,
    "n": 8,
    "room_id": "live_8",
    "contract": CONTRACT,
    "host": ALICE,
    "pending_host": None,
    "title": "Lớp",
    "title_hex": "0x4ce1bb9b70",
    "search": ["lo", "lop"],
    "starts_at": None,
    "details": "",
    "details_hex": "0x",
    "mode": "webrtc",
    "gate": None,
    "status": "pending",
    "end": None,
    "operator_id": 1,
    "terms_id": 1,
    "created_at": 1_700_000_500,
    "deadline_at": 1_700_001_100,
    "expires_at": 1_700_086_900,
    "expire_at": 1_700_001_100,
    "uid": None,
    "playback_base": BASE,
    "playback_url": None,
    "ingest_key": "0x" + "11" * 32,
    "tag": "0x" + "a1" * 12,
    "tag_at_creation": "0x" + "a1" * 12,
    "former_tag": None,
    "key_version": 1,
    "rekeyed_at": None,
    "sealed": None,
    "provisioned_at": None,
    "released": False,
    "released_at": None,
    "work": "provision",
    "events": 1,
    "first_seq": SEQ,
    "last_seq": SEQ,
    "seqs": [SEQ],
    "created": {"block": BLOCK, "block_hash": HASH, "tx": TX, "log_index": LOG_INDEX},
    "updated": NOW,
}


@pytest.mark.parametrize(
    ("values", "terms", "expected"),
    [
        pytest.param({}, {}, {}, id="public_webrtc"),
        pytest.param(
            {"mode": Mode.BROADCAST, "gate": GATE},
            {},
            {"mode": "broadcast", "gate": GATE},
            id="gated_broadcast",
        ),
        pytest.param(
            {"title": b""}, {}, {"title": "", "title_hex": "0x", "search": []}, id="no_title"
        ),
        pytest.param(
            {"title": b"ok \xff\xfe"},
            {},
            {"title": "ok \ufffd\ufffd", "title_hex": "0x6f6b20fffe", "search": ["ok"]},
            id="title_of_any_bytes",
        ),
        pytest.param(
            {},
            {"fulfill_deadline_seconds": 60, "max_room_seconds": 60},
            {
                "deadline_at": 1_700_000_560,
                "expires_at": 1_700_000_560,
                "expire_at": 1_700_000_560,
            },
            id="deadline_and_age_at_once",
        ),
    ],
)
def test_room_created__each_kind__a_pending_room_with_its_times(
    values: Doc, terms: Doc, expected: Doc
) -> None:
    given: Doc = {
        "room_id": 8,
        "operator_id": 1,
        "terms_id": 1,
        "mode": Mode.WEBRTC,
        "gate": ZERO_ADDRESS,
        "ingest_key": KEY_1,
        "tag": TAG_1,
        "title": "Lớp".encode(),
    }
    folded = ledger(operators=[OPERATOR_1], terms=[{**TERMS, **terms}])
    apply(folded, event(t.RoomCreated, ALICE, **{**given, **values}))
    assert folded.rooms == {8: {**FRESH, **expected}}
    assert folded.operators[1] == OPERATOR_1
    assert (folded.totals.rooms, folded.totals.ended_rooms) == (1, 0)


# --- RoomUpdated --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "before",
    [PENDING, ACTIVE, {**AWAITING_SEAL, **OFFERED}],
    ids=["pending", "active", "offered_with_a_new_key"],
)
@pytest.mark.parametrize(
    ("title", "changes"),
    [
        (
            "Đàn tranh",
            {
                "title": "Đàn tranh",
                "title_hex": "0xc490c3a06e207472616e68",
                "search": ["da", "dan", "tr", "tra", "tran", "tranh"],
            },
        ),
        ("", {"title": "", "title_hex": "0x", "search": []}),
    ],
    ids=["words", "none"],
)
def test_room_updated__any_open_room__title_and_its_words_only(
    before: Doc, title: str, changes: Doc
) -> None:
    happened = event(t.RoomUpdated, ALICE, room_id=7, title=title.encode())
    assert folded(before, happened) == later(before, **changes)


# --- RoomDescribed ------------------------------------------------------------------------------

TOLD: Doc = {"starts_at": 1_700_009_000, "details": "{}", "details_hex": "0x7b7d"}


@pytest.mark.parametrize(
    "before",
    [PENDING, ACTIVE, {**AWAITING_SEAL, **OFFERED}, {**ACTIVE, **TOLD}],
    ids=["pending", "active", "offered_with_a_new_key", "described_before"],
)
@pytest.mark.parametrize(
    ("starts_at", "details", "changes"),
    [
        (
            1_700_001_000,
            b'{"about":"Yoga"}',
            {
                "starts_at": 1_700_001_000,
                "details": '{"about":"Yoga"}',
                "details_hex": "0x7b2261626f7574223a22596f6761227d",
            },
        ),
        (0, b"", {"starts_at": None, "details": "", "details_hex": "0x"}),
        (
            2**40 - 1,
            b"ok \xff",
            {"starts_at": 2**40 - 1, "details": "ok \ufffd", "details_hex": "0x6f6b20ff"},
        ),
        # no JSON is read here: what would stop a reader stops nobody
        (
            0,
            b"[" * 1024,
            {"starts_at": None, "details": "[" * 1024, "details_hex": "0x" + "5b" * 1024},
        ),
    ],
    ids=["all", "taken_back", "of_any_bytes", "nested_deeply"],
)
def test_room_described__any_open_room__start_and_bytes_only(
    before: Doc, starts_at: int, details: bytes, changes: Doc
) -> None:
    happened = event(t.RoomDescribed, ALICE, room_id=7, starts_at=starts_at, details=details)
    assert folded(before, happened) == later(before, **changes)


# --- RoomRekeyed --------------------------------------------------------------------------------

NEW_KEY: Doc = {
    "ingest_key": "0x" + "22" * 32,
    "tag": "0x" + "a2" * 12,
    "former_tag": "0x" + "a1" * 12,
    "key_version": 2,
    "rekeyed_at": AT,
}


@pytest.mark.parametrize(
    ("before", "changes"),
    [
        pytest.param(PENDING, {"work": "provision"}, id="pending_still_waits_for_its_input"),
        pytest.param(ACTIVE, {"work": "rekey", "sealed": SEALED}, id="active_is_to_be_sealed_anew"),
        pytest.param(
            {**ACTIVE, **OFFERED}, {"work": "rekey", "pending_host": BOB}, id="the_offer_stands"
        ),
        pytest.param(
            {**ACTIVE, "rekeyed_at": 1_700_000_100, "former_tag": "0x" + "a0" * 12},
            {"work": "rekey"},
            id="once_more",
        ),
    ],
)
def test_room_rekeyed__key_tag_and_time__and_the_tag_before(before: Doc, changes: Doc) -> None:
    happened = event(t.RoomRekeyed, ALICE, room_id=7, key_version=2, ingest_key=KEY_2, tag=TAG_2)
    assert folded(before, happened) == later(before, **NEW_KEY, **changes)


# --- RoomTransferStarted ------------------------------------------------------------------------


@pytest.mark.parametrize("status", [PENDING, ACTIVE])
@pytest.mark.parametrize(
    ("offered_to", "to", "expected"),
    [
        (None, BOB, BOB),
        (BOB, CAROL, CAROL),
        (BOB, ZERO_ADDRESS, None),
        (None, ZERO_ADDRESS, None),
    ],
    ids=["offered", "to_another", "taken_back", "nothing_to_take_back"],
)
def test_room_transfer_started__pending_host_only__the_host_stays(
    status: Doc, offered_to: str | None, to: str, expected: str | None
) -> None:
    before = {**status, "pending_host": offered_to}
    happened = event(t.RoomTransferStarted, ALICE, room_id=7, to=to)
    assert folded(before, happened) == later(before, pending_host=expected)


# --- RoomTransferred ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "work"), [(PENDING, "provision"), (ACTIVE, "rekey")], ids=["pending", "active"]
)
def test_room_transferred__new_host_and_key__the_offer_is_gone(status: Doc, work: str) -> None:
    before = {**status, **OFFERED}
    happened = event(
        t.RoomTransferred,
        BOB,
        room_id=7,
        former_host=ALICE,
        key_version=2,
        ingest_key=KEY_2,
        tag=TAG_2,
    )
    expected = later(before, **NEW_KEY, host=BOB, pending_host=None, work=work)
    assert folded(before, happened) == expected


# --- RoomProvisioned ----------------------------------------------------------------------------


def provisioned(tag: bytes = TAG_1, sealed: bytes = b"\x5e\xa1") -> Any:
    return event(t.RoomProvisioned, OPERATOR, room_id=7, tag=tag, uid=UID, sealed_ingest=sealed)


@pytest.mark.parametrize(
    ("mode", "path"), [("webrtc", "/webRTC/play"), ("broadcast", "/manifest/video.m3u8")]
)
def test_room_provisioned__the_first_time__active_until_its_age(mode: str, path: str) -> None:
    before = {**PENDING, "mode": mode}
    assert folded(before, provisioned()) == later(
        before,
        status="active",
        expire_at=1_700_086_400,
        uid="66be4bf738797e01e1fca35a7bdecdcd",
        playback_url=BASE + "/66be4bf738797e01e1fca35a7bdecdcd" + path,
        sealed={
            "key_version": 1,
            "tag": "0x" + "a1" * 12,
            "data": "0x5ea1",
            "at": AT,
            "block": BLOCK,
            "tx": TX,
        },
        provisioned_at=AT,
        work=None,
    )


@pytest.mark.parametrize(
    ("before", "tag"), [(ACTIVE, TAG_1), (AWAITING_SEAL, TAG_2)], ids=["same_key", "new_key"]
)
def test_room_provisioned__again__sealed_anew_and_nothing_to_do(before: Doc, tag: bytes) -> None:
    assert folded(before, provisioned(tag, b"\xaa\xbb\xcc")) == later(
        before,
        sealed={
            "key_version": before["key_version"],
            "tag": "0x" + tag.hex(),
            "data": "0xaabbcc",
            "at": AT,
            "block": BLOCK,
            "tx": TX,
        },
        work=None,
    )


# --- RoomEnded ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "work"),
    [
        pytest.param(PENDING, None, id="pending"),
        pytest.param(ACTIVE, "release", id="active"),
        pytest.param(AWAITING_SEAL, "release", id="to_be_sealed_anew"),
        pytest.param({**ACTIVE, **OFFERED}, "release", id="offered"),
    ],
)
@pytest.mark.parametrize(
    ("reason", "detail", "actor", "word"),
    [
        (EndReason.HOST, 0, ALICE, "host"),
        (EndReason.EXPIRED, 0, CAROL, "expired"),
        (EndReason.UNFULFILLED, 0, CAROL, "unfulfilled"),
        (EndReason.DECLINED, 3, OPERATOR, "declined"),
        (EndReason.TAKEN_DOWN, 2, MODERATOR, "taken_down"),
    ],
    ids=lambda value: value.name.lower() if isinstance(value, EndReason) else "",
)
def test_room_ended__each_reason__over_and_a_live_input_is_to_go(
    before: Doc, work: str | None, reason: EndReason, detail: int, actor: str, word: str
) -> None:
    happened = event(
        t.RoomEnded, actor, room_id=7, host=ALICE, reason=reason, detail=detail, amount=10**16
    )
    folded = ledger(rooms=[before], operators=[OPERATOR_1], terms=[TERMS])
    apply(folded, happened)
    assert folded.rooms[7] == later(
        before,
        status="ended",
        end={
            "reason": word,
            "detail": detail,
            "actor": actor,
            "at": AT,
            "block": BLOCK,
            "tx": TX,
        },
        expire_at=None,
        work=work,
    )
    assert (folded.totals.rooms, folded.totals.ended_rooms) == (0, 1)


# --- RoomReleased -------------------------------------------------------------------------------


@pytest.mark.parametrize("offer", [None, BOB])
def test_room_released__an_ended_room__nothing_left_to_do(offer: str | None) -> None:
    before = {**ENDED, "pending_host": offer}
    happened = event(t.RoomReleased, OPERATOR, room_id=7)
    assert folded(before, happened) == later(before, released=True, released_at=AT, work=None)


# --- what cannot be -----------------------------------------------------------------------------

UPDATED = (t.RoomUpdated, {"title": b"x"})
DESCRIBED = (t.RoomDescribed, {"starts_at": 1, "details": b"x"})
REKEYED = (t.RoomRekeyed, {"key_version": 2, "ingest_key": KEY_2, "tag": TAG_2})
OFFER = (t.RoomTransferStarted, {"to": BOB})
ACCEPTED = (t.RoomTransferred, {"former_host": ALICE, **REKEYED[1]})
PROVISIONED = (t.RoomProvisioned, {"tag": TAG_1, "uid": UID, "sealed_ingest": b"\x01"})
OVER = (t.RoomEnded, {"host": ALICE, "reason": EndReason.HOST, "detail": 0, "amount": 1})
RELEASED: Any = (t.RoomReleased, {})
EVERY: list[Any] = [UPDATED, DESCRIBED, REKEYED, OFFER, ACCEPTED, PROVISIONED, OVER, RELEASED]


@pytest.mark.parametrize(("kind", "values"), EVERY)
def test_any_event__of_a_room_that_was_never_created__no_story(kind: Any, values: Doc) -> None:
    folded = ledger(operators=[OPERATOR_1], terms=[TERMS])
    with pytest.raises(FoldError):
        apply(folded, event(kind, ALICE, room_id=7, **values))


@pytest.mark.parametrize(("kind", "values"), EVERY[:-1])
def test_any_event__after_the_end_but_a_release__no_story(kind: Any, values: Doc) -> None:
    with pytest.raises(FoldError):
        folded(ENDED, event(kind, ALICE, room_id=7, **values))


@pytest.mark.parametrize(
    "before",
    [PENDING, ACTIVE, {**ENDED, "released": True, "work": None}],
    ids=["pending", "active", "released"],
)
def test_room_released__not_ended_or_twice__no_story(before: Doc) -> None:
    with pytest.raises(FoldError):
        folded(before, event(t.RoomReleased, OPERATOR, room_id=7))


def test_room_provisioned__another_live_input__no_story() -> None:
    values = {"tag": TAG_1, "uid": bytes(15) + b"\x01", "sealed_ingest": b"\x01"}
    with pytest.raises(FoldError):
        folded(ACTIVE, event(t.RoomProvisioned, OPERATOR, room_id=7, **values))


def test_room_transferred__from_another_than_its_host__no_story() -> None:
    values = {"former_host": CAROL, **REKEYED[1]}
    with pytest.raises(FoldError):
        folded({**ACTIVE, **OFFERED}, event(t.RoomTransferred, BOB, room_id=7, **values))


def test_room_ended__for_another_than_its_host__no_story() -> None:
    values = {**OVER[1], "host": CAROL}
    with pytest.raises(FoldError):
        folded(ACTIVE, event(t.RoomEnded, ALICE, room_id=7, **values))


@pytest.mark.parametrize("version", [1, 3])
def test_room_rekeyed__a_key_is_missing__no_story(version: int) -> None:
    values = {**REKEYED[1], "key_version": version}
    with pytest.raises(FoldError):
        folded(ACTIVE, event(t.RoomRekeyed, ALICE, room_id=7, **values))
