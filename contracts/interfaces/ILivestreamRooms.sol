// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivestreamErrors} from "./ILivestreamErrors.sol";
import {ILivestreamEvents} from "./ILivestreamEvents.sol";

/// @title Livestream rooms: functions
/// @notice Who hosts what, in which state, and where it plays.
interface ILivestreamRooms is ILivestreamEvents, ILivestreamErrors {
    // ---------------------------------------------------------------- hosts

    /// @notice Creates a room. Takes exactly the deposit and the fee of the current terms: in ether, and what that lacks
    ///         from the caller's credit.
    /// @dev A gate is what the operator's playback service enforces, not the chain: the uid is public.
    /// @param termsId The current terms, so that no creation on its way meets others.
    /// @param operatorId The operator to serve it.
    /// @param mode How video goes in and out.
    /// @param gate Zero for a public room; else a contract whose `balanceOf(viewer)` says to whom the operator gives
    ///        playback tokens; this registry itself: by invitation only.
    /// @param ingestKey X25519 public key to which the credentials will be sealed; not zero.
    /// @param title At most 96 bytes.
    /// @return roomId The room's number.
    function createRoom(
        uint16 termsId,
        uint16 operatorId,
        Mode mode,
        address gate,
        bytes32 ingestKey,
        string calldata title
    ) external payable returns (uint256 roomId);

    /// @notice Gives a room a new title.
    /// @param roomId The room.
    /// @param title At most 96 bytes.
    function updateRoom(uint256 roomId, string calldata title) external;

    /// @notice Tells more about a room: when it is planned to go on air, and anything else.
    /// @param roomId The room.
    /// @param startsAt Unix seconds; zero: not told.
    /// @param details At most 1,024 bytes; clients show JSON `{about, lang, class}` by its parts and anything else as plain
    ///        text.
    function describeRoom(uint256 roomId, uint40 startsAt, string calldata details) external;

    /// @notice Asks for fresh credentials of an active room, sealed to a new key.
    /// @param roomId The room.
    /// @param ingestKey The new X25519 public key; not zero.
    function rekeyRoom(uint256 roomId, bytes32 ingestKey) external;

    /// @notice Offers a room to another account; zero takes the offer back.
    /// @param roomId The room.
    /// @param to Who may accept it.
    function transferRoom(uint256 roomId, address to) external;

    /// @notice Takes over an active room that was offered. Its deposit and its place in the host's limit move along.
    /// @param roomId The room.
    /// @param tag The room's tag as offered, so that host and key are as the caller knows them.
    /// @param ingestKey The new host's X25519 public key; not zero.
    function acceptRoom(uint256 roomId, bytes12 tag, bytes32 ingestKey) external;

    /// @notice Ends a room.
    /// @dev The fee of a pending room is the operator's if it could still be fulfilled: {expire} gives all back, once it
    ///      cannot.
    /// @param roomId The room.
    function endRoom(uint256 roomId) external;

    // ------------------------------------------------------------ operators

    /// @notice Hands live inputs to pending rooms, or seals an active room's credentials anew.
    /// @dev An entry that does not fit is skipped.
    /// @param entries The live inputs.
    /// @return applied How many entries took effect.
    function fulfill(Fulfillment[] calldata entries) external returns (uint256 applied);

    /// @notice Ends rooms that the operator cannot serve.
    /// @dev An entry that does not fit is skipped.
    /// @param entries The rooms.
    /// @return applied How many entries took effect.
    function decline(Declination[] calldata entries) external returns (uint256 applied);

    /// @notice Attests that the live inputs of ended rooms are gone.
    /// @dev An entry that does not fit is skipped.
    /// @param entries The rooms.
    /// @return applied How many entries took effect.
    function release(Release[] calldata entries) external returns (uint256 applied);

    /// @notice Takes new rooms, or no longer does.
    /// @param operatorId The operator.
    /// @param accepting Whether it takes new rooms.
    function setOperatorAccepting(uint16 operatorId, bool accepting) external;

    // ------------------------------------------------- anyone and moderators

    /// @notice Ends rooms that are past their time, or whose operator was revoked.
    /// @dev A room that is not is skipped.
    /// @param roomIds The rooms.
    /// @return applied How many rooms ended.
    function expire(uint256[] calldata roomIds) external returns (uint256 applied);

    /// @notice Ends a room against its host's will.
    /// @param roomId The room.
    /// @param reason The moderator's code: 1 unlawful, 2 rights, 3 abuse, 4 other.
    function takeDown(uint256 roomId, uint16 reason) external;

    /// @notice Pays all that the caller is owed.
    /// @param to Where to; not zero.
    function withdrawTo(address payable to) external;

    // ---------------------------------------------------------------- owner

    /// @notice Adds an operator, enabled and accepting.
    /// @param account The account that acts for it; not zero.
    /// @param payee Who is owed its fees; not zero, and best not the account, whose key is on a server.
    /// @param playbackBase `https://customer-<code>.cloudflarestream.com`; final.
    /// @return operatorId Its number.
    function addOperator(address account, address payee, string calldata playbackBase)
        external
        returns (uint16 operatorId);

    /// @notice Lets another account act for an operator; zero revokes it.
    /// @param operatorId The operator.
    /// @param account The new account.
    function setOperatorAccount(uint16 operatorId, address account) external;

