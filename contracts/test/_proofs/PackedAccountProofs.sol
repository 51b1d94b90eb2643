// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Account} from "../../libraries/PackedAccount.sol";

/// @title What holds of every account's word
/// @notice As in {HistoryHeadProofs}.
contract PackedAccountProofs {
    /// @notice More credit is that much more, and no room.
    function check_withCredit_adds_to_the_credit_only(Account account, uint256 amount)
        external
        pure
    {
        require(amount <= type(uint128).max - account.credit());
        Account next = account.withCredit(amount);
        assert(next.credit() == account.credit() + amount);
        assert(next.openRooms() == account.openRooms());
    }

    /// @notice Less credit is that much less, and no room.
    function check_withoutCredit_takes_from_the_credit_only(Account account, uint256 amount)
        external
        pure
    {
        require(amount <= account.credit());
        Account next = account.withoutCredit(amount);
        assert(next.credit() == account.credit() - amount);
        assert(next.openRooms() == account.openRooms());
    }

    /// @notice One more room is one more, and no credit.
    function check_withRoom_adds_one_room_only(Account account) external pure {
        require(account.openRooms() < type(uint128).max);
        Account next = account.withRoom();
        assert(next.openRooms() == account.openRooms() + 1);
        assert(next.credit() == account.credit());
    }

    /// @notice One room less is one less, and no credit; without one it reverts.
    function check_withoutRoom_takes_one_room_only_or_reverts(Account account) external view {
        try this.withoutRoom(account) returns (Account next) {
            assert(next.openRooms() + 1 == account.openRooms());
            assert(next.credit() == account.credit());
        } catch {
            assert(account.openRooms() == 0);
        }
    }

    function withoutRoom(Account account) external pure returns (Account) {
        return account.withoutRoom();
    }
}
