// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivestreamRooms} from "../interfaces/ILivestreamRooms.sol";
import {Account} from "../libraries/PackedAccount.sol";
import {RoomCore, RoomLink} from "../libraries/PackedRoom.sol";
import {Offer} from "../libraries/PackedTerms.sol";
import {PlaybackUrl} from "../libraries/PlaybackUrl.sol";
import {RoomLedger} from "./RoomLedger.sol";

/// @title Whole answers for auditors
/// @notice Reads only.
abstract contract RoomViews is RoomLedger {
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
    function creation(uint16 operatorId, address host)
        external
        view
        returns (Creation memory view_)
    {
        Offer offer = _current;
        Account account_ = _accounts[host];
        view_.termsId = offer.termsId();
        view_.terms = offer.unpack();
        view_.paused = offer.paused();
        view_.successor = _successor;
        view_.retired = offer.retired();
        view_.accepting = _accepts(operatorId);
        view_.credit = account_.credit();
        view_.openRooms = account_.openRooms();
    }

    /// @inheritdoc ILivestreamRooms
    function playbackURL(uint256 roomId) external view returns (string memory url) {
        RoomCore core = _rooms[roomId].core;
        RoomLink link = _rooms[roomId].link;
        if (!core.exists()) revert RoomUnknown(roomId);
        if (_status(core, link) != Status.ACTIVE) revert RoomNotActive(roomId);
        return
            PlaybackUrl.build(_operators[link.operatorId()].playbackBase, link.uid(), core.mode());
    }

    /// @inheritdoc ILivestreamRooms
    function account(address who) external view returns (uint256 credit, uint256 openRooms) {
        Account account_ = _accounts[who];
        return (account_.credit(), account_.openRooms());
    }

    /// @inheritdoc ILivestreamRooms
    function roomCount() external view returns (uint256) {
        return _head.rooms();
    }

    /// @dev A room's status as stored.
    /// @param core Its first word.
    /// @param link Its second.
    /// @return The status.
    function _status(RoomCore core, RoomLink link) private pure returns (Status) {
        if (!core.exists()) return Status.NONE;
        if (link.ended()) return Status.ENDED;
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
        v.expiresAt = uint64(core.createdAt() + _lifetime(link, offer));
        v.rekeyedAt = uint64(core.rekeyedAt());
        v.operatorId = link.operatorId();
        v.termsId = core.termsId();
        v.mode = core.mode();
        v.gated = core.gated();
        v.status = _status(core, link);
        v.endReason = link.reason();
        v.effectiveStatus = v.status;
        v.effectiveReason = v.endReason;
        v.released = link.released();
        v.uid = link.uid();
        v.tag = link.tag();
        v.keyVersion = core.keyVersion();
        v.events = link.events();
        if (!link.ended() && _isExpirable(core, link, offer)) {
            v.effectiveStatus = Status.ENDED;
            v.effectiveReason = _expiryReason(link);
        }
    }
}
