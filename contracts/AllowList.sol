// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

/// @title A list of accounts that may watch
/// @notice A gate for rooms: {balanceOf} is one for an account on the list, zero for any other. Any token contract with
///         `balanceOf(address)` serves as a gate as well; this one is for hosts who keep a plain list. It says who may
///         watch; what keeps others out are the playback tokens of a room's operator.
/// @dev Its owner keeps the list; renouncing ownership makes it final. One list may gate any number of rooms.
contract AllowList is Ownable2Step {
    /// @notice Which revision of the contract this is.
    string public constant VERSION = "1.0.0";

    /// @dev Who is on the list.
    mapping(address account => bool) private _listed;

    /// @notice An account came onto the list.
    /// @param account The account.
    event Added(address indexed account);

    /// @notice An account was taken off the list.
    /// @param account The account.
    event Removed(address indexed account);

    /// @notice The zero address cannot be on the list.
    error ZeroAddress();

    /// @notice Makes a list with its first accounts.
    /// @param owner_ Who keeps it.
    /// @param accounts The first accounts.
    constructor(address owner_, address[] memory accounts) Ownable(owner_) {
        for (uint256 i; i < accounts.length; ++i) {
            _add(accounts[i]);
        }
    }

    /// @notice Puts accounts onto the list; one that is on it already stays.
    /// @param accounts The accounts; none of them zero.
    function add(address[] calldata accounts) external onlyOwner {
        for (uint256 i; i < accounts.length; ++i) {
            _add(accounts[i]);
        }
    }

    /// @notice Takes accounts off the list; one that is not on it is passed over.
    /// @param accounts The accounts.
    function remove(address[] calldata accounts) external onlyOwner {
        for (uint256 i; i < accounts.length; ++i) {
            address account = accounts[i];
            if (!_listed[account]) continue;
            _listed[account] = false;
            emit Removed(account);
        }
    }

    /// @notice What a gate is asked.
    /// @param account The viewer.
    /// @return One if the account is on the list, else zero.
    function balanceOf(address account) external view returns (uint256) {
        return _listed[account] ? 1 : 0;
    }

    /// @dev Puts one account onto the list.
    /// @param account The account.
    function _add(address account) private {
        if (account == address(0)) revert ZeroAddress();
        if (_listed[account]) return;
        _listed[account] = true;
        emit Added(account);
    }
}
