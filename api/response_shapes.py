"""The shape of every answer: a function for each type of `api.response_types`, named as it is.

A route gathers what it answers with, a function here makes JSON of it, and `api.http_responses`
makes a response of that and adds `finality` and `index`. The members of every problem are in
`api.problems`, those of one about a room in `room_problem`.

Promises: pure functions. What is made of a room's document depends on the document alone, so it can
be cached (`api.cached_room`); what depends on the moment (finality, whether a room is expirable) is
handed in. Addresses are checksummed, wei are decimal strings, times are unix seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from api.app_config import ApiConfig
from api.creation import Creation
from api.ending import Ending
from api.formatting import detail_words, wei
from api.index_position import IndexPosition
from api.index_source import Document
from api.response_types import (
    AudienceMembers,
    DescriptionJson,
    EndJson,
    EventJson,
    EventsContent,
    FinalityAndIndex,
    HostContent,
    IndexJson,
    IngestContent,
    JoinContent,
    ListedRoomJson,
    PlaybackJson,
    PresenceWord,
    ProblemMembers,
    RecordingJson,
    RecordingsContent,
    RoomContent,
    RoomsContent,
    ShownWord,
)
from api.status_types import (
    BlockJson,
    ContractJson,
    IndexStatusContent,
    OperatorJson,
    PageConfigJson,
    TermsJson,
)
from api.transaction_types import END, EXPIRE, ChangeContent, CostJson, CreateContent, EndContent
from api.unsigned_transactions import UnsignedTransaction
from chain.enums import room_name
from chain.hexes import checksum, checksum_or_none
from chain.playback_urls import AccessWord, playback_urls, room_access
from chain.room_details import room_details

_ADDRESS_ARGS = frozenset({"gate", "to", "former_host", "host", "account", "payee", "successor"})
_WEI_ARGS = frozenset({"amount", "deposit", "fee"})


def finality_and_index(position: IndexPosition, finality: str, now: float) -> FinalityAndIndex:
    """What every answer ends with: how final what it tells is, and where the index stood."""
    return {"finality": finality, "index": index(position, now)}


def index(position: IndexPosition, now: float) -> IndexJson:
    """Where the index stands."""
    return {
        "chain_id": position.chain_id,
        "contract": checksum(position.contract),
        "block": position.block,
        "block_hash": position.block_hash,
        "seq": position.seq,
        "history": position.history,
        "lag": {"blocks": position.lag_blocks(), "seconds": position.lag_seconds(now)},
    }


# --- rooms --------------------------------------------------------------------------------------


def join(doc: Document) -> JoinContent:
    """What a viewer needs of a room. Raises ValueError unless it is active and public."""
    found = playback(doc)
    if found is None:
        raise ValueError("only an active public room can be joined")
    return {
        "room_id": doc["room_id"],
        "status": doc["status"],
        "mode": doc["mode"],
        **found,
        "title": doc["title"],
        "host": checksum(doc["host"]),
        "created_at": doc["created_at"],
        "expires_at": doc["expires_at"],
    }


def room(doc: Document) -> RoomContent:
    """A room, whole, but for whether it is on air."""
    created, updated = doc["created"], doc["updated"]
    return {
        "room_id": doc["room_id"],
        "contract": checksum(doc["contract"]),
        "status": doc["status"],
        "mode": doc["mode"],
        "title": doc["title"],
        "title_hex": doc["title_hex"],
        "starts_at": doc["starts_at"],
        "description": description(doc["details"]),
        "details_hex": doc["details_hex"],
        "host": checksum(doc["host"]),
        "pending_host": checksum_or_none(doc["pending_host"]),
        "access": access(doc),
        "gate": checksum_or_none(doc["gate"]),
        "operator_id": doc["operator_id"],
        "terms_id": doc["terms_id"],
        "created_at": doc["created_at"],
        "deadline_at": doc["deadline_at"],
        "expires_at": doc["expires_at"],
        "provisioned_at": doc["provisioned_at"],
        "rekeyed_at": doc["rekeyed_at"],
        "uid": doc["uid"],
        "playback": playback(doc),
        "ingest_key": doc["ingest_key"],
        "key_version": doc["key_version"],
        "tag": doc["tag"],
        "end": end(doc),
        "released": doc["released"],
        "released_at": doc["released_at"],
        "events": doc["events"],
        "first_seq": doc["first_seq"],
        "last_seq": doc["last_seq"],
        "created": {
            "block": created["block"],
            "block_hash": created["block_hash"],
            "tx": created["tx"],
            "log_index": created["log_index"],
        },
        "updated": {
            "block": updated["block"],
            "block_hash": updated["block_hash"],
            "tx": updated["tx"],
            "at": updated["at"],
        },
    }


def description(details: str) -> DescriptionJson | None:
    """What its host tells about a room. `details`: as the index decoded them."""
    found = room_details(details)
    if found is None:
        return None
    return {"about": found.about, "lang": found.lang, "class": found.class_}


def access(doc: Document) -> AccessWord:
    """Who may watch a room."""
    return room_access(doc["gate"], doc["contract"])


def playback(doc: Document) -> PlaybackJson | None:
    """Where an active public room plays; None while it does not, and for a gated room."""
    if doc["status"] != "active" or doc["uid"] is None or access(doc) != "public":
        return None
    urls = playback_urls(doc["playback_base"], doc["uid"], doc["mode"])
    return {"whep_url": urls.whep, "hls_url": urls.hls, "lifecycle_url": urls.lifecycle}


def end(doc: Document) -> EndJson | None:
    """Why, when and by whom a room ended."""
    found = doc["end"]
    if found is None:
        return None
    return {
        "reason": found["reason"],
        "detail": found["detail"],
        "detail_text": detail_words(found["reason"], found["detail"]),
        "actor": checksum(found["actor"]),
        "at": found["at"],
        "block": found["block"],
        "tx": found["tx"],
    }


def listed_room(
    content: RoomContent, on_air: AudienceMembers, expirable: bool, finality: str
) -> ListedRoomJson:
    """A room in a list. `content`: of `room`."""
    return {**content, **on_air, "expirable": expirable, "finality": finality}


def rooms(
    listed: list[ListedRoomJson], next_cursor: str | None, presence: PresenceWord
) -> RoomsContent:
    """A page of rooms."""
    return {"rooms": listed, "next_cursor": next_cursor, "presence": presence}


def host(
    address: str,
    shown: ShownWord | None,
    room: ListedRoomJson | None,
    upcoming: list[ListedRoomJson],
    presence: PresenceWord,
) -> HostContent:
    """A host's channel. `address`: lower case."""
    return {
        "host": checksum(address),
        "shown": shown,
        "room": room,
        "upcoming": upcoming,
        "presence": presence,
    }


