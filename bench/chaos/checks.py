"""What must hold when a system is at rest: contract, MongoDB and stand-in agree; no secret was
written. I1: exactly one live input a room; I2: none without a room; I3: the index is the
contract's history; I4: no secret in clear; I5: every transaction came to an end.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bson
import httpx
import pymongo

from chain.enums import Status
from chain.event_codec import LAYOUTS
from chain.events import RoomProvisioned
from chain.history import HistoryView
from chain.views import RoomView
from localnet.anvil import LocalNode
from localnet.leaks import Leaks
from localnet.rooms_on_anvil import RoomsOnAnvil
from localnet.stream.control import StandInControl
from presence.documents import PRESENCE_ROOMS

INDEX, ORACLE, PRESENCE = "livestream", "livestream_oracle", "livestream_presence"
PROVISIONED = next(layout.topic0 for layout in LAYOUTS if layout.type is RoomProvisioned)


@dataclass(frozen=True)
class Picture:
    """The three witnesses at one moment, and what the oracle still has in hand."""

    views: list[RoomView]
    history: HistoryView
    documents: dict[int, dict[str, Any]]
    checkpoint: dict[str, Any] | None
    inputs: list[dict[str, Any]]
    open_rows: int
    open_entries: int
    made: Mapping[str, int]
    """How many live inputs were ever made for a room (its number as text)."""
    provisioned: Mapping[int, int]
    """How many RoomProvisioned a room has."""


def take_picture(
    rooms: RoomsOnAnvil, control: StandInControl, mongo_uri: str, numbers: Sequence[int],
    sealed_twice: Mapping[int, int] | None = None, account: str = "",
) -> Picture:  # fmt: skip
    """Of the rooms `numbers`, which are all there are. `sealed_twice`: how often the credentials
    of a room were rightly published once more. `account`: the operator's now, if it had another
    one before, whose transactions nobody follows any more."""
    with pymongo.MongoClient[dict[str, Any]](mongo_uri, serverSelectionTimeoutMS=2000) as client:
        documents = {doc["_id"]: doc for doc in client[INDEX]["livestreams"].find()}
        checkpoint = client[INDEX]["checkpoint"].find_one({"_id": rooms.address})
        own = client[ORACLE]
        rows = own["send_requests"].find({"slot": {"$exists": True}})
        open_rows = sum(1 for row in rows if not account or row["account"].lower() == account)
        open_entries = own["oracle_journal"].count_documents({"closed": False})
    block = hex(rooms.node.block_number())
    return Picture(
        rooms.rooms(numbers, block), rooms.history(block), documents, checkpoint,
        control.inputs(), open_rows, open_entries,
        made=Counter(one["meta"]["room"] for one in control.inputs(deleted=True)),
        provisioned=provisioned(rooms) - Counter(sealed_twice or {}),
    )  # fmt: skip


def drop_presence(mongo_uri: str) -> None:
    """Take presence's database away, whoever works with it."""
    with pymongo.MongoClient[dict[str, Any]](mongo_uri, serverSelectionTimeoutMS=2000) as client:
        client.drop_database(PRESENCE)


def seen_on_air(mongo_uri: str, number: int) -> list[bool | None]:
    """What presence says of a room: [] while it has not looked at it."""
    with pymongo.MongoClient[dict[str, Any]](mongo_uri, serverSelectionTimeoutMS=2000) as client:
        row = client[PRESENCE][PRESENCE_ROOMS].find_one({"_id": number})
    return [] if row is None else [row["live"]]


def provisioned(rooms: RoomsOnAnvil) -> Counter[int]:
    """How many RoomProvisioned each room has."""
    return Counter(int(log["topics"][2], 16) for log in rooms.logs(PROVISIONED))


def disagreements(picture: Picture) -> list[str]:
    """Everything that is not as it must be, at most a few of each kind."""
    return [
        *_contract_and_index(picture),
        *_contract_and_cloudflare(picture),
        *_exactly_once(picture),
        *([f"I5: {picture.open_rows} transactions are not final"] if picture.open_rows else []),
        *([f"{picture.open_entries} entries are open"] if picture.open_entries else []),
    ]


