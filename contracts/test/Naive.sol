// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The yardstick: rooms as one would write them first
/// @notice Title, status and both URLs are stored strings. It seals nothing, has no limits, no batches and no history: it
///         does less than {LivestreamRooms} for the gas that `python -m bench.gas` measures.
contract Naive {
    /// @notice A room, all of it in storage.
    struct Room {
        address host;
        uint256 createdAt;
        string title;
        string status;
        string publishUrl;
        string playbackUrl;
    }

    /// @notice Who writes URLs back.
    address public immutable operator;
    /// @notice How many rooms there are.
    uint256 public roomCount;
    /// @notice Rooms by number, from 1.
    mapping(uint256 roomId => Room) public rooms;

    event RoomCreated(uint256 indexed roomId, address indexed host, string title);
    event RoomActive(uint256 indexed roomId, string publishUrl, string playbackUrl);
    event RoomEnded(uint256 indexed roomId);
    event RoomReleased(uint256 indexed roomId);

    error NotAllowed(uint256 roomId, address account);

    constructor() {
        operator = msg.sender;
    }

    function createRoom(string calldata title) public payable virtual returns (uint256 roomId) {
        roomId = ++roomCount;
        Room storage room = rooms[roomId];
        room.host = msg.sender;
        room.createdAt = block.timestamp;
        room.title = title;
        room.status = "PENDING";
        emit RoomCreated(roomId, msg.sender, title);
    }

    function setUrls(uint256 roomId, string calldata publishUrl, string calldata playbackUrl)
        external
    {
        if (msg.sender != operator) revert NotAllowed(roomId, msg.sender);
        Room storage room = rooms[roomId];
        room.publishUrl = publishUrl;
        room.playbackUrl = playbackUrl;
        room.status = "ACTIVE";
        emit RoomActive(roomId, publishUrl, playbackUrl);
    }

    function endRoom(uint256 roomId) public virtual {
        Room storage room = rooms[roomId];
        if (msg.sender != room.host) revert NotAllowed(roomId, msg.sender);
        room.status = "ENDED";
        emit RoomEnded(roomId);
    }

    function releaseRoom(uint256 roomId) external {
        if (msg.sender != operator) revert NotAllowed(roomId, msg.sender);
        rooms[roomId].status = "RELEASED";
        emit RoomReleased(roomId);
    }
}

/// @title The same with a deposit, stored beside the room and paid back at its end
contract NaiveWithDeposit is Naive {
    /// @notice What each room's host has left.
    mapping(uint256 roomId => uint256) public deposits;

    function createRoom(string calldata title) public payable override returns (uint256 roomId) {
        roomId = super.createRoom(title);
        deposits[roomId] = msg.value;
    }

    function endRoom(uint256 roomId) public override {
        super.endRoom(roomId);
        (bool ok,) = msg.sender.call{value: deposits[roomId]}("");
        require(ok);
    }
}
