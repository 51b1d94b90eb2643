// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Livestream rooms: types, events, errors and functions
/// @notice Who hosts what, in which state, and where it plays.
/// @dev Every event opens with `seq`, `actor` and `timestamp` and is covered by the history hash: see {history}.
///      A room's stored status follows from its storage (ended flag, uid); {RoomView} spells it out.
interface ILivestreamRooms {
    // ---------------------------------------------------------------- types

    /// @notice How video goes in and out. Cloudflare Stream cannot mix the two.
    /// @param WEBRTC WHIP in, WHEP out: under a second, no recording.
    /// @param BROADCAST RTMPS or SRT in, HLS out: recording, viewer count.
    enum Mode {
        WEBRTC,
        BROADCAST
    }

    /// @notice Where a room stands in its life.
    /// @param NONE No such room.
    /// @param PENDING Created, waits for its live input.
    /// @param ACTIVE Provisioned: it has a live input and a playback URL.
    /// @param ENDED Over for good.
    enum Status {
        NONE,
        PENDING,
        ACTIVE,
        ENDED
    }

    /// @notice Why a room ended.
    /// @param NONE It has not.
    /// @param HOST Its host ended it.
    /// @param EXPIRED It outlived `maxRoomSeconds`, or its operator was revoked while it was active.
    /// @param UNFULFILLED No live input came before the deadline, or its operator was revoked while it was pending.
    /// @param DECLINED Its operator cannot serve it.
    /// @param TAKEN_DOWN A moderator ended it.
    enum EndReason {
        NONE,
        HOST,
        EXPIRED,
        UNFULFILLED,
        DECLINED,
        TAKEN_DOWN
    }

    /// @notice What hosting costs and what bounds it. A room keeps the terms it was created under.
    /// @param deposit Wei, a whole number of gwei; credited back to the host on every end.
    /// @param fee Wei, a whole number of gwei; credited to the operator at the first fulfilment, else to the host.
    /// @param maxRoomSeconds A room is expirable this long after its creation.
    /// @param fulfillDeadlineSeconds A room still pending this long after its creation is expirable.
    /// @param maxOpenRooms How many rooms one host may have open.
    /// @param maxRoomEvents After so many events of a room its host can only end it.
    /// @param rekeyCooldown Seconds between two changes of a room's ingest key.
    struct Terms {
        uint256 deposit;
        uint256 fee;
        uint32 maxRoomSeconds;
        uint32 fulfillDeadlineSeconds;
        uint16 maxOpenRooms;
        uint16 maxRoomEvents;
        uint16 rekeyCooldown;
    }

    /// @notice Who provisions live inputs, and where they play.
    /// @param account The account that fulfils, declines and releases; zero once revoked.
    /// @param accepting The operator's own switch: takes new rooms.
    /// @param enabled The owner's switch: may take new rooms.
    /// @param playbackBase `https://customer-<code>.cloudflarestream.com`; never changes for an id.
    struct Operator {
        address account;
        bool accepting;
        bool enabled;
        string playbackBase;
    }

    /// @notice A room, whole.
    /// @param roomId Its number, zero for an unknown room in {rooms}.
    /// @param host Who hosts it.
    /// @param pendingHost Whom it was offered to by {transferRoom}, or zero.
    /// @param createdAt Unix seconds.
    /// @param expiresAt Unix seconds from which {expire} would end it by age.
    /// @param rekeyedAt Unix seconds of the last key change, rounded up to a minute after creation; zero if none.
    /// @param operatorId Its operator.
    /// @param termsId Its terms.
    /// @param mode How video goes in and out.
    /// @param gated Whether a gate contract says who may watch (its address is in {RoomCreated}).
    /// @param status As stored.
    /// @param endReason As stored.
    /// @param effectiveStatus As it would be after {expire} now.
    /// @param effectiveReason As it would be after {expire} now.
    /// @param released Whether the operator attested that the live input is gone.
    /// @param uid Cloudflare's id of the live input; zero while pending.
    /// @param tag Names this room, this host and this key: see {tagOf}.
    /// @param keyVersion How many ingest keys the room has had.
    /// @param events How many events the room has had.
    struct RoomView {
        uint256 roomId;
        address host;
        address pendingHost;
        uint64 createdAt;
        uint64 expiresAt;
        uint64 rekeyedAt;
        uint16 operatorId;
        uint16 termsId;
        Mode mode;
        bool gated;
        Status status;
        EndReason endReason;
        Status effectiveStatus;
        EndReason effectiveReason;
        bool released;
        bytes16 uid;
        bytes12 tag;
        uint16 keyVersion;
        uint16 events;
    }

