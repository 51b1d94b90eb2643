// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";

import {Administration} from "./base/Administration.sol";
import {RoomViews} from "./base/RoomViews.sol";
import {ILivestreamRooms} from "./interfaces/ILivestreamRooms.sol";
import {Head} from "./libraries/HistoryHead.sol";
import {Account} from "./libraries/PackedAccount.sol";
import {PackedRoom, RoomCore, RoomLink} from "./libraries/PackedRoom.sol";
import {Offer} from "./libraries/PackedTerms.sol";

/// @title Livestream rooms
/// @notice Who hosts what, in which state, and where it plays.
/// @dev Promises: a host's deposit comes back on every end, whoever ends the room and why; no batch reverts for one bad
///      entry; no function loops over anything but its own arguments; the balance is never below the deposits of open
///      rooms, the fees of pending ones and all credits. State is written before anything is called. Only {withdrawTo}
///      calls, and {retire} asks a successor for its first room by a static call.
contract LivestreamRooms is RoomViews {
    /// @notice Which revision of the contract this is.
    string public constant VERSION = "1.1.0";
    /// @dev The longest sealed credentials, in bytes.
    uint256 private constant MAX_SEALED_BYTES = 1024;

    /// @notice Deploys an empty registry.
    /// @param owner_ Its first owner.
    /// @param firstRoomId_ The first room's number: one past the last of a predecessor, else 1.
    /// @param terms_ The first terms.
    constructor(address owner_, uint64 firstRoomId_, Terms memory terms_)
        Administration(owner_, firstRoomId_, terms_)
    {}

    // ---------------------------------------------------------------- hosts

    /// @inheritdoc ILivestreamRooms
    function createRoom(
        uint16 termsId,
        uint16 operatorId,
        Mode mode,
        address gate,
        bytes32 ingestKey,
        string calldata title
    ) external payable returns (uint256 roomId) {
        Offer offer = _current;
        _checkTitle(title);
        _checkCreation(offer, termsId, operatorId, gate, ingestKey);
        uint256 spent = _payForRoom(offer);

        Head head = _head;
        unchecked {
            roomId = firstRoomId + head.rooms(); // 64 bits and 32
        }
        bytes32 binding = bytes32(uint256(uint160(gate)));
        bytes12 tag = tagOf(roomId, msg.sender, operatorId, mode, binding, ingestKey, 1);
        _rooms[roomId] = RoomSlot({
            core: PackedRoom.newCore(
                msg.sender, block.timestamp, termsId, mode, gate != address(0)
            ),
            link: PackedRoom.newLink(tag, operatorId)
        });
        head = _emitCreated(
            head.withRoom(), roomId, operatorId, termsId, mode, gate, ingestKey, tag, title
        );
        if (spent != 0) head = _emitCreditSpent(head, roomId, spent);
        _head = head;
    }

    /// @inheritdoc ILivestreamRooms
    function updateRoom(uint256 roomId, string calldata title) external {
        _checkTitle(title);
        (RoomSlot storage slot, RoomCore core, RoomLink link, Offer offer) = _open(roomId);
        _onlyHost(roomId, core);
        slot.link = _withHostEvent(roomId, link, offer);
        _head = _emitUpdated(_head, roomId, title);
    }

    /// @inheritdoc ILivestreamRooms
    function describeRoom(uint256 roomId, uint40 startsAt, string calldata details) external {
        _checkDetails(details);
        (RoomSlot storage slot, RoomCore core, RoomLink link, Offer offer) = _open(roomId);
        _onlyHost(roomId, core);
        slot.link = _withHostEvent(roomId, link, offer);
        _head = _emitDescribed(_head, roomId, startsAt, details);
    }

    /// @inheritdoc ILivestreamRooms
    function rekeyRoom(uint256 roomId, bytes32 ingestKey) external {
        (RoomSlot storage slot, RoomCore core, RoomLink link, Offer offer) = _open(roomId);
        _onlyHost(roomId, core);
        (uint16 keyVersion, bytes12 tag) = _rekey(roomId, slot, core, link, offer, ingestKey);
        _head = _emitRekeyed(_head, roomId, keyVersion, ingestKey, tag);
    }

    /// @inheritdoc ILivestreamRooms
    function transferRoom(uint256 roomId, address to) external {
        (RoomSlot storage slot, RoomCore core, RoomLink link, Offer offer) = _open(roomId);
        _onlyHost(roomId, core);
        slot.link = _withHostEvent(roomId, link, offer);
        _pendingHosts[roomId] = to;
        _head = _emitTransferStarted(_head, roomId, to);
    }

    /// @inheritdoc ILivestreamRooms
    function acceptRoom(uint256 roomId, bytes12 tag, bytes32 ingestKey) external {
        (RoomSlot storage slot, RoomCore core, RoomLink link, Offer offer) = _open(roomId);
        if (_pendingHosts[roomId] != msg.sender) revert NotPendingHost(roomId, msg.sender);
        if (link.tag() != tag) revert TagChanged(roomId, tag, link.tag());
        delete _pendingHosts[roomId];

        address from = core.host();
        _accounts[from] = _accounts[from].withoutRoom();
        _accounts[msg.sender] = _withOpenRoom(_accounts[msg.sender], offer.maxOpenRooms());
        (uint16 keyVersion, bytes12 newTag) =
            _rekey(roomId, slot, core.withHost(msg.sender), link, offer, ingestKey);
        _head = _emitTransferred(_head, roomId, from, keyVersion, ingestKey, newTag);
    }

    /// @inheritdoc ILivestreamRooms
    function endRoom(uint256 roomId) external {
        (RoomSlot storage slot, RoomCore core, RoomLink link) = _unended(roomId);
        _onlyHost(roomId, core);
        Offer offer = _offers[core.termsId()];
        Head head = _head;
        // While the operator can still serve a pending room it has not worked for nothing: the fee is its payee's. At
        // the brim of the history it cannot, and a room's end is one event.
        bool early = link.uid() == 0 && !head.atBrim() && !_isExpirable(core, link, offer);
        uint256 forfeited = early ? offer.fee() : 0;
        head = _end(head, roomId, slot, core, link, offer, EndReason.HOST, 0, forfeited);
        _head = _creditFees(head, link.operatorId(), forfeited);
    }

    // ------------------------------------------------------------ operators

    /// @inheritdoc ILivestreamRooms
    function fulfill(Fulfillment[] calldata entries) external returns (uint256 applied) {
        Head head = _head;
        // A run: entries one after the other, without those skipped, of one operator.
        uint16 runOf = 0;
        uint256 fees = 0;
        for (uint256 i; i < entries.length; ++i) {
            Fulfillment calldata entry = entries[i];
            (uint256 roomId, bytes16 uid) = (entry.roomId, entry.uid);
            bytes calldata sealedIngest = entry.sealedIngest;
            if (uid == 0 || sealedIngest.length == 0 || sealedIngest.length > MAX_SEALED_BYTES) {
                continue;
            }
            RoomSlot storage slot = _rooms[roomId];
            RoomCore core = slot.core;
            RoomLink link = slot.link;
            if (!_serves(link, entry.tag) || link.ended()) continue;
            Offer offer = _offers[core.termsId()];
            if (_isPastTime(core, link, offer)) continue;

            bool isFirst = link.uid() == 0;
            if (!isFirst) {
                // Sealing anew counts up to twice the host's limit: the host's last rekey is still answered.
                bool mayEmit = link.events() < 2 * uint256(offer.maxRoomEvents());
                if (link.uid() != uid || !mayEmit) continue;
            }
            if (link.operatorId() != runOf) {
                head = _creditFees(head, runOf, fees);
                (runOf, fees) = (link.operatorId(), 0);
            }
            if (head.atBrim()) break;
            if (isFirst) {
                fees += offer.fee();
                link = link.withUid(uid);
            }
            slot.link = link.withEvent();
            head = _emitProvisioned(head, roomId, link.tag(), uid, sealedIngest);
            ++applied;
        }
        _head = _creditFees(head, runOf, fees);
    }

    /// @inheritdoc ILivestreamRooms
    function decline(Declination[] calldata entries) external returns (uint256 applied) {
        Head head = _head;
        for (uint256 i; i < entries.length; ++i) {
            Declination calldata entry = entries[i];
            RoomSlot storage slot = _rooms[entry.roomId];
            RoomCore core = slot.core;
            RoomLink link = slot.link;
            if (!_serves(link, entry.tag) || link.ended()) continue;
            Offer offer = _offers[core.termsId()];
            head = _end(
                head, entry.roomId, slot, core, link, offer, EndReason.DECLINED, entry.reason, 0
            );
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
            RoomLink link = slot.link;
            if (!_serves(link, entry.tag) || !link.ended()) continue;
            if (link.released() || link.uid() == 0) continue;
            slot.link = link.withReleased().withEvent();
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
            RoomLink link = slot.link;
            if (!core.exists() || link.ended()) continue;
            Offer offer = _offers[core.termsId()];
            if (!_isExpirable(core, link, offer)) continue;
            head = _end(head, roomIds[i], slot, core, link, offer, _expiryReason(link), 0, 0);
            ++applied;
        }
        _head = head;
    }

    /// @inheritdoc ILivestreamRooms
    function takeDown(uint256 roomId, uint16 reason) external {
        if (!isModerator(msg.sender)) revert NotModerator(msg.sender);
        (RoomSlot storage slot, RoomCore core, RoomLink link) = _unended(roomId);
        Offer offer = _offers[core.termsId()];
        _head = _end(_head, roomId, slot, core, link, offer, EndReason.TAKEN_DOWN, reason, 0);
    }

    /// @inheritdoc ILivestreamRooms
    function withdrawTo(address payable to) external {
        if (to == address(0)) revert ZeroAddress();
        Account account_ = _accounts[msg.sender];
        uint256 amount = account_.credit();
        if (amount == 0) revert NothingToWithdraw(msg.sender);
        _accounts[msg.sender] = account_.withoutCredit(amount);
        _head = _emitWithdrawn(_head, to, amount);
        Address.sendValue(to, amount);
    }
}
