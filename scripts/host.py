"""brownie run host FUNCTION words...    (a host's rooms, from a terminal)

create       from=HOST title="My room" [operator=1] [mode=webrtc|broadcast] [gate=0x...] [key=FILE]
update       from=HOST room=N title="New title"
credentials  room=N [key=FILE]            where to send video: opens what is sealed on the chain
rekey        from=HOST room=N [key=FILE]  new credentials, sealed to the key in FILE
transfer     from=HOST room=N to=0x...    offers the room; to=none withdraws the offer
accept       from=HOST room=N [key=FILE]  accepts an offered room
end          from=HOST room=N
withdraw     from=HOST [to=0x...]         withdraws all that the contract owes to the account
show         room=N

FILE holds the key that opens the credentials; it is created if missing, readable by you only
(default: host.key). If you lose it, `rekey` with a new one. Each also takes chain=ID,
contract=0x..., password_file=..., yes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chain import calldata, views
from chain.enums import EndReason, Mode, Status, room_name
from chain.event_codec import BY_TYPE, decode
from chain.events import RoomCreated, RoomProvisioned
from chain.hexes import hex_data
from chain.units import in_ether
from oracle.host_key import HostKey, HostKeyError
from oracle.ingest import WebRtcIngest
from oracle.sealing import SealingError, open_sealed
from scripts.support.chain_reads import read
from scripts.support.cli_args import CliArgs, Stop
from scripts.support.plan import PlannedTransaction, Target, carry_out, target
from scripts.support.room_events import find_logs, room_topic

MODES = {mode.word: mode for mode in Mode}


def create(*given: str) -> None:
    """Creates a room for deposit and fee of the current terms."""
    words = CliArgs(given)
    to = target(words)
    title = words.text("title").encode()
    operator = words.number("operator", 1)
    mode = words.text("mode", "webrtc")
    gate = words.address("gate", "none")
    key_file = Path(words.text("key", "host.key"))
    words.done()
    if mode not in MODES:
        raise Stop(f"mode={mode}: must be {' or '.join(MODES)}")
    current = read(to.wallet, views.read_current_terms_id, to.contract)
    terms = read(to.wallet, views.read_terms, to.contract, current)
    key = _key(key_file, make=True)
    step = PlannedTransaction(
        f"create a {mode} room with operator {operator}: deposit {in_ether(terms.deposit)}"
        f" (returned when the room ends), fee {in_ether(terms.fee)}",
        calldata.create_room(current, operator, MODES[mode], gate, key.public, title),
        terms.deposit + terms.fee,
    )
    (receipt,) = carry_out(to, [step], words.yes)
    for log in receipt.logs:
        event = decode(log)
        if isinstance(event, RoomCreated):
            print(
                f"room {event.room_id} ({room_name(event.room_id)}) is waiting for its live input;"
                " next:"
            )
            print(f"  brownie run host credentials room={event.room_id} key={key_file}")


def update(*given: str) -> None:
    """Gives a room a new title."""
    words = CliArgs(given)
    to = target(words)
    room_id, title = words.number("room"), words.text("title")
    words.done()
    step = PlannedTransaction(
        f"rename room {room_id} to {title!r}", calldata.update_room(room_id, title.encode())
    )
    carry_out(to, [step], words.yes)


def credentials(*given: str) -> None:
    """Prints where to send video. Whoever has these can publish in the room."""
    words = CliArgs(given)
    to = target(words, sends=False)
    room_id = words.number("room")
    key = _key(Path(words.text("key", "host.key")), make=False)
    words.done()
    room = _room(to, room_id)
    event = _last_provision(to, room_id)
    if event is None:
        word = room.effective_status.word
        raise Stop(f"room {room_id} is {word}: it has no sealed credentials yet")
    if event.tag != room.tag:
        raise Stop(f"the operator has not sealed credentials to room {room_id}'s new key yet")
    try:
        opened = open_sealed(key.private, event.tag, event.uid, event.sealed_ingest)
    except SealingError as error:
        raise Stop(str(error)) from None
    if room.status == Status.ENDED:
        print(f"room {room_id} is over; these no longer work:")
    if isinstance(opened, WebRtcIngest):
        print(f"WHIP server  {opened.whip.reveal()}")
        return
    print(f"RTMPS server  {opened.rtmps_url}\nstream key    {opened.stream_key.reveal()}")
    print(f"SRT server    {opened.srt_url}\nstream id     {opened.srt_stream_id.reveal()}")
    print(f"passphrase    {opened.passphrase.reveal()}")


def rekey(*given: str) -> None:
    """Asks for fresh credentials."""
    words = CliArgs(given)
    to = target(words)
    room_id, key = words.number("room"), _key(Path(words.text("key", "host.key")), make=True)
    words.done()
    text = f"new credentials for room {room_id}, sealed to 0x{key.public.hex()}"
    carry_out(to, [PlannedTransaction(text, calldata.rekey_room(room_id, key.public))], words.yes)


def transfer(*given: str) -> None:
    """Offers a room."""
    words = CliArgs(given)
    to = target(words)
    room_id, new = words.number("room"), words.address("to")
    words.done()
    room = _room(to, room_id)
    text = f"offer room {room_id} to {new}, with its deposit"
    done = room.pending_host == new.lower()
    carry_out(
        to, [PlannedTransaction(text, calldata.transfer_room(room_id, new), done=done)], words.yes
    )


def accept(*given: str) -> None:
    """Takes a room over."""
    words = CliArgs(given)
    to = target(words)
    room_id, key = words.number("room"), _key(Path(words.text("key", "host.key")), make=True)
    words.done()
    room = _room(to, room_id)
    step = PlannedTransaction(
        f"accept room {room_id} from {room.host}",
        calldata.accept_room(room_id, room.tag, key.public),
        done=room.host == to.wallet.address.lower(),
    )
    carry_out(to, [step], words.yes)


def end(*given: str) -> None:
    """Ends a room; its deposit becomes credit."""
    words = CliArgs(given)
    to = target(words)
    room_id = words.number("room")
    words.done()
    done = _room(to, room_id).status == Status.ENDED
    carry_out(
        to,
        [PlannedTransaction(f"end room {room_id}", calldata.end_room(room_id), done=done)],
        words.yes,
    )


def withdraw(*given: str) -> None:
    """Takes the account's credit."""
    words = CliArgs(given)
    to = target(words)
    payee = words.address("to", to.wallet.address)
    words.done()
    credit = read(to.wallet, views.read_account, to.contract, to.wallet.address).credit
    step = PlannedTransaction(
        f"pay {in_ether(credit)} to {payee}", calldata.withdraw_to(payee), done=credit == 0
    )
    carry_out(to, [step], words.yes)


