"""The contract's views against the fold's documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chain import eventtypes as t
from chain.enums import EndReason, Mode, Status
from chain.hexes import ZERO_ADDRESS
from chain.rooms import RoomView
from indexer.fold import account_changes
from indexer.model import RoomDoc

if TYPE_CHECKING:
    from tests.support.registry.registry import Registry

ROOMS_AT_ONCE = 100
_STATUS = {"pending": Status.PENDING, "active": Status.ACTIVE, "ended": Status.ENDED}


def room_view(doc: RoomDoc, now: int, operator_revoked: bool) -> RoomView:
    """What `room` must answer for a document at a time."""
    status = _STATUS[doc["status"]]
    uid = bytes.fromhex(doc["uid"]) if doc["uid"] else bytes(16)
    reason = EndReason[doc["end"]["reason"].upper()] if doc["end"] else EndReason.NONE
    expires_at = doc["expires_at"] if doc["uid"] else doc["deadline_at"]
    effective, why = status, reason
    if status != Status.ENDED and (now >= expires_at or operator_revoked):
        effective = Status.ENDED
        why = EndReason.EXPIRED if doc["uid"] else EndReason.UNFULFILLED
    return RoomView(
        room_id=doc["_id"],
        host=doc["host"],
        pending_host=doc["pending_host"] or ZERO_ADDRESS,
        created_at=doc["created_at"],
        expires_at=expires_at,
        rekeyed_at=doc["rekeyed_at"] or 0,
        operator_id=doc["operator_id"],
        terms_id=doc["terms_id"],
        mode=Mode.WEBRTC if doc["mode"] == "webrtc" else Mode.BROADCAST,
        gated=doc["gate"] is not None,
        status=status,
        end_reason=reason,
        effective_status=effective,
        effective_reason=why,
        released=doc["released"],
        uid=uid,
        tag=bytes.fromhex(doc["tag"][2:]),
        key_version=doc["key_version"],
        events=doc["events"],
    )


def _rooms(registry: Registry, ids: Sequence[int]) -> None:
    ledger = registry.ledger
    for start in range(0, len(ids), ROOMS_AT_ONCE):
        part = list(ids[start : start + ROOMS_AT_ONCE])
        now = registry.machine.view(registry.address, b"").at
        for view in registry.views.rooms(part):
            doc = ledger.rooms[view.room_id]
            revoked = ledger.operators[doc["operator_id"]]["account"] is None
            wanted = room_view(doc, now, revoked)
            assert view == wanted, f"the contract tells {view}, the events {wanted}"


def _account(registry: Registry, who: str) -> None:
    doc = registry.ledger.accounts.get(who)
    wanted = (int(doc["credit"]), doc["open_rooms"]) if doc else (0, 0)
    got = tuple(registry.views.account(who))
    assert got == wanted, f"account {who}: the contract tells {got}, the events {wanted}"


def _history_and_money(registry: Registry) -> None:
    history = registry.views.history()
    assert (history.count, history.hash) == (registry.seq, registry.hash), "the history differs"
    balance = registry.machine.balance(registry.address)
    owed = registry.obligations() + registry.gifts
    assert balance == owed, f"the contract holds {balance} wei and owes {owed}"


def compare_touched(registry: Registry, events: Sequence[t.ChainEvent]) -> None:
    """History and money, and the rooms and accounts that events touched."""
    _history_and_money(registry)
    ids = sorted({e.room_id for e in events if isinstance(e, t.RoomEvent)})
    if ids:
        _rooms(registry, ids)
    hosts = {registry.ledger.rooms[i]["host"] for i in ids}
    for who in hosts | {a for e in events for a, *_ in account_changes(e, None) if a}:
        _account(registry, who)


def compare_all(registry: Registry) -> None:
    """Every room, account, operator, terms, moderator, and the contract's own state."""
    _history_and_money(registry)
    ledger, views = registry.ledger, registry.views
    _rooms(registry, sorted(ledger.rooms))
    for who in ledger.accounts:
        _account(registry, who)
    assert views.number("roomCount") == ledger.totals.rooms == len(ledger.rooms)
    assert views.number("operatorCount") == len(ledger.operators)
    for number, operator in ledger.operators.items():
        told = views.operator(number)
        assert told.account == (operator["account"] or ZERO_ADDRESS)
        assert (told.accepting, told.enabled) == (operator["accepting"], operator["enabled"])
        assert told.playback_base == operator["playback_base"]
    assert views.number("currentTermsId") == ledger.totals.current_terms == len(ledger.terms)
    for number, terms in ledger.terms.items():
        values = [int(terms["deposit"]), int(terms["fee"])]
        values += [terms["max_room_seconds"], terms["fulfill_deadline_seconds"]]
        values += [terms["max_open_rooms"], terms["max_room_events"], terms["rekey_cooldown"]]
        assert list(views.terms(number)) == values
    for who, moderator in ledger.moderators.items():
        assert views.flag("isModerator", who) == moderator["allowed"]
    assert views.address("owner") == ledger.totals.owner
    assert views.address("pendingOwner") == (ledger.totals.pending_owner or ZERO_ADDRESS)
    assert views.flag("paused") == ledger.totals.paused