    /// @notice A live input for a room.
    /// @param roomId The room.
    /// @param tag The room's tag as the operator knows it.
    /// @param uid Cloudflare's id of the live input.
    /// @param sealedIngest The credentials, sealed to the room's ingest key; 1 to 1024 bytes.
    struct Fulfillment {
        uint256 roomId;
        bytes12 tag;
        bytes16 uid;
        bytes sealedIngest;
    }

    /// @notice A room its operator cannot serve.
    /// @param roomId The room.
    /// @param tag The room's tag as the operator knows it.
    /// @param reason The operator's code: 1 unusable ingest key, 2 live input lost, 3 quota, 4 other.
    struct Declination {
        uint256 roomId;
        bytes12 tag;
        uint16 reason;
    }

    /// @notice An ended room whose live input is gone.
    /// @param roomId The room.
    /// @param tag The room's tag as the operator knows it.
    struct Release {
        uint256 roomId;
        bytes12 tag;
    }

    // --------------------------------------------------------------- events

    /// @notice A room was created; it waits for its live input.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The host.
    /// @param timestamp Block time, unix seconds.
    /// @param roomId The room.
    /// @param operatorId The operator asked to serve it.
    /// @param termsId The terms it was created under.
    /// @param mode How video goes in and out.
    /// @param gate Zero, or the contract whose `balanceOf(viewer)` says who may watch.
    /// @param ingestKey X25519 public key to which the credentials are sealed.
    /// @param tag The room's first tag.
    /// @param title At most 96 bytes, any bytes; to be shown as text only.
    event RoomCreated(
        uint32 seq,
        address indexed actor,
        uint40 timestamp,
        uint256 indexed roomId,
        uint16 operatorId,
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
        uint32 seq, address indexed actor, uint40 timestamp, uint256 indexed roomId, string title
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
        uint32 seq,
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
        uint32 seq,
        address indexed actor,
        uint40 timestamp,
        uint256 indexed roomId,
        address to
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
        uint32 seq,
        address indexed actor,
        uint40 timestamp,
        uint256 indexed roomId,
        address from,
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
        uint32 seq,
        address indexed actor,
        uint40 timestamp,
        uint256 indexed roomId,
        bytes12 tag,
        bytes16 uid,
        bytes sealedIngest
    );

    /// @notice The room is over.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor Who ended it: host, operator, moderator, or whoever called {expire}.
    /// @param timestamp Block time, unix seconds.
    /// @param roomId The room.
    /// @param reason Why.
    /// @param detail The code given to {decline} or {takeDown}; zero otherwise.
    event RoomEnded(
        uint32 seq,
        address indexed actor,
        uint40 timestamp,
        uint256 indexed roomId,
        EndReason reason,
        uint16 detail
    );

    /// @notice The operator attests that the ended room's live input is gone.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The operator's account.
    /// @param timestamp Block time, unix seconds.
    /// @param roomId The room.
    event RoomReleased(
        uint32 seq, address indexed actor, uint40 timestamp, uint256 indexed roomId
    );

    /// @notice An account is owed more; it takes it by {withdrawTo}.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor Who sent the transaction.
    /// @param timestamp Block time, unix seconds.
    /// @param account Who is owed.
    /// @param amount Wei.
    event Credited(
        uint32 seq, address indexed actor, uint40 timestamp, address indexed account, uint256 amount
    );

    /// @notice An account took all it was owed.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The account.
    /// @param timestamp Block time, unix seconds.
    /// @param to Where the money went.
    /// @param amount Wei.
    event Withdrawn(
        uint32 seq, address indexed actor, uint40 timestamp, address indexed to, uint256 amount
    );

    /// @notice There is a new operator, enabled and accepting.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The owner.
    /// @param timestamp Block time, unix seconds.
    /// @param operatorId Its number, from 1.
    /// @param account The account that acts for it.
    /// @param playbackBase Where its live inputs play; final.
    event OperatorAdded(
        uint32 seq,
        address indexed actor,
        uint40 timestamp,
        uint16 indexed operatorId,
        address account,
        string playbackBase
    );

    /// @notice Another account acts for the operator; zero revokes it.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The owner.
    /// @param timestamp Block time, unix seconds.
    /// @param operatorId The operator.
    /// @param account The new account.
    event OperatorAccountChanged(
        uint32 seq,
        address indexed actor,
        uint40 timestamp,
        uint16 indexed operatorId,
        address account
    );

    /// @notice The operator takes new rooms, or no longer does.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The operator's account.
    /// @param timestamp Block time, unix seconds.
    /// @param operatorId The operator.
    /// @param accepting Whether it takes new rooms.
    event OperatorAcceptingChanged(
        uint32 seq,
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
        uint32 seq,
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
        uint32 seq,
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
        uint32 seq, address indexed actor, uint40 timestamp, address indexed account, bool allowed
    );

