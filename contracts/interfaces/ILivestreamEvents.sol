// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivestreamTypes} from "./ILivestreamTypes.sol";

/// @title Livestream rooms: events
/// @notice Every event opens with `seq`, `actor` and `timestamp` and is covered by the history hash: see
///         {ILivestreamRooms-history}.
interface ILivestreamEvents is ILivestreamTypes {
    /// @notice A room was created; it waits for its live input.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The host.
    /// @param timestamp Block time, unix seconds.
    /// @param roomId The room.
    /// @param operatorId The operator asked to serve it.
    /// @param termsId The terms it was created under.
    /// @param mode How video goes in and out.
    /// @param gate Zero, or the contract whose `balanceOf(viewer)` says to whom the operator gives playback tokens; this
    ///        registry itself: by invitation only.
    /// @param ingestKey X25519 public key to which the credentials are sealed.
    /// @param tag The room's first tag.
    /// @param title At most 96 bytes, any bytes; to be shown as text only.
    event RoomCreated(
        uint40 seq,
        address indexed actor,
        uint40 timestamp,
        uint256 indexed roomId,
        uint16 indexed operatorId,
        uint16 termsId,
        Mode mode,
        address gate,
        bytes32 ingestKey,
        bytes12 tag,
        string title
    );

    /// @notice A room has a new title.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The host.
    /// @param timestamp Block time, unix seconds.
    /// @param roomId The room.
    /// @param title At most 96 bytes, any bytes; to be shown as text only.
    event RoomUpdated(
        uint40 seq, address indexed actor, uint40 timestamp, uint256 indexed roomId, string title
    );

    /// @notice The host tells more about the room.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The host.
    /// @param timestamp Block time, unix seconds.
    /// @param roomId The room.
    /// @param startsAt When it is planned to go on air, unix seconds; zero: not told.
    /// @param details At most 1,024 bytes, any bytes; to be shown as text only.
    event RoomDescribed(
        uint40 seq,
        address indexed actor,
        uint40 timestamp,
        uint256 indexed roomId,
        uint40 startsAt,
        string details
    );

    /// @notice The host wants fresh credentials, sealed to a new key.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The host.
    /// @param timestamp Block time, unix seconds.
    /// @param roomId The room.
    /// @param keyVersion How many keys the room has had, this one included.
    /// @param ingestKey The new X25519 public key.
    /// @param tag The room's new tag.
    event RoomRekeyed(
        uint40 seq,
        address indexed actor,
        uint40 timestamp,
        uint256 indexed roomId,
        uint16 keyVersion,
        bytes32 ingestKey,
        bytes12 tag
    );

    /// @notice The host offers the room to another account; zero takes the offer back.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The host.
    /// @param timestamp Block time, unix seconds.
    /// @param roomId The room.
    /// @param to Who may accept it.
    event RoomTransferStarted(
        uint40 seq,
        address indexed actor,
        uint40 timestamp,
        uint256 indexed roomId,
        address indexed to
    );

    /// @notice The room has a new host, and with it a new key.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The new host.
    /// @param timestamp Block time, unix seconds.
    /// @param roomId The room.
    /// @param from The former host.
    /// @param keyVersion How many keys the room has had, this one included.
    /// @param ingestKey The new X25519 public key.
    /// @param tag The room's new tag.
    event RoomTransferred(
        uint40 seq,
        address indexed actor,
        uint40 timestamp,
        uint256 indexed roomId,
        address indexed from,
        uint16 keyVersion,
        bytes32 ingestKey,
        bytes12 tag
    );

    /// @notice The room has its live input, or the same live input's credentials are sealed anew.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The operator's account.
    /// @param timestamp Block time, unix seconds.
    /// @param roomId The room.
    /// @param tag The tag to which the credentials are bound.
    /// @param uid Cloudflare's id of the live input.
    /// @param sealedIngest The credentials, sealed to the room's ingest key.
    event RoomProvisioned(
        uint40 seq,
        address indexed actor,
        uint40 timestamp,
        uint256 indexed roomId,
        bytes12 tag,
        bytes16 uid,
        bytes sealedIngest
    );

    /// @notice The room is over, and its host is owed more; they take it by {withdrawTo}.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor Who ended it: host, operator, moderator, or whoever called {expire}.
    /// @param timestamp Block time, unix seconds.
    /// @param roomId The room.
    /// @param host Its host, who is credited.
    /// @param reason Why.
    /// @param detail The code given to {decline} or {takeDown}; zero otherwise.
    /// @param amount Wei credited to the host: the deposit, and the fee unless it is the operator's (of a room that was
    ///        fulfilled, or that its host ended while it could still be; then {Credited} follows).
    event RoomEnded(
        uint40 seq,
        address indexed actor,
        uint40 timestamp,
        uint256 indexed roomId,
        address indexed host,
        EndReason reason,
        uint16 detail,
        uint256 amount
    );

    /// @notice The operator attests that the ended room's live input is gone.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The operator's account.
    /// @param timestamp Block time, unix seconds.
    /// @param roomId The room.
    event RoomReleased(
        uint40 seq, address indexed actor, uint40 timestamp, uint256 indexed roomId
    );

