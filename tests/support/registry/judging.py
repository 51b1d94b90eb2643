"""What a judgement is made of: expected events, refusals, and a room while a call is judged."""

from __future__ import annotations

from typing import Any, NamedTuple

from chain import eventtypes as t
from indexer.model import RoomDoc, TermsDoc


class Refused(Exception):
    """The call reverts: the error's name and arguments. No name: it reverts without data."""

    def __init__(self, name: str = "", *args: Any) -> None:
        super().__init__(name, *args)
        self.name, self.values = name, args


class Expected(NamedTuple):
    """An event: its type and its own values after `timestamp`, as `chain.eventtypes` has them."""

    kind: type[t.ChainEvent]
    values: tuple[Any, ...]


class State:
    """A room while a call is judged: a batch may touch it twice."""

    def __init__(self, doc: RoomDoc, terms: TermsDoc) -> None:
        self.id = doc["_id"]
        self.host, self.pending = doc["host"], doc["pending_host"]
        self.ended = doc["status"] == "ended"
        self.uid = bytes.fromhex(doc["uid"] or "00" * 16)
        self.tag = bytes.fromhex(doc["tag"][2:])
        self.released, self.events = doc["released"], doc["events"]
        self.key_version, self.mode = doc["key_version"], 0 if doc["mode"] == "webrtc" else 1
        self.created_at, self.rekeyed_at = doc["created_at"], doc["rekeyed_at"]
        self.operator_id, self.terms = doc["operator_id"], terms

    @property
    def fulfilled(self) -> bool:
        return any(self.uid)
