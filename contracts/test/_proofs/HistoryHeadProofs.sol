// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivestreamErrors} from "../../interfaces/ILivestreamErrors.sol";
import {Head, HistoryHead} from "../../libraries/HistoryHead.sol";

/// @title What holds of every head of the history
/// @notice Each check_ is one proof, for all values of its parameters: `python -m bench.audit proofs`. A `require` is what
///         the proof assumes, an `assert` what it proves.
contract HistoryHeadProofs {
    /// @dev More events than any history has: see {check_count_events_at_every_step_stay_below_2_to_the_40}.
    uint256 private constant FULL = type(uint40).max;

    /// @notice An event is counted once, its hash takes the place of the old one, and the rooms stay.
    function check_append_counts_one_event_and_keeps_the_rooms(Head head, bytes32 digest)
        external
        pure
    {
        require(head.count() < FULL);
        Head next = head.append(digest);
        assert(next.count() == head.count() + 1);
        assert(next.rooms() == head.rooms());
        assert(next.hash() == bytes32(bytes23(digest)));
    }

    /// @notice A room is counted once, and neither events nor hash change; at the most rooms there can be it reverts.
    function check_withRoom_counts_one_room_or_reverts_at_the_most(Head head) external view {
        try this.withRoom(head) returns (Head next) {
            assert(head.rooms() < 2 ** 32 - 1);
            assert(next.rooms() == head.rooms() + 1);
            assert(next.count() == head.count());
            assert(next.hash() == head.hash());
        } catch (bytes memory reason) {
            assert(head.rooms() == 2 ** 32 - 1);
            assert(bytes4(reason) == ILivestreamErrors.CounterFull.selector);
        }
    }

    /// @notice A new history has no room and no event, and a hash of chain and contract.
    function check_genesis_is_empty_and_bound_to_chain_and_contract() external view {
        Head head = HistoryHead.genesis();
        assert(head.rooms() == 0);
        assert(head.count() == 0);
        bytes32 digest = keccak256(abi.encode(block.chainid, address(this)));
        assert(head.hash() == bytes32(bytes23(digest)));
    }

    /// @notice Opening events have numbers below 2^38 events, and from there on none.
    function check_openingSeq_is_the_next_number_or_reverts_at_the_brim(Head head) external view {
        try this.openingSeq(head) returns (uint40 seq) {
            assert(head.count() < 2 ** 38);
            assert(!head.atBrim());
            assert(seq == head.count() + 1);
        } catch (bytes memory reason) {
            assert(head.count() >= 2 ** 38);
            assert(head.atBrim());
            assert(bytes4(reason) == ILivestreamErrors.CounterFull.selector);
        }
    }

    /// @notice The owner's urgent events have numbers below 2^39 events, and from there on none.
    function check_ownerSeq_is_the_next_number_or_reverts_far_beyond(Head head) external view {
        try this.ownerSeq(head) returns (uint40 seq) {
            assert(head.count() < 2 ** 39);
            assert(seq == head.count() + 1);
        } catch (bytes memory reason) {
            assert(head.count() >= 2 ** 39);
            assert(bytes4(reason) == ILivestreamErrors.CounterFull.selector);
        }
    }

    /// @notice Closing events always have a number: the next one.
    function check_closingSeq_is_always_the_next_number(Head head) external view {
        require(head.count() < FULL);
        assert(this.closingSeq(head) == head.count() + 1);
    }

    /// @notice If there were at most `closings` events beyond 2^39, so it is after one more event of any kind.
    /// @dev The step of an induction; it starts at {HistoryHead.genesis}. With the six closing events that a room has at
    ///      most (proved of the whole contract in ClosingProofs) it follows that 2^40 is never met.
    function check_count_grows_beyond_2_to_the_39_by_closing_events_only(
        Head head,
        uint40 closings,
        uint8 kind,
        bytes32 digest
    ) external view {
        require(head.count() <= 2 ** 39 + uint256(closings));
        require(head.count() < FULL);
        uint256 after_ = closings;
        if (kind == 0) {
            this.openingSeq(head);
        } else if (kind == 1) {
            this.ownerSeq(head);
        } else {
            after_ += 1;
        }
        Head next = head.append(digest);
        assert(next.count() == head.count() + 1);
        assert(next.count() <= 2 ** 39 + after_);
    }

    /// @notice With at most six closing events a room, the number of events stays below 2^40 - 1.
    function check_count_never_meets_2_to_the_40(Head head, uint40 closings) external pure {
        uint256 sixRooms = (head.rooms() << 2) + (head.rooms() << 1);
        require(closings <= sixRooms);
        require(head.count() <= 2 ** 39 + uint256(closings));
        assert(head.count() < FULL);
    }

    function withRoom(Head head) external pure returns (Head) {
        return head.withRoom();
    }

    function openingSeq(Head head) external pure returns (uint40) {
        return head.openingSeq();
    }

    function ownerSeq(Head head) external pure returns (uint40) {
        return head.ownerSeq();
    }

    function closingSeq(Head head) external pure returns (uint40) {
        return head.closingSeq();
    }
}
