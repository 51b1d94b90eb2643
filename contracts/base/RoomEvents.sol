// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivestreamRooms} from "../interfaces/ILivestreamRooms.sol";
import {Head, HistoryHead} from "../libraries/HistoryHead.sol";

/// @title The events of rooms, each beside the bytes that the history hash covers
/// @notice Every function emits one event and returns the head after it. The caller stores the head, once.
/// @dev The hashed words are `old hash, seq, topic0, actor, timestamp` and then the event's other parameters in the order
///      of their declaration; a dynamic one is replaced by the keccak256 of its bytes.
abstract contract RoomEvents is ILivestreamRooms {
    /// @dev Emits {RoomCreated}.
    /// @param head The head before.
    /// @param roomId The room.
    /// @param operatorId Its operator.
    /// @param termsId Its terms.
    /// @param mode Its mode.
    /// @param gate Its gate.
    /// @param ingestKey Its first key.
    /// @param tag Its first tag.
    /// @param title Its title.
    /// @return The head after.
    function _emitCreated(
        Head head,
        uint256 roomId,
        uint16 operatorId,
        uint16 termsId,
        Mode mode,
        address gate,
        bytes32 ingestKey,
        bytes12 tag,
        string calldata title
    ) internal returns (Head) {
        uint40 seq = head.openingSeq();
        emit RoomCreated(
            seq,
            msg.sender,
            uint40(block.timestamp),
            roomId,
            operatorId,
            termsId,
            mode,
            gate,
            ingestKey,
            tag,
            title
        );
        return head.append(
            keccak256(
                abi.encode(
                    head.hash(),
                    seq,
                    RoomCreated.selector,
                    msg.sender,
                    block.timestamp,
                    roomId,
                    operatorId,
                    termsId,
                    mode,
                    gate,
                    ingestKey,
                    tag,
                    HistoryHead.digestOf(bytes(title))
                )
            )
        );
    }

    /// @dev Emits {RoomUpdated}.
    /// @param head The head before.
    /// @param roomId The room.
    /// @param title The new title.
    /// @return The head after.
    function _emitUpdated(Head head, uint256 roomId, string calldata title)
        internal
        returns (Head)
    {
        uint40 seq = head.openingSeq();
        emit RoomUpdated(seq, msg.sender, uint40(block.timestamp), roomId, title);
        return head.append(
            keccak256(
                abi.encode(
                    head.hash(),
                    seq,
                    RoomUpdated.selector,
                    msg.sender,
                    block.timestamp,
                    roomId,
                    HistoryHead.digestOf(bytes(title))
                )
            )
        );
    }

    /// @dev Emits {RoomDescribed}.
    /// @param head The head before.
    /// @param roomId The room.
    /// @param startsAt When it is planned to go on air.
    /// @param details What else the host tells.
    /// @return The head after.
    function _emitDescribed(Head head, uint256 roomId, uint40 startsAt, string calldata details)
        internal
        returns (Head)
    {
        uint40 seq = head.openingSeq();
        emit RoomDescribed(seq, msg.sender, uint40(block.timestamp), roomId, startsAt, details);
        return head.append(
            keccak256(
                abi.encode(
                    head.hash(),
                    seq,
                    RoomDescribed.selector,
                    msg.sender,
                    block.timestamp,
                    roomId,
                    startsAt,
                    HistoryHead.digestOf(bytes(details))
                )
            )
        );
    }

    /// @dev Emits {RoomRekeyed}.
    /// @param head The head before.
    /// @param roomId The room.
    /// @param keyVersion The new key's version.
    /// @param ingestKey The new key.
    /// @param tag The new tag.
    /// @return The head after.
    function _emitRekeyed(
        Head head,
        uint256 roomId,
        uint16 keyVersion,
        bytes32 ingestKey,
        bytes12 tag
    ) internal returns (Head) {
        uint40 seq = head.openingSeq();
        emit RoomRekeyed(
            seq, msg.sender, uint40(block.timestamp), roomId, keyVersion, ingestKey, tag
        );
        return head.append(
            keccak256(
                abi.encode(
                    head.hash(),
                    seq,
                    RoomRekeyed.selector,
                    msg.sender,
                    block.timestamp,
                    roomId,
                    keyVersion,
                    ingestKey,
                    tag
                )
            )
        );
    }

    /// @dev Emits {RoomTransferStarted}.
    /// @param head The head before.
    /// @param roomId The room.
    /// @param to Who may accept it.
    /// @return The head after.
    function _emitTransferStarted(Head head, uint256 roomId, address to) internal returns (Head) {
        uint40 seq = head.openingSeq();
        emit RoomTransferStarted(seq, msg.sender, uint40(block.timestamp), roomId, to);
        return head.append(
            keccak256(
                abi.encode(
                    head.hash(),
                    seq,
                    RoomTransferStarted.selector,
                    msg.sender,
                    block.timestamp,
                    roomId,
                    to
                )
            )
        );
    }

    /// @dev Emits {RoomTransferred}.
    /// @param head The head before.
    /// @param roomId The room.
    /// @param from The former host.
    /// @param keyVersion The new key's version.
    /// @param ingestKey The new key.
    /// @param tag The new tag.
    /// @return The head after.
    function _emitTransferred(
        Head head,
        uint256 roomId,
        address from,
        uint16 keyVersion,
        bytes32 ingestKey,
        bytes12 tag
    ) internal returns (Head) {
        uint40 seq = head.openingSeq();
        emit RoomTransferred(
            seq, msg.sender, uint40(block.timestamp), roomId, from, keyVersion, ingestKey, tag
        );
        return head.append(
            keccak256(
                abi.encode(
                    head.hash(),
                    seq,
                    RoomTransferred.selector,
                    msg.sender,
                    block.timestamp,
                    roomId,
                    from,
                    keyVersion,
                    ingestKey,
                    tag
                )
            )
        );
    }

    /// @dev Emits {RoomProvisioned}.
    /// @param head The head before.
    /// @param roomId The room.
    /// @param tag Its tag.
    /// @param uid Cloudflare's id of the live input.
    /// @param sealedIngest The credentials, sealed.
    /// @return The head after.
    function _emitProvisioned(
        Head head,
        uint256 roomId,
        bytes12 tag,
        bytes16 uid,
        bytes calldata sealedIngest
    ) internal returns (Head) {
        uint40 seq = head.openingSeq();
        emit RoomProvisioned(
            seq, msg.sender, uint40(block.timestamp), roomId, tag, uid, sealedIngest
        );
        return head.append(
            keccak256(
                abi.encode(
                    head.hash(),
                    seq,
                    RoomProvisioned.selector,
                    msg.sender,
                    block.timestamp,
                    roomId,
                    tag,
                    uid,
                    HistoryHead.digestOf(sealedIngest)
                )
            )
        );
    }

    /// @dev Emits {RoomEnded}.
    /// @param head The head before.
    /// @param roomId The room.
    /// @param host Its host.
    /// @param reason Why.
    /// @param detail The code given, or zero.
    /// @param amount Wei credited to the host.
    /// @return The head after.
    function _emitEnded(
        Head head,
        uint256 roomId,
        address host,
        EndReason reason,
        uint16 detail,
        uint256 amount
    ) internal returns (Head) {
        uint40 seq = head.closingSeq();
        emit RoomEnded(
            seq, msg.sender, uint40(block.timestamp), roomId, host, reason, detail, amount
        );
        return head.append(
            keccak256(
                abi.encode(
                    head.hash(),
                    seq,
                    RoomEnded.selector,
                    msg.sender,
                    block.timestamp,
                    roomId,
                    host,
                    reason,
                    detail,
                    amount
                )
            )
        );
    }

    /// @dev Emits {RoomReleased}.
    /// @param head The head before.
    /// @param roomId The room.
    /// @return The head after.
    function _emitReleased(Head head, uint256 roomId) internal returns (Head) {
        uint40 seq = head.closingSeq();
        emit RoomReleased(seq, msg.sender, uint40(block.timestamp), roomId);
        return head.append(
            keccak256(
                abi.encode(
                    head.hash(),
                    seq,
                    RoomReleased.selector,
                    msg.sender,
                    block.timestamp,
                    roomId
                )
            )
        );
    }
}