def show(*given: str) -> None:
    """Prints a room as the contract tells it."""
    words = CliArgs(given)
    to = target(words, sends=False)
    room_id = words.number("room")
    words.done()
    for name, value in _room(to, room_id)._asdict().items():
        print(f"{name:17} {_told(value)}")


def main(*given: str) -> None:
    """Tells what there is to call."""
    print(__doc__)


def _told(value: Any) -> str:
    if isinstance(value, Mode | Status | EndReason):
        return value.word
    return hex_data(value) if isinstance(value, bytes) else str(value)


def _room(to: Target, room_id: int) -> views.RoomView:
    (room,) = read(to.wallet, views.read_rooms, to.contract, [room_id])
    if room.status == Status.NONE:
        raise Stop(f"there is no room {room_id}")
    return room


def _last_provision(to: Target, room_id: int) -> RoomProvisioned | None:
    topics = [BY_TYPE[RoomProvisioned].topic0, None, room_topic(room_id)]
    logs = find_logs(to.wallet, to.contract, to.block, topics)
    event = decode(logs[-1]) if logs else None
    return event if isinstance(event, RoomProvisioned) else None


def _key(path: Path, *, make: bool) -> HostKey:
    try:
        if make and not path.exists():
            HostKey.generate().save(path)
            print(f"created {path}: it opens the credentials, keep it safe")
        return HostKey.load(path)
    except HostKeyError as error:
        raise Stop(str(error)) from None