    /// @notice Creation of rooms is paused, or goes on.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The owner.
    /// @param timestamp Block time, unix seconds.
    /// @param paused Whether it is paused.
    event PauseChanged(uint32 seq, address indexed actor, uint40 timestamp, bool paused);

    /// @notice The owner offers ownership; zero takes the offer back.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The owner.
    /// @param timestamp Block time, unix seconds.
    /// @param account Who may accept it.
    event OwnerProposed(
        uint32 seq, address indexed actor, uint40 timestamp, address indexed account
    );

    /// @notice The contract has a new owner. The first event of all tells the first owner.
    /// @param seq Number of the event in the contract's history, from 1.
    /// @param actor The new owner; at deployment the deployer.
    /// @param timestamp Block time, unix seconds.
    /// @param account The new owner.
    event OwnerChanged(
        uint32 seq, address indexed actor, uint40 timestamp, address indexed account
    );

    // --------------------------------------------------------------- errors

    /// @notice No room has this number.
    /// @param roomId The number asked for.
    error RoomUnknown(uint256 roomId);
    /// @notice The room is over, or {expire} would end it now.
    /// @param roomId The room.
    error RoomNotOpen(uint256 roomId);
    /// @notice The room has no playback URL in this status.
    /// @param roomId The room.
    /// @param status Its status.
    error RoomNotActive(uint256 roomId, Status status);
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
    /// @notice Creation takes exactly the deposit and the fee of the current terms.
    /// @param expected Wei to send.
    /// @param sent Wei sent.
    error WrongPayment(uint256 expected, uint256 sent);
    /// @notice Creation of rooms is paused.
    error CreationPaused();
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
    /// @notice Ownership cannot be renounced: somebody must be able to revoke a stolen operator key.
    error RenounceDisabled();
    /// @notice A counter is full; a successor contract goes on with the numbers.
    error CounterFull();

    // ---------------------------------------------------------------- hosts

    /// @notice Creates a room. Takes exactly the deposit and the fee of the current terms.
    /// @param operatorId The operator to serve it.
    /// @param mode How video goes in and out.
    /// @param gate Zero for a public room, else a contract whose `balanceOf(viewer)` says who may watch.
    /// @param ingestKey X25519 public key to which the credentials will be sealed; not zero.
    /// @param title At most 96 bytes.
    /// @return roomId The room's number.
    function createRoom(
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

    /// @notice Asks for fresh credentials, sealed to a new key.
    /// @param roomId The room.
    /// @param ingestKey The new X25519 public key; not zero.
    function rekeyRoom(uint256 roomId, bytes32 ingestKey) external;

    /// @notice Offers a room to another account; zero takes the offer back.
    /// @param roomId The room.
    /// @param to Who may accept it.
    function transferRoom(uint256 roomId, address to) external;

    /// @notice Takes over a room that was offered. Its deposit and its place in the host's limit move along.
    /// @param roomId The room.
    /// @param ingestKey The new host's X25519 public key; not zero.
    function acceptRoom(uint256 roomId, bytes32 ingestKey) external;

    /// @notice Ends a room.
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
    /// @param playbackBase `https://customer-<code>.cloudflarestream.com`; final.
    /// @return operatorId Its number.
    function addOperator(address account, string calldata playbackBase)
        external
        returns (uint16 operatorId);

    /// @notice Lets another account act for an operator; zero revokes it.
    /// @param operatorId The operator.
    /// @param account The new account.
    function setOperatorAccount(uint16 operatorId, address account) external;

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

    // ---------------------------------------------------------------- views

    /// @notice One room.
    /// @param roomId The room.
    /// @return view_ The room, whole.
    function room(uint256 roomId) external view returns (RoomView memory view_);

    /// @notice Several rooms; an unknown one is all zero.
    /// @param roomIds The rooms.
    /// @return views The rooms, in the order asked.
    function rooms(uint256[] calldata roomIds) external view returns (RoomView[] memory views);

    /// @notice Where an active room plays.
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
    /// @dev `h0 = bytes24(keccak256(abi.encode(block.chainid, address(this))))` at deployment; each event makes
    ///      `h = bytes24(keccak256(abi.encode(bytes32(h), seq, topic0, actor, timestamp, p...)))` where `p` are its other
    ///      parameters in the order of declaration, a dynamic one replaced by the keccak256 of its bytes.
    /// @return count How many events there were.
    /// @return hash The 24 bytes of the hash, left-aligned.
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
