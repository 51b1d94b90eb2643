"""A random walk over the contract: actors of every role, right and wrong, in batches, through time
and through reorgs.

Promises: each step is one transaction (or time passing, or a reorg), which `Registry.attempt` holds
against the rule book, and the fold with it. Most calls are such as the contract accepts; the others
are refused for every reason that there is. After a reorg, tags of rooms that no longer exist are
still tried.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from chain.calldata import Declination, Fulfillment, Release, Terms
from chain.hexes import ZERO_ADDRESS
from chain.history import TAG_BYTES
from chain.units import GWEI
from tests.support.evm.machine import Machine
from tests.support.evm.revm import Revm
from tests.support.registry.choosers import Chooser, chance, pick, some_bytes
from tests.support.registry.registry import BASE, RICH, Registry, pretend_events
from tests.support.rulebook.state import ContractState, RoomRow
from tests.support.rulebook.turn import ContractCall

SUCCESSORS_FIRST = 40
"""A successor's first room: some walks have more rooms by then."""
SMALL_TERMS = Terms(10**15, 2 * 10**14, 3600, 600, 3, 12, 60)
WEIGHTS = {
    "create": 20, "fulfill": 18, "end": 8, "release": 8, "decline": 4, "expire": 6, "rekey": 8,
    "update": 6, "describe": 3, "transfer": 6, "accept": 8, "withdraw": 4, "take_down": 3,
    "accepting": 1, "operator": 2, "payee": 2, "retire": 1, "terms": 2, "moderator": 2, "pause": 1,
    "ownership": 2, "time": 14, "reorg": 2,
}  # fmt: skip
ACTIONS = tuple(name for name, weight in WEIGHTS.items() for _ in range(weight))


def actors() -> list[str]:
    """Nine accounts: owner, two operators, a moderator, five hosts."""
    return ["0x" + f"{n:02x}" * 20 for n in range(0xA1, 0xAA)]


def answering(number: int) -> bytes:
    """Creation code of a contract that answers anything with a number below 2^32."""
    runtime = b"\x63" + number.to_bytes(4) + bytes.fromhex("60005260206000f3")
    size = f"60{len(runtime):02x}"
    return bytes.fromhex(f"{size}600c600039{size}6000f3") + runtime


def gate_code() -> bytes:
    """Creation code of a contract of one byte: an address that has code."""
    return bytes.fromhex("6001600c60003960016000f300")


