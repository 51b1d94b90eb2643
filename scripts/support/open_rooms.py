"""How many rooms of an operator its revocation would make endable by anybody: open ones whose time
is not over. From the read API, else from the node's logs.

Promises: counts only what it has seen whole; where neither API nor node tells it, it is not known
(None), never zero. Assumes: `api=` names a read API of this very contract's chain, if given.
"""

from __future__ import annotations

from typing import Any

import httpx

from chain import views
from chain.enums import Status
from chain.event_codec import BY_TYPE, decode
from chain.events import RoomCreated
from chain.hexes import hex_data
from common.http_proxies import direct_mounts
from scripts.support.chain_reads import read
from scripts.support.cli_args import Stop
from scripts.support.plan import Target
from scripts.support.room_events import find_logs

API_SECONDS = 10.0
MAX_PAGES = 200
PER_PAGE = 100
ROOMS_PER_CALL = 200
OPEN = (Status.PENDING, Status.ACTIVE)


def count_open_rooms(to: Target, operator_id: int, api: str | None) -> int | None:
    """None: not known."""
    found = None
    if api is not None:
        found = from_api(api, to.contract.lower(), operator_id)
    return _from_logs(to, operator_id) if found is None else found


def from_api(
    api: str, contract: str, operator_id: int, transport: httpx.BaseTransport | None = None
) -> int | None:
    """What the API at this address tells of the contract (lower case); None: nothing."""
    try:
        with httpx.Client(
            base_url=api, timeout=API_SECONDS, transport=transport, mounts=direct_mounts()
        ) as client:
            return sum(_listed(client, status.word, contract, operator_id) for status in OPEN)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError, OverflowError):
        return None


def _listed(client: httpx.Client, status: str, contract: str, operator_id: int) -> int:
    """The operator's rooms of one status. Raises OverflowError if the list goes on too long."""
    query: dict[str, Any] = {"status": status, "limit": PER_PAGE}
    count: int = 0
    for _ in range(MAX_PAGES):
        answer = client.get("/api/livestream/rooms", params=query)
        page = answer.raise_for_status().json()
        count += sum(
            room["operator_id"] == operator_id
            and room["contract"].lower() == contract
            and not room["expirable"]
            for room in page["rooms"]
        )
        if page["next_cursor"] is None:
            return count
        query["cursor"] = page["next_cursor"]
    raise OverflowError


def _from_logs(to: Target, operator_id: int) -> int | None:
    topics = [BY_TYPE[RoomCreated].topic0, None, None, hex_data(operator_id.to_bytes(32))]
    try:
        logs = find_logs(to.wallet, to.contract, to.block, topics)
        created = [event for event in map(decode, logs) if isinstance(event, RoomCreated)]
        ids = [event.room_id for event in created]
        rooms = [
            room
            for start in range(0, len(ids), ROOMS_PER_CALL)
            for room in read(
                to.wallet, views.read_rooms, to.contract, ids[start : start + ROOMS_PER_CALL]
            )
        ]
    except Stop:
        return None
    return sum(room.effective_status in OPEN for room in rooms)