    /// @notice Makes fees of an operator from now on another account's. By its payee or the owner.
    /// @param operatorId The operator.
    /// @param payee The new payee; not zero.
    function setOperatorPayee(uint16 operatorId, address payee) external;

    /// @notice Lets an operator take new rooms, or no longer.
    /// @param operatorId The operator.
    /// @param enabled Whether it may take new rooms.
    function setOperatorEnabled(uint16 operatorId, bool enabled) external;

    /// @notice Sets the terms of rooms created from now on.
    /// @param newTerms The terms.
    /// @return termsId Their number.
    function setTerms(Terms calldata newTerms) external returns (uint16 termsId);

    /// @notice Makes an account a moderator, or no longer.
    /// @param account The account; not zero.
    /// @param allowed Whether it may take rooms down.
    function setModerator(address account, bool allowed) external;

    /// @notice Pauses creation of rooms, or lets it go on. Nothing else is touched.
    /// @param isPaused Whether it is paused.
    function setPaused(bool isPaused) external;

    /// @notice Ends creation of rooms, terms and operators for good; what is open goes on to its end.
    /// @param successor Where its hosts go on: zero, or another contract whose {firstRoomId} is beyond this one's rooms. No
    ///        client follows it by itself.
    function retire(address successor) external;

    // ---------------------------------------------------------------- views

    /// @notice All that the creation of a room depends on, in one answer; never reverts.
    /// @param operatorId The operator to be asked; an unknown one does not accept.
    /// @param host Who would create it.
    /// @return view_ The answer.
    function creation(uint16 operatorId, address host)
        external
        view
        returns (Creation memory view_);

    /// @notice One room.
    /// @param roomId The room.
    /// @return view_ The room, whole.
    function room(uint256 roomId) external view returns (RoomView memory view_);

    /// @notice Several rooms; an unknown one is all zero.
    /// @param roomIds The rooms.
    /// @return views The rooms, in the order asked.
    function rooms(uint256[] calldata roomIds) external view returns (RoomView[] memory views);

    /// @notice Where an active room plays. Needs a token of the operator's where the room is `gated`.
    /// @param roomId The room.
    /// @return url WHEP for WEBRTC, HLS for BROADCAST.
    function playbackURL(uint256 roomId) external view returns (string memory url);

    /// @notice One operator.
    /// @param operatorId The operator.
    /// @return view_ The operator, whole.
    function operator(uint16 operatorId) external view returns (Operator memory view_);

    /// @notice How many operators there are; their numbers are 1 to this.
    /// @return count The number.
    function operatorCount() external view returns (uint16 count);

    /// @notice Some terms.
    /// @param termsId Their number.
    /// @return view_ The terms.
    function terms(uint16 termsId) external view returns (Terms memory view_);

    /// @notice The number of the current terms; all numbers are 1 to this.
    /// @return termsId The number.
    function currentTermsId() external view returns (uint16 termsId);

    /// @notice What an account is owed and hosts.
    /// @param who The account.
    /// @return credit Wei it can take by {withdrawTo}.
    /// @return openRooms How many rooms it has open.
    function account(address who) external view returns (uint256 credit, uint256 openRooms);

    /// @notice How many rooms there are; their numbers are {firstRoomId} to `firstRoomId + roomCount - 1`.
    /// @return count The number.
    function roomCount() external view returns (uint256 count);

    /// @notice The number of the first room.
    /// @return roomId The number.
    function firstRoomId() external view returns (uint256 roomId);

    /// @notice Proves a fold of the events.
    /// @dev `h0 = bytes23(keccak256(abi.encode(block.chainid, address(this))))` at deployment; each event makes
    ///      `h = bytes23(keccak256(abi.encode(bytes32(h), seq, topic0, actor, timestamp, p...)))` where `p` are its other
    ///      parameters in the order of declaration, a dynamic one replaced by the keccak256 of its bytes.
    /// @return count How many events there were.
    /// @return hash The 23 bytes of the hash, left-aligned.
    function history() external view returns (uint256 count, bytes32 hash);

    /// @notice Whether creation of rooms is paused.
    /// @return isPaused Whether it is.
    function paused() external view returns (bool isPaused);

    /// @notice Whether an account may take rooms down.
    /// @param who The account.
    /// @return allowed Whether it may.
    function isModerator(address who) external view returns (bool allowed);

    /// @notice The tag of a room under a key.
    /// @dev `bytes12(keccak256(abi.encode(block.chainid, address(this), roomId, host, operatorId, mode, binding,
    ///      ingestKey, keyVersion)))`.
    /// @param roomId The room.
    /// @param host Its host.
    /// @param operatorId Its operator.
    /// @param mode Its mode.
    /// @param binding For the first key the gate, left-padded; for a later one the former tag, right-padded.
    /// @param ingestKey The key.
    /// @param keyVersion How many keys the room has had, this one included.
    /// @return tag The tag.
    function tagOf(
        uint256 roomId,
        address host,
        uint16 operatorId,
        Mode mode,
        bytes32 binding,
        bytes32 ingestKey,
        uint16 keyVersion
    ) external view returns (bytes12 tag);
}
