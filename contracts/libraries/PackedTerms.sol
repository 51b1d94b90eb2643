// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivestreamErrors} from "../interfaces/ILivestreamErrors.sol";
import {ILivestreamTypes} from "../interfaces/ILivestreamTypes.sol";

/// @notice Terms in one word, with their number and the registry's switches.
/// @dev From the low bit: deposit 48 and fee 48 (gwei), maxRoomSeconds 32, fulfillDeadlineSeconds 32, maxOpenRooms 16,
///      maxRoomEvents 16, rekeyCooldown 16, termsId 16, paused 1, retired 1. The switches are set only in the copy that
///      creation reads.
type Offer is uint256;

using PackedTerms for Offer global;

/// @title Named accessors and bounds of terms
/// @notice Pure bit work and the check of bounds: no storage.
library PackedTerms {
    /// @dev An open room's age in seconds must fit 22 bits: see {PackedRoom}.
    uint256 internal constant MAX_ROOM_SECONDS = 30 days;
    /// @dev A room must outlive a few blocks.
    uint256 internal constant MIN_ROOM_SECONDS = 60;
    /// @dev A deadline below a block or two would let nobody fulfil.
    uint256 internal constant MIN_DEADLINE_SECONDS = 30;
    /// @dev Leaves a host a few updates beyond a room's plain life.
    uint256 internal constant MIN_ROOM_EVENTS = 8;
    /// @dev With as many sealings again, end and release, a room's events fit 13 bits.
    uint256 internal constant MAX_ROOM_EVENTS = 4000;
    /// @dev Gwei that fit 48 bits.
    uint256 private constant MAX_GWEI = type(uint48).max;
    /// @dev Where each value begins.
    uint256 private constant FEE = 48;
    /// @dev Where `maxRoomSeconds` begins.
    uint256 private constant ROOM_SECONDS = 96;
    /// @dev Where `fulfillDeadlineSeconds` begins.
    uint256 private constant DEADLINE = 128;
    /// @dev Where `maxOpenRooms` begins.
    uint256 private constant OPEN_ROOMS = 160;
    /// @dev Where `maxRoomEvents` begins.
    uint256 private constant ROOM_EVENTS = 176;
    /// @dev Where `rekeyCooldown` begins.
    uint256 private constant COOLDOWN = 192;
    /// @dev Where the number begins.
    uint256 private constant TERMS_ID = 208;
    /// @dev Where the pause switch is.
    uint256 private constant PAUSED = 224;
    /// @dev Where the bit of a retired registry is.
    uint256 private constant RETIRED = 225;
    /// @dev Keeps all the switches.
    uint256 private constant SWITCHES = (1 << PAUSED) | (1 << RETIRED);

    /// @notice Checks terms against their bounds and packs them.
    /// @param terms The terms.
    /// @param id Their number.
    /// @return offer The word.
    function pack(ILivestreamTypes.Terms memory terms, uint16 id)
        internal
        pure
        returns (Offer offer)
    {
        _inBounds("maxRoomSeconds", terms.maxRoomSeconds, MIN_ROOM_SECONDS, MAX_ROOM_SECONDS);
        _inBounds(
            "fulfillDeadlineSeconds",
            terms.fulfillDeadlineSeconds,
            MIN_DEADLINE_SECONDS,
            terms.maxRoomSeconds
        );
        _inBounds("maxOpenRooms", terms.maxOpenRooms, 1, type(uint16).max);
        _inBounds("maxRoomEvents", terms.maxRoomEvents, MIN_ROOM_EVENTS, MAX_ROOM_EVENTS);
        offer = Offer.wrap(
            _gwei("deposit", terms.deposit) | (_gwei("fee", terms.fee) << FEE)
                | (uint256(terms.maxRoomSeconds) << ROOM_SECONDS)
                | (uint256(terms.fulfillDeadlineSeconds) << DEADLINE)
                | (uint256(terms.maxOpenRooms) << OPEN_ROOMS)
                | (uint256(terms.maxRoomEvents) << ROOM_EVENTS)
                | (uint256(terms.rekeyCooldown) << COOLDOWN) | (uint256(id) << TERMS_ID)
        );
    }

    /// @notice The terms, spelled out.
    /// @param offer The word.
    /// @return terms The terms.
    function unpack(Offer offer) internal pure returns (ILivestreamTypes.Terms memory terms) {
        terms = ILivestreamTypes.Terms({
            deposit: deposit(offer),
            fee: fee(offer),
            maxRoomSeconds: uint32(maxRoomSeconds(offer)),
            fulfillDeadlineSeconds: uint32(fulfillDeadlineSeconds(offer)),
            maxOpenRooms: maxOpenRooms(offer),
            maxRoomEvents: maxRoomEvents(offer),
            rekeyCooldown: uint16(rekeyCooldown(offer))
        });
    }

    /// @notice What a host leaves until the end.
    /// @param offer The word.
    /// @return Wei.
    function deposit(Offer offer) internal pure returns (uint256) {
        unchecked {
            return uint256(uint48(Offer.unwrap(offer))) * 1 gwei; // 48 + 30 bits
        }
    }

    /// @notice What the first fulfilment costs.
    /// @param offer The word.
    /// @return Wei.
    function fee(Offer offer) internal pure returns (uint256) {
        unchecked {
            return uint256(uint48(Offer.unwrap(offer) >> FEE)) * 1 gwei; // 48 + 30 bits
        }
    }

    /// @notice What creation costs: deposit and fee.
    /// @param offer The word.
    /// @return Wei.
    function price(Offer offer) internal pure returns (uint256) {
        unchecked {
            return deposit(offer) + fee(offer); // two numbers of 48 + 30 bits
        }
    }

    /// @notice How long a room may live.
    /// @param offer The word.
    /// @return Seconds.
    function maxRoomSeconds(Offer offer) internal pure returns (uint256) {
        return uint32(Offer.unwrap(offer) >> ROOM_SECONDS);
    }

    /// @notice How long a room may wait for its live input.
    /// @param offer The word.
    /// @return Seconds.
    function fulfillDeadlineSeconds(Offer offer) internal pure returns (uint256) {
        return uint32(Offer.unwrap(offer) >> DEADLINE);
    }

    /// @notice How many rooms a host may have open.
    /// @param offer The word.
    /// @return The number.
    function maxOpenRooms(Offer offer) internal pure returns (uint16) {
        return uint16(Offer.unwrap(offer) >> OPEN_ROOMS);
    }

    /// @notice After how many events a host can only end the room.
    /// @param offer The word.
    /// @return The number.
    function maxRoomEvents(Offer offer) internal pure returns (uint16) {
        return uint16(Offer.unwrap(offer) >> ROOM_EVENTS);
    }

    /// @notice How long between two key changes.
    /// @param offer The word.
    /// @return Seconds.
    function rekeyCooldown(Offer offer) internal pure returns (uint256) {
        return uint16(Offer.unwrap(offer) >> COOLDOWN);
    }

    /// @notice The terms' number.
    /// @param offer The word.
    /// @return The number.
    function termsId(Offer offer) internal pure returns (uint16) {
        return uint16(Offer.unwrap(offer) >> TERMS_ID);
    }

    /// @notice Whether creation is paused.
    /// @param offer The word.
    /// @return Whether it is.
    function paused(Offer offer) internal pure returns (bool) {
        return (Offer.unwrap(offer) >> PAUSED) & 1 != 0;
    }

    /// @notice Whether the registry is retired.
    /// @param offer The word.
    /// @return Whether it is.
    function retired(Offer offer) internal pure returns (bool) {
        return (Offer.unwrap(offer) >> RETIRED) & 1 != 0;
    }

    /// @notice Whether any switch keeps rooms from being created.
    /// @param offer The word.
    /// @return Whether one does.
    function closed(Offer offer) internal pure returns (bool) {
        return Offer.unwrap(offer) & SWITCHES != 0;
    }

    /// @notice The word with all the switches of another.
    /// @param offer The word, with none set.
    /// @param other The other.
    /// @return The changed word.
    function withSwitchesOf(Offer offer, Offer other) internal pure returns (Offer) {
        return Offer.wrap(Offer.unwrap(offer) | (Offer.unwrap(other) & SWITCHES));
    }

    /// @notice The word of a retired registry.
    /// @param offer The word.
    /// @return The changed word.
    function withRetired(Offer offer) internal pure returns (Offer) {
        return Offer.wrap(Offer.unwrap(offer) | (1 << RETIRED));
    }

    /// @notice The word with the pause switch set.
    /// @param offer The word.
    /// @param isPaused Whether creation is paused.
    /// @return The changed word.
    function withPaused(Offer offer, bool isPaused) internal pure returns (Offer) {
        uint256 rest = Offer.unwrap(offer) & ~(uint256(1) << PAUSED);
        return Offer.wrap(isPaused ? rest | (1 << PAUSED) : rest);
    }

    /// @dev Reverts unless a value is in its bounds.
    /// @param field Its name.
    /// @param value The value.
    /// @param min The least allowed.
    /// @param max The most allowed.
    function _inBounds(string memory field, uint256 value, uint256 min, uint256 max) private pure {
        if (value < min || value > max) {
            revert ILivestreamErrors.TermsOutOfBounds(field, value, min, max);
        }
    }

    /// @dev An amount in gwei; reverts unless it is a whole number that fits.
    /// @param field Its name.
    /// @param amount Wei.
    /// @return Gwei.
    function _gwei(string memory field, uint256 amount) private pure returns (uint256) {
        if (amount % 1 gwei != 0) revert ILivestreamErrors.TermsNotInGwei(field, amount);
        _inBounds(field, amount, 0, MAX_GWEI * 1 gwei);
        return amount / 1 gwei;
    }
}
