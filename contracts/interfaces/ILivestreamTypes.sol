// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Livestream rooms: enums and structs
/// @notice A room's stored status follows from its storage (end reason, uid); {RoomView} spells it out.
interface ILivestreamTypes {
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
    /// @param fee Wei, a whole number of gwei; credited to the operator's payee at the first fulfilment, or when the host
    ///        ends the room while the operator could still serve it; else to the host.
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
    /// @param payee Who is owed its fees; never zero.
    /// @param accepting The operator's own switch: takes new rooms.
    /// @param enabled The owner's switch: may take new rooms.
    /// @param playbackBase `https://customer-<code>.cloudflarestream.com`; never changes for an id.
    struct Operator {
        address account;
        address payee;
        bool accepting;
        bool enabled;
        string playbackBase;
    }

    /// @notice A room, whole.
    /// @param roomId Its number, zero for an unknown room in {rooms}.
    /// @param host Who hosts it.
    /// @param pendingHost Whom it was offered to by {transferRoom}, or zero; stays as it was when the room ends.
    /// @param createdAt Unix seconds.
    /// @param expiresAt Unix seconds from which {expire} would end it by age.
    /// @param rekeyedAt Unix seconds of the last key change; zero if none.
    /// @param operatorId Its operator.
    /// @param termsId Its terms.
    /// @param mode How video goes in and out.
    /// @param gated Whether a gate says to whom the operator gives playback tokens (its address is in {RoomCreated}).
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

    /// @notice All that the creation of a room depends on.
    /// @param termsId The current terms, to be named by {ILivestreamRooms-createRoom}.
    /// @param terms These terms.
    /// @param paused Whether creation is paused.
    /// @param successor Where a retired registry's hosts go on, by its owner's word; zero if none.
    /// @param retired Whether creation has ended for good.
    /// @param accepting Whether the operator takes new rooms; not for an unknown one.
    /// @param credit Wei the host is owed; creation takes what the payment lacks from it.
    /// @param openRooms How many rooms the host has open.
    struct Creation {
        uint16 termsId;
        Terms terms;
        bool paused;
        address successor;
        bool retired;
        bool accepting;
        uint256 credit;
        uint256 openRooms;
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
}
