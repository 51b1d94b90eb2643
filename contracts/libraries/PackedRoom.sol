// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivestreamTypes} from "../interfaces/ILivestreamTypes.sol";

/// @notice First word of a room: who hosts it, since when and under what. Only a change of key or host writes it again.
/// @dev From the low bit: host 160, createdAt 40, termsId 16, mode 1, gated 1, rekeyed 22, keyVersion 16.
///      `rekeyed` is one more than the seconds from creation to the last key change; 0 if none.
type RoomCore is uint256;

/// @notice Second word of a room: its live input, its tag, its operator, and all that an event of the room changes.
/// @dev From the low bit: uid 128, tag 96, operatorId 15, released 1, end reason 3, events 13.
///      Operator and end stand here and not in the first word, so that an end writes one slot, and a release needs no
///      other.
type RoomLink is uint256;

using PackedRoom for RoomCore global;
using PackedRoom for RoomLink global;

/// @title Named accessors of a room's two storage words
/// @notice Pure bit work: no storage, no rules. A `with...` function returns a changed copy.
library PackedRoom {
    /// @dev The highest operator that fits a room's 15 bits.
    uint16 internal constant MAX_OPERATOR_ID = 0x7fff;
    /// @dev Bits of an account.
    uint256 private constant HOST_MASK = type(uint160).max;
    /// @dev Where `createdAt` begins.
    uint256 private constant CREATED_AT = 160;
    /// @dev Where `termsId` begins.
    uint256 private constant TERMS_ID = 200;
    /// @dev Where the mode is.
    uint256 private constant MODE = 216;
    /// @dev Where the gated flag is.
    uint256 private constant GATED = 217;
    /// @dev Where the seconds to the last key change begin.
    uint256 private constant REKEYED = 218;
    /// @dev Keeps the 22 bits of these seconds.
    uint256 private constant REKEYED_MASK = 0x3fffff;
    /// @dev Where the key version begins.
    uint256 private constant KEY_VERSION = 240;
    /// @dev Where the tag begins in the second word.
    uint256 private constant TAG = 128;
    /// @dev Where `operatorId` begins.
    uint256 private constant OPERATOR_ID = 224;
    /// @dev Where the released flag is.
    uint256 private constant RELEASED = 239;
    /// @dev Where the end reason begins.
    uint256 private constant REASON = 240;
    /// @dev Keeps an end reason's 3 bits.
    uint256 private constant REASON_MASK = 7;
    /// @dev Where the number of events begins.
    uint256 private constant EVENTS = 243;

    /// @notice The first word of a new room, with its first key.
    /// @param host_ Its host.
    /// @param createdAt_ Unix seconds.
    /// @param termsId_ Its terms.
    /// @param mode_ Its mode.
    /// @param gated_ Whether it has a gate.
    /// @return core The word.
    function newCore(
        address host_,
        uint256 createdAt_,
        uint16 termsId_,
        ILivestreamTypes.Mode mode_,
        bool gated_
    ) internal pure returns (RoomCore core) {
        core = RoomCore.wrap(
            uint256(uint160(host_)) | (uint256(uint40(createdAt_)) << CREATED_AT)
                | (uint256(termsId_) << TERMS_ID) | (uint256(mode_) << MODE)
                | (gated_ ? 1 << GATED : 0) | (1 << KEY_VERSION)
        );
    }

    /// @notice Who hosts the room.
    /// @param core The word.
    /// @return The host.
    function host(RoomCore core) internal pure returns (address) {
        return address(uint160(RoomCore.unwrap(core)));
    }

    /// @notice When the room was created.
    /// @param core The word.
    /// @return Unix seconds.
    function createdAt(RoomCore core) internal pure returns (uint256) {
        return uint40(RoomCore.unwrap(core) >> CREATED_AT);
    }

    /// @notice What the room was created under.
    /// @param core The word.
    /// @return The terms' number.
    function termsId(RoomCore core) internal pure returns (uint16) {
        return uint16(RoomCore.unwrap(core) >> TERMS_ID);
    }

    /// @notice Whether there is a room at all: a host is never zero.
    /// @param core The word.
    /// @return Whether there is.
    function exists(RoomCore core) internal pure returns (bool) {
        return RoomCore.unwrap(core) != 0;
    }

    /// @notice How video goes in and out.
    /// @param core The word.
    /// @return The mode.
    function mode(RoomCore core) internal pure returns (ILivestreamTypes.Mode) {
        return ILivestreamTypes.Mode((RoomCore.unwrap(core) >> MODE) & 1);
    }

    /// @notice Whether a gate says who may watch.
    /// @param core The word.
    /// @return Whether it does.
    function gated(RoomCore core) internal pure returns (bool) {
        return (RoomCore.unwrap(core) >> GATED) & 1 != 0;
    }

    /// @notice When the key was last changed.
    /// @param core The word.
    /// @return Unix seconds; zero if never.
    function rekeyedAt(RoomCore core) internal pure returns (uint256) {
        uint256 elapsed = (RoomCore.unwrap(core) >> REKEYED) & REKEYED_MASK;
        return elapsed == 0 ? 0 : createdAt(core) + elapsed - 1;
    }

    /// @notice How many keys the room has had.
    /// @param core The word.
    /// @return The number.
    function keyVersion(RoomCore core) internal pure returns (uint16) {
        return uint16(RoomCore.unwrap(core) >> KEY_VERSION);
    }

    /// @notice The word with another host.
    /// @param core The word.
    /// @param host_ The host.
    /// @return The changed word.
    function withHost(RoomCore core, address host_) internal pure returns (RoomCore) {
        return RoomCore.wrap((RoomCore.unwrap(core) & ~HOST_MASK) | uint256(uint160(host_)));
    }

    /// @notice The word with the next key, brought now.
    /// @dev Terms bound an open room's age to 30 days, which fit 22 bits, and its events: see {PackedTerms}.
    /// @param core The word.
    /// @param timestamp Unix seconds.
    /// @return The changed word.
    function withNextKey(RoomCore core, uint256 timestamp) internal pure returns (RoomCore) {
        uint256 elapsed = timestamp - createdAt(core) + 1;
        uint256 rest = RoomCore.unwrap(core) & ~(REKEYED_MASK << REKEYED);
        return RoomCore.wrap((rest | (elapsed << REKEYED)) + (1 << KEY_VERSION));
    }

    /// @notice The second word of a new room.
    /// @param tag_ Its first tag.
    /// @param operatorId_ Its operator, at most {MAX_OPERATOR_ID}.
    /// @return link The word: no live input, one event.
    function newLink(bytes12 tag_, uint16 operatorId_) internal pure returns (RoomLink link) {
        link = RoomLink.wrap(
            (uint256(uint96(tag_)) << TAG) | (uint256(operatorId_) << OPERATOR_ID) | (1 << EVENTS)
        );
    }

    /// @notice Cloudflare's id of the live input.
    /// @param link The word.
    /// @return The id; zero before the first fulfilment.
    function uid(RoomLink link) internal pure returns (bytes16) {
        return bytes16(uint128(RoomLink.unwrap(link)));
    }

    /// @notice The room's tag.
    /// @param link The word.
    /// @return The tag.
    function tag(RoomLink link) internal pure returns (bytes12) {
        return bytes12(uint96(RoomLink.unwrap(link) >> TAG));
    }

    /// @notice Who serves the room.
    /// @param link The word.
    /// @return The operator's number.
    function operatorId(RoomLink link) internal pure returns (uint16) {
        return uint16(RoomLink.unwrap(link) >> OPERATOR_ID) & MAX_OPERATOR_ID;
    }

    /// @notice How many events the room has had.
    /// @param link The word.
    /// @return The number.
    function events(RoomLink link) internal pure returns (uint16) {
        return uint16(RoomLink.unwrap(link) >> EVENTS);
    }

    /// @notice Whether the room is over.
    /// @param link The word.
    /// @return Whether it is.
    function ended(RoomLink link) internal pure returns (bool) {
        return (RoomLink.unwrap(link) >> REASON) & REASON_MASK != 0;
    }

    /// @notice Why the room is over.
    /// @param link The word.
    /// @return The reason; NONE while it is open.
    function reason(RoomLink link) internal pure returns (ILivestreamTypes.EndReason) {
        return ILivestreamTypes.EndReason((RoomLink.unwrap(link) >> REASON) & REASON_MASK);
    }

    /// @notice Whether the live input is attested gone.
    /// @param link The word.
    /// @return Whether it is.
    function released(RoomLink link) internal pure returns (bool) {
        return (RoomLink.unwrap(link) >> RELEASED) & 1 != 0;
    }

    /// @notice The word with a live input.
    /// @param link The word of a room without one.
    /// @param uid_ Cloudflare's id.
    /// @return The changed word.
    function withUid(RoomLink link, bytes16 uid_) internal pure returns (RoomLink) {
        return RoomLink.wrap(RoomLink.unwrap(link) | uint128(uid_));
    }

    /// @notice The word with the tag under the next key.
    /// @param link The word.
    /// @param tag_ The tag.
    /// @return The changed word.
    function withTag(RoomLink link, bytes12 tag_) internal pure returns (RoomLink) {
        uint256 rest = RoomLink.unwrap(link) & ~(uint256(type(uint96).max) << TAG);
        return RoomLink.wrap(rest | (uint256(uint96(tag_)) << TAG));
    }

    /// @notice The word of the room, ended.
    /// @param link The word of an open room.
    /// @param reason_ Why.
    /// @return The changed word.
    function withEnd(RoomLink link, ILivestreamTypes.EndReason reason_)
        internal
        pure
        returns (RoomLink)
    {
        return RoomLink.wrap(RoomLink.unwrap(link) | (uint256(reason_) << REASON));
    }

    /// @notice The word of the room, released.
    /// @param link The word.
    /// @return The changed word.
    function withReleased(RoomLink link) internal pure returns (RoomLink) {
        return RoomLink.wrap(RoomLink.unwrap(link) | (1 << RELEASED));
    }

    /// @notice The word with one more event.
    /// @dev The limits of {PackedTerms} keep the number within its bits.
    /// @param link The word.
    /// @return The changed word.
    function withEvent(RoomLink link) internal pure returns (RoomLink) {
        unchecked {
            return RoomLink.wrap(RoomLink.unwrap(link) + (1 << EVENTS));
        }
    }
}
