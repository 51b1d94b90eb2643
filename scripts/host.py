"""brownie run host FUNCTION words...    (a host's rooms, from a terminal)

create       from=HOST title="My room" [operator=N] [mode=webrtc|broadcast] [gate=0x...] [key=FILE]
             without `operator` the host's own of those that take rooms; with `gate` one that has a
             playback service, as [api=https://...] (a read API) or [playback=N,N] tell
update       from=HOST room=N title="New title"
describe     from=HOST room=N [starts=2026-12-01T19:00+07:00] [about="..."] [lang=vi] [class="..."]
             when it starts and what it is about; what is left out is told no more
credentials  room=N [key=FILE]            where to send video: opens what is sealed on the chain
rekey        from=HOST room=N [key=FILE]  new credentials, sealed to the key in FILE
transfer     from=HOST room=N to=0x...    offers the room; to=none withdraws the offer
accept       from=HOST room=N [tag=0x...] [key=FILE]  accepts an offered room, as `show` tells it;
             `tag`: only if it still has this one
end          from=HOST room=N             says what it costs; after the deadline it expires the room
expire       from=ANYBODY room=N,N        ends rooms whose time is over
withdraw     from=HOST [to=0x...]         withdraws all that the contract owes to the account
show         room=N

FILE holds the key that opens the credentials; it is created if missing, readable by you only
(default: host.key). If you lose it, `rekey` with a new one. What the contract owes you pays for
your next room. Each also takes chain=ID, contract=0x..., password_file=..., yes, and each that
sends print=call.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chain import calldata, views
from chain.enums import EndReason, Mode, Status, room_name
from chain.event_codec import BY_TYPE, decode
from chain.events import RoomCreated, RoomProvisioned
from chain.hexes import ZERO_ADDRESS, hex_data
from chain.units import in_ether
from oracle.host_key import HostKey, HostKeyError
from oracle.ingest import WebRtcIngest
from oracle.sealing import SealingError, open_sealed
from scripts.support.chain_reads import read
from scripts.support.cli_args import CliArgs, Stop
from scripts.support.plan import PlannedTransaction, Target, carry_out, target
from scripts.support.room_events import find_logs, room_topic
from scripts.support.room_operator import choose, wanted_operator, warning_of
from scripts.support.rooms import at_time, existing_room, existing_rooms, terms_of, told_of
from scripts.support.wallet import Receipt, TransactionRefused

MODES = {mode.word: mode for mode in Mode}
FEW_EVENTS = 8
"""With fewer left, whoever accepts a room is warned."""


def create(*given: str) -> None:
    """Creates a room for deposit and fee of the current terms."""
    words = CliArgs(given)
    to = target(words)
    title = words.text("title").encode()
    mode = words.text("mode", "webrtc")
    gate = words.address("gate", "none")
    for_some_only = gate != ZERO_ADDRESS
    wanted = wanted_operator(words, to, for_some_only=for_some_only)
    key_file = Path(words.text("key", "host.key"))
    words.done()
    if mode not in MODES:
        raise Stop(f"mode={mode}: must be {' or '.join(MODES)}")
    key = _key(key_file, make=True)

    def plan() -> PlannedTransaction:
        """By what the contract says now: its terms, and what it owes to the host."""
        operator, now = choose(to, wanted, to.wallet.address)
        warning = warning_of(wanted, operator, for_some_only=for_some_only)
        if warning is not None:
            print(warning)
        terms, value = now.terms, now.price - now.from_balance
        return PlannedTransaction(
            f"create a {mode} room with operator {operator}: deposit {in_ether(terms.deposit)}"
            f" (returned when the room ends), fee {in_ether(terms.fee)}:"
            f" {in_ether(value)} from your wallet, {in_ether(now.from_balance)} from your balance",
            calldata.create_room(now.terms_id, operator, MODES[mode], gate, key.public, title),
            value,
        )

    for receipt in _as_planned(to, plan, words.yes):
        for event in map(decode, receipt.logs):
            if isinstance(event, RoomCreated):
                room_id = event.room_id
                print(f"room {room_id} ({room_name(room_id)}) is waiting for its live input; next:")
                print(f"  brownie run host credentials room={room_id} key={key_file}")


def _as_planned(to: Target, plan: Callable[[], PlannedTransaction], yes: bool) -> list[Receipt]:
    """Carry out what is planned; once more if what it rests on changed while the person was asked:
    new terms, or credit that another transaction spent."""
    step = plan()
    try:
        return carry_out(to, [step], yes)
    except TransactionRefused:
        again = plan()
        if again == step:
            raise
    print("the contract's terms, or what it owes to you, changed meanwhile:")
    return carry_out(to, [again], yes)


def update(*given: str) -> None:
    """Gives a room a new title."""
    words = CliArgs(given)
    to = target(words)
    room_id, title = words.number("room"), words.text("title")
    words.done()
    existing_room(to, room_id)
    step = PlannedTransaction(
        f"rename room {room_id} to {title!r}", calldata.update_room(room_id, title.encode())
    )
    carry_out(to, [step], words.yes)


def describe(*given: str) -> None:
    """Says when a room starts and what it is about, in place of what was said before."""
    words = CliArgs(given)
    to = target(words)
    room_id = words.number("room")
    starts = words.moment("starts") if words.has("starts") else 0
    told = {name: words.text(name) for name in ("about", "lang", "class") if words.has(name)}
    words.done()
    existing_room(to, room_id)
    details = json.dumps(told, ensure_ascii=False, separators=(",", ":")) if told else ""
    when = f"starts {at_time(starts)}" if starts else "no time of start"
    step = PlannedTransaction(
        f"describe room {room_id}: {when}, {details or 'nothing else'}",
        calldata.describe_room(room_id, starts, details.encode()),
    )
    carry_out(to, [step], words.yes)


def credentials(*given: str) -> None:
    """Prints where to send video. Whoever has these can publish in the room."""
    words = CliArgs(given)
    to = target(words, sends=False)
    room_id, key_file = words.number("room"), Path(words.text("key", "host.key"))
    words.done()
    room, key = existing_room(to, room_id), _key(key_file, make=False)
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
    room_id, key_file = words.number("room"), Path(words.text("key", "host.key"))
    words.done()
    existing_room(to, room_id)
    key = _key(key_file, make=True)
    text = f"new credentials for room {room_id}, sealed to 0x{key.public.hex()}"
    carry_out(to, [PlannedTransaction(text, calldata.rekey_room(room_id, key.public))], words.yes)


def transfer(*given: str) -> None:
    """Offers a room."""
    words = CliArgs(given)
    to = target(words)
    room_id, new = words.number("room"), words.address("to")
    words.done()
    room = existing_room(to, room_id)
    text = f"offer room {room_id} to {new}, with its deposit"
    done = room.pending_host == new.lower()
    carry_out(
        to, [PlannedTransaction(text, calldata.transfer_room(room_id, new), done=done)], words.yes
    )


def accept(*given: str) -> None:
    """Takes a room over."""
    words = CliArgs(given)
    to = target(words)
    room_id, key_file = words.number("room"), Path(words.text("key", "host.key"))
    wanted = words.text("tag").lower() if words.has("tag") else None
    words.done()
    room = existing_room(to, room_id)
    tag = hex_data(room.tag)
    if wanted not in (None, tag):
        raise Stop(f"room {room_id} has the tag {tag} now: its host or key changed since the offer")
    mine = room.host == to.wallet.address.lower()
    if not mine:
        _tell_offer(to, room)
    key = _key(key_file, make=True)
    step = PlannedTransaction(
        f"accept room {room_id} from {room.host}, as offered with tag {tag}",
        calldata.accept_room(room_id, room.tag, key.public),
        done=mine,
    )
    carry_out(to, [step], words.yes)


def _tell_offer(to: Target, room: views.RoomView) -> None:
    """What somebody accepts."""
    title, details = told_of(to, room.room_id)
    left = max(0, terms_of(to, room).max_room_events - room.events)
    print(f"room {room.room_id}: {title!r}" + (f", {details!r}" if details else ""))
    print(f"  open until {at_time(room.expires_at)}, {left} changes left to its host")
    if left < FEW_EVENTS:
        print(f"  warning: fewer than {FEW_EVENTS} changes are left, and accepting is one")


def end(*given: str) -> None:
    """Ends a room; its deposit becomes credit. Before the operator has served it, that costs the
    fee until the deadline; afterwards everything comes back."""
    words = CliArgs(given)
    to = target(words)
    room_id = words.number("room")
    words.done()
    room = existing_room(to, room_id)
    if room.expirable:
        carry_out(to, [_expiry([room_id])], words.yes)
        return
    text = f"end room {room_id}"
    if room.status == Status.PENDING:
        fee, free = terms_of(to, room).fee, at_time(room.expires_at + 59)  # that minute is over
        text += (
            f": ending now costs the fee, {in_ether(fee)}, which goes to its operator; from {free}"
            " you get all back"
        )
    step = PlannedTransaction(text, calldata.end_room(room_id), done=room.status == Status.ENDED)
    carry_out(to, [step], words.yes)


def expire(*given: str) -> None:
    """Ends rooms whose time is over; deposits, and unserved rooms' fees, go to their hosts."""
    words = CliArgs(given)
    to = target(words)
    ids = words.numbers("room")
    words.done()
    rooms = existing_rooms(to, ids)
    for room in rooms:
        if room.effective_status != Status.ENDED:
            raise Stop(f"room {room.room_id} is open until {at_time(room.expires_at)}")
    due = [room.room_id for room in rooms if room.expirable]
    carry_out(to, [_expiry(due or ids, done=not due)], words.yes)


def _expiry(ids: list[int], *, done: bool = False) -> PlannedTransaction:
    text = (
        f"expire room {', '.join(map(str, ids))}, whose time is over or whose operator is revoked:"
        " everything goes to its host"
    )
    return PlannedTransaction(text, calldata.expire(ids), done=done)


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
    for name, value in existing_room(to, room_id)._asdict().items():
        print(f"{name:17} {_told(value)}")


def main(*given: str) -> None:
    """Tells what there is to call."""
    print(__doc__)


def _told(value: Any) -> str:
    if isinstance(value, Mode | Status | EndReason):
        return value.word
    return hex_data(value) if isinstance(value, bytes) else str(value)


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
