"""Documents before an event, and the event: what the tables of the fold start from.

Promises: every document is whole and written out by hand from docs/contract.md and docs/index.md,
so a table's row names what an event changes and everything else must stay as it was. Nothing here
is worked out by the indexer.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from chain import events as t
from chain.event_codec import build_event
from indexer.projection.ledger import Ledger, Totals

Doc = dict[str, Any]

CONTRACT = "0x" + "c0" * 20
OWNER = "0x" + "0e" * 20
OPERATOR = "0x" + "0a" * 20
ALICE = "0x" + "a1" * 20
BOB = "0x" + "b0" * 20
CAROL = "0x" + "ca" * 20
PAYEE = "0x" + "fa" * 20
MODERATOR = "0x" + "0d" * 20
GATE = "0x" + "6a" * 20
BASE = "https://customer-abc123.cloudflarestream.com"

KEY_1, KEY_2 = bytes.fromhex("11" * 32), bytes.fromhex("22" * 32)
TAG_1, TAG_2 = bytes.fromhex("a1" * 12), bytes.fromhex("a2" * 12)
UID = bytes.fromhex("66be4bf738797e01e1fca35a7bdecdcd")

CREATED_AT = 1_700_000_000
AT = 1_700_000_500
"""The time of the event at hand."""
SEQ = 40
"""Its number. The documents before it know of lower ones."""
BLOCK, HASH, TX, LOG_INDEX = 90, "0x" + "90" * 32, "0x" + "7a" * 32, 3
"""Where it stands."""

EARLIER: Doc = {"block": 50, "block_hash": "0x" + "50" * 32, "tx": "0x" + "05" * 32}
THEN: Doc = {**EARLIER, "at": CREATED_AT}
NOW: Doc = {"block": BLOCK, "block_hash": HASH, "tx": TX, "at": AT}
"""`updated` of a document that the event changed."""

TERMS: Doc = {
    "_id": CONTRACT + ":1",
    "contract": CONTRACT,
    "terms_id": 1,
    "deposit": "000000000000010000000000000000",
    "fee": "000000000000001000000000000000",
    "max_room_seconds": 86_400,
    "fulfill_deadline_seconds": 600,
    "max_open_rooms": 5,
    "max_room_events": 200,
    "rekey_cooldown": 60,
    "set_at": 1_699_999_000,
    "seq": 2,
    "updated": THEN,
}

OPERATOR_1: Doc = {
    "_id": CONTRACT + ":1",
    "contract": CONTRACT,
    "operator_id": 1,
    "account": OPERATOR,
    "payee": PAYEE,
    "accepting": True,
    "enabled": True,
    "playback_base": BASE,
    "added_at": CREATED_AT,
    "seqs": [3],
    "last_seq": 3,
    "updated": THEN,
}

PENDING: Doc = {
    "_id": 7,
    "n": 7,
    "room_id": "live_7",
    "contract": CONTRACT,
    "host": ALICE,
    "pending_host": None,
    "title": "Yoga",
    "title_hex": "0x596f6761",
    "search": ["yo", "yog", "yoga"],
    "starts_at": None,
    "details": "",
    "details_hex": "0x",
    "mode": "webrtc",
    "gate": None,
    "status": "pending",
    "end": None,
    "operator_id": 1,
    "terms_id": 1,
    "created_at": 1_700_000_000,
    "deadline_at": 1_700_000_600,
    "expires_at": 1_700_086_400,
    "expire_at": 1_700_000_600,
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
    "first_seq": 10,
    "last_seq": 10,
    "seqs": [10],
    "created": {**EARLIER, "log_index": 1},
    "updated": THEN,
}

SEALED: Doc = {
    "key_version": 1,
    "tag": "0x" + "a1" * 12,
    "data": "0x5ea1ed",
    "at": 1_700_000_060,
    "block": 51,
    "tx": "0x" + "06" * 32,
}

ACTIVE: Doc = {
    **PENDING,
    "status": "active",
    "expire_at": 1_700_086_400,
    "uid": "66be4bf738797e01e1fca35a7bdecdcd",
    "playback_url": BASE + "/66be4bf738797e01e1fca35a7bdecdcd/webRTC/play",
    "sealed": SEALED,
    "provisioned_at": 1_700_000_060,
    "work": None,
    "events": 2,
    "last_seq": 11,
    "seqs": [10, 11],
}

END: Doc = {
    "reason": "host",
    "detail": 0,
    "actor": ALICE,
    "at": 1_700_000_090,
    "block": 52,
    "tx": "0x" + "07" * 32,
}

ENDED: Doc = {
    **ACTIVE,
    "status": "ended",
    "end": END,
    "expire_at": None,
    "work": "release",
    "events": 3,
    "last_seq": 12,
    "seqs": [10, 11, 12],
}


def account(address: str, credit: str, open_rooms: int, rooms: int, events: int) -> Doc:
    """An account's document, but for the volatile fields. `credit`: wei, all 30 digits."""
    return {
        "_id": f"{CONTRACT}:{address}",
        "contract": CONTRACT,
        "account": address,
        "credit": credit,
        "open_rooms": open_rooms,
        "rooms": rooms,
        "events": events,
        "as_of": {"block": 50, "block_hash": "0x" + "50" * 32, "seq": 12},
        "write": 4,
    }


def moderator(address: str, allowed: bool, seqs: list[int]) -> Doc:
    return {
        "_id": f"{CONTRACT}:{address}",
        "contract": CONTRACT,
        "account": address,
        "allowed": allowed,
        "seqs": seqs,
        "last_seq": seqs[-1],
        "updated": THEN,
    }


def later(doc: Doc, **changes: Any) -> Doc:
    """A room, operator or moderator after one more event, the one at hand, which changes this."""
    after = {**doc, "seqs": [*doc["seqs"], SEQ], "last_seq": SEQ, "updated": NOW, **changes}
    if "events" in doc:
        after["events"] = doc["events"] + 1
    return after


def event(kind: Any, actor: str, **values: Any) -> Any:
    """The event at hand."""
    meta = t.LogMeta(CONTRACT, BLOCK, HASH, TX, 2, LOG_INDEX)
    return build_event(kind, meta, seq=SEQ, actor=actor, timestamp=AT, **values)


def ledger(
    *,
    rooms: Iterable[Doc] = (),
    operators: Iterable[Doc] = (),
    terms: Iterable[Doc] = (),
    accounts: Iterable[Doc] = (),
    moderators: Iterable[Doc] = (),
    totals: Totals | None = None,
) -> Ledger:
    """What the store held before the event; documents are copies, the tables stay as they are."""
    made = Ledger(CONTRACT, totals or Totals())
    for kind, docs in (
        ("livestreams", rooms),
        ("operators", operators),
        ("terms", terms),
        ("accounts", accounts),
        ("moderators", moderators),
    ):
        made.adopt(kind, copy.deepcopy(list(docs)))
    return made
