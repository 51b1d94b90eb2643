"""What an index must hold of a contract in a state: its documents, told apart from the fold.

Written from `indexer/documents.py`'s words on each field and docs/index.md. The words of a title
are `indexer.projection.titles`' own matter, with tests of their own. `VOLATILE` fields are left
out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chain.enums import Mode, Status, room_name
from chain.hexes import ZERO_ADDRESS, hex_data
from indexer.documents import ACCOUNTS, MODERATORS, OPERATORS, ROOMS, TERMS
from indexer.projection.titles import title_tokens
from tests.support.rulebook.state import (
    ChainPlace,
    ContractState,
    Emitted,
    ModeratorRow,
    OperatorRow,
    RoomRow,
    TermsRow,
)

Doc = dict[str, Any]
_PLAYED_AT = {Mode.WEBRTC: "/webRTC/play", Mode.BROADCAST: "/manifest/video.m3u8"}


def documents(contract: str, state: ContractState) -> dict[str, dict[Any, Doc]]:
    """Every document of every collection that events are folded into, by `_id`."""
    made: dict[str, Iterable[Doc]] = {
        ROOMS: (room_doc(contract, state, room) for room in state.rooms.values()),
        OPERATORS: (operator_doc(contract, n, row) for n, row in state.operators.items()),
        TERMS: (terms_doc(contract, n, row) for n, row in state.terms.items()),
        ACCOUNTS: (account_doc(contract, state, who) for who in state.accounts),
        MODERATORS: (moderator_doc(contract, who, row) for who, row in state.moderators.items()),
    }
    return {kind: {doc["_id"]: doc for doc in docs} for kind, docs in made.items()}


def totals(state: ContractState) -> Doc:
    """What the checkpoint tells of the contract as a whole."""
    return {
        "rooms": len(state.rooms),
        "ended_rooms": state.ended_rooms,
        "owner": state.owner,
        "pending_owner": _address(state.pending_owner),
        "paused": state.paused,
        "retired": state.retired,
        "successor": _address(state.successor),
        "current_terms": len(state.terms),
        "contract_seqs": list(state.contract_seqs),
    }


def room_doc(contract: str, state: ContractState, room: RoomRow) -> Doc:
    terms, operator = state.terms_of(room), state.operators[room.operator_id]
    created, mode = room.created, Mode(room.mode)
    uid = room.uid.hex() if room.fulfilled else None
    played_at = f"{operator.playback_base}/{uid}{_PLAYED_AT[mode]}" if uid else None
    return {
        "_id": room.number,
        "n": room.number,
        "room_id": room_name(room.number),
        "contract": contract,
        "host": room.host,
        "pending_host": _address(room.pending_host),
        "title": _text(room.title),
        "title_hex": hex_data(room.title),
        "search": title_tokens(_text(room.title)),
        "starts_at": room.starts_at or None,
        "details": _text(room.details),
        "details_hex": hex_data(room.details),
        "mode": mode.word,
        "gate": _address(room.gate),
        "status": room.status.word,
        "end": _end(room),
        "operator_id": room.operator_id,
        "terms_id": room.terms_id,
        "created_at": created.at,
        "deadline_at": created.at + terms.fulfill_deadline_seconds,
        "expires_at": created.at + terms.max_room_seconds,
        "expire_at": None if room.end else state.expires_at(room),
        "uid": uid,
        "playback_base": operator.playback_base,
        "playback_url": played_at,
        "ingest_key": hex_data(room.ingest_key),
        "tag": hex_data(room.tag),
        "tag_at_creation": hex_data(room.tag_at_creation),
        "former_tag": hex_data(room.former_tag) if room.former_tag else None,
        "key_version": room.key_version,
        "rekeyed_at": room.rekeyed_at or None,
        "sealed": _sealed(room),
        "provisioned_at": room.provisioned_at,
        "released": room.released,
        "released_at": room.released_at,
        "work": work(room),
        "events": len(room.seqs),
        "first_seq": room.seqs[0],
        "last_seq": room.seqs[-1],
        "seqs": list(room.seqs),
        "created": {
            "block": created.block,
            "block_hash": created.block_hash,
            "tx": created.tx,
            "log_index": created.log_index,
        },
        "updated": _updated(room.updated),
    }


def work(room: RoomRow) -> str | None:
    """What a room's operator has to do."""
    if room.status is Status.PENDING:
        return "provision"
    if room.status is Status.ACTIVE:
        return "rekey" if room.sealed_tag != room.tag else None
    return "release" if room.fulfilled and not room.released else None