def event(doc: Document) -> EventJson:
    """One event of the history."""
    number = doc["room_id"]
    return {
        "seq": doc["seq"],
        "name": doc["name"],
        "room_id": None if number is None else room_name(number),
        "actor": checksum(doc["actor"]),
        "at": doc["at"],
        "block": doc["block"],
        "block_hash": doc["block_hash"],
        "tx": doc["tx"],
        "tx_index": doc["tx_index"],
        "log_index": doc["log_index"],
        "args": {name: _arg(name, value) for name, value in doc["args"].items()},
    }


def events(doc: Document, found: Sequence[Document], next_cursor: str | None) -> EventsContent:
    """A page of a room's history. `doc`: the room."""
    return {
        "room_id": doc["room_id"],
        "total": doc["events"],
        "events": [event(one) for one in found],
        "next_cursor": next_cursor,
    }


def ingest(doc: Document) -> IngestContent:
    """The sealed credentials of a room that has them."""
    box = doc["sealed"]
    return {
        "room_id": doc["room_id"],
        "mode": doc["mode"],
        "host": checksum(doc["host"]),
        "ingest_key": doc["ingest_key"],
        "uid": doc["uid"],
        "sealed": {
            "data": box["data"],
            "tag": box["tag"],
            "key_version": box["key_version"],
            "at": box["at"],
            "block": box["block"],
            "tx": box["tx"],
        },
    }


def recording(doc: Document) -> RecordingJson:
    """A recording, as the oracle noted it. A signed one plays only with a token."""
    return {
        "uid": doc["_id"],
        "state": doc["state"],
        "hls_url": None if doc["signed"] else doc["hls"],
        "thumbnail_url": None if doc["signed"] else doc["thumbnail"],
        "created_at": doc["created"],
        "duration_seconds": doc["duration_seconds"],
        "size_bytes": doc["size_bytes"],
        "delete_at": doc["delete_at"],
    }


def recordings(doc: Document, found: Sequence[Document]) -> RecordingsContent:
    """What was recorded of a room. `doc`: the room."""
    return {"room_id": doc["room_id"], "recordings": [recording(one) for one in found]}


def room_problem(doc: Document, more: ProblemMembers) -> ProblemMembers:
    """What a problem about a room says of it, besides what every problem says."""
    return {
        "room_id": doc["room_id"],
        "room_status": doc["status"],
        "mode": doc["mode"],
        "room_title": doc["title"],
        "host": checksum(doc["host"]),
        **more,
    }