    /// @notice An operator's payee is owed fees: of a {fulfill}, or of a pending room that its host ended. It takes them by
    ///         {withdrawTo}.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor Who sent the transaction.
    /// @param timestamp Block time, unix seconds.
    /// @param account Who is owed.
    /// @param amount Wei, never zero.
    /// @param operatorId The operator whose fees these are; zero: none.
    event Credited(
        uint40 seq,
        address indexed actor,
        uint40 timestamp,
        address indexed account,
        uint256 amount,
        uint16 operatorId
    );

    /// @notice Part or all of a creation's price came from the host's credit. Follows the room's {RoomCreated}.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The host, whose credit it was.
    /// @param timestamp Block time, unix seconds.
    /// @param roomId The room.
    /// @param amount Wei, never zero.
    event CreditSpent(
        uint40 seq,
        address indexed actor,
        uint40 timestamp,
        uint256 indexed roomId,
        uint256 amount
    );

    /// @notice An account took all it was owed.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The account.
    /// @param timestamp Block time, unix seconds.
    /// @param to Where the money went.
    /// @param amount Wei.
    event Withdrawn(
        uint40 seq, address indexed actor, uint40 timestamp, address indexed to, uint256 amount
    );

    /// @notice There is a new operator, enabled and accepting.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The owner.
    /// @param timestamp Block time, unix seconds.
    /// @param operatorId Its number, from 1.
    /// @param account The account that acts for it.
    /// @param payee Who is owed its fees.
    /// @param playbackBase Where its live inputs play; final.
    event OperatorAdded(
        uint40 seq,
        address indexed actor,
        uint40 timestamp,
        uint16 indexed operatorId,
        address account,
        address payee,
        string playbackBase
    );

    /// @notice Another account acts for the operator; zero revokes it.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The owner.
    /// @param timestamp Block time, unix seconds.
    /// @param operatorId The operator.
    /// @param account The new account.
    event OperatorAccountChanged(
        uint40 seq,
        address indexed actor,
        uint40 timestamp,
        uint16 indexed operatorId,
        address account
    );

    /// @notice Fees of the operator from now on are owed to another account.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The former payee, or the owner.
    /// @param timestamp Block time, unix seconds.
    /// @param operatorId The operator.
    /// @param payee The new payee.
    event OperatorPayeeChanged(
        uint40 seq,
        address indexed actor,
        uint40 timestamp,
        uint16 indexed operatorId,
        address payee
    );

    /// @notice The operator takes new rooms, or no longer does.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The operator's account.
    /// @param timestamp Block time, unix seconds.
    /// @param operatorId The operator.
    /// @param accepting Whether it takes new rooms.
    event OperatorAcceptingChanged(
        uint40 seq,
        address indexed actor,
        uint40 timestamp,
        uint16 indexed operatorId,
        bool accepting
    );

    /// @notice The owner lets the operator take new rooms, or no longer does.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The owner.
    /// @param timestamp Block time, unix seconds.
    /// @param operatorId The operator.
    /// @param enabled Whether it may take new rooms.
    event OperatorEnabledChanged(
        uint40 seq,
        address indexed actor,
        uint40 timestamp,
        uint16 indexed operatorId,
        bool enabled
    );

    /// @notice New rooms are created under new terms.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The owner.
    /// @param timestamp Block time, unix seconds.
    /// @param termsId Their number, from 1.
    /// @param terms The terms: seven words, covered by the history hash one after the other.
    event TermsSet(
        uint40 seq,
        address indexed actor,
        uint40 timestamp,
        uint16 indexed termsId,
        Terms terms
    );

    /// @notice An account became a moderator, or no longer is one.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The owner.
    /// @param timestamp Block time, unix seconds.
    /// @param account The account.
    /// @param allowed Whether it may take rooms down.
    event ModeratorChanged(
        uint40 seq, address indexed actor, uint40 timestamp, address indexed account, bool allowed
    );

    /// @notice Creation of rooms is paused, or goes on.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The owner.
    /// @param timestamp Block time, unix seconds.
    /// @param paused Whether it is paused.
    event PauseChanged(uint40 seq, address indexed actor, uint40 timestamp, bool paused);

    /// @notice The registry takes no new rooms, terms or operators ever again; what is open goes on.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The owner.
    /// @param timestamp Block time, unix seconds.
    /// @param successor Where its hosts go on, by the owner's word; zero if none.
    event Retired(
        uint40 seq, address indexed actor, uint40 timestamp, address indexed successor
    );

    /// @notice The owner offers ownership; zero takes the offer back.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The owner.
    /// @param timestamp Block time, unix seconds.
    /// @param account Who may accept it.
    event OwnerProposed(
        uint40 seq, address indexed actor, uint40 timestamp, address indexed account
    );

    /// @notice The contract has a new owner. The first event of all tells the first owner.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The new owner; at deployment the deployer.
    /// @param timestamp Block time, unix seconds.
    /// @param account The new owner.
    event OwnerChanged(
        uint40 seq, address indexed actor, uint40 timestamp, address indexed account
    );
}
