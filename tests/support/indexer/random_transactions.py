"""Random but valid transactions for the indexer's simulated chain, by the rule book.

A call that the rules refuse leaves nothing in the block; the choices are such that few are.
"""

from __future__ import annotations

from random import Random
from typing import Any

from chain import events as t
from chain.calldata import Declination, Fulfillment, Release, Terms
from chain.enums import Mode
from chain.event_codec import encode
from chain.hexes import ZERO_ADDRESS
from tests.support.rulebook.book import RuleBook
from tests.support.rulebook.history import genesis
from tests.support.rulebook.state import ChainPlace, ContractState, Emitted, RoomRow
from tests.support.rulebook.turn import ContractCall, Refused

CHAIN_ID = 31337
CONTRACT = "0x" + "c0" * 20
OWNER = "0x" + "0a" * 20
GATE = "0x" + "6a" * 20
SUCCESSOR = "0x" + "5c" * 20
PEOPLE = tuple(f"0x{i:040x}" for i in range(1, 7))
OPERATORS = tuple(f"0x{i:040x}" for i in range(0xA1, 0xA4))
DETAILS = (b"", b"{}", b"\xff{", b'{"about":"x"}', "Mang theo đàn".encode(), b"[" * 1024)
TITLES = (b"", b"music", b"\xff\xfe broken", "Lớp học đàn".encode(), b"a" * 96, b"<b>x</b>")
BOOK = RuleBook(CHAIN_ID, CONTRACT, code=(GATE, SUCCESSOR))
BOOK.first_room_ids[SUCCESSOR] = 2**40


def unborn() -> ContractState:
    """Before the contract's deployment."""
    return ContractState(genesis(CHAIN_ID, CONTRACT))