class RandomWalk:
    """`actors`: at least nine accounts; the first deploys and owns."""

    def __init__(self, machine: Machine, chooser: Chooser, actors: list[str], gate: str) -> None:
        self._c = chooser
        self._actors = actors
        self._gate = gate
        for actor in actors:
            machine.fund(actor, RICH)
        self._snapshot: Any = None
        self._tags: list[tuple[int, bytes]] = []
        self.outcomes: Counter[str] = Counter()
        self.registry = Registry(
            machine, owner=actors[0], terms=SMALL_TERMS, first_room_id=7, contracts=(gate,)
        )
        self._successor = machine.create(actors[0], answering(SUCCESSORS_FIRST)).address
        self.registry.book.first_room_ids[self._successor] = SUCCESSORS_FIRST
        for operator in actors[1:3]:
            self._send(actors[0], "addOperator", operator, actors[4], BASE)
        self._send(actors[0], "setModerator", actors[3], True)

    @property
    def calls(self) -> int:
        """Transactions so far."""
        return self.outcomes.total()

    def jump(self, machine: Revm, count: int) -> None:
        """Pretend that there were so many events. No reorg goes back behind this."""
        self._snapshot = None
        pretend_events(self.registry, machine, count)

    def step(self) -> None:
        """One more."""
        action: Callable[[], None] = getattr(self, "_" + pick(self._c, ACTIONS))
        action()

    # --- choices ------------------------------------------------------------------------------

    def _send(self, sender: str, name: str, *args: Any, value: int = 0) -> None:
        events = self.registry.attempt(ContractCall(sender, name, args, value))
        refused = self.registry.last_refusal[0] if events is None else "ok"
        self.outcomes[f"{name} {refused or 'no data'}"] += 1
        for event in events or []:
            if (tag := getattr(event, "tag", None)) is not None:
                self._tags = [*self._tags[-50:], (event.room_id, tag)]  # type: ignore[union-attr]

    def _usually(self, right: str) -> str:
        """The right actor, or now and then any."""
        return pick(self._c, self._actors) if chance(self._c, 8) else right

    @property
    def _state(self) -> ContractState:
        return self.registry.state

    def _room(self, *, open_ones: bool = True) -> RoomRow | None:
        rooms = list(self._state.rooms.values())[-12:]
        if open_ones and chance(self._c, 85):
            rooms = [room for room in rooms if room.end is None] or rooms
            if chance(self._c, 85):
                rooms = [room for room in rooms if self._in_time(room)] or rooms
        return pick(self._c, rooms) if rooms else None

    def _in_time(self, room: RoomRow) -> bool:
        return room.end is None and self._state.expires_at(room) > self._now()

    def _now(self) -> int:
        return self.registry.machine.view(self.registry.address, b"").at

    def _key(self) -> bytes:
        return bytes(32) if chance(self._c, 2) else some_bytes(self._c, 32)

    def _acting_for(self, operator_id: int) -> str:
        account = self._state.operator_account(operator_id)
        return self._actors[1] if account == ZERO_ADDRESS else account

    def _batch(self, make: Callable[[RoomRow, int, bytes], Any]) -> tuple[str, list[Any]]:
        """Entries for rooms of one operator, most with the present tag, some with another."""
        entries, sender = [], self._actors[1]
        for _ in range(self._c.number(1, 5)):
            room = self._room(open_ones=chance(self._c, 75))
            if room is None:
                continue
            sender = self._acting_for(room.operator_id)
            room_id, tag = room.number, room.tag
            if self._tags and chance(self._c, 10):
                room_id, tag = pick(self._c, self._tags)
            elif chance(self._c, 5):
                tag = some_bytes(self._c, TAG_BYTES)
            elif chance(self._c, 3):
                room_id, tag = self._c.number(0, 3), bytes(TAG_BYTES)
            entries.append(make(room, room_id, tag))
        return self._usually(sender), entries

    # --- hosts --------------------------------------------------------------------------------

    def _create(self) -> None:
        state, c = self._state, self._c
        terms = state.terms[len(state.terms)].terms
        host = pick(c, self._actors[4:])
        value = terms.deposit + terms.fee
        if chance(c, 40) and (account := state.accounts.get(host)):
            value -= min(value, account.credit if chance(c, 80) else c.number(0, account.credit))
        if chance(c, 4):
            value += c.number(-1, 1) if value else 1
        terms_id = len(state.terms) if chance(c, 97) else c.number(0, len(state.terms) + 1)
        gate = self._actors[5] if chance(c, 3) else pick(c, (ZERO_ADDRESS, self._gate))
        title = b"t" * c.number(90, 98) if chance(c, 10) else b"room %d" % c.number(0, 99)
        operator = c.number(0, len(state.operators) + 1) if chance(c, 10) else c.number(1, 2)
        args = (terms_id, operator, c.number(0, 1), gate, self._key(), title)
        self._send(host, "createRoom", *args, value=value)

    def _update(self) -> None:
        if room := self._room():
            title = b"x" * self._c.number(0, 98)
            self._send(self._usually(room.host), "updateRoom", room.number, title)

    def _describe(self) -> None:
        if room := self._room():
            details = b"{" * pick(self._c, (0, 1, 40, 1024, 1025))
            starts_at = pick(self._c, (0, self._now(), 2**40 - 1))
            self._send(self._usually(room.host), "describeRoom", room.number, starts_at, details)

    def _served(self) -> RoomRow | None:
        """Mostly an active room."""
        active = [r for r in self._state.rooms.values() if r.fulfilled and self._in_time(r)][-6:]
        return pick(self._c, active) if active and chance(self._c, 80) else self._room()

    def _rekey(self) -> None:
        if room := self._served():
            self._send(self._usually(room.host), "rekeyRoom", room.number, self._key())

    def _transfer(self) -> None:
        if room := self._served():
            to = ZERO_ADDRESS if chance(self._c, 10) else pick(self._c, self._actors[4:])
            self._send(self._usually(room.host), "transferRoom", room.number, to)

    def _accept(self) -> None:
        rooms = self._state.rooms.values()
        offered = [r for r in rooms if r.pending_host != ZERO_ADDRESS and self._in_time(r)][-6:]
        room = pick(self._c, offered) if offered else self._room()
        if room:
            who = room.host if room.pending_host == ZERO_ADDRESS else room.pending_host
            tag = room.tag if chance(self._c, 92) else some_bytes(self._c, TAG_BYTES)
            self._send(self._usually(who), "acceptRoom", room.number, tag, self._key())

    def _end(self) -> None:
        if room := self._room():
            room_id = room.number if chance(self._c, 97) else self._c.number(0, 10**6)
            self._send(self._usually(room.host), "endRoom", room_id)

    def _withdraw(self) -> None:
        owed = [who for who, account in self._state.accounts.items() if account.credit]
        who = self._usually(pick(self._c, owed)) if owed else pick(self._c, self._actors)
        to = ZERO_ADDRESS if chance(self._c, 5) else pick(self._c, [who, self._actors[-1]])
        self._send(who, "withdrawTo", to)

    # --- operators, anyone, moderators --------------------------------------------------------

    def _fulfill(self) -> None:
        def entry(room: RoomRow, room_id: int, tag: bytes) -> Fulfillment:
            uid = room.uid if room.fulfilled else some_bytes(self._c, 16)
            if chance(self._c, 8):
                uid = pick(self._c, (bytes(16), some_bytes(self._c, 16)))
            size = pick(self._c, (0, 1, 1024, 1025)) if chance(self._c, 10) else 40
            return Fulfillment(room_id, tag, uid, b"s" * size)

        sender, entries = self._batch(entry)
        self._send(sender, "fulfill", entries)

    def _decline(self) -> None:
        reason = self._c.number(0, 65535)
        sender, entries = self._batch(lambda _, room_id, tag: Declination(room_id, tag, reason))
        self._send(sender, "decline", entries)

    def _release(self) -> None:
        sender, entries = self._batch(lambda _, room_id, tag: Release(room_id, tag))
        self._send(sender, "release", entries)

    def _expire(self) -> None:
        _, entries = self._batch(lambda _, room_id, tag: room_id)
        self._send(pick(self._c, self._actors), "expire", entries)

    def _take_down(self) -> None:
        if room := self._room():
            moderators = [who for who, row in self._state.moderators.items() if row.allowed]
            who = self._usually(pick(self._c, moderators)) if moderators else self._actors[3]
            self._send(who, "takeDown", room.number, self._c.number(0, 65535))

    def _accepting(self) -> None:
        number = self._c.number(0, len(self._state.operators) + 1)
        who = self._usually(self._acting_for(number))
        self._send(who, "setOperatorAccepting", number, chance(self._c, 85))

    # --- the owner ----------------------------------------------------------------------------

    def _owner(self) -> str:
        return self._usually(self._state.owner)

    def _operator(self) -> None:
        c, count = self._c, len(self._state.operators)
        number = c.number(0, count + 1) if chance(c, 10) else c.number(1, count)
        kind = c.number(1, 10)
        if kind == 1 and count < 6:
            bases = (
                BASE,
                "http://127.0.0.1:8787",
                "https://",
                "ftp://x",
                "https://x/",
                "https://X",
            )
            account = pick(c, [*self._actors[1:4], ZERO_ADDRESS])
            payee = ZERO_ADDRESS if chance(c, 5) else pick(c, self._actors[1:6])
            self._send(self._owner(), "addOperator", account, payee, pick(c, bases))
        elif kind <= 6:
            account = ZERO_ADDRESS if chance(c, 20) else pick(c, self._actors[1:4])
            self._send(self._owner(), "setOperatorAccount", number, account)
        else:
            self._send(self._owner(), "setOperatorEnabled", number, chance(c, 80))

    def _payee(self) -> None:
        c, operators = self._c, self._state.operators
        number = c.number(0, len(operators) + 1) if chance(c, 10) else c.number(1, 2)
        row = operators.get(number)
        who = row.payee if row and chance(c, 60) else self._state.owner
        payee = ZERO_ADDRESS if chance(c, 5) else pick(c, self._actors)
        self._send(self._usually(who), "setOperatorPayee", number, payee)

    def _retire(self) -> None:
        """Rarely for good: what comes after it is little."""
        c = self._c
        fit = (ZERO_ADDRESS, self._successor) if chance(c, 15) else ()
        unfit = (self._gate, self._actors[5], self.registry.address)
        self._send(self._owner(), "retire", pick(c, fit or unfit))

    def _terms(self) -> None:
        c = self._c
        terms = Terms(
            deposit=pick(c, (0, GWEI, 10**15, 10**15, (2**48 - 1) * GWEI)),
            fee=pick(c, (0, GWEI, 2 * 10**14, 2 * 10**14)),
            max_room_seconds=pick(c, (60, 3600, 3600, 86_400, 30 * 86_400)),
            fulfill_deadline_seconds=pick(c, (30, 60, 600)),
            max_open_rooms=pick(c, (1, 3, 5, 65_535)),
            max_room_events=pick(c, (8, 12, 12, 4000)),
            rekey_cooldown=pick(c, (0, 60, 60, 65_535)),
        )
        if terms.deposit > 10**20 and chance(c, 90):
            terms = terms._replace(deposit=GWEI)
        if chance(c, 25):
            name, value = pick(c, _BAD_TERMS)
            terms = terms._replace(**{name: value})
        self._send(self._owner(), "setTerms", terms)

    def _moderator(self) -> None:
        account = pick(self._c, [*self._actors[3:5], ZERO_ADDRESS])
        self._send(self._owner(), "setModerator", account, chance(self._c, 70))

    def _pause(self) -> None:
        on = not self._state.paused and chance(self._c, 30)
        self._send(self._owner(), "setPaused", on)

    def _ownership(self) -> None:
        kind = self._c.number(1, 10)
        if kind <= 4:
            to = pick(self._c, [*self._actors[:2], ZERO_ADDRESS])
            self._send(self._owner(), "transferOwnership", to)
        elif kind <= 9:
            pending = self._state.pending_owner
            who = self._actors[1] if pending == ZERO_ADDRESS else pending
            self._send(self._usually(who), "acceptOwnership")
        else:
            self._send(self._owner(), "renounceOwnership")

    # --- the chain ----------------------------------------------------------------------------

    def _time(self) -> None:
        """Time passes, often right up to an edge."""
        c, machine = self._c, self.registry.machine
        room = self._room() if chance(c, 25) else None
        if room is None or room.end is not None:
            machine.advance(pick(c, (0, 1, 1, 13, 13, 59, 60, 61, 600)))
            return
        now = self._now()
        until = room.rekeyed_at + 60 if room.rekeyed_at else self._state.expires_at(room)
        machine.advance(max(0, min(until - now + c.number(-1, 1), 4000)))

    def _reorg(self) -> None:
        """Remember this point, or go back to the one remembered: rooms since then are no more."""
        if self._snapshot is None:
            self._snapshot = self.registry.snapshot()
        elif chance(self._c, 50):
            self.registry.revert(self._snapshot)
            self._snapshot = None
            self.registry.compare()


_BAD_TERMS: tuple[tuple[str, int], ...] = (
    ("deposit", GWEI + 1),
    ("deposit", 2**48 * GWEI),
    ("fee", 1),
    ("fee", 2**48 * GWEI),
    ("max_room_seconds", 59),
    ("max_room_seconds", 30 * 86_400 + 1),
    ("fulfill_deadline_seconds", 29),
    ("fulfill_deadline_seconds", 30 * 86_400 + 1),
    ("max_open_rooms", 0),
    ("max_room_events", 7),
    ("max_room_events", 4001),
)
