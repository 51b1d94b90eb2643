"""One room, as a script that is to act on it needs to know it.

Promises: a room that was never created ends the script; times are UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime

from chain import views
from chain.calldata import Terms
from chain.enums import Status
from chain.event_codec import BY_TYPE, decode
from chain.events import RoomCreated, RoomDescribed, RoomUpdated
from chain.rpc import answers
from scripts.support.chain_reads import read
from scripts.support.cli_args import Stop
from scripts.support.plan import Target
from scripts.support.room_events import find_logs, room_topic
from scripts.support.wallet import answer_of


def existing_room(to: Target, room_id: int) -> views.RoomView:
    """A room by its number. Stops if there is none."""
    (room,) = existing_rooms(to, [room_id])
    return room


def existing_rooms(to: Target, ids: list[int]) -> list[views.RoomView]:
    """Rooms by their numbers. Stops if one does not exist."""
    found = read(to.wallet, views.read_rooms, to.contract, ids)
    for room_id, room in zip(ids, found, strict=True):
        if room.status == Status.NONE:
            raise Stop(f"no such room: {room_id}")
    return found


def terms_of(to: Target, room: views.RoomView) -> Terms:
    """The terms that a room was created under."""
    return read(to.wallet, views.read_terms, to.contract, room.terms_id)


def now(to: Target) -> int:
    """The newest block's time."""
    return answer_of(
        to.wallet, "eth_getBlockByNumber", ["latest", False],
        lambda block: answers.number(block["timestamp"]),
    )  # fmt: skip


def at_time(moment: int) -> str:
    """Unix seconds for people."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M UTC")


def told_of(to: Target, room_id: int) -> tuple[str, str]:
    """A room's title and its details as its events tell them, whatever they hold."""
    title = details = b""
    wanted = [BY_TYPE[kind].topic0 for kind in (RoomCreated, RoomUpdated, RoomDescribed)]
    for log in find_logs(to.wallet, to.contract, to.block, [wanted, None, room_topic(room_id)]):
        event = decode(log)
        if isinstance(event, RoomCreated | RoomUpdated):
            title = event.title
        elif isinstance(event, RoomDescribed):
            details = event.details
    return title.decode("utf-8", "replace"), details.decode("utf-8", "replace")
