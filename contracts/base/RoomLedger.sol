// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivestreamRooms} from "../interfaces/ILivestreamRooms.sol";
import {Head} from "../libraries/HistoryHead.sol";
import {Account} from "../libraries/PackedAccount.sol";
import {RoomCore, RoomLink} from "../libraries/PackedRoom.sol";
import {Offer} from "../libraries/PackedTerms.sol";
import {Administration} from "./Administration.sol";
import {MoneyEvents} from "./MoneyEvents.sol";
import {RoomEvents} from "./RoomEvents.sol";

/// @title Rooms and accounts as stored, and the few ways in which they change
/// @notice Everything that more than one entry point does: finding a room, checking it, ending it, changing its key.
abstract contract RoomLedger is Administration, RoomEvents, MoneyEvents {
    /// @dev A room as stored: see {PackedRoom}.
    /// @param core Who, since when, under what.
    /// @param link Live input, tag, key version, end, number of events.
    struct RoomSlot {
        RoomCore core;
        RoomLink link;
    }

    /// @dev The longest title, in bytes.
    uint256 private constant MAX_TITLE_BYTES = 96;
    /// @dev The longest details, in bytes.
    uint256 private constant MAX_DETAILS_BYTES = 1024;

    /// @dev Rooms by number.
    mapping(uint256 roomId => RoomSlot) internal _rooms;
    /// @dev Offers of {transferRoom}.
    mapping(uint256 roomId => address) internal _pendingHosts;
    /// @dev Credits and counts by account.
    mapping(address account => Account) internal _accounts;

    // ---------------------------------------------------------------- checks

    /// @dev Reverts if a title is too long.
    /// @param title The title.
    function _checkTitle(string calldata title) internal pure {
        if (bytes(title).length > MAX_TITLE_BYTES) {
            revert TitleTooLong(bytes(title).length, MAX_TITLE_BYTES);
        }
    }

    /// @dev Reverts if details are too long.
    /// @param details The details.
    function _checkDetails(string calldata details) internal pure {
        if (bytes(details).length > MAX_DETAILS_BYTES) {
            revert DetailsTooLong(bytes(details).length, MAX_DETAILS_BYTES);
        }
    }

    /// @dev Reverts unless a room may be created like this now.
    /// @param offer The current terms and the registry's switches.
    /// @param termsId The terms that the caller knows.
    /// @param operatorId The operator asked for.
    /// @param gate The gate.
    /// @param ingestKey The key.
    function _checkCreation(
        Offer offer,
        uint16 termsId,
        uint16 operatorId,
        address gate,
        bytes32 ingestKey
    ) internal view {
        if (offer.closed()) {
            if (offer.retired()) revert RegistryRetired(_successor);
            revert CreationPaused();
        }
        if (termsId != offer.termsId()) revert TermsChanged(termsId, offer.termsId());
        if (ingestKey == 0) revert IngestKeyZero();
        if (gate != address(0) && gate.code.length == 0) revert GateWithoutCode(gate);
        if (!_accepts(operatorId)) revert OperatorNotAccepting(operatorId);
    }

    /// @dev Whether an operator takes new rooms.
    /// @param operatorId The operator.
    /// @return Whether it does; never one that does not exist.
    function _accepts(uint16 operatorId) internal view returns (bool) {
        OperatorSlot storage slot = _operators[operatorId];
        return slot.accepting && slot.enabled && slot.account != address(0);
    }

    /// @dev A room that has not ended; reverts otherwise.
    /// @param roomId The room.
    /// @return slot Its storage.
    /// @return core Its first word.
    /// @return link Its second.
    function _unended(uint256 roomId)
        internal
        view
        returns (RoomSlot storage slot, RoomCore core, RoomLink link)
    {
        slot = _rooms[roomId];
        core = slot.core;
        if (!core.exists()) revert RoomUnknown(roomId);
        link = slot.link;
        if (link.ended()) revert RoomNotOpen(roomId);
    }

    /// @dev A room that is open and not expirable; reverts otherwise.
    /// @param roomId The room.
    /// @return slot Its storage.
    /// @return core Its first word.
    /// @return link Its second.
    /// @return offer Its terms.
    function _open(uint256 roomId)
        internal
        view
        returns (RoomSlot storage slot, RoomCore core, RoomLink link, Offer offer)
    {
        (slot, core, link) = _unended(roomId);
        offer = _offers[core.termsId()];
        if (_isExpirable(core, link, offer)) revert RoomNotOpen(roomId);
    }

    /// @dev Reverts unless the caller hosts the room.
    /// @param roomId The room.
    /// @param core Its first word.
    function _onlyHost(uint256 roomId, RoomCore core) internal view {
        if (core.host() != msg.sender) revert NotHost(roomId, msg.sender);
    }

    /// @dev Whether the caller acts for the room's operator and knows the room by its present tag.
    /// @param link The room's second word.
    /// @param tag What the caller calls it.
    /// @return Whether it does; never for a room that does not exist: operator zero has no account.
    function _serves(RoomLink link, bytes12 tag) internal view returns (bool) {
        return link.tag() == tag && _operators[link.operatorId()].account == msg.sender;
    }

    /// @dev Whether {expire} would end an open room now.
    /// @param core The room's first word.
    /// @param link Its second.
    /// @param offer Its terms.
    /// @return Whether it would.
    function _isExpirable(RoomCore core, RoomLink link, Offer offer) internal view returns (bool) {
        return _isPastTime(core, link, offer)
            || _operators[link.operatorId()].account == address(0);
    }

    /// @dev Whether {expire} would end an open room now for its age.
    /// @param core The room's first word.
    /// @param link Its second.
    /// @param offer Its terms.
    /// @return Whether it would.
    function _isPastTime(RoomCore core, RoomLink link, Offer offer) internal view returns (bool) {
        uint256 age = block.timestamp - core.createdAt();
        return age >= _lifetime(link, offer);
    }

    /// @dev After how many seconds a room is expirable.
    /// @param link The room's second word.
    /// @param offer Its terms, whose deadline is never beyond the life of a room.
    /// @return Seconds since its creation.
    function _lifetime(RoomLink link, Offer offer) internal pure returns (uint256) {
        return link.uid() == 0 ? offer.fulfillDeadlineSeconds() : offer.maxRoomSeconds();
    }

    /// @dev Why {expire} ends a room.
    /// @param link The room's second word.
    /// @return The reason.
    function _expiryReason(RoomLink link) internal pure returns (EndReason) {
        return link.uid() == 0 ? EndReason.UNFULFILLED : EndReason.EXPIRED;
    }

    // --------------------------------------------------------------- effects

    /// @dev The caller's account with one more room of its own; reverts at the limit.
    /// @param account_ The account.
    /// @param maxOpenRooms The limit.
    /// @return The changed word.
    function _withOpenRoom(Account account_, uint16 maxOpenRooms) internal view returns (Account) {
        if (account_.openRooms() >= maxOpenRooms) {
            revert TooManyOpenRooms(msg.sender, maxOpenRooms);
        }
        return account_.withRoom();
    }

    /// @dev Takes the price of a room from the payment and, where that falls short, from the caller's credit, and counts
    ///      the room for it: one read and one write.
    /// @param offer The terms.
    /// @return spent Wei that came from the credit.
    function _payForRoom(Offer offer) internal returns (uint256 spent) {
        Account account_ = _accounts[msg.sender];
        (uint256 price, uint256 credit) = (offer.price(), account_.credit());
        unchecked {
            // a credit fits 128 bits, and the payment is at most the price here
            if (msg.value > price || msg.value + credit < price) {
                revert WrongPayment(price, msg.value, credit);
            }
            spent = price - msg.value;
        }
        _accounts[msg.sender] =
            _withOpenRoom(account_, offer.maxOpenRooms()).withoutCredit(spent);
    }

    /// @dev Makes fees an operator's payee's; nothing if there are none.
    /// @param head The head before.
    /// @param operatorId The operator.
    /// @param fees Wei.
    /// @return The head after.
    function _creditFees(Head head, uint16 operatorId, uint256 fees) internal returns (Head) {
        if (fees == 0) return head;
        address payee = _operators[operatorId].payee;
        _accounts[payee] = _accounts[payee].withCredit(fees);
        return _emitCredited(head, payee, fees, operatorId);
    }

    /// @dev A room's second word with one more event of its host's; reverts at the limit.
    /// @param roomId The room.
    /// @param link Its second word.
    /// @param offer Its terms.
    /// @return The changed word.
    function _withHostEvent(uint256 roomId, RoomLink link, Offer offer)
        internal
        pure
        returns (RoomLink)
    {
        uint16 maxRoomEvents = offer.maxRoomEvents();
        if (link.events() >= maxRoomEvents) revert TooManyRoomEvents(roomId, maxRoomEvents);
        return link.withEvent();
    }

    /// @dev Gives a room its next key, and with it its next tag, and writes both words.
    /// @param roomId The room.
    /// @param slot Its storage.
    /// @param core Its first word, with the host who brings the key.
    /// @param link Its second.
    /// @param offer Its terms.
    /// @param ingestKey The key.
    /// @return keyVersion How many keys the room has had, this one included.
    /// @return tag The room's new tag.
    function _rekey(
        uint256 roomId,
        RoomSlot storage slot,
        RoomCore core,
        RoomLink link,
        Offer offer,
        bytes32 ingestKey
    ) internal returns (uint16 keyVersion, bytes12 tag) {
        // A pending room stays as created: else its host could make each fulfilment on its way miss.
        if (link.uid() == 0) revert RoomNotActive(roomId);
        if (ingestKey == 0) revert IngestKeyZero();
        uint256 rekeyedAt = core.rekeyedAt();
        uint256 availableAt = rekeyedAt + offer.rekeyCooldown();
        if (rekeyedAt != 0 && block.timestamp < availableAt) {
            revert RekeyTooSoon(roomId, availableAt);
        }
        core = core.withNextKey(block.timestamp);
        keyVersion = core.keyVersion();
        bytes32 binding = bytes32(link.tag());
        tag = tagOf(
            roomId, msg.sender, link.operatorId(), core.mode(), binding, ingestKey, keyVersion
        );
        slot.core = core;
        slot.link = _withHostEvent(roomId, link, offer).withTag(tag);
    }

    /// @dev Ends a room: the deposit, and the fee if it was never fulfilled, go to the host's credit.
    /// @param head The head before.
    /// @param roomId The room.
    /// @param slot Its storage.
    /// @param core Its first word.
    /// @param link Its second.
    /// @param offer Its terms.
    /// @param reason Why.
    /// @param detail The code given, or zero.
    /// @param forfeited Wei of the fee that do not go to the host.
    /// @return The head after.
    function _end(
        Head head,
        uint256 roomId,
        RoomSlot storage slot,
        RoomCore core,
        RoomLink link,
        Offer offer,
        EndReason reason,
        uint16 detail,
        uint256 forfeited
    ) internal returns (Head) {
        slot.link = link.withEnd(reason).withEvent();

        uint256 amount = (link.uid() == 0 ? offer.price() : offer.deposit()) - forfeited;
        address host = core.host();
        _accounts[host] = _accounts[host].withoutRoom().withCredit(amount);

        return _emitEnded(head, roomId, host, reason, detail, amount);
    }

    /// @inheritdoc ILivestreamRooms
    function tagOf(
        uint256 roomId,
        address host,
        uint16 operatorId,
        Mode mode,
        bytes32 binding,
        bytes32 ingestKey,
        uint16 keyVersion
    ) public view returns (bytes12) {
        return bytes12(
            keccak256(
                abi.encode(
                    block.chainid,
                    address(this),
                    roomId,
                    host,
                    operatorId,
                    mode,
                    binding,
                    ingestKey,
                    keyVersion
                )
            )
        );
    }
}
