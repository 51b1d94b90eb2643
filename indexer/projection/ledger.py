"""The part of the index that is held in memory while events are folded into it.

Promises: a `Ledger` holds the documents of one contract that the events affect, and notes which of
them changed and which are new. It never holds more than it was given and what the folded
events made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from indexer.documents import (
    ACCOUNTS,
    FOLDED,
    MODERATORS,
    OPERATORS,
    ROOMS,
    TERMS,
    AccountDoc,
    ModeratorDoc,
    OperatorDoc,
    RoomDoc,
    TermsDoc,
    doc_id,
    wei,
)
from indexer.projection.titles import title_tokens

NAMES = {
    ROOMS: "n",
    OPERATORS: "operator_id",
    TERMS: "terms_id",
    ACCOUNTS: "account",
    MODERATORS: "account",
}
"""The field by which a collection's documents are known within their contract."""


class FoldError(Exception):
    """The events do not make sense: one is missing, or is of another chain."""


@dataclass
class Totals:
    """What belongs to the contract as a whole."""

    rooms: int = 0
    ended_rooms: int = 0
    owner: str | None = None
    pending_owner: str | None = None
    paused: bool = False
    retired: bool = False
    successor: str | None = None
    current_terms: int | None = None
    contract_seqs: list[int] = field(default_factory=list)


@dataclass
class Ledger:
    """Documents by their number or address. `changed`/`made`: names of documents per collection."""

    contract: str
    totals: Totals = field(default_factory=Totals)
    rooms: dict[int, RoomDoc] = field(default_factory=dict)
    operators: dict[int, OperatorDoc] = field(default_factory=dict)
    terms: dict[int, TermsDoc] = field(default_factory=dict)
    accounts: dict[str, AccountDoc] = field(default_factory=dict)
    moderators: dict[str, ModeratorDoc] = field(default_factory=dict)
    made_rooms: set[int] = field(default_factory=set)
    retitled: set[int] = field(default_factory=set)
    changed: dict[str, set[Any]] = field(default_factory=lambda: {kind: set() for kind in FOLDED})

    def room(self, room_id: int) -> RoomDoc:
        """The room of an event, marked as changed. Raises `FoldError`."""
        doc = self.rooms.get(room_id)
        if doc is None:
            raise FoldError(f"event for room {room_id}, which was never created")
        self.changed[ROOMS].add(room_id)
        return doc

    def operator(self, operator_id: int) -> OperatorDoc:
        """An operator, not marked. Raises `FoldError`."""
        doc = self.operators.get(operator_id)
        if doc is None:
            raise FoldError(f"event for operator {operator_id}, which was never added")
        return doc

    def account(self, address: str) -> AccountDoc:
        """An account, made if it is new, marked as changed."""
        self.changed[ACCOUNTS].add(address)
        doc = self.accounts.get(address)
        if doc is None:
            doc = AccountDoc(
                _id=doc_id(self.contract, address),
                contract=self.contract,
                account=address,
                credit=wei(0),
                open_rooms=0,
                rooms=0,
                events=0,
                as_of=None,
                write=0,
            )
            self.accounts[address] = doc
        return doc

    def held(self, kind: str) -> dict[Any, Any]:
        """The documents of a collection, by number or address."""
        by_kind: dict[str, dict[Any, Any]] = {
            ROOMS: self.rooms,
            OPERATORS: self.operators,
            TERMS: self.terms,
            ACCOUNTS: self.accounts,
            MODERATORS: self.moderators,
        }
        return by_kind[kind]

    def adopt(self, kind: str, docs: Iterable[Mapping[str, Any]]) -> None:
        """Take documents of the store in, unchanged."""
        name = NAMES[kind]
        held = self.held(kind)
        for doc in docs:
            held[doc[name]] = doc

    def finish(self) -> None:
        """Work out the words of new titles: once for a batch of events, as they cost the most."""
        for room_id in self.retitled:
            doc = self.rooms[room_id]
            doc["search"] = title_tokens(doc["title"])
        self.retitled.clear()

    def settle(self) -> None:
        """Everything so far is stored: forget what changed, and rooms that nothing can change."""
        for room_id in self.changed[ROOMS]:
            doc = self.rooms[room_id]
            if doc["status"] == "ended" and doc["work"] is None:
                del self.rooms[room_id]
        self.made_rooms.clear()
        for names in self.changed.values():
            names.clear()
