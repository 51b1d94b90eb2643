// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivestreamRooms} from "../interfaces/ILivestreamRooms.sol";

/// @title A host that is a contract
/// @notice Forwards calls to the registry; refuses or re-enters when it is paid.
contract HostContract {
    /// @notice The registry.
    ILivestreamRooms public immutable registry;
    /// @notice What to do when paid: call the registry with this, if it is not empty.
    bytes public onPaid;
    /// @notice Whether to refuse payment.
    bool public refuses;
    /// @notice Whether the call made when paid went through.
    bool public reentered;
    /// @notice What that call answered.
    bytes public answer;

    constructor(ILivestreamRooms registry_) {
        registry = registry_;
    }

    /// @notice Calls the registry, with this contract's money if a value is given.
    function act(bytes calldata data, uint256 value) external payable returns (bytes memory) {
        (bool ok, bytes memory returned) = address(registry).call{value: value}(data);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(returned, 32), mload(returned))
            }
        }
        return returned;
    }

    /// @notice Sets what happens when paid.
    function setUp(bytes calldata onPaid_, bool refuses_) external {
        onPaid = onPaid_;
        refuses = refuses_;
    }

    receive() external payable {
        require(!refuses, "no money, please");
        if (onPaid.length != 0) (reentered, answer) = address(registry).call(onPaid);
    }
}

/// @title Sends money to whom it is told, whether they want it or not
contract Forcer {
    constructor(address payable to) payable {
        selfdestruct(to);
    }
}
