// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title A contract wallet with one key (ERC-1271)
contract KeyWallet {
    address public owner;

    constructor(address owner_) {
        owner = owner_;
    }

    /// @notice Whether the owner's key signed; the signature may be longer than a key's.
    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        bytes32 r = bytes32(signature[0:32]);
        bytes32 s = bytes32(signature[32:64]);
        bool right = ecrecover(digest, uint8(signature[64]), r, s) == owner;
        return right ? bytes4(0x1626ba7e) : bytes4(0xffffffff);
    }

    /// @notice Anybody may take it: what a factory's call must not be let do to a wallet that is there.
    function take(address owner_) external {
        owner = owner_;
    }
}

/// @title A contract that takes any signature
contract AnythingWallet {
    fallback() external {
        assembly ("memory-safe") {
            mstore(0, shl(224, 0x1626ba7e))
            return(0, 32)
        }
    }
}

/// @title A contract that answers a signature's question badly
/// @notice 0 reverts, 1 burns gas, 2 answers four bytes, 3 two words.
contract HostileWallet {
    uint256 public immutable kind;
    uint256 private asked;

    constructor(uint256 kind_) {
        kind = kind_;
    }

    fallback() external {
        if (kind == 0) revert("no");
        if (kind == 1) while (true) { asked; }
        uint256 size = kind == 2 ? 4 : 64;
        assembly ("memory-safe") {
            mstore(0, shl(224, 0x1626ba7e))
            mstore(32, 0)
            return(0, size)
        }
    }
}

/// @title Deploys {KeyWallet} where its owner says it will be
contract WalletFactory {
    function deploy(address owner) external returns (KeyWallet) {
        return new KeyWallet{salt: 0}(owner);
    }

    function placeOf(address owner) external view returns (address) {
        bytes32 code = keccak256(abi.encodePacked(type(KeyWallet).creationCode, abi.encode(owner)));
        bytes32 place = keccak256(abi.encodePacked(hex"ff", address(this), bytes32(0), code));
        return address(uint160(uint256(place)));
    }
}
