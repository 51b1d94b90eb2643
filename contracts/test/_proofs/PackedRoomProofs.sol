// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivestreamTypes} from "../../interfaces/ILivestreamTypes.sol";
import {PackedRoom, RoomCore, RoomLink} from "../../libraries/PackedRoom.sol";
import {Offer, PackedTerms} from "../../libraries/PackedTerms.sol";

/// @title What holds of every room's two words
/// @notice As in {HistoryHeadProofs}.
contract PackedRoomProofs {
    /// @notice A new room's first word gives back what went in.
    function check_newCore_gives_back_what_went_in(
        address host,
        uint40 createdAt,
        uint16 termsId,
        ILivestreamTypes.Mode mode,
        bool gated
    ) external pure {
        RoomCore core = PackedRoom.newCore(host, createdAt, termsId, mode, gated);
        assert(core.exists());
        assert(core.host() == host);
        assert(core.createdAt() == createdAt);
        assert(core.termsId() == termsId);
        assert(core.mode() == mode);
        assert(core.gated() == gated);
        assert(core.rekeyedAt() == 0);
        assert(core.keyVersion() == 1);
    }

    /// @notice Another host changes nothing but the host.
    function check_withHost_changes_the_host_only(RoomCore core, address host) external pure {
        RoomCore next = core.withHost(host);
        assert(next.host() == host);
        _sameButHostAndKey(core, next);
        assert(next.rekeyedAt() == core.rekeyedAt());
        assert(next.keyVersion() == core.keyVersion());
    }

    /// @notice The next key, within a room's longest life, counts one version, tells when, and changes nothing else.
    function check_withNextKey_changes_key_version_and_time_only(RoomCore core, uint256 timestamp)
        external
        pure
    {
        require(timestamp >= core.createdAt());
        require(timestamp - core.createdAt() < PackedTerms.MAX_ROOM_SECONDS);
        require(core.keyVersion() < PackedTerms.MAX_ROOM_EVENTS);
        RoomCore next = core.withNextKey(timestamp);
        assert(next.host() == core.host());
        _sameButHostAndKey(core, next);
        assert(next.rekeyedAt() == timestamp);
        assert(next.keyVersion() == core.keyVersion() + 1);
    }

    /// @notice A new room's second word gives back what went in: no live input, one event.
    function check_newLink_gives_back_what_went_in(bytes12 tag, uint16 operatorId) external pure {
        require(operatorId <= PackedRoom.MAX_OPERATOR_ID);
        RoomLink link = PackedRoom.newLink(tag, operatorId);
        assert(link.tag() == tag);
        assert(link.operatorId() == operatorId);
        assert(link.events() == 1);
        assert(link.uid() == 0);
        assert(!link.ended());
        assert(link.reason() == ILivestreamTypes.EndReason.NONE);
        assert(!link.released());
    }

    /// @notice A live input changes nothing but the uid.
    function check_withUid_changes_the_uid_only(RoomLink link, bytes16 uid) external pure {
        require(link.uid() == 0);
        RoomLink next = link.withUid(uid);
        assert(next.uid() == uid);
        assert(next.tag() == link.tag());
        _sameState(link, next);
        assert(next.events() == link.events());
    }

    /// @notice Another tag changes nothing but the tag.
    function check_withTag_changes_the_tag_only(RoomLink link, bytes12 tag) external pure {
        RoomLink next = link.withTag(tag);
        assert(next.tag() == tag);
        assert(next.uid() == link.uid());
        _sameState(link, next);
        assert(next.events() == link.events());
    }

    /// @notice An end sets the reason of an open room and nothing else.
    function check_withEnd_sets_the_reason_only(RoomLink link, ILivestreamTypes.EndReason reason)
        external
        pure
    {
        require(!link.ended());
        require(reason != ILivestreamTypes.EndReason.NONE);
        RoomLink next = link.withEnd(reason);
        assert(next.ended());
        assert(next.reason() == reason);
        _sameInput(link, next);
        assert(next.operatorId() == link.operatorId());
        assert(next.released() == link.released());
        assert(next.events() == link.events());
    }

    /// @notice A release sets its flag and nothing else.
    function check_withReleased_sets_the_flag_only(RoomLink link) external pure {
        RoomLink next = link.withReleased();
        assert(next.released());
        _sameInput(link, next);
        assert(next.operatorId() == link.operatorId());
        assert(_reason(next) == _reason(link));
        assert(next.events() == link.events());
    }

    /// @notice However long a host and an operator go on, end and release still fit a room's number of events.
    /// @dev Any terms that {PackedTerms.pack} accepts. Sealing anew is possible below twice the host's limit: see
    ///      {LivestreamRooms.fulfill}.
    function check_withEvent_counts_every_event_of_a_life(
        RoomLink link,
        uint16 maxRoomEvents
    ) external pure {
        require(maxRoomEvents <= PackedTerms.MAX_ROOM_EVENTS);
        require(link.events() < 2 * uint256(maxRoomEvents));
        RoomLink next = link.withEvent();
        assert(next.events() == link.events() + 1);
        _sameInput(link, next);
        _sameState(link, next);
        RoomLink released = next.withEvent().withEvent();
        assert(released.events() == link.events() + 3);
        _sameInput(link, released);
        _sameState(link, released);
    }

    function _sameButHostAndKey(RoomCore core, RoomCore next) private pure {
        assert(next.createdAt() == core.createdAt());
        assert(next.termsId() == core.termsId());
        assert(next.mode() == core.mode());
        assert(next.gated() == core.gated());
    }

    function _sameInput(RoomLink link, RoomLink next) private pure {
        assert(next.uid() == link.uid());
        assert(next.tag() == link.tag());
    }

    function _sameState(RoomLink link, RoomLink next) private pure {
        assert(next.operatorId() == link.operatorId());
        assert(next.released() == link.released());
        assert(_reason(next) == _reason(link));
    }

    /// @dev As a number: of any word, where {PackedRoom.reason} reverts for a number that is no reason.
    function _reason(RoomLink link) private pure returns (uint256) {
        return (RoomLink.unwrap(link) >> 240) & 7;
    }
}