class Acts:
    """The transactions of one block. `state`: after those so far; `logs` and `events`: theirs."""

    def __init__(
        self, rng: Random, state: ContractState, number: int, digest: str, timestamp: int
    ) -> None:
        self.state = state
        self.logs: list[dict[str, Any]] = []
        self.events: list[Emitted] = []
        self._rng = rng
        self._number, self._digest, self._timestamp = number, digest, timestamp
        self._sent = 0

    def deploy(self) -> None:
        """The constructor and one operator."""
        state, events = BOOK.deploy(OWNER, OWNER, self._terms(), self._place())
        self._take(state, events)
        self._add_operator()

    def act(self) -> None:
        """One random action."""
        dice = self._rng.random()
        rooms = [room for room in self.state.rooms.values() if room.end is None]
        if not rooms or dice < 0.3:
            self._create()
        elif dice < 0.36:
            self._administer()
        elif dice < 0.42:
            self._withdraw()
        else:
            room = self._rng.choice(rooms)
            if self.state.expirable(room, self._timestamp):
                self._end(room)
                return
            actions = (
                self._fulfill, self._end, self._end, self._rekey, self._offer, self._tell,
            )  # fmt: skip
            self._rng.choice(actions)(room)

    # --- sending ------------------------------------------------------------------------------

    def _place(self) -> ChainPlace:
        index, number = self._sent, self._number
        tx = f"0x{number:032x}{index:032x}"
        return ChainPlace(self._timestamp, number, self._digest, tx, index, len(self.logs))

    def _send(self, sender: str, name: str, *args: Any, value: int = 0) -> bool:
        try:
            taken = BOOK.act(self.state, ContractCall(sender, name, args, value), self._place())
        except Refused:
            return False
        self._take(*taken)
        return bool(taken.events)

    def _take(self, state: ContractState, events: list[Emitted]) -> None:
        self.state = state
        self._sent += 1
        for event in events:
            at = event.place
            meta = t.LogMeta(CONTRACT, at.block, at.block_hash, at.tx, at.tx_index, at.log_index)
            made: Any = event.kind
            raw = made(meta, b"", event.seq, event.actor, at.at, *event.values)
            self.logs.append(encode(raw))
            self.events.append(event)

    # --- hosts --------------------------------------------------------------------------------

    def _create(self) -> None:
        state, rng = self.state, self._rng
        if state.retired:
            return
        if state.paused:
            self._send(state.owner, "setPaused", False)
        willing = [
            number for number, row in state.operators.items()
            if row.accepting and row.enabled and row.account != ZERO_ADDRESS
        ]  # fmt: skip
        if not willing:
            self._add_operator()
            willing = [len(self.state.operators)]
        current = len(state.terms)
        args = (
            current, rng.choice(willing), rng.choice(tuple(Mode)), rng.choice((ZERO_ADDRESS, GATE)),
            rng.randbytes(32), rng.choice(TITLES),
        )  # fmt: skip
        host, terms = rng.choice(PEOPLE), state.terms[current].terms
        price = terms.deposit + terms.fee
        credit = min(price, state.accounts[host].credit) if host in state.accounts else 0
        from_credit = rng.choice((0, rng.randint(0, credit), credit))
        self._send(host, "createRoom", *args, value=price - from_credit)

    def _tell(self, room: RoomRow) -> None:
        """A new title, or a description."""
        rng = self._rng
        if rng.random() < 0.5:
            self._send(room.host, "updateRoom", room.number, rng.choice(TITLES))
        else:
            starts_at = rng.choice((0, self._timestamp + 600, 2**40 - 1))
            self._send(room.host, "describeRoom", room.number, starts_at, rng.choice(DETAILS))

    def _offer(self, room: RoomRow) -> None:
        to = self._rng.choice((*PEOPLE, ZERO_ADDRESS))
        self._send(room.host, "transferRoom", room.number, to)

    def _rekey(self, room: RoomRow) -> None:
        key = self._rng.randbytes(32)
        if room.pending_host != ZERO_ADDRESS and self._rng.random() < 0.7:
            self._send(room.pending_host, "acceptRoom", room.number, room.tag, key)
        else:
            self._send(room.host, "rekeyRoom", room.number, key)

    def _end(self, room: RoomRow) -> None:
        """Ended by whoever may, and now and then released at once."""
        rng, detail = self._rng, self._rng.randint(0, 4)
        operator = self.state.operator_account(room.operator_id)
        moderators = [who for who, row in self.state.moderators.items() if row.allowed]
        dice = rng.random()
        if self.state.expirable(room, self._timestamp) and dice < 0.6:
            late = [r.number for r in self.state.rooms.values() if r.end is None][:3]
            self._send(rng.choice(PEOPLE), "expire", [room.number, *late])
        elif dice < 0.4:
            self._send(operator, "decline", [Declination(room.number, room.tag, detail)])
        elif dice < 0.6 and moderators:
            self._send(rng.choice(moderators), "takeDown", room.number, detail)
        else:
            self._send(room.host, "endRoom", room.number)
        if room.fulfilled and rng.random() < 0.5:
            self._send(operator, "release", [Release(room.number, room.tag)])

    def _withdraw(self) -> None:
        owed = [who for who, account in self.state.accounts.items() if account.credit]
        if owed:
            self._send(self._rng.choice(owed), "withdrawTo", self._rng.choice(PEOPLE))

    # --- operators and the owner --------------------------------------------------------------

    def _fulfill(self, room: RoomRow) -> None:
        rng = self._rng
        batch = [room]
        if rng.random() < 0.3:
            batch += [r for r in self.state.rooms.values() if r.operator_id == room.operator_id][:2]
        entries = [
            Fulfillment(
                r.number, r.tag, r.uid if r.fulfilled else rng.randbytes(16),
                rng.randbytes(rng.choice((1, 31, 32, 40))),
            )
            for r in batch
        ]  # fmt: skip
        self._send(self.state.operator_account(room.operator_id), "fulfill", entries)

    def _terms(self) -> Terms:
        return Terms(
            deposit=10**15,
            fee=10**14,
            max_room_seconds=self._rng.choice((200, 3600, 7200)),
            fulfill_deadline_seconds=self._rng.choice((60, 200, 200)),
            max_open_rooms=50,
            max_room_events=100,
            rekey_cooldown=self._rng.choice((0, 0, 4)),
        )

    def _add_operator(self) -> None:
        number = len(self.state.operators) + 1
        account = OPERATORS[number % len(OPERATORS)]
        base = f"https://customer-{number}.example"
        self._send(self.state.owner, "addOperator", account, self._payee(), base)

    def _payee(self) -> str:
        """An operator's account, or one that hosts, too."""
        return self._rng.choice((*OPERATORS, *PEOPLE[:2]))

    def _administer(self) -> None:
        rng, state = self._rng, self.state
        number = rng.randint(1, len(state.operators))
        on, choice = rng.random() < 0.5, rng.randrange(11)
        if choice == 0:
            self._send(state.owner, "setTerms", self._terms())
        elif choice == 1:
            self._add_operator()
        elif choice == 2:
            account = rng.choice((*OPERATORS, ZERO_ADDRESS))
            self._send(state.owner, "setOperatorAccount", number, account)
        elif choice == 3:
            account = state.operator_account(number)
            self._send(account, "setOperatorAccepting", number, on)
        elif choice == 4:
            self._send(state.owner, "setOperatorEnabled", number, on)
        elif choice == 5:
            self._send(state.owner, "setModerator", rng.choice(PEOPLE), on)
        elif choice == 6:
            self._send(state.owner, "setPaused", on)
        elif choice == 7:
            sender = rng.choice((state.owner, state.operators[number].payee))
            self._send(sender, "setOperatorPayee", number, self._payee())
        elif choice == 8 and rng.random() < 0.1:
            self._send(state.owner, "retire", rng.choice((SUCCESSOR, ZERO_ADDRESS)))
        elif choice <= 9 or state.pending_owner == ZERO_ADDRESS:
            to = rng.choice((*PEOPLE, ZERO_ADDRESS))
            self._send(state.owner, "transferOwnership", to)
        else:
            self._send(state.pending_owner, "acceptOwnership")
