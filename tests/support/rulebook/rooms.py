"""Rooms: what hosts, operators, moderators and anybody may do with them.

Each method is a function of the contract, by its name; its arguments are those of `chain.calldata`.
"""

from __future__ import annotations

from collections.abc import Sequence

from chain import events as t
from chain.calldata import Declination, Fulfillment, Release
from chain.enums import EndReason, Mode
from chain.hexes import ZERO_ADDRESS
from chain.history import room_tag
from tests.support.rulebook.state import (
    Emitted,
    EndRow,
    RoomRow,
    SealedRow,
)
from tests.support.rulebook.turn import Refused, Turn

TITLE_BYTES, DETAILS_BYTES, SEALED_BYTES = 96, 1024, 1024
MAX_ROOMS = 2**32 - 1


class RoomRules(Turn):
    """See the module."""

    # --- what the rules are made of -----------------------------------------------------------

    def _unended(self, room_id: int) -> RoomRow:
        room = self.state.rooms.get(room_id)
        if room is None:
            raise Refused("RoomUnknown", room_id)
        if room.end is not None:
            raise Refused("RoomNotOpen", room_id)
        return room

    def _open(self, room_id: int) -> RoomRow:
        room = self._unended(room_id)
        if self.state.expirable(room, self.now):
            raise Refused("RoomNotOpen", room_id)
        return room

    def _hosted(self, room_id: int) -> RoomRow:
        room = self._open(room_id)
        self._only_host(room)
        return room

    def _only_host(self, room: RoomRow) -> None:
        if room.host != self.sender:
            raise Refused("NotHost", room.number, self.sender)

    def _spend_event(self, room: RoomRow) -> None:
        limit = self.state.terms_of(room).max_room_events
        if room.events >= limit:
            raise Refused("TooManyRoomEvents", room.number, limit)

    def _keep(self, room: RoomRow, event: Emitted) -> None:
        """The room as changed by its event."""
        self.state.rooms[room.number] = room._replace(
            seqs=(*room.seqs, event.seq), updated=event.place
        )

    # --- hosts --------------------------------------------------------------------------------

    def createRoom(  # noqa: N802 - the contract's names
        self, terms_id: int, operator_id: int, mode: int, gate: str, key: bytes, title: bytes
    ) -> None:
        if mode > 1:
            raise Refused
        state, host = self.state, self.sender
        current = len(state.terms)
        terms = state.terms[current].terms
        _check_title(title)
        if state.retired:
            raise Refused("RegistryRetired", state.successor)
        if state.paused:
            raise Refused("CreationPaused")
        if terms_id != current:
            raise Refused("TermsChanged", terms_id, current)
        if not any(key):
            raise Refused("IngestKeyZero")
        if gate != ZERO_ADDRESS and gate not in self.book.code:
            raise Refused("GateWithoutCode", gate)
        operator = state.operators.get(operator_id)
        if operator is None or operator.account == ZERO_ADDRESS:
            raise Refused("OperatorNotAccepting", operator_id)
        if not operator.accepting or not operator.enabled:
            raise Refused("OperatorNotAccepting", operator_id)
        price, credit = terms.deposit + terms.fee, self.account(host).credit
        if not price - credit <= self.value <= price:
            raise Refused("WrongPayment", price, self.value, credit)
        if self.account(host).open_rooms >= terms.max_open_rooms:
            raise Refused("TooManyOpenRooms", host, terms.max_open_rooms)
        if len(state.rooms) == MAX_ROOMS:
            raise Refused("CounterFull")
        number = self.book.first_room_id + len(state.rooms)
        chain_id, contract = self.book.chain_id, self.book.contract
        tag = room_tag(chain_id, contract, number, host, operator_id, mode, gate, key, 1)
        event = self.emit(
            t.RoomCreated, number, operator_id, terms_id, Mode(mode), gate, key, tag, title
        )
        state.rooms[number] = RoomRow(
            number, host, operator_id, terms_id, Mode(mode), gate, key, tag, tag, title,
            created=event.place, updated=event.place, seqs=(event.seq,),
        )  # fmt: skip
        self.change_account(host, 0, 1)
        if spent := price - self.value:
            self.emit(t.CreditSpent, number, spent)
            self.change_account(host, -spent, 0)

    def updateRoom(self, room_id: int, title: bytes) -> None:  # noqa: N802
        _check_title(title)
        room = self._hosted(room_id)
        self._spend_event(room)
        self._keep(room._replace(title=title), self.emit(t.RoomUpdated, room_id, title))

    def describeRoom(self, room_id: int, starts_at: int, details: bytes) -> None:  # noqa: N802
        if len(details) > DETAILS_BYTES:
            raise Refused("DetailsTooLong", len(details), DETAILS_BYTES)
        room = self._hosted(room_id)
        self._spend_event(room)
        event = self.emit(t.RoomDescribed, room_id, starts_at, details)
        self._keep(room._replace(starts_at=starts_at, details=details), event)

    def rekeyRoom(self, room_id: int, key: bytes) -> None:  # noqa: N802
        room = self._rekeyed(self._hosted(room_id), key)
        self._keep(room, self.emit(t.RoomRekeyed, room_id, room.key_version, key, room.tag))

    def transferRoom(self, room_id: int, to: str) -> None:  # noqa: N802
        room = self._hosted(room_id)
        self._spend_event(room)
        self._keep(room._replace(pending_host=to), self.emit(t.RoomTransferStarted, room_id, to))

    def acceptRoom(self, room_id: int, tag: bytes, key: bytes) -> None:  # noqa: N802
        room, heir = self._open(room_id), self.sender
        if room.pending_host != heir:
            raise Refused("NotPendingHost", room_id, heir)
        if room.tag != tag:
            raise Refused("TagChanged", room_id, tag, room.tag)
        limit = self.state.terms_of(room).max_open_rooms
        self.change_account(room.host, 0, -1)
        if self.account(heir).open_rooms >= limit:
            raise Refused("TooManyOpenRooms", heir, limit)
        self.change_account(heir, 0, 1)
        new = self._rekeyed(room, key)._replace(host=heir, pending_host=ZERO_ADDRESS)
        self._keep(
            new, self.emit(t.RoomTransferred, room_id, room.host, new.key_version, key, new.tag)
        )

    def _rekeyed(self, room: RoomRow, key: bytes) -> RoomRow:
        if not room.fulfilled:
            raise Refused("RoomNotActive", room.number)
        if not any(key):
            raise Refused("IngestKeyZero")
        available = room.rekeyed_at + self.state.terms_of(room).rekey_cooldown
        if room.rekeyed_at and self.now < available:
            raise Refused("RekeyTooSoon", room.number, available)
        self._spend_event(room)
        version = room.key_version + 1
        tag = room_tag(
            self.book.chain_id, self.book.contract, room.number, self.sender, room.operator_id,
            room.mode, room.tag, key, version,
        )  # fmt: skip
        return room._replace(
            tag=tag, former_tag=room.tag, ingest_key=key, key_version=version, rekeyed_at=self.now
        )

    def endRoom(self, room_id: int) -> None:  # noqa: N802
        room = self._unended(room_id)
        self._only_host(room)
        self._end(room, EndReason.HOST, 0)

    def _end(self, room: RoomRow, reason: EndReason, detail: int) -> None:
        terms = self.state.terms_of(room)
        early = reason is EndReason.HOST and not self.state.expirable(room, self.now)
        forfeited = early and not room.fulfilled and not self.at_brim
        amount = terms.deposit + (0 if room.fulfilled or forfeited else terms.fee)
        event = self.emit(t.RoomEnded, room.number, room.host, reason, detail, amount)
        self._keep(room._replace(end=EndRow(reason, detail, self.sender, event.place)), event)
        self.state.ended_rooms += 1
        self.change_account(room.host, amount, -1)
        if forfeited:
            self._pay(room.operator_id, terms.fee)

    def _pay(self, operator_id: int, fees: int) -> None:
        """Fees to the operator's payee, if there are any."""
        if fees:
            payee = self.state.operators[operator_id].payee
            self.change_account(payee, fees, 0)
            self.emit(t.Credited, payee, fees, operator_id)

    def withdrawTo(self, to: str) -> None:  # noqa: N802
        self.not_zero(to)
        credit = self.account(self.sender).credit
        if credit == 0:
            raise Refused("NothingToWithdraw", self.sender)
        self.change_account(self.sender, -credit, 0)
        self.emit(t.Withdrawn, to, credit)

    # --- operators, anyone, moderators --------------------------------------------------------

    def _served(self, room_id: int, tag: bytes) -> RoomRow | None:
        """A room by its present tag, if the caller acts for its operator."""
        room = self.state.rooms.get(room_id)
        if room is None or room.tag != tag:
            return None
        return room if self.state.operator_account(room.operator_id) == self.sender else None

    def fulfill(self, entries: Sequence[Fulfillment]) -> None:
        serving, fees = 0, 0
        for entry in entries:
            room = self._served(entry.room_id, entry.tag)
            if not 0 < len(entry.sealed_ingest) <= SEALED_BYTES or not any(entry.uid):
                continue
            if room is None or room.end is not None or self.now >= self.state.expires_at(room):
                continue
            terms = self.state.terms_of(room)
            if room.fulfilled and (
                room.uid != entry.uid or room.events >= 2 * terms.max_room_events
            ):
                continue
            if room.operator_id != serving:
                self._pay(serving, fees)
                serving, fees = room.operator_id, 0
            if self.at_brim:
                break
            if not room.fulfilled:
                fees += terms.fee
                room = room._replace(uid=entry.uid, provisioned_at=self.now)
            event = self.emit(
                t.RoomProvisioned, room.number, room.tag, entry.uid, entry.sealed_ingest
            )
            sealed = SealedRow(
                room.tag, room.key_version, entry.sealed_ingest, event.place, room.provisions + 1
            )
            self._keep(room._replace(sealed=sealed), event)
        self._pay(serving, fees)

    def decline(self, entries: Sequence[Declination]) -> None:
        for entry in entries:
            room = self._served(entry.room_id, entry.tag)
            if room is not None and room.end is None:
                self._end(room, EndReason.DECLINED, entry.reason)

    def release(self, entries: Sequence[Release]) -> None:
        for entry in entries:
            room = self._served(entry.room_id, entry.tag)
            if room is None or room.end is None or not room.fulfilled or room.released:
                continue
            self._keep(room._replace(released_at=self.now), self.emit(t.RoomReleased, room.number))

    def expire(self, room_ids: Sequence[int]) -> None:
        for room_id in room_ids:
            room = self.state.rooms.get(room_id)
            if room is not None and room.end is None and self.state.expirable(room, self.now):
                self._end(room, EndReason.EXPIRED if room.fulfilled else EndReason.UNFULFILLED, 0)

    def takeDown(self, room_id: int, reason: int) -> None:  # noqa: N802
        moderator = self.state.moderators.get(self.sender)
        if moderator is None or not moderator.allowed:
            raise Refused("NotModerator", self.sender)
        self._end(self._unended(room_id), EndReason.TAKEN_DOWN, reason)


def _check_title(title: bytes) -> None:
    if len(title) > TITLE_BYTES:
        raise Refused("TitleTooLong", len(title), TITLE_BYTES)
