// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivestreamErrors} from "../interfaces/ILivestreamErrors.sol";

/// @notice The end of the contract's history, in one word.
/// @dev From the low bit: number of rooms 32, number of events 40, hash 184. The hash shares the word so that creating
///      a room writes one slot less; finding two histories with one hash of 184 bits takes 2^92 tries.
type Head is uint256;

using HistoryHead for Head global;

/// @title The history commitment
/// @notice Each event is hashed onto all before it, so whoever folds the events can prove the fold by one call.
library HistoryHead {
    /// @dev The brim: after so many events only {closingSeq} and {ownerSeq} give numbers.
    uint256 internal constant OPENING_EVENTS = 1 << 38;
    /// @dev After so many events only {closingSeq} gives numbers. Each room ends once, is released once, has its fee
    ///      credited once and its creation paid from credit once, and each withdrawal takes what an end or a fee has
    ///      credited: closing events are at most six times the 2^32 rooms, in all. So the number of events stays below
    ///      2^39 + 6 * 2^32 < 2^40, and no end, release or withdrawal ever meets a full counter.
    uint256 internal constant OWNER_EVENTS = 1 << 39;
    /// @dev The most rooms there can be.
    uint256 internal constant MAX_ROOMS = type(uint32).max;
    /// @dev Where the number of events begins.
    uint256 private constant COUNT = 32;
    /// @dev Keeps both counters.
    uint256 private constant COUNTERS = type(uint72).max;
    /// @dev Keeps the hash of 23 bytes that the head holds.
    uint256 private constant HASH_MASK = ~COUNTERS;

    /// @notice The head before the first event, bound to chain and contract.
    /// @return head The word.
    function genesis() internal view returns (Head head) {
        bytes32 digest = keccak256(abi.encode(block.chainid, address(this)));
        head = Head.wrap(uint256(digest) & HASH_MASK);
    }

    /// @notice How many rooms there are.
    /// @param head The word.
    /// @return The number.
    function rooms(Head head) internal pure returns (uint256) {
        return uint32(Head.unwrap(head));
    }

    /// @notice How many events there were.
    /// @param head The word.
    /// @return The number.
    function count(Head head) internal pure returns (uint256) {
        return uint40(Head.unwrap(head) >> COUNT);
    }

    /// @notice Whether events that open something have no more numbers.
    /// @param head The word.
    /// @return Whether it is so.
    function atBrim(Head head) internal pure returns (bool) {
        return count(head) >= OPENING_EVENTS;
    }

    /// @notice The number of the next event, if it closes something: an end, a release, a credit, its spending, a
    ///         withdrawal.
    /// @param head The word.
    /// @return The number.
    function closingSeq(Head head) internal pure returns (uint40) {
        unchecked {
            return uint40(count(head) + 1); // see {OWNER_EVENTS}
        }
    }

    /// @notice The number of the next event, if it is of the owner's that must not fail at the brim; reverts far beyond.
    /// @param head The word.
    /// @return The number.
    function ownerSeq(Head head) internal pure returns (uint40) {
        if (count(head) >= OWNER_EVENTS) revert ILivestreamErrors.CounterFull();
        return closingSeq(head);
    }

    /// @notice The number of the next event of any other kind; reverts at the brim.
    /// @param head The word.
    /// @return The number.
    function openingSeq(Head head) internal pure returns (uint40) {
        if (atBrim(head)) revert ILivestreamErrors.CounterFull();
        return closingSeq(head);
    }

    /// @notice The hash over all events so far.
    /// @param head The word.
    /// @return 23 bytes, left-aligned.
    function hash(Head head) internal pure returns (bytes32) {
        return bytes32(Head.unwrap(head) & HASH_MASK);
    }

    /// @notice keccak256 of an event's dynamic parameter.
    /// @dev As `keccak256(data)`, but that keeps its copy: a batch's memory would grow with every entry.
    /// @param data The parameter's bytes.
    /// @return digest The hash.
    function digestOf(bytes calldata data) internal pure returns (bytes32 digest) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, data.offset, data.length)
            digest := keccak256(free, data.length)
        }
    }

    /// @notice The head after one more event.
    /// @param head The word.
    /// @param digest keccak256 over the old hash and the event: see {ILivestreamRooms-history}.
    /// @return The changed word.
    function append(Head head, bytes32 digest) internal pure returns (Head) {
        unchecked {
            uint256 counters = (Head.unwrap(head) & COUNTERS) + (1 << COUNT); // see {OWNER_EVENTS}
            return Head.wrap((uint256(digest) & HASH_MASK) | counters);
        }
    }

    /// @notice The head after one more room; reverts when no number is left for one.
    /// @param head The word.
    /// @return The changed word.
    function withRoom(Head head) internal pure returns (Head) {
        if (rooms(head) == MAX_ROOMS) revert ILivestreamErrors.CounterFull();
        unchecked {
            return Head.wrap(Head.unwrap(head) + 1); // no carry into the number of events
        }
    }
}
