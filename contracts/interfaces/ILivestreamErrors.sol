// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivestreamTypes} from "./ILivestreamTypes.sol";

/// @title Livestream rooms: errors
/// @notice Each carries what its receiver needs to mend the call.
interface ILivestreamErrors is ILivestreamTypes {
    /// @notice No room has this number.
    /// @param roomId The number asked for.
    error RoomUnknown(uint256 roomId);
    /// @notice The room is over, or {expire} would end it now.
    /// @param roomId The room.
    error RoomNotOpen(uint256 roomId);
    /// @notice The room is not active: it has no playback URL, and while it is pending it stays as it was created.
    /// @param roomId The room.
    error RoomNotActive(uint256 roomId);
    /// @notice The room's host or key is no longer the one that was offered.
    /// @param roomId The room.
    /// @param given The tag given.
    /// @param current The room's tag.
    error TagChanged(uint256 roomId, bytes12 given, bytes12 current);
    /// @notice Only the room's host may do this.
    /// @param roomId The room.
    /// @param account Who tried.
    error NotHost(uint256 roomId, address account);
    /// @notice The room was not offered to this account.
    /// @param roomId The room.
    /// @param account Who tried.
    error NotPendingHost(uint256 roomId, address account);
    /// @notice Only the operator's account may do this.
    /// @param operatorId The operator.
    /// @param account Who tried.
    error NotOperator(uint16 operatorId, address account);
    /// @notice Only the operator's payee and the owner may do this.
    /// @param operatorId The operator.
    /// @param account Who tried.
    error NotPayee(uint16 operatorId, address account);
    /// @notice Only a moderator may do this.
    /// @param account Who tried.
    error NotModerator(address account);
    /// @notice No operator has this number.
    /// @param operatorId The number asked for.
    error OperatorUnknown(uint16 operatorId);
    /// @notice The operator takes no new rooms: it, or the owner, has switched it off, or it was revoked.
    /// @param operatorId The operator.
    error OperatorNotAccepting(uint16 operatorId);
    /// @notice No terms have this number.
    /// @param termsId The number asked for.
    error TermsUnknown(uint16 termsId);
    /// @notice A value of the terms is out of its bounds.
    /// @param field The name of the value.
    /// @param value What was given.
    /// @param min The least allowed.
    /// @param max The most allowed.
    error TermsOutOfBounds(string field, uint256 value, uint256 min, uint256 max);
    /// @notice An amount of the terms is not a whole number of gwei.
    /// @param field The name of the value.
    /// @param value What was given, in wei.
    error TermsNotInGwei(string field, uint256 value);
    /// @notice The current terms are not those that the caller knows.
    /// @param given The terms named.
    /// @param current The current terms.
    error TermsChanged(uint16 given, uint16 current);
    /// @notice Creation takes exactly the deposit and the fee of the current terms: in ether, and what that lacks from the
    ///         caller's credit.
    /// @param price Wei that creation takes.
    /// @param sent Wei sent.
    /// @param credit Wei the caller was owed.
    error WrongPayment(uint256 price, uint256 sent, uint256 credit);
    /// @notice Creation of rooms is paused.
    error CreationPaused();
    /// @notice The registry has been retired: it takes no new rooms, terms or operators.
    /// @param successor Where its hosts go on, by its owner's word; zero if none.
    error RegistryRetired(address successor);
    /// @notice The successor is no other contract whose room numbers begin after those of this one.
    /// @param successor What was given.
    /// @param firstRoomId Its first room's number; zero if it told none.
    /// @param atLeast The least that would do.
    error SuccessorUnfit(address successor, uint256 firstRoomId, uint256 atLeast);
    /// @notice The host has as many open rooms as the terms allow.
    /// @param host The host.
    /// @param maxOpenRooms The limit.
    error TooManyOpenRooms(address host, uint16 maxOpenRooms);
    /// @notice The room has had as many events as its terms allow; it can only be ended.
    /// @param roomId The room.
    /// @param maxRoomEvents The limit.
    error TooManyRoomEvents(uint256 roomId, uint16 maxRoomEvents);
    /// @notice The key was changed a short while ago.
    /// @param roomId The room.
    /// @param availableAt Unix seconds from which it can be changed again.
    error RekeyTooSoon(uint256 roomId, uint256 availableAt);
    /// @notice The title is too long.
    /// @param length Its bytes.
    /// @param max The most allowed.
    error TitleTooLong(uint256 length, uint256 max);
    /// @notice The details are too long.
    /// @param length Their bytes.
    /// @param max The most allowed.
    error DetailsTooLong(uint256 length, uint256 max);
    /// @notice The ingest key is zero.
    error IngestKeyZero();
    /// @notice The gate has no code, so it cannot answer `balanceOf`.
    /// @param gate The address given.
    error GateWithoutCode(address gate);
    /// @notice The playback base is not `http(s)://host` without a trailing slash, at most 128 plain characters.
    /// @param playbackBase What was given.
    error PlaybackBaseInvalid(string playbackBase);
    /// @notice An address that must be set is zero.
    error ZeroAddress();
    /// @notice Nothing is owed to this account.
    /// @param account The account.
    error NothingToWithdraw(address account);
    /// @notice Room numbers begin at 1: zero stands for no room.
    error FirstRoomIdZero();
    /// @notice Ownership cannot be renounced: somebody must be able to revoke a stolen operator key.
    error RenounceDisabled();
    /// @notice A counter is full; a successor contract goes on with the numbers. What is open can still be ended,
    ///         released and withdrawn.
    error CounterFull();
}
