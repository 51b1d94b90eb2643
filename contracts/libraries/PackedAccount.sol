// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What an account is owed and hosts, in one word.
/// @dev From the low bit: credit 128 (wei), open rooms 128. All the ether there is fits 87 bits.
type Account is uint256;

using PackedAccount for Account global;

/// @title Named accessors of an account's storage word
/// @notice Pure bit work: no storage, no rules. A `with...` function returns a changed copy.
library PackedAccount {
    /// @dev Where the number of open rooms begins.
    uint256 private constant OPEN_ROOMS = 128;

    /// @notice What the account can withdraw.
    /// @param account The word.
    /// @return Wei.
    function credit(Account account) internal pure returns (uint256) {
        return uint128(Account.unwrap(account));
    }

    /// @notice How many rooms the account hosts that have not ended.
    /// @param account The word.
    /// @return The number.
    function openRooms(Account account) internal pure returns (uint256) {
        return Account.unwrap(account) >> OPEN_ROOMS;
    }

    /// @notice The word with more credit.
    /// @param account The word.
    /// @param amount Wei that the contract has received, so that the sum fits.
    /// @return The changed word.
    function withCredit(Account account, uint256 amount) internal pure returns (Account) {
        return Account.wrap(Account.unwrap(account) + amount);
    }

    /// @notice The word with less credit.
    /// @param account The word.
    /// @param amount Wei, at most its credit.
    /// @return The changed word.
    function withoutCredit(Account account, uint256 amount) internal pure returns (Account) {
        unchecked {
            return Account.wrap(Account.unwrap(account) - amount); // no borrow from the rooms
        }
    }

    /// @notice The word with one more open room.
    /// @param account The word.
    /// @return The changed word.
    function withRoom(Account account) internal pure returns (Account) {
        return Account.wrap(Account.unwrap(account) + (1 << OPEN_ROOMS));
    }

    /// @notice The word with one open room less; reverts if there is none.
    /// @param account The word.
    /// @return The changed word.
    function withoutRoom(Account account) internal pure returns (Account) {
        return Account.wrap(Account.unwrap(account) - (1 << OPEN_ROOMS));
    }
}