# --- the index, its contracts and their terms ---------------------------------------------------


def contract(position: IndexPosition, now: float) -> ContractJson:
    """Where the index of one contract stands."""
    finalized: BlockJson | None = None
    if position.finalized_block is not None and position.finalized_hash is not None:
        finalized = {"block": position.finalized_block, "block_hash": position.finalized_hash}
    return {
        **index(position, now),
        "start_block": position.start_block,
        "rooms": position.rooms,
        "state": position.state,
        "head": {"block": position.head_block, "timestamp": position.head_timestamp},
        "finalized": finalized,
    }


def index_status(
    main: IndexPosition,
    confirmations: int,
    current_terms: Document | None,
    operators: Sequence[Document],
    contracts: Iterable[IndexPosition],
    now: float,
) -> IndexStatusContent:
    """Where everything stands. `main`: of the contract that new rooms are created in."""
    return {
        "contract": checksum(main.contract),
        "chain_id": main.chain_id,
        "confirmations": confirmations,
        "state": main.state,
        "stop_reason": main.stop_reason,
        "paused": main.paused,
        "retired": main.retired,
        "successor": checksum_or_none(main.successor),
        "owner": checksum_or_none(main.owner),
        "terms": None if current_terms is None else terms(current_terms),
        "operators": [operator(doc) for doc in operators],
        "contracts": [contract(position, now) for position in contracts],
    }


def operator(doc: Document) -> OperatorJson:
    """An operator. `account` None: revoked."""
    return {
        "operator_id": doc["operator_id"],
        "account": checksum_or_none(doc["account"]),
        "payee": checksum(doc["payee"]),
        "playback_base": doc["playback_base"],
        "accepting": bool(doc["accepting"]),
        "enabled": bool(doc["enabled"]),
    }


def terms(doc: Document) -> TermsJson:
    """Terms."""
    return {
        "terms_id": doc["terms_id"],
        "deposit": wei(doc["deposit"]),
        "fee": wei(doc["fee"]),
        "max_room_seconds": doc["max_room_seconds"],
        "fulfill_deadline_seconds": doc["fulfill_deadline_seconds"],
        "max_open_rooms": doc["max_open_rooms"],
        "max_room_events": doc["max_room_events"],
        "rekey_cooldown": doc["rekey_cooldown"],
    }


# --- unsigned transactions ----------------------------------------------------------------------


def create_answer(creation: Creation) -> CreateContent:
    """The transaction that creates a room."""
    operator_id, state, value, made = creation
    return {
        "transaction": made.transaction,
        "simulation": {
            **made.simulation,
            "from_wallet": str(value),
            "from_balance": str(state.price - value),
        },
        "operator_id": operator_id,
        "terms_id": state.terms_id,
        "cost": _cost(state.terms.deposit, state.terms.fee, value, made.most_gas_cost),
    }


def change_answer(room_id: str, made: UnsignedTransaction) -> ChangeContent:
    """A transaction about a room."""
    return {
        "room_id": room_id,
        "transaction": made.transaction,
        "simulation": made.simulation,
        "cost": _cost(0, 0, 0, made.most_gas_cost),
    }


def end_answer(room_id: str, made: UnsignedTransaction, ending: Ending) -> EndContent:
    """The transaction that ends a room."""
    return {
        **change_answer(room_id, made),
        "call": EXPIRE if ending.expires else END,
        "refund": str(ending.refund),
        "forfeited": str(ending.forfeited),
        "full_refund_at": ending.full_refund_at,
    }


# --- the service itself -------------------------------------------------------------------------


def page_config(config: ApiConfig, playback_hosts: list[str]) -> PageConfigJson:
    """What the page needs before its first request."""
    return {
        "chain_id": config.chain_id,
        "contract": checksum(config.contract),
        "contracts": [
            {"address": checksum(ref.address), "start_block": ref.start_block}
            for ref in config.contracts
        ],
        "confirmations": config.confirmations,
        "rpc_url": config.public_rpc_url,
        "playback_hosts": playback_hosts,
        "operator_contact": config.operator_contact,
        "public_url": config.public_url,
        "demo": config.demo,
        "playback_services": {
            str(operator): url for operator, url in config.playback_services.items()
        },
    }


def _arg(name: str, value: Any) -> Any:
    if name in _ADDRESS_ARGS and isinstance(value, str) and len(value) == 42:
        return checksum_or_none(value)
    if name in _WEI_ARGS:
        return wei(value)
    return value


def _cost(deposit: int, fee: int, value: int, most_gas: int) -> CostJson:
    return {
        "deposit": str(deposit),
        "fee": str(fee),
        "value": str(value),
        "most_gas": str(most_gas),
    }
