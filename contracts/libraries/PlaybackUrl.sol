// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivestreamTypes} from "../interfaces/ILivestreamTypes.sol";

/// @title Where a live input plays
/// @notice Builds Cloudflare Stream's playback URLs, and checks the base they stand on.
library PlaybackUrl {
    /// @dev The longest base accepted.
    uint256 internal constant MAX_BASE_BYTES = 128;
    /// @dev Digits of the uid.
    bytes16 private constant HEX = "0123456789abcdef";

    /// @notice The playback URL of a live input.
    /// @param base `https://customer-<code>.cloudflarestream.com`.
    /// @param uid Cloudflare's id.
    /// @param mode How video goes out.
    /// @return The URL: WHEP for WEBRTC, HLS for BROADCAST.
    function build(string memory base, bytes16 uid, ILivestreamTypes.Mode mode)
        internal
        pure
        returns (string memory)
    {
        string memory path = mode == ILivestreamTypes.Mode.WEBRTC
            ? "/webRTC/play"
            : "/manifest/video.m3u8";
        return string.concat(base, "/", _hex(uid), path);
    }

    /// @notice Whether a base is `http://` or `https://` and a host, in plain characters, without a trailing slash.
    /// @dev `http` is for local networks; the owner answers for what is set.
    /// @param base What is to be checked.
    /// @return Whether it is.
    function isBase(string calldata base) internal pure returns (bool) {
        bytes calldata text = bytes(base);
        uint256 length = text.length;
        if (length > MAX_BASE_BYTES) return false;
        uint256 start;
        if (length > 8 && bytes8(text[:8]) == "https://") start = 8;
        else if (length > 7 && bytes7(text[:7]) == "http://") start = 7;
        else return false;
        for (uint256 i = start; i < length; ++i) {
            bytes1 c = text[i];
            bool plain = (c >= "a" && c <= "z") || (c >= "0" && c <= "9") || c == "." || c == "-"
                || c == ":";
            if (!plain) return false;
        }
        return true;
    }

    /// @dev The 32 lower-case digits of a uid.
    /// @param uid Cloudflare's id.
    /// @return The digits.
    function _hex(bytes16 uid) private pure returns (string memory) {
        bytes memory digits = new bytes(32);
        for (uint256 i; i < 16; ++i) {
            digits[2 * i] = HEX[uint8(uid[i]) >> 4];
            digits[2 * i + 1] = HEX[uint8(uid[i]) & 15];
        }
        return string(digits);
    }
}
