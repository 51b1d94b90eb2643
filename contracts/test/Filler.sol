// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivestreamRooms} from "../interfaces/ILivestreamRooms.sol";
import {ILivestreamTypes} from "../interfaces/ILivestreamTypes.sol";

/// @title Uses up the registry's numbers as cheaply as can be: in a loop, where all slots are warm
/// @notice What `python -m bench.gas` measures of it is what docs/contract.md names as the price of filling a registry.
contract Filler {
    /// @notice The registry.
    ILivestreamRooms public immutable registry;

    constructor(ILivestreamRooms registry_) {
        registry = registry_;
    }

    /// @notice Creates rooms and ends each at once.
    function useUpRooms(uint256 count, uint256 price) external payable {
        for (uint256 i; i < count; ++i) {
            uint256 roomId = registry.createRoom{value: price}(
                1, 1, ILivestreamTypes.Mode.WEBRTC, address(0), bytes32(uint256(1)), ""
            );
            registry.endRoom(roomId);
        }
    }

    /// @notice Makes events of the cheapest kind, as operator 1.
    function useUpEvents(uint256 count) external {
        for (uint256 i; i < count; ++i) {
            registry.setOperatorAccepting(1, true);
        }
    }
}
