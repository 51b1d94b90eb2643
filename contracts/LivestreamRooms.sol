// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";

import {Administration} from "./base/Administration.sol";
import {RoomEvents} from "./base/RoomEvents.sol";
import {ILivestreamRooms} from "./interfaces/ILivestreamRooms.sol";
import {Head} from "./libraries/HistoryHead.sol";
import {PackedRoom, RoomCore, RoomLink} from "./libraries/PackedRoom.sol";
import {Offer} from "./libraries/PackedTerms.sol";
import {PlaybackUrl} from "./libraries/PlaybackUrl.sol";

/// @title Livestream rooms
/// @notice Who hosts what, in which state, and where it plays.
/// @dev Promises: a host's deposit comes back on every end, whoever ends the room and why; no batch reverts for one bad
///      entry; no function loops over anything but its own arguments; balance is never below the deposits and fees
///      of open rooms plus all credits. State is written before anything is called, and only {withdrawTo} calls.
contract LivestreamRooms is Administration, RoomEvents {
    /// @dev What an account is owed and hosts.
    /// @param credit Wei.
    /// @param openRooms Rooms it hosts that have not ended.
    struct AccountSlot {
        uint128 credit;
        uint128 openRooms;
    }

    /// @dev A room as stored: see {PackedRoom}.
    /// @param core Who, since when, under what, how ended.
    /// @param link Live input, tag, key version, number of events.
    struct RoomSlot {
        RoomCore core;
        RoomLink link;
    }

    /// @notice Which revision of the contract this is.
    string public constant VERSION = "1.0.0";
    /// @notice The longest title, in bytes.
    uint256 public constant MAX_TITLE_BYTES = 96;
    /// @notice The longest sealed credentials, in bytes.
    uint256 public constant MAX_SEALED_BYTES = 1024;

    /// @inheritdoc ILivestreamRooms
    uint256 public immutable firstRoomId;

    /// @dev Rooms by number.
    mapping(uint256 roomId => RoomSlot) private _rooms;
    /// @dev Offers of {transferRoom}.
    mapping(uint256 roomId => address) private _pendingHosts;
    /// @dev Credits and counts by account.
    mapping(address account => AccountSlot) private _accounts;

    /// @notice Deploys an empty registry.
    /// @param owner_ Its first owner.
    /// @param firstRoomId_ The first room's number: one past the last of a predecessor, else 1.
    /// @param terms_ The first terms.
    constructor(address owner_, uint64 firstRoomId_, Terms memory terms_)
        Administration(owner_, terms_)
    {
        firstRoomId = firstRoomId_;
    }

    // ---------------------------------------------------------------- hosts

    /// @inheritdoc ILivestreamRooms
    function createRoom(
        uint16 operatorId,
        Mode mode,
        address gate,
        bytes32 ingestKey,
        string calldata title
    ) external payable returns (uint256 roomId) {
        Offer offer = _current;
        _checkCreation(offer, operatorId, gate, ingestKey, title);
        _addOpenRoom(msg.sender, offer.maxOpenRooms());

        Head head = _head;
        roomId = firstRoomId + head.rooms();
        Creation memory c = Creation(
            roomId, operatorId, offer.termsId(), mode, gate, ingestKey, bytes12(0)
        );
        c.tag = _register(c);
        _head = _emitCreated(head.withRoom(), c, title);
    }

    /// @inheritdoc ILivestreamRooms
    function updateRoom(uint256 roomId, string calldata title) external {
        if (bytes(title).length > MAX_TITLE_BYTES) {
            revert TitleTooLong(bytes(title).length, MAX_TITLE_BYTES);
        }
        RoomSlot storage slot = _rooms[roomId];
        RoomCore core = _hosted(roomId, slot);
        slot.link = _hostEvent(roomId, core, slot.link);
        _head = _emitUpdated(_head, roomId, title);
    }

    /// @inheritdoc ILivestreamRooms
    function rekeyRoom(uint256 roomId, bytes32 ingestKey) external {
        RoomSlot storage slot = _rooms[roomId];
        RoomCore core = _hosted(roomId, slot);
        RoomLink link = _rekey(roomId, slot, core, ingestKey);
        _head = _emitRekeyed(_head, roomId, link.keyVersion(), ingestKey, link.tag());
    }

    /// @inheritdoc ILivestreamRooms
    function transferRoom(uint256 roomId, address to) external {
        RoomSlot storage slot = _rooms[roomId];
        RoomCore core = _hosted(roomId, slot);
        slot.link = _hostEvent(roomId, core, slot.link);
        _pendingHosts[roomId] = to;
        _head = _emitTransferStarted(_head, roomId, to);
    }

    /// @inheritdoc ILivestreamRooms
    function acceptRoom(uint256 roomId, bytes32 ingestKey) external {
        RoomSlot storage slot = _rooms[roomId];
        RoomCore core = _open(roomId, slot);
        if (_pendingHosts[roomId] != msg.sender) revert NotPendingHost(roomId, msg.sender);
        delete _pendingHosts[roomId];

        address from = core.host();
        --_accounts[from].openRooms;
        _addOpenRoom(msg.sender, _offers[core.termsId()].maxOpenRooms());
        RoomLink link = _rekey(roomId, slot, core.withHost(msg.sender), ingestKey);
        _head = _emitTransferred(_head, roomId, from, link.keyVersion(), ingestKey, link.tag());
    }

    /// @inheritdoc ILivestreamRooms
    function endRoom(uint256 roomId) external {
        RoomSlot storage slot = _rooms[roomId];
        RoomCore core = slot.core;
        _requireOpen(roomId, core);
        if (core.host() != msg.sender) revert NotHost(roomId, msg.sender);
        _head = _end(_head, roomId, slot, core, slot.link, EndReason.HOST, 0);
    }

    // ------------------------------------------------------------ operators

    /// @inheritdoc ILivestreamRooms
    function fulfill(Fulfillment[] calldata entries) external returns (uint256 applied) {
        Head head = _head;
        uint256 fees;
        for (uint256 i; i < entries.length; ++i) {
            Fulfillment calldata entry = entries[i];
            uint256 sealedBytes = entry.sealedIngest.length;
            if (sealedBytes == 0 || sealedBytes > MAX_SEALED_BYTES || entry.uid == 0) continue;
            RoomSlot storage slot = _rooms[entry.roomId];
            RoomCore core = slot.core;
            RoomLink link = slot.link;
            if (!_serves(core, link, entry.tag) || core.ended()) continue;
            Offer offer = _offers[core.termsId()];
            if (_isExpirable(core, link, offer)) continue;

            if (link.uid() == 0) {
                fees += offer.fee();
                link = link.withUid(entry.uid);
            } else if (link.uid() != entry.uid || link.events() >= _maxEventsOfSealing(offer)) {
                continue;
            }
            slot.link = link.withEvent();
            head = _emitProvisioned(head, entry);
            ++applied;
        }
        if (fees != 0) {
            _accounts[msg.sender].credit += uint128(fees);
            head = _emitCredited(head, msg.sender, fees);
        }
        _head = head;
    }

    /// @inheritdoc ILivestreamRooms
    function decline(Declination[] calldata entries) external returns (uint256 applied) {
        Head head = _head;
        for (uint256 i; i < entries.length; ++i) {
            Declination calldata entry = entries[i];
            RoomSlot storage slot = _rooms[entry.roomId];
            RoomCore core = slot.core;
            RoomLink link = slot.link;
            if (!_serves(core, link, entry.tag) || core.ended()) continue;
            head = _end(head, entry.roomId, slot, core, link, EndReason.DECLINED, entry.reason);
            ++applied;
        }
        _head = head;
    }

    /// @inheritdoc ILivestreamRooms
    function release(Release[] calldata entries) external returns (uint256 applied) {
        Head head = _head;
        for (uint256 i; i < entries.length; ++i) {
            Release calldata entry = entries[i];
            RoomSlot storage slot = _rooms[entry.roomId];
            RoomCore core = slot.core;
            RoomLink link = slot.link;
            if (!_serves(core, link, entry.tag) || !core.ended()) continue;
            if (core.released() || link.uid() == 0) continue;
            slot.core = core.withReleased();
            slot.link = link.withEvent();
            head = _emitReleased(head, entry.roomId);
            ++applied;
        }
        _head = head;
    }

    // ------------------------------------------------- anyone and moderators

    /// @inheritdoc ILivestreamRooms
    function expire(uint256[] calldata roomIds) external returns (uint256 applied) {
        Head head = _head;
        for (uint256 i; i < roomIds.length; ++i) {
            RoomSlot storage slot = _rooms[roomIds[i]];
            RoomCore core = slot.core;
            if (!core.exists() || core.ended()) continue;
            RoomLink link = slot.link;
            if (!_isExpirable(core, link, _offers[core.termsId()])) continue;
            head = _end(head, roomIds[i], slot, core, link, _expiryReason(link), 0);
            ++applied;
        }
        _head = head;
    }

    /// @inheritdoc ILivestreamRooms
    function takeDown(uint256 roomId, uint16 reason) external {
        if (!isModerator(msg.sender)) revert NotModerator(msg.sender);
        RoomSlot storage slot = _rooms[roomId];
        RoomCore core = slot.core;
        _requireOpen(roomId, core);
        _head = _end(_head, roomId, slot, core, slot.link, EndReason.TAKEN_DOWN, reason);
    }

    /// @inheritdoc ILivestreamRooms
    function withdrawTo(address payable to) external {
        if (to == address(0)) revert ZeroAddress();
        uint256 amount = _accounts[msg.sender].credit;
        if (amount == 0) revert NothingToWithdraw(msg.sender);
        _accounts[msg.sender].credit = 0;
        _head = _emitWithdrawn(_head, to, amount);
        Address.sendValue(to, amount);
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc ILivestreamRooms
    function room(uint256 roomId) external view returns (RoomView memory view_) {
        view_ = _view(roomId);
        if (view_.status == Status.NONE) revert RoomUnknown(roomId);
    }

    /// @inheritdoc ILivestreamRooms
    function rooms(uint256[] calldata roomIds) external view returns (RoomView[] memory views) {
        views = new RoomView[](roomIds.length);
        for (uint256 i; i < roomIds.length; ++i) {
            views[i] = _view(roomIds[i]);
        }
    }

    /// @inheritdoc ILivestreamRooms
    function playbackURL(uint256 roomId) external view returns (string memory url) {
        RoomCore core = _rooms[roomId].core;
        RoomLink link = _rooms[roomId].link;
        if (!core.exists()) revert RoomUnknown(roomId);
        Status status = _status(core, link);
        if (status != Status.ACTIVE) revert RoomNotActive(roomId, status);
        return
            PlaybackUrl.build(_operators[core.operatorId()].playbackBase, link.uid(), core.mode());
    }

    /// @inheritdoc ILivestreamRooms
    function account(address who) external view returns (uint256 credit, uint256 openRooms) {
        AccountSlot storage slot = _accounts[who];
        return (slot.credit, slot.openRooms);
    }

    /// @inheritdoc ILivestreamRooms
    function roomCount() external view returns (uint256) {
        return _head.rooms();
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

    // ---------------------------------------------------------------- checks

    /// @dev Reverts unless a room may be created like this now.
    /// @param offer The current terms and the pause switch.
    /// @param operatorId The operator asked for.
    /// @param gate The gate.
    /// @param ingestKey The key.
    /// @param title The title.
    function _checkCreation(
        Offer offer,
        uint16 operatorId,
        address gate,
        bytes32 ingestKey,
        string calldata title
    ) private view {
        if (offer.paused()) revert CreationPaused();
        uint256 price = offer.deposit() + offer.fee();
        if (msg.value != price) revert WrongPayment(price, msg.value);
        if (bytes(title).length > MAX_TITLE_BYTES) {
            revert TitleTooLong(bytes(title).length, MAX_TITLE_BYTES);
        }
        if (ingestKey == 0) revert IngestKeyZero();
        if (gate != address(0) && gate.code.length == 0) revert GateWithoutCode(gate);
        OperatorSlot storage slot = _operators[operatorId];
        if (!slot.accepting || !slot.enabled || slot.account == address(0)) {
            revert OperatorNotAccepting(operatorId);
        }
    }

    /// @dev Reverts unless the room exists and has not ended.
    /// @param roomId The room.
    /// @param core Its first word.
    function _requireOpen(uint256 roomId, RoomCore core) private pure {
        if (!core.exists()) revert RoomUnknown(roomId);
        if (core.ended()) revert RoomNotOpen(roomId);
    }

    /// @dev The first word of a room that is open and not expirable; reverts otherwise.
    /// @param roomId The room.
    /// @param slot Its storage.
    /// @return core The word.
    function _open(uint256 roomId, RoomSlot storage slot) private view returns (RoomCore core) {
        core = slot.core;
        _requireOpen(roomId, core);
        if (_isExpirable(core, slot.link, _offers[core.termsId()])) revert RoomNotOpen(roomId);
    }

    /// @dev The same, for the caller's own room.
    /// @param roomId The room.
    /// @param slot Its storage.
    /// @return core The word.
    function _hosted(uint256 roomId, RoomSlot storage slot) private view returns (RoomCore core) {
        core = _open(roomId, slot);
        if (core.host() != msg.sender) revert NotHost(roomId, msg.sender);
    }

    /// @dev Whether the caller acts for the room's operator and knows the room by its present tag.
    /// @param core The room's first word.
    /// @param link Its second.
    /// @param tag What the caller calls it.
    /// @return Whether it does.
    function _serves(RoomCore core, RoomLink link, bytes12 tag) private view returns (bool) {
        return core.exists() && link.tag() == tag
            && _operators[core.operatorId()].account == msg.sender;
    }

    /// @dev Whether {expire} would end an open room now.
    /// @param core The room's first word.
    /// @param link Its second.
    /// @param offer Its terms.
    /// @return Whether it would.
    function _isExpirable(RoomCore core, RoomLink link, Offer offer) private view returns (bool) {
        uint256 age = block.timestamp - core.createdAt();
        return age >= offer.maxRoomSeconds()
            || (link.uid() == 0 && age >= offer.fulfillDeadlineSeconds())
            || _operators[core.operatorId()].account == address(0);
    }

    /// @dev Why {expire} ends a room.
    /// @param link The room's second word.
    /// @return The reason.
    function _expiryReason(RoomLink link) private pure returns (EndReason) {
        return link.uid() == 0 ? EndReason.UNFULFILLED : EndReason.EXPIRED;
    }

    /// @dev Up to how many events an operator may seal credentials anew: as often again as the host may act, so that the
    ///      host's last rekey is still answered, and the number stays bounded.
    /// @param offer The room's terms.
    /// @return The number.
    function _maxEventsOfSealing(Offer offer) private pure returns (uint256) {
        return uint256(offer.maxRoomEvents()) * 2;
    }

    // --------------------------------------------------------------- effects

    /// @dev Counts a room for its host, within the limit.
    /// @param host The host.
    /// @param maxOpenRooms The limit.
    function _addOpenRoom(address host, uint16 maxOpenRooms) private {
        AccountSlot storage slot = _accounts[host];
        uint128 openRooms = slot.openRooms;
        if (openRooms >= maxOpenRooms) revert TooManyOpenRooms(host, maxOpenRooms);
        slot.openRooms = openRooms + 1;
    }

    /// @dev Writes a new room of the caller's.
    /// @param c What its creation tells, but for the tag.
    /// @return tag Its first tag.
    function _register(Creation memory c) private returns (bytes12 tag) {
        bytes32 binding = bytes32(uint256(uint160(c.gate)));
        tag = tagOf(c.roomId, msg.sender, c.operatorId, c.mode, binding, c.ingestKey, 1);
        RoomSlot storage slot = _rooms[c.roomId];
        slot.core = PackedRoom.newCore(
            msg.sender, block.timestamp, c.operatorId, c.termsId, c.mode, c.gate != address(0)
        );
        slot.link = PackedRoom.newLink(tag);
    }

    /// @dev A room's second word with one more event of its host's; reverts at the limit.
    /// @param roomId The room.
    /// @param core Its first word.
    /// @param link Its second.
    /// @return The changed word.
    function _hostEvent(uint256 roomId, RoomCore core, RoomLink link)
        private
        view
        returns (RoomLink)
    {
        uint16 maxRoomEvents = _offers[core.termsId()].maxRoomEvents();
        if (link.events() >= maxRoomEvents) revert TooManyRoomEvents(roomId, maxRoomEvents);
        return link.withEvent();
    }

    /// @dev Gives a room its next key, and with it its next tag.
    /// @param roomId The room.
    /// @param slot Its storage.
    /// @param core Its first word, with the host who brings the key.
    /// @param ingestKey The key.
    /// @return link The changed second word.
    function _rekey(uint256 roomId, RoomSlot storage slot, RoomCore core, bytes32 ingestKey)
        private
        returns (RoomLink link)
    {
        if (ingestKey == 0) revert IngestKeyZero();
        uint256 rekeyedAt = core.rekeyedAt();
        uint256 availableAt = rekeyedAt + _offers[core.termsId()].rekeyCooldown();
        if (rekeyedAt != 0 && block.timestamp < availableAt) {
            revert RekeyTooSoon(roomId, availableAt);
        }
        link = _hostEvent(roomId, core, slot.link);
        bytes12 tag = tagOf(
            roomId,
            msg.sender,
            core.operatorId(),
            core.mode(),
            bytes32(link.tag()),
            ingestKey,
            link.keyVersion() + 1
        );
        link = link.withNextKey(tag);
        slot.core = core.withRekeyedAt(block.timestamp);
        slot.link = link;
    }

    /// @dev Ends a room: the deposit, and the fee if it was never fulfilled, go to the host's credit.
    /// @param head The head before.
    /// @param roomId The room.
    /// @param slot Its storage.
    /// @param core Its first word.
    /// @param link Its second.
    /// @param reason Why.
    /// @param detail The code given, or zero.
    /// @return The head after.
    function _end(
        Head head,
        uint256 roomId,
        RoomSlot storage slot,
        RoomCore core,
        RoomLink link,
        EndReason reason,
        uint16 detail
    ) private returns (Head) {
        slot.core = core.withEnd(reason);
        slot.link = link.withEvent();

        Offer offer = _offers[core.termsId()];
        uint256 amount = offer.deposit() + (link.uid() == 0 ? offer.fee() : 0);
        address host = core.host();
        AccountSlot storage owed = _accounts[host];
        (owed.credit, owed.openRooms) = (owed.credit + uint128(amount), owed.openRooms - 1);

        head = _emitEnded(head, roomId, reason, detail);
        return amount == 0 ? head : _emitCredited(head, host, amount);
    }

    // ----------------------------------------------------------------- views

    /// @dev A room's status as stored.
    /// @param core Its first word.
    /// @param link Its second.
    /// @return The status.
    function _status(RoomCore core, RoomLink link) private pure returns (Status) {
        if (!core.exists()) return Status.NONE;
        if (core.ended()) return Status.ENDED;
        return link.uid() == 0 ? Status.PENDING : Status.ACTIVE;
    }

    /// @dev A room, whole; all zero if unknown.
    /// @param roomId Its number.
    /// @return v The room.
    function _view(uint256 roomId) private view returns (RoomView memory v) {
        RoomCore core = _rooms[roomId].core;
        if (!core.exists()) return v;
        RoomLink link = _rooms[roomId].link;
        Offer offer = _offers[core.termsId()];
        v.roomId = roomId;
        v.host = core.host();
        v.pendingHost = _pendingHosts[roomId];
        v.createdAt = uint64(core.createdAt());
        v.rekeyedAt = uint64(core.rekeyedAt());
        v.operatorId = core.operatorId();
        v.termsId = core.termsId();
        v.mode = core.mode();
        v.gated = core.gated();
        v.status = _status(core, link);
        v.endReason = core.reason();
        v.effectiveStatus = v.status;
        v.effectiveReason = v.endReason;
        v.released = core.released();
        v.uid = link.uid();
        v.tag = link.tag();
        v.keyVersion = link.keyVersion();
        v.events = link.events();
        uint256 lifetime =
            v.uid == 0 ? offer.fulfillDeadlineSeconds() : offer.maxRoomSeconds();
        v.expiresAt = uint64(core.createdAt() + lifetime);
        if (!core.ended() && _isExpirable(core, link, offer)) {
            v.effectiveStatus = Status.ENDED;
            v.effectiveReason = _expiryReason(link);
        }
    }
}
