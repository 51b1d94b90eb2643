"""A model of the contract for simulations: makes random but valid events.

The state is copied per block, so that a reorg goes on from any block. It is written from the
contract's rules, not from the index's fold, so that the two can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

from chain import eventtypes as t
from chain.enums import EndReason, Mode
from chain.events import decode, encode
from chain.hexes import ZERO_ADDRESS
from chain.history import genesis, step

CHAIN_ID = 31337
CONTRACT = "0x" + "c0" * 20
OWNER = "0x" + "0a" * 20
PEOPLE = tuple(f"0x{i:040x}" for i in range(1, 7))
OPERATORS = tuple(f"0x{i:040x}" for i in range(0xA1, 0xA4))
DEPOSIT, FEE = 10**15, 10**14
TITLES = (b"", b"music", b"\xff\xfe broken", "Lớp học đàn".encode(), b"a" * 96, b"<b>x</b>")


class SimRoom(NamedTuple):
    """What the contract keeps of a room, as far as its rules need it."""

    host: str
    operator: int
    tag: bytes
    version: int = 1
    uid: bytes = b""
    pending: str = ZERO_ADDRESS
    ended: bool = False
    released: bool = False


@dataclass
class SimContract:
    """The contract after some block. `made`: (type, fields) of the events of the block so far."""

    seq: int = 0
    history: bytes = field(default_factory=lambda: genesis(CHAIN_ID, CONTRACT))
    rooms: dict[int, SimRoom] = field(default_factory=dict)
    open: tuple[int, ...] = ()
    credits: dict[str, int] = field(default_factory=dict)
    operators: int = 0
    terms: int = 0
    moderators: tuple[str, ...] = ()

    def copy(self) -> SimContract:
        """The state for the next block."""
        return SimContract(
            self.seq, self.history, dict(self.rooms), self.open, dict(self.credits),
            self.operators, self.terms, self.moderators,
        )  # fmt: skip


class Emitter:
    """Runs actions in one block and keeps their logs."""

    def __init__(self, state: SimContract, number: int, digest: str, timestamp: int) -> None:
        self.state = state
        self.logs: list[dict[str, Any]] = []
        self.events: list[t.ChainEvent] = []
        self._number = number
        self._digest = digest
        self._timestamp = timestamp

    def emit(self, kind: type[t.ChainEvent], actor: str, **values: Any) -> None:
        index = len(self.logs)
        tx = f"0x{self._number:032x}{index:032x}"
        meta = t.LogMeta(CONTRACT, self._number, self._digest, tx, index, index)
        state = self.state
        state.seq += 1
        made: Any = kind
        raw = made(
            meta=meta, words=b"", seq=state.seq, actor=actor, timestamp=self._timestamp, **values
        )
        self.logs.append(encode(raw))
        event = decode(self.logs[-1])
        assert event is not None
        state.history = step(state.history, event)
        self.events.append(event)

    def deploy(self) -> None:
        """The constructor, one operator and a moderator."""
        self.emit(t.OwnerChanged, OWNER, account=OWNER)
        self.set_terms()
        self.add_operator()

    def set_terms(self) -> None:
        self.state.terms += 1
        self.emit(
            t.TermsSet, OWNER, terms_id=self.state.terms, deposit=DEPOSIT, fee=FEE,
            max_room_seconds=3600 * self.state.terms, fulfill_deadline_seconds=300,
            max_open_rooms=50, max_room_events=100, rekey_cooldown=60,
        )  # fmt: skip

    def add_operator(self) -> None:
        self.state.operators += 1
        number = self.state.operators
        account = OPERATORS[number % len(OPERATORS)]
        base = f"https://customer-{number}.example".encode()
        self.emit(t.OperatorAdded, OWNER, operator_id=number, account=account, playback_base=base)

    def credit(self, account: str, amount: int) -> None:
        credits = self.state.credits
        credits[account] = credits.get(account, 0) + amount

    def create(self, rng: Random) -> None:
        state = self.state
        room_id = len(state.rooms) + 1
        host = rng.choice(PEOPLE)
        operator = rng.randint(1, state.operators)
        tag = rng.randbytes(12)
        state.rooms[room_id] = SimRoom(host, operator, tag)
        state.open = (*state.open, room_id)
        self.emit(
            t.RoomCreated, host, room_id=room_id, operator_id=operator, terms_id=state.terms,
            mode=rng.choice(tuple(Mode)), gate=rng.choice((ZERO_ADDRESS, PEOPLE[0])),
            ingest_key=rng.randbytes(32), tag=tag, title=rng.choice(TITLES),
        )  # fmt: skip

    def fulfill(self, rng: Random, room_id: int) -> None:
        room = self.state.rooms[room_id]
        actor = OPERATORS[room.operator % len(OPERATORS)]
        first = not room.uid
        uid = room.uid or rng.randbytes(16)
        self.state.rooms[room_id] = room._replace(uid=uid)
        self.emit(
            t.RoomProvisioned, actor, room_id=room_id, tag=room.tag, uid=uid,
            sealed_ingest=rng.randbytes(rng.choice((1, 31, 32, 40))),
        )  # fmt: skip
        if first:
            self.credit(actor, FEE)
            self.emit(t.Credited, actor, account=actor, amount=FEE)

    def end(self, rng: Random, room_id: int) -> None:
        room = self.state.rooms[room_id]
        reason = rng.choice(tuple(EndReason)[1:])
        actor = room.host if reason is EndReason.HOST else rng.choice(OPERATORS)
        self.state.rooms[room_id] = room._replace(ended=True)
        self.state.open = tuple(n for n in self.state.open if n != room_id)
        amount = DEPOSIT + (0 if room.uid else FEE)
        self.credit(room.host, amount)
        self.emit(
            t.RoomEnded, actor, room_id=room_id, reason=reason, detail=rng.randint(0, 4),
            amount=amount,
        )  # fmt: skip
        if room.uid and rng.random() < 0.5:
            self.state.rooms[room_id] = room._replace(ended=True, released=True)
            self.emit(t.RoomReleased, rng.choice(OPERATORS), room_id=room_id)

    def rekey(self, rng: Random, room_id: int) -> None:
        room = self.state.rooms[room_id]
        tag = rng.randbytes(12)
        changed = room._replace(tag=tag, version=room.version + 1)
        if room.pending != ZERO_ADDRESS and rng.random() < 0.7:
            self.state.rooms[room_id] = changed._replace(host=room.pending, pending=ZERO_ADDRESS)
            self.emit(
                t.RoomTransferred, room.pending, room_id=room_id, former_host=room.host,
                key_version=changed.version, ingest_key=rng.randbytes(32), tag=tag,
            )  # fmt: skip
            return
        self.state.rooms[room_id] = changed
        self.emit(
            t.RoomRekeyed, room.host, room_id=room_id, key_version=changed.version,
            ingest_key=rng.randbytes(32), tag=tag,
        )  # fmt: skip

    def offer(self, rng: Random, room_id: int) -> None:
        room = self.state.rooms[room_id]
        to = rng.choice((*PEOPLE, ZERO_ADDRESS))
        self.state.rooms[room_id] = room._replace(pending=to)
        self.emit(t.RoomTransferStarted, room.host, room_id=room_id, to=to)

    def rename(self, rng: Random, room_id: int) -> None:
        host = self.state.rooms[room_id].host
        self.emit(t.RoomUpdated, host, room_id=room_id, title=rng.choice(TITLES))

    def withdraw(self, rng: Random) -> None:
        owed = [who for who, credit in self.state.credits.items() if credit]
        if owed:
            who = rng.choice(owed)
            amount, self.state.credits[who] = self.state.credits[who], 0
            self.emit(t.Withdrawn, who, to=rng.choice(PEOPLE), amount=amount)

    def administer(self, rng: Random) -> None:
        number = rng.randint(1, self.state.operators)
        choice = rng.randrange(8)
        if choice == 0:
            self.set_terms()
        elif choice == 1:
            self.add_operator()
        elif choice == 2:
            account = rng.choice((*OPERATORS, ZERO_ADDRESS))
            self.emit(t.OperatorAccountChanged, OWNER, operator_id=number, account=account)
        elif choice == 3:
            on = rng.random() < 0.5
            self.emit(t.OperatorAcceptingChanged, OPERATORS[0], operator_id=number, accepting=on)
        elif choice == 4:
            on = rng.random() < 0.5
            self.emit(t.OperatorEnabledChanged, OWNER, operator_id=number, enabled=on)
        elif choice == 5:
            on = rng.random() < 0.5
            self.emit(t.ModeratorChanged, OWNER, account=rng.choice(PEOPLE), allowed=on)
        elif choice == 6:
            self.emit(t.PauseChanged, OWNER, paused=rng.random() < 0.5)
        else:
            self.emit(t.OwnerProposed, OWNER, account=rng.choice((*PEOPLE, ZERO_ADDRESS)))

    def act(self, rng: Random) -> None:
        """One random action."""
        state = self.state
        dice = rng.random()
        if not state.open or dice < 0.3:
            self.create(rng)
        elif dice < 0.36:
            self.administer(rng)
        elif dice < 0.42:
            self.withdraw(rng)
        else:
            actions = (self.fulfill, self.end, self.end, self.rekey, self.offer, self.rename)
            rng.choice(actions)(rng, rng.choice(state.open))
