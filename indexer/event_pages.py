"""Events as documents, and sixteen of them to a page: how `livestream_events` holds them.

Promises: pure. `event_of_doc(event_doc(event)) == event`, so that stored events can be folded and
hashed again without the chain. A page is one document with the events of `PER_PAGE` consecutive
sequence numbers, or the first of them if it is the last page; an event's number gives its page. A
database spends more on sixteen documents than on sixteen events in one: a backlog is stored faster
that way, and a range of events is read with few look-ups.
Assumes: a contract's events come in order and without gaps, which `indexer.writer` sees to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from chain import events as t
from chain.enums import EndReason, Mode
from chain.event_codec import build_event
from chain.hexes import hex_data, to_bytes
from indexer.documents import EventDoc, EventPage, wei

PER_PAGE = 16

_Args = Callable[[Any], dict[str, Any]]

_ARGS: dict[type[t.ChainEvent], _Args] = {
    t.RoomCreated: lambda e: {
        "operator_id": e.operator_id,
        "terms_id": e.terms_id,
        "mode": e.mode.word,
        "gate": e.gate,
        "ingest_key": hex_data(e.ingest_key),
        "tag": hex_data(e.tag),
        "title": e.title.decode("utf-8", "replace"),
        "title_hex": hex_data(e.title),
    },
    t.RoomUpdated: lambda e: {
        "title": e.title.decode("utf-8", "replace"),
        "title_hex": hex_data(e.title),
    },
    t.RoomDescribed: lambda e: {
        "starts_at": e.starts_at,
        "details": e.details.decode("utf-8", "replace"),
        "details_hex": hex_data(e.details),
    },
    t.RoomRekeyed: lambda e: {
        "key_version": e.key_version,
        "ingest_key": hex_data(e.ingest_key),
        "tag": hex_data(e.tag),
    },
    t.RoomTransferStarted: lambda e: {"to": e.to},
    t.RoomTransferred: lambda e: {
        "former_host": e.former_host,
        "key_version": e.key_version,
        "ingest_key": hex_data(e.ingest_key),
        "tag": hex_data(e.tag),
    },
    t.RoomProvisioned: lambda e: {
        "tag": hex_data(e.tag),
        "uid": e.uid.hex(),
        "sealed_ingest": hex_data(e.sealed_ingest),
    },
    t.RoomEnded: lambda e: {
        "host": e.host,
        "reason": e.reason.word,
        "detail": e.detail,
        "amount": wei(e.amount),
    },
    t.RoomReleased: lambda e: {},
    t.Credited: lambda e: {
        "account": e.account,
        "amount": wei(e.amount),
        "operator_id": e.operator_id,
    },
    t.CreditSpent: lambda e: {"amount": wei(e.amount)},
    t.Withdrawn: lambda e: {"to": e.to, "amount": wei(e.amount)},
    t.OperatorAdded: lambda e: {
        "operator_id": e.operator_id,
        "account": e.account,
        "payee": e.payee,
        "playback_base": e.playback_base.decode("ascii"),
    },
    t.OperatorAccountChanged: lambda e: {"operator_id": e.operator_id, "account": e.account},
    t.OperatorPayeeChanged: lambda e: {"operator_id": e.operator_id, "payee": e.payee},
    t.OperatorAcceptingChanged: lambda e: {"operator_id": e.operator_id, "accepting": e.accepting},
    t.OperatorEnabledChanged: lambda e: {"operator_id": e.operator_id, "enabled": e.enabled},
    t.TermsSet: lambda e: {
        "terms_id": e.terms_id,
        "deposit": wei(e.deposit),
        "fee": wei(e.fee),
        "max_room_seconds": e.max_room_seconds,
        "fulfill_deadline_seconds": e.fulfill_deadline_seconds,
        "max_open_rooms": e.max_open_rooms,
        "max_room_events": e.max_room_events,
        "rekey_cooldown": e.rekey_cooldown,
    },
    t.ModeratorChanged: lambda e: {"account": e.account, "allowed": e.allowed},
    t.PauseChanged: lambda e: {"paused": e.paused},
    t.Retired: lambda e: {"successor": e.successor},
    t.OwnerProposed: lambda e: {"account": e.account},
    t.OwnerChanged: lambda e: {"account": e.account},
}

_OF_ACTOR = frozenset((t.Withdrawn, t.CreditSpent))
"""Money that the actor had."""
_TYPES = {kind.__name__: kind for kind in _ARGS}
_NAMES = {kind: kind.__name__ for kind in _ARGS}
_ROOM_EVENTS = frozenset(kind for kind in _ARGS if "room_id" in kind._fields)


def event_doc(event: t.ChainEvent) -> EventDoc:
    """The document of an event."""
    kind = type(event)
    meta = event.meta
    args = _ARGS[kind](event)
    return {
        "contract": meta.contract,
        "seq": event.seq,
        "name": _NAMES[kind],
        "room_id": event.room_id if kind in _ROOM_EVENTS else None,  # type: ignore[union-attr]
        "account": event.actor if kind in _OF_ACTOR else args.get("account"),
        "block": meta.block_number,
        "block_hash": meta.block_hash,
        "tx": meta.tx_hash,
        "tx_index": meta.tx_index,
        "log_index": meta.log_index,
        "actor": event.actor,
        "at": event.timestamp,
        "args": args,
    }


_BACK: dict[str, Callable[[Any], Any]] = {
    "mode": lambda word: Mode[word.upper()],
    "reason": lambda word: EndReason[word.upper()],
    "ingest_key": to_bytes,
    "tag": to_bytes,
    "uid": bytes.fromhex,
    "sealed_ingest": to_bytes,
    "playback_base": lambda text: text.encode("ascii"),
    "amount": int,
    "deposit": int,
    "fee": int,
}


_TEXTS = {"title": "title_hex", "details": "details_hex"}
"""Texts of any bytes, and where their bytes are."""


def event_of_doc(doc: EventDoc) -> t.ChainEvent:
    """The event in a document. Raises KeyError or ValueError for any other document."""
    kind = _TYPES[doc["name"]]
    values = {
        name: _BACK[name](value) if name in _BACK else value
        for name, value in doc["args"].items()
        if name not in _TEXTS and name not in _TEXTS.values()
    }
    for name, raw in _TEXTS.items():
        if name in doc["args"]:
            values[name] = to_bytes(doc["args"][raw])
    if kind in _ROOM_EVENTS:
        values["room_id"] = doc["room_id"]
    meta = t.LogMeta(
        doc["contract"],
        doc["block"],
        doc["block_hash"],
        doc["tx"],
        doc["tx_index"],
        doc["log_index"],
    )
    return build_event(
        kind, meta, seq=doc["seq"], actor=doc["actor"], timestamp=doc["at"], **values
    )


# --- pages ----------------------------------------------------------------------------------------


def page_number(seq: int) -> int:
    """The number of the page that holds event `seq`; the first page is 0."""
    return (seq - 1) // PER_PAGE


def first_seq(page: int) -> int:
    """The first event of a page."""
    return page * PER_PAGE + 1


def page_id(contract: str, page: int) -> str:
    """The `_id` of a page."""
    return f"{contract}:{page:011d}"


def page_ids(contract: str, seqs: Iterable[int]) -> list[str]:
    """The pages that hold these events, ascending, each once."""
    return [page_id(contract, page) for page in sorted({page_number(seq) for seq in seqs})]


def pack_events(docs: Sequence[EventDoc]) -> Iterator[EventPage]:
    """Events of one contract, in order, as pages; the first and the last may not be whole."""
    for page, events in groupby(docs, key=lambda doc: page_number(doc["seq"])):
        yield make_page(page, list(events))


def make_page(page: int, events: list[EventDoc]) -> EventPage:
    """A page of these events, of which there is at least one."""
    contract = events[0]["contract"]
    return {
        "_id": page_id(contract, page),
        "contract": contract,
        "page": page,
        "last": events[-1]["seq"],
        "events": events,
    }


def has_first_event(page: EventPage) -> bool:
    """Whether a page has its first event, so that nothing stored belongs before it."""
    return page["events"][0]["seq"] == first_seq(page["page"])


def events_below(page: EventPage, seq: int) -> list[EventDoc]:
    """The events of a page with numbers under `seq`."""
    return [doc for doc in page["events"] if doc["seq"] < seq]


def unpack_events(pages: Iterable[EventPage], seqs: Iterable[int]) -> list[EventDoc]:
    """Those of these events that the pages hold, in the order of the pages."""
    wanted = set(seqs)
    return [doc for page in pages for doc in page["events"] if doc["seq"] in wanted]
