"""What the contract has to do with a call: a second opinion, written from the interface's words.

Promises: `Rules.judge` answers either the events that the call emits (type and own values, in
order) or the error that refuses it, from the index's documents alone. It shares no code with the
contract; the state it starts from is the fold that the indexer runs.
"""

from __future__ import annotations

from chain import calls
from chain import eventtypes as t
from chain.enums import EndReason
from chain.hexes import ZERO_ADDRESS
from chain.tags import room_tag
from indexer.ledger import Ledger
from tests.support.registry.calldata import Call
from tests.support.registry.judging import Expected, Refused, State
from tests.support.registry.ownerrules import OwnerRules

TITLE_BYTES, SEALED_BYTES = 96, 1024
OPENING_EVENTS = 800_000_000


class Rules(OwnerRules):
    """`code`: the addresses that have code. `seq`: how many events there were."""

    def __init__(self, ledger: Ledger, chain_id: int, code: set[str], first_room_id: int) -> None:
        self.ledger, self.chain_id, self.code = ledger, chain_id, code
        self.first_room_id = first_room_id

    def judge(self, call: Call, now: int, seq: int) -> list[Expected]:
        """The events, or `Refused`."""
        if call.value and call.name != "createRoom":
            raise Refused
        self._call, self._now = call, now
        self._rooms: dict[int, State | None] = {}
        events: list[Expected] = getattr(self, "_" + call.name)(*call.args)
        closing = (t.RoomEnded, t.RoomReleased, t.Credited, t.Withdrawn)
        for offset, event in enumerate(events):
            if event.kind not in closing and seq + offset >= OPENING_EVENTS:
                raise Refused("CounterFull")
        return events

    # --- what the rules are made of -----------------------------------------------------------

    def _state(self, room_id: int) -> State | None:
        if room_id not in self._rooms:
            doc = self.ledger.rooms.get(room_id)
            terms = self.ledger.terms[doc["terms_id"]] if doc else None
            self._rooms[room_id] = State(doc, terms) if doc and terms else None
        return self._rooms[room_id]

    def _account_of(self, operator_id: int) -> str | None:
        operator = self.ledger.operators.get(operator_id)
        return operator["account"] if operator else None

    def _past_time(self, s: State) -> bool:
        age = self._now - s.created_at
        if age >= s.terms["max_room_seconds"]:
            return True
        return not s.fulfilled and age >= s.terms["fulfill_deadline_seconds"]

    def _expirable(self, s: State) -> bool:
        return self._past_time(s) or self._account_of(s.operator_id) is None

    def _unended(self, room_id: int) -> State:
        s = self._state(room_id)
        if s is None:
            raise Refused("RoomUnknown", room_id)
        if s.ended:
            raise Refused("RoomNotOpen", room_id)
        return s

    def _open(self, room_id: int) -> State:
        s = self._unended(room_id)
        if self._expirable(s):
            raise Refused("RoomNotOpen", room_id)
        return s

    def _hosted(self, room_id: int) -> State:
        s = self._open(room_id)
        self._only_host(s)
        return s

    def _only_host(self, s: State) -> None:
        if s.host != self._call.sender:
            raise Refused("NotHost", s.id, self._call.sender)

    def _spend_event(self, s: State) -> None:
        limit = s.terms["max_room_events"]
        if s.events >= limit:
            raise Refused("TooManyRoomEvents", s.id, limit)

    def _title(self, title: bytes) -> None:
        if len(title) > TITLE_BYTES:
            raise Refused("TitleTooLong", len(title), TITLE_BYTES)

    def _open_rooms(self, who: str) -> int:
        doc = self.ledger.accounts.get(who)
        return doc["open_rooms"] if doc else 0

    # --- hosts --------------------------------------------------------------------------------

    def _createRoom(  # noqa: N802 - the contract's names
        self, operator_id: int, mode: int, gate: str, key: bytes, title: bytes
    ) -> list[Expected]:
        sender = self._call.sender
        if mode > 1:
            raise Refused
        terms_id = self.ledger.totals.current_terms or 0
        terms = self.ledger.terms[terms_id]
        self._title(title)
        if self.ledger.totals.paused:
            raise Refused("CreationPaused")
        price = int(terms["deposit"]) + int(terms["fee"])
        if self._call.value != price:
            raise Refused("WrongPayment", price, self._call.value)
        if not any(key):
            raise Refused("IngestKeyZero")
        if gate != ZERO_ADDRESS and gate not in self.code:
            raise Refused("GateWithoutCode", gate)
        operator = self.ledger.operators.get(operator_id)
        if not (operator and operator["account"] and operator["accepting"] and operator["enabled"]):
            raise Refused("OperatorNotAccepting", operator_id)
        if self._open_rooms(sender) >= terms["max_open_rooms"]:
            raise Refused("TooManyOpenRooms", sender, terms["max_open_rooms"])
        room_id = self.first_room_id + self.ledger.totals.rooms
        tag = room_tag(
            self.chain_id, self.ledger.contract, room_id, sender, operator_id, mode, gate, key, 1
        )
        values = (room_id, operator_id, terms_id, mode, gate, key, tag, title)
        return [Expected(t.RoomCreated, values)]

    def _updateRoom(self, room_id: int, title: bytes) -> list[Expected]:  # noqa: N802
        self._title(title)
        self._spend_event(self._hosted(room_id))
        return [Expected(t.RoomUpdated, (room_id, title))]

    def _rekeyRoom(self, room_id: int, key: bytes) -> list[Expected]:  # noqa: N802
        s = self._hosted(room_id)
        tag = self._next_tag(s, key)
        return [Expected(t.RoomRekeyed, (room_id, s.key_version + 1, key, tag))]

    def _transferRoom(self, room_id: int, to: str) -> list[Expected]:  # noqa: N802
        self._spend_event(self._hosted(room_id))
        return [Expected(t.RoomTransferStarted, (room_id, to))]

    def _acceptRoom(self, room_id: int, key: bytes) -> list[Expected]:  # noqa: N802
        s, sender = self._open(room_id), self._call.sender
        if s.pending != sender:
            raise Refused("NotPendingHost", room_id, sender)
        others = self._open_rooms(sender) - (1 if s.host == sender else 0)
        if others >= s.terms["max_open_rooms"]:
            raise Refused("TooManyOpenRooms", sender, s.terms["max_open_rooms"])
        tag = self._next_tag(s, key)
        return [Expected(t.RoomTransferred, (room_id, s.host, s.key_version + 1, key, tag))]

    def _next_tag(self, s: State, key: bytes) -> bytes:
        if not any(key):
            raise Refused("IngestKeyZero")
        if s.rekeyed_at is not None:
            available = s.rekeyed_at + s.terms["rekey_cooldown"]
            if self._now < available:
                raise Refused("RekeyTooSoon", s.id, available)
        self._spend_event(s)
        return room_tag(
            self.chain_id, self.ledger.contract, s.id, self._call.sender,
            s.operator_id, s.mode, s.tag, key, s.key_version + 1,
        )  # fmt: skip

    def _endRoom(self, room_id: int) -> list[Expected]:  # noqa: N802
        s = self._unended(room_id)
        self._only_host(s)
        return self._end(s, EndReason.HOST, 0)

    def _end(self, s: State, reason: EndReason, detail: int) -> list[Expected]:
        s.ended, s.events = True, s.events + 1
        amount = int(s.terms["deposit"]) + (0 if s.fulfilled else int(s.terms["fee"]))
        return [Expected(t.RoomEnded, (s.id, reason, detail, amount))]

    def _withdrawTo(self, to: str) -> list[Expected]:  # noqa: N802
        if to == ZERO_ADDRESS:
            raise Refused("ZeroAddress")
        doc = self.ledger.accounts.get(self._call.sender)
        if doc is None or int(doc["credit"]) == 0:
            raise Refused("NothingToWithdraw", self._call.sender)
        return [Expected(t.Withdrawn, (to, int(doc["credit"])))]

    # --- operators, anyone, moderators --------------------------------------------------------

    def _serves(self, s: State | None, tag: bytes) -> bool:
        return (
            s is not None and s.tag == tag and self._account_of(s.operator_id) == self._call.sender
        )

    def _fulfill(self, entries: list[calls.Fulfillment]) -> list[Expected]:
        events, fees = [], 0
        for entry in entries:
            s = self._state(entry.room_id)
            if not 0 < len(entry.sealed_ingest) <= SEALED_BYTES or not any(entry.uid):
                continue
            if s is None or not self._serves(s, entry.tag) or s.ended or self._past_time(s):
                continue
            if not s.fulfilled:
                fees += int(s.terms["fee"])
                s.uid = entry.uid
            elif s.uid != entry.uid or s.events >= 2 * s.terms["max_room_events"]:
                continue
            s.events += 1
            events.append(
                Expected(t.RoomProvisioned, (s.id, s.tag, entry.uid, entry.sealed_ingest))
            )
        if fees:
            events.append(Expected(t.Credited, (self._call.sender, fees)))
        return events

    def _decline(self, entries: list[calls.Declination]) -> list[Expected]:
        events = []
        for entry in entries:
            s = self._state(entry.room_id)
            if s is not None and self._serves(s, entry.tag) and not s.ended:
                events += self._end(s, EndReason.DECLINED, entry.reason)
        return events

    def _release(self, entries: list[calls.Release]) -> list[Expected]:
        events = []
        for entry in entries:
            s = self._state(entry.room_id)
            if s is None or not self._serves(s, entry.tag):
                continue
            if s.ended and s.fulfilled and not s.released:
                s.released = True
                events.append(Expected(t.RoomReleased, (s.id,)))
        return events

    def _expire(self, room_ids: list[int]) -> list[Expected]:
        events = []
        for room_id in room_ids:
            s = self._state(room_id)
            if s is not None and not s.ended and self._expirable(s):
                reason = EndReason.EXPIRED if s.fulfilled else EndReason.UNFULFILLED
                events += self._end(s, reason, 0)
        return events

    def _takeDown(self, room_id: int, reason: int) -> list[Expected]:  # noqa: N802
        moderator = self.ledger.moderators.get(self._call.sender)
        if moderator is None or not moderator["allowed"]:
            raise Refused("NotModerator", self._call.sender)
        return self._end(self._unended(room_id), EndReason.TAKEN_DOWN, reason)

    def _setOperatorAccepting(self, operator_id: int, on: bool) -> list[Expected]:  # noqa: N802
        self._operator(operator_id)
        if self._account_of(operator_id) != self._call.sender:
            raise Refused("NotOperator", operator_id, self._call.sender)
        return [Expected(t.OperatorAcceptingChanged, (operator_id, on))]
