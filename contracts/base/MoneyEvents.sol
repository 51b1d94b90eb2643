// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivestreamRooms} from "../interfaces/ILivestreamRooms.sol";
import {Head} from "../libraries/HistoryHead.sol";

/// @title The events of money, each beside the bytes that the history hash covers
/// @notice As in {RoomEvents}: every function emits one event and returns the head after it.
abstract contract MoneyEvents is ILivestreamRooms {
    /// @dev Emits {Credited}.
    /// @param head The head before.
    /// @param who Who is owed.
    /// @param amount Wei.
    /// @param operatorId The operator whose fees these are.
    /// @return The head after.
    function _emitCredited(Head head, address who, uint256 amount, uint16 operatorId)
        internal
        returns (Head)
    {
        uint40 seq = head.closingSeq();
        emit Credited(seq, msg.sender, uint40(block.timestamp), who, amount, operatorId);
        return head.append(
            keccak256(
                abi.encode(
                    head.hash(),
                    seq,
                    Credited.selector,
                    msg.sender,
                    block.timestamp,
                    who,
                    amount,
                    operatorId
                )
            )
        );
    }

    /// @dev Emits {CreditSpent}.
    /// @param head The head before.
    /// @param roomId The room created.
    /// @param amount Wei.
    /// @return The head after.
    function _emitCreditSpent(Head head, uint256 roomId, uint256 amount) internal returns (Head) {
        uint40 seq = head.closingSeq();
        emit CreditSpent(seq, msg.sender, uint40(block.timestamp), roomId, amount);
        return head.append(
            keccak256(
                abi.encode(
                    head.hash(),
                    seq,
                    CreditSpent.selector,
                    msg.sender,
                    block.timestamp,
                    roomId,
                    amount
                )
            )
        );
    }

    /// @dev Emits {Withdrawn}.
    /// @param head The head before.
    /// @param to Where the money goes.
    /// @param amount Wei.
    /// @return The head after.
    function _emitWithdrawn(Head head, address to, uint256 amount) internal returns (Head) {
        uint40 seq = head.closingSeq();
        emit Withdrawn(seq, msg.sender, uint40(block.timestamp), to, amount);
        return head.append(
            keccak256(
                abi.encode(
                    head.hash(),
                    seq,
                    Withdrawn.selector,
                    msg.sender,
                    block.timestamp,
                    to,
                    amount
                )
            )
        );
    }
}