def _contract_and_index(picture: Picture) -> list[str]:
    told, true = picture.checkpoint, picture.history
    if told is None or (told["seq"], told["history"]) != (true.count, "0x" + true.hash.hex()):
        return ["I3: the index's history is not the contract's"]
    wrong = []
    for view in picture.views:
        doc = picture.documents.get(view.room_id)
        uid = view.uid.hex() if any(view.uid) else None
        want = (view.status.word, uid, "0x" + view.tag.hex(), view.host, view.released, view.events)
        fields = ("status", "uid", "tag", "host", "released", "events")
        if doc is None or tuple(doc[name] for name in fields) != want:
            wrong.append(f"I3: room {view.room_id}: the index differs from the contract")
    if len(picture.documents) != len(picture.views):
        wrong.append(f"I3: {len(picture.documents)} documents for {len(picture.views)} rooms")
    return wrong[:5]


def _contract_and_cloudflare(picture: Picture) -> list[str]:
    wrong = []
    needed = {}
    for view in picture.views:
        if view.status is Status.PENDING:
            wrong.append(f"I1: room {view.room_id} is pending")
        elif view.status is Status.ACTIVE:
            needed[view.uid.hex()] = view.room_id
        elif any(view.uid) and not view.released:
            wrong.append(f"room {view.room_id} is not released")
    there = {live["uid"] for live in picture.inputs}
    wrong += [f"I1: room {needed[uid]} has lost its input" for uid in set(needed) - there]
    wrong += [f"I2: input {uid} serves no room" for uid in there - set(needed)]
    return wrong[:8]


def _exactly_once(picture: Picture) -> list[str]:
    """No room has had two live inputs, or two fulfilments: nobody asked for new keys."""
    twice = [f"I1: room {room} had {n} live inputs" for room, n in picture.made.items() if n > 1]
    for view in picture.views:
        count, was_active = picture.provisioned.get(view.room_id, 0), any(view.uid)
        if count != int(was_active):
            twice.append(f"I1: room {view.room_id} has {count} RoomProvisioned")
        if was_active and not picture.made.get(str(view.room_id)):
            twice.append(f"I1: nobody made the live input of room {view.room_id}")
    return twice[:5]


def leaks(
    secrets: Iterable[str], places: Sequence[Path], node: LocalNode, mongo_uri: str,
    services: Mapping[str, str],
) -> list[str]:  # fmt: skip
    """Where a secret of Cloudflare's can be read: calldata, the files and folders
    `places`, the database, the API, metrics. `services`: where each of ours serves."""
    found = Leaks(secrets)
    for place in places:
        if place.is_dir():
            found.search_tree(place)
        else:
            found.search(str(place), place.read_bytes())
    for number in range(node.block_number() + 1):
        block = node.block(hex(number), whole=True)
        for tx in block["transactions"]:
            # as bytes: what an explorer shows as hex would be found as hex
            found.search(f"calldata of block {number}", bytes.fromhex(tx["input"][2:]))
    # the raw files may be compressed: every document is looked through as well
    with pymongo.MongoClient[dict[str, Any]](mongo_uri) as client:
        for name in (INDEX, ORACLE, PRESENCE):
            for collection in client[name].list_collection_names():
                for document in client[name][collection].find():
                    found.search(f"{name}.{collection}", bson.encode(document))
                    found.search(f"{name}.{collection}", _inner_bytes(document))
    for url in _pages(services):
        found.search(url, httpx.get(url, timeout=20, trust_env=False).content)
    if not found.secrets:
        return ["I4: no secret was ever made: nothing was looked for"]
    return [f"I4: a secret stands in {place}" for place in found.found]


def _inner_bytes(value: Any) -> bytes:
    """What stands as 0x hex inside a document, as bytes."""
    if isinstance(value, dict):
        return b" ".join(_inner_bytes(inner) for inner in value.values())
    if isinstance(value, list):
        return b" ".join(_inner_bytes(inner) for inner in value)
    if isinstance(value, str) and re.fullmatch(r"0x(?:[0-9a-fA-F]{2})+", value):
        return bytes.fromhex(value[2:])
    return b""


def _pages(services: Mapping[str, str]) -> list[str]:
    paths = [
        "rooms?limit=100",
        "rooms/live_1",
        "rooms/live_1/events",
        "rooms/live_1/ingest",
        "status",
    ]
    return [f"{services['api']}/api/livestream/{path}" for path in paths] + [
        f"{services[name]}/{page}"
        for name in ("indexer", "oracle", "playback", "presence")
        for page in ("metrics", "readyz")
    ]
