// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title A token that can be counted and moved
/// @notice As much of ERC-20 and ERC-721 as a gate is asked.
contract CountedToken {
    mapping(address => uint256) public balanceOf;

    function give(address to, uint256 count) external {
        balanceOf[to] += count;
    }

    function sell(address to, uint256 count) external {
        balanceOf[msg.sender] -= count;
        balanceOf[to] += count;
    }
}

/// @title Gates that answer as no token does
/// @notice `kind` says how; see the function.
contract HostileGate {
    uint256 public immutable kind;
    uint256 private asked;

    constructor(uint256 kind_) {
        kind = kind_;
    }

    /// @notice 0 reverts, 1 burns gas, 2 and 3 answer 31 and 33 bytes, 4 asks itself without end,
    ///         5 answers 64 KiB, 6 hits INVALID.
    fallback() external {
        if (kind == 0) revert("no");
        if (kind == 1) while (true) { asked; }
        if (kind == 4) {
            (bool ok, bytes memory answer) = address(this).staticcall(msg.data);
            require(ok && answer.length == 32);
        }
        uint256 size = kind == 2 ? 31 : kind == 3 ? 33 : kind == 5 ? 65_536 : 32;
        uint256 what = kind;
        assembly ("memory-safe") {
            if eq(what, 6) { invalid() }
            mstore(0, not(0))
            mstore(32, not(0))
            return(0, size)
        }
    }
}
