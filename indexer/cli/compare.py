"""A document beside the contract's own view of the same thing.

Promises: pure. Each function gives the differences in words; [] means equal. Fields that the
contract does not keep (titles, keys, transactions) are covered by the history hash and by folding
the stored events again.
"""

from __future__ import annotations

from typing import Any

from chain.calldata import Terms
from chain.enums import EndReason, Status
from chain.hexes import ZERO_ADDRESS, hex_data
from chain.views import AccountView, CreationView, OperatorView, RoomView
from indexer.documents import (
    VOLATILE,
    AccountDoc,
    Checkpoint,
    ModeratorDoc,
    OperatorDoc,
    RoomDoc,
    TermsDoc,
    wei,
)


def differences(what: str, stored: dict[str, Any], true: dict[str, Any]) -> list[str]:
    """Field by field, without the index's own records (`VOLATILE`)."""
    names = sorted((stored.keys() | true.keys()) - VOLATILE)
    return [
        f"{what}: {name} is {stored.get(name)!r}, should be {true.get(name)!r}"
        for name in names
        if stored.get(name) != true.get(name)
    ]


def room(doc: RoomDoc, view: RoomView) -> list[str]:
    """A room."""
    ended = view.status is Status.ENDED
    pending = view.uid == bytes(16) and not ended
    expected = {
        "host": view.host,
        "pending_host": _address(view.pending_host),
        "created_at": view.created_at,
        "rekeyed_at": view.rekeyed_at or None,
        "operator_id": view.operator_id,
        "terms_id": view.terms_id,
        "mode": view.mode.word,
        "gated": view.gated,
        "status": view.status.word,
        "end_reason": view.end_reason.word if view.end_reason is not EndReason.NONE else None,
        "released": view.released,
        "uid": None if view.uid == bytes(16) else view.uid.hex(),
        "tag": hex_data(view.tag),
        "key_version": view.key_version,
        "events": view.events,
        "expire_at": None if ended else view.expires_at,
    }
    end = doc["end"]
    held = {name: doc.get(name) for name in expected}
    held["gated"] = doc["gate"] is not None
    held["end_reason"] = None if end is None else end["reason"]
    if pending and doc["status"] == "pending":
        held["expire_at"] = doc["deadline_at"]
    return differences(doc["room_id"], held, expected)


def operator(doc: OperatorDoc, view: OperatorView) -> list[str]:
    """An operator."""
    expected = {
        "account": _address(view.account),
        "payee": view.payee,
        "accepting": view.accepting,
        "enabled": view.enabled,
        "playback_base": view.playback_base,
    }
    return differences(f"operator {doc['operator_id']}", _only(doc, expected), expected)


def terms(doc: TermsDoc, view: Terms) -> list[str]:
    """Terms."""
    expected = {**view._asdict(), "deposit": wei(view.deposit), "fee": wei(view.fee)}
    return differences(f"terms {doc['terms_id']}", _only(doc, expected), expected)


def account(doc: AccountDoc, view: AccountView) -> list[str]:
    """An account."""
    expected = {"credit": wei(view.credit), "open_rooms": view.open_rooms}
    return differences(f"account {doc['account']}", _only(doc, expected), expected)


def moderator(doc: ModeratorDoc, allowed: bool) -> list[str]:
    """A moderator."""
    return differences(
        f"moderator {doc['account']}", {"allowed": doc["allowed"]}, {"allowed": allowed}
    )


def contract(point: Checkpoint, *, owner: str, creation: CreationView, rooms: int) -> list[str]:
    """The contract as a whole. `creation`: of any operator and host."""
    expected = {
        "owner": owner,
        "paused": creation.paused,
        "retired": creation.retired,
        "successor": _address(creation.successor),
        "current_terms": creation.terms_id,
        "rooms": rooms,
    }
    return differences("contract", _only(point, expected), expected)


def _only(doc: Any, expected: dict[str, Any]) -> dict[str, Any]:
    return {name: doc.get(name) for name in expected}


def _address(address: str) -> str | None:
    return None if address == ZERO_ADDRESS else address