def _end(room: RoomRow) -> Doc | None:
    end = room.end
    return end and {
        "reason": end.reason.word,
        "detail": end.detail,
        "actor": end.actor,
        "at": end.place.at,
        "block": end.place.block,
        "tx": end.place.tx,
    }


def _sealed(room: RoomRow) -> Doc | None:
    sealed = room.sealed
    return sealed and {
        "key_version": sealed.key_version,
        "tag": hex_data(sealed.tag),
        "data": hex_data(sealed.data),
        "at": sealed.place.at,
        "block": sealed.place.block,
        "tx": sealed.place.tx,
    }


def operator_doc(contract: str, number: int, row: OperatorRow) -> Doc:
    return {
        "_id": f"{contract}:{number}",
        "contract": contract,
        "operator_id": number,
        "account": _address(row.account),
        "payee": row.payee,
        "accepting": row.accepting,
        "enabled": row.enabled,
        "playback_base": row.playback_base,
        "added_at": row.added_at,
        "seqs": list(row.seqs),
        "last_seq": row.seqs[-1],
        "updated": _updated(row.updated),
    }


def terms_doc(contract: str, number: int, row: TermsRow) -> Doc:
    values = row.terms._asdict()
    return {
        "_id": f"{contract}:{number}",
        "contract": contract,
        "terms_id": number,
        **values,
        "deposit": _wei(row.terms.deposit),
        "fee": _wei(row.terms.fee),
        "set_at": row.updated.at,
        "seq": row.seq,
        "updated": _updated(row.updated),
    }


def account_doc(contract: str, state: ContractState, who: str) -> Doc:
    row = state.accounts[who]
    return {
        "_id": f"{contract}:{who}",
        "contract": contract,
        "account": who,
        "credit": _wei(row.credit),
        "open_rooms": row.open_rooms,
        "rooms": sum(room.host == who for room in state.rooms.values()),
        "events": row.changes,
    }


def moderator_doc(contract: str, who: str, row: ModeratorRow) -> Doc:
    return {
        "_id": f"{contract}:{who}",
        "contract": contract,
        "account": who,
        "allowed": row.allowed,
        "seqs": list(row.seqs),
        "last_seq": row.seqs[-1],
        "updated": _updated(row.updated),
    }


def _updated(place: ChainPlace) -> Doc:
    return {
        "block": place.block,
        "block_hash": place.block_hash,
        "tx": place.tx,
        "at": place.at,
    }


def event_doc(contract: str, event: Emitted) -> Doc:
    """An event as it is kept: where it stands, and its own parameters as text, number or flag."""
    names = event.kind._fields[5:]
    args = {name: _plain(name, value) for name, value in zip(names, event.values, strict=True)}
    room_id = args.pop("room_id", None)
    for name in ("title", "details"):
        if name in args:
            args[f"{name}_hex"] = hex_data(event.values[-1])
    place, kind = event.place, event.kind.__name__
    of_actor = kind in ("Withdrawn", "CreditSpent")
    return {
        "contract": contract,
        "seq": event.seq,
        "name": kind,
        "room_id": room_id,
        "account": event.actor if of_actor else args.get("account"),
        "block": place.block,
        "block_hash": place.block_hash,
        "tx": place.tx,
        "tx_index": place.tx_index,
        "log_index": place.log_index,
        "actor": event.actor,
        "at": place.at,
        "args": args,
    }


def _plain(name: str, value: Any) -> Any:
    if name in ("title", "details", "playback_base"):
        return _text(value)
    if name == "uid":
        return value.hex()
    if name in ("amount", "deposit", "fee"):
        return _wei(value)
    if name in ("mode", "reason"):
        return value.word
    return hex_data(value) if isinstance(value, bytes) else value


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _wei(amount: int) -> str:
    return f"{amount:030d}"


def _address(value: str) -> str | None:
    return None if value == ZERO_ADDRESS else value
