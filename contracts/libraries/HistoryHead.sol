// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivestreamRooms} from "../interfaces/ILivestreamRooms.sol";

/// @notice The end of the contract's history, in one word.
/// @dev From the low bit: number of rooms 32, number of events 32, hash 192. The hash shares the word so that creating
///      a room writes one slot less; finding two histories with one hash of 192 bits takes 2^96 tries.
type Head is uint256;

using HistoryHead for Head global;

/// @title The history commitment
/// @notice Each event is hashed onto all before it, so whoever folds the events can prove the fold by one call.
library HistoryHead {
    /// @dev Where the number of events begins.
    uint256 private constant COUNT = 32;
    /// @dev Keeps the hash of 32 bytes that the head holds.
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

    /// @notice The number of the next event.
    /// @param head The word.
    /// @return The number.
    function nextSeq(Head head) internal pure returns (uint32) {
        uint256 seq = count(head) + 1;
        if (seq > type(uint32).max) revert ILivestreamRooms.CounterFull();
        return uint32(seq);
    }

    /// @notice The hash over all events so far.
    /// @param head The word.
    /// @return 24 bytes, left-aligned.
    function hash(Head head) internal pure returns (bytes32) {
        return bytes32(Head.unwrap(head) & HASH_MASK);
    }

    /// @notice The head after one more event.
    /// @param head The word.
    /// @param digest keccak256 over the old hash and the event: see {ILivestreamRooms-history}.
    /// @return The changed word.
    function append(Head head, bytes32 digest) internal pure returns (Head) {
        uint256 counters = uint64(Head.unwrap(head)) + (1 << COUNT);
        return Head.wrap((uint256(digest) & HASH_MASK) | counters);
    }

    /// @notice The head after one more room.
    /// @param head The word.
    /// @return The changed word.
    function withRoom(Head head) internal pure returns (Head) {
        if (rooms(head) == type(uint32).max) revert ILivestreamRooms.CounterFull();
        return Head.wrap(Head.unwrap(head) + 1);
    }
}
