// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivestreamErrors} from "../interfaces/ILivestreamErrors.sol";

/// @notice The end of the contract's history, in one word.
/// @dev From the low bit: number of rooms 32, number of events 32, hash 192. The hash shares the word so that creating
///      a room writes one slot less; finding two histories with one hash of 192 bits takes 2^96 tries.
type Head is uint256;

using HistoryHead for Head global;

/// @title The history commitment
/// @notice Each event is hashed onto all before it, so whoever folds the events can prove the fold by one call.
library HistoryHead {
    /// @dev After so many events only rooms can be ended and released, and credits withdrawn. Each room (it has one of
    ///      these events) can then have an end, a release and the withdrawal of what its end credited, and what was
    ///      credited before a withdrawal: at most three times as many events again, and a handful. So the numbers never
    ///      leave their 32 bits, and no end, release or withdrawal ever meets a full counter.
    uint256 internal constant OPENING_EVENTS = 800_000_000;
    /// @dev Where the number of events begins.
    uint256 private constant COUNT = 32;
    /// @dev Keeps the hash of 24 bytes that the head holds.
    uint256 private constant HASH_MASK = ~uint256(type(uint64).max);

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
        return uint32(Head.unwrap(head) >> COUNT);
    }

    /// @notice The number of the next event, if it closes something: an end, a release, a credit, a withdrawal.
    /// @param head The word.
    /// @return The number.
    function closingSeq(Head head) internal pure returns (uint32) {
        unchecked {
            return uint32(count(head) + 1); // at most four times OPENING_EVENTS
        }
    }

    /// @notice The number of the next event of any other kind; reverts when the history is nearly full.
    /// @param head The word.
    /// @return The number.
    function openingSeq(Head head) internal pure returns (uint32) {
        uint256 events = count(head);
        if (events >= OPENING_EVENTS) revert ILivestreamErrors.CounterFull();
        unchecked {
            return uint32(events + 1); // just checked
        }
    }

    /// @notice The hash over all events so far.
    /// @param head The word.
    /// @return 24 bytes, left-aligned.
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
            uint256 counters = uint64(Head.unwrap(head)) + (1 << COUNT); // far below its 32 bits
            return Head.wrap((uint256(digest) & HASH_MASK) | counters);
        }
    }

    /// @notice The head after one more room.
    /// @dev Its creation is an event, so there are never more rooms than events, and no carry.
    /// @param head The word.
    /// @return The changed word.
    function withRoom(Head head) internal pure returns (Head) {
        unchecked {
            return Head.wrap(Head.unwrap(head) + 1);
        }
    }
}
