"""Events to documents: a pure function, one event at a time.

Promises: `apply` changes the ledger as the contract changed its storage when it emitted the event;
the same events in the same order always give the same documents, however they were split into
batches. An event that cannot follow from the ones before is a `FoldError`.
Assumes: events come in the order of `seq` without gaps, and the ledger holds the documents they
affect (`indexer.affected` names them).
Source: `contracts/LivestreamRooms.sol`; `verify` compares the outcome with the contract's views.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from chain import events as t
from chain.hexes import ZERO_ADDRESS
from indexer.documents import (
    MODERATORS,
    OPERATORS,
    ROOMS,
    TERMS,
    AccountDoc,
    AsOf,
    ModeratorDoc,
    OperatorDoc,
    TermsDoc,
    doc_id,
    wei,
)
from indexer.projection.ledger import FoldError, Ledger, Totals
from indexer.projection.rooms import (
    create,
    describe,
    end,
    offer,
    provision,
    rekey,
    release,
    rename,
    transfer,
    updated,
)


def apply(ledger: Ledger, *events: t.ChainEvent) -> None:
    """Fold events. Raises `FoldError`."""
    for event in events:
        _HANDLERS[type(event)](ledger, event)
    ledger.finish()


def fold(contract: str, events: Iterable[t.ChainEvent]) -> Ledger:
    """All events of a contract at once, from the first."""
    ledger = Ledger(contract)
    apply(ledger, *events)
    return ledger


def account_changes(event: t.ChainEvent) -> list[tuple[str, int, int, int]]:
    """What an event changes in accounts: (address, credit, open rooms, rooms), each a difference,
    so that a reorg can take them back exactly."""
    if isinstance(event, t.RoomCreated):
        return [(event.actor, 0, 1, 1)]
    if isinstance(event, t.RoomTransferred):
        return [(event.former_host, 0, -1, -1), (event.actor, 0, 1, 1)]
    if isinstance(event, t.RoomEnded):
        return [(event.host, event.amount, -1, 0)]
    if isinstance(event, t.Credited):
        return [(event.account, event.amount, 0, 0)]
    if isinstance(event, t.Withdrawn | t.CreditSpent):
        return [(event.actor, -event.amount, 0, 0)]
    return []


def change_account(
    doc: AccountDoc, credit: int, open_rooms: int, rooms: int, events: int = 1
) -> None:
    """Add differences to an account."""
    if credit:
        total = int(doc["credit"]) + credit
        if total < 0:
            raise FoldError(f"{doc['account']} took more than its credit")
        doc["credit"] = wei(total)
    doc["open_rooms"] += open_rooms
    doc["rooms"] += rooms
    doc["events"] += events


def event_position(event: t.ChainEvent) -> AsOf:
    """The position of an event."""
    meta = event.meta
    return {"block": meta.block_number, "block_hash": meta.block_hash, "seq": event.seq}


def _accounts(ledger: Ledger, event: t.ChainEvent) -> None:
    for address, credit, open_rooms, rooms in account_changes(event):
        doc = ledger.account(address)
        change_account(doc, credit, open_rooms, rooms)
        doc["as_of"] = event_position(event)


def _created(ledger: Ledger, e: t.RoomCreated) -> None:
    if e.room_id in ledger.rooms:
        raise FoldError(f"room {e.room_id} was created twice")
    terms = ledger.terms.get(e.terms_id)
    if terms is None:
        raise FoldError(f"room {e.room_id} under unknown terms {e.terms_id}")
    operator = ledger.operator(e.operator_id)
    ledger.rooms[e.room_id] = create(e, operator["playback_base"], terms)
    ledger.made_rooms.add(e.room_id)
    ledger.retitled.add(e.room_id)
    ledger.changed[ROOMS].add(e.room_id)
    ledger.totals.rooms += 1
    _accounts(ledger, e)


def _renamed(ledger: Ledger, e: t.RoomUpdated) -> None:
    rename(ledger.room(e.room_id), e)
    ledger.retitled.add(e.room_id)


def _transferred(ledger: Ledger, e: t.RoomTransferred) -> None:
    transfer(ledger.room(e.room_id), e)
    _accounts(ledger, e)


def _ended(ledger: Ledger, e: t.RoomEnded) -> None:
    end(ledger.room(e.room_id), e)
    ledger.totals.ended_rooms += 1
    _accounts(ledger, e)


def _operator_added(ledger: Ledger, e: t.OperatorAdded) -> None:
    if e.operator_id in ledger.operators:
        raise FoldError(f"operator {e.operator_id} was added twice")
    ledger.operators[e.operator_id] = OperatorDoc(
        _id=doc_id(ledger.contract, e.operator_id),
        contract=ledger.contract,
        operator_id=e.operator_id,
        account=e.account,
        payee=e.payee,
        accepting=True,
        enabled=True,
        playback_base=e.playback_base.decode("ascii"),
        added_at=e.timestamp,
        seqs=[],
        last_seq=e.seq,
        updated=updated(e),
    )
    _operator(ledger, e)


OperatorEvent = (
    t.OperatorAdded
    | t.OperatorAccountChanged
    | t.OperatorPayeeChanged
    | t.OperatorAcceptingChanged
    | t.OperatorEnabledChanged
)


def _operator(ledger: Ledger, e: OperatorEvent) -> None:
    doc = ledger.operator(e.operator_id)
    if isinstance(e, t.OperatorAccountChanged):
        doc["account"] = None if e.account == ZERO_ADDRESS else e.account
    elif isinstance(e, t.OperatorPayeeChanged):
        doc["payee"] = e.payee
    elif isinstance(e, t.OperatorAcceptingChanged):
        doc["accepting"] = e.accepting
    elif isinstance(e, t.OperatorEnabledChanged):
        doc["enabled"] = e.enabled
    doc["seqs"].append(e.seq)
    doc["last_seq"], doc["updated"] = e.seq, updated(e)
    ledger.changed[OPERATORS].add(e.operator_id)


def _terms_set(ledger: Ledger, e: t.TermsSet) -> None:
    ledger.terms[e.terms_id] = TermsDoc(
        _id=doc_id(ledger.contract, e.terms_id),
        contract=ledger.contract,
        terms_id=e.terms_id,
        deposit=wei(e.deposit),
        fee=wei(e.fee),
        max_room_seconds=e.max_room_seconds,
        fulfill_deadline_seconds=e.fulfill_deadline_seconds,
        max_open_rooms=e.max_open_rooms,
        max_room_events=e.max_room_events,
        rekey_cooldown=e.rekey_cooldown,
        set_at=e.timestamp,
        seq=e.seq,
        updated=updated(e),
    )
    ledger.changed[TERMS].add(e.terms_id)
    apply_contract_event(ledger.totals, e)


def _moderator(ledger: Ledger, e: t.ModeratorChanged) -> None:
    doc = ledger.moderators.get(e.account)
    if doc is None:
        doc = ledger.moderators[e.account] = ModeratorDoc(
            _id=doc_id(ledger.contract, e.account),
            contract=ledger.contract,
            account=e.account,
            allowed=e.allowed,
            seqs=[],
            last_seq=e.seq,
            updated=updated(e),
        )
    doc["allowed"] = e.allowed
    doc["seqs"].append(e.seq)
    doc["last_seq"], doc["updated"] = e.seq, updated(e)
    ledger.changed[MODERATORS].add(e.account)


def apply_contract_event(totals: Totals, e: t.ChainEvent) -> None:
    """An event of the contract as a whole: owner, pause, retirement, current terms."""
    if isinstance(e, t.OwnerChanged):
        totals.owner, totals.pending_owner = e.account, None
    elif isinstance(e, t.OwnerProposed):
        totals.pending_owner = None if e.account == ZERO_ADDRESS else e.account
    elif isinstance(e, t.PauseChanged):
        totals.paused = e.paused
    elif isinstance(e, t.Retired):
        totals.retired = True
        totals.successor = None if e.successor == ZERO_ADDRESS else e.successor
    elif isinstance(e, t.TermsSet):
        totals.current_terms = e.terms_id
    totals.contract_seqs.append(e.seq)


_HANDLERS: dict[type[t.ChainEvent], Callable[[Ledger, Any], None]] = {
    t.RoomCreated: _created,
    t.RoomUpdated: _renamed,
    t.RoomDescribed: lambda ledger, e: describe(ledger.room(e.room_id), e),
    t.RoomRekeyed: lambda ledger, e: rekey(ledger.room(e.room_id), e),
    t.RoomTransferStarted: lambda ledger, e: offer(ledger.room(e.room_id), e),
    t.RoomTransferred: _transferred,
    t.RoomProvisioned: lambda ledger, e: provision(ledger.room(e.room_id), e),
    t.RoomEnded: _ended,
    t.RoomReleased: lambda ledger, e: release(ledger.room(e.room_id), e),
    t.Credited: _accounts,
    t.CreditSpent: _accounts,
    t.Withdrawn: _accounts,
    t.OperatorAdded: _operator_added,
    t.OperatorAccountChanged: _operator,
    t.OperatorPayeeChanged: _operator,
    t.OperatorAcceptingChanged: _operator,
    t.OperatorEnabledChanged: _operator,
    t.TermsSet: _terms_set,
    t.ModeratorChanged: _moderator,
    t.PauseChanged: lambda ledger, e: apply_contract_event(ledger.totals, e),
    t.Retired: lambda ledger, e: apply_contract_event(ledger.totals, e),
    t.OwnerProposed: lambda ledger, e: apply_contract_event(ledger.totals, e),
    t.OwnerChanged: lambda ledger, e: apply_contract_event(ledger.totals, e),
}
