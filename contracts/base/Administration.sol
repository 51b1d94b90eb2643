// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {ILivestreamRooms} from "../interfaces/ILivestreamRooms.sol";
import {Head, HistoryHead} from "../libraries/HistoryHead.sol";
import {PackedRoom} from "../libraries/PackedRoom.sol";
import {Offer, PackedTerms} from "../libraries/PackedTerms.sol";
import {PlaybackUrl} from "../libraries/PlaybackUrl.sol";

/// @title Operators, terms, moderators, pause and ownership
/// @notice What the owner sets, and the operator's own switch. None of it can touch a room's money or end a room, but
///         that the rooms of a revoked operator become expirable.
/// @dev OpenZeppelin's two ownership events carry no sequence number; each comes with a committed one of ours
///      ({OwnerProposed}, {OwnerChanged}), and a fold leaves OpenZeppelin's out.
abstract contract Administration is ILivestreamRooms, Ownable2Step {
    /// @dev An operator as stored.
    /// @param account Who acts for it; zero once revoked.
    /// @param accepting Its own switch.
    /// @param enabled The owner's switch.
    /// @param playbackBase Where its live inputs play.
    struct OperatorSlot {
        address account;
        bool accepting;
        bool enabled;
        string playbackBase;
    }

    /// @dev The end of the history, and the number of rooms.
    Head internal _head;
    /// @dev The current terms and the pause switch: all that creation reads of them, in one slot.
    Offer internal _current;
    /// @dev How many operators there are.
    uint16 private _operatorCount;
    /// @dev Operators by number, from 1.
    mapping(uint16 operatorId => OperatorSlot) internal _operators;
    /// @dev Terms by number, from 1; never changed once set.
    mapping(uint16 termsId => Offer) internal _offers;
    /// @dev Who may take rooms down.
    mapping(address account => bool) private _moderators;

    /// @dev Tells the first owner and sets the first terms.
    /// @param owner_ The owner.
    /// @param terms_ The first terms.
    constructor(address owner_, Terms memory terms_) Ownable(owner_) {
        _head = HistoryHead.genesis();
        _emitOwnerChanged(owner_);
        _setTerms(terms_);
    }

    // ------------------------------------------------------------ operators

    /// @inheritdoc ILivestreamRooms
    function addOperator(address account_, string calldata playbackBase)
        external
        onlyOwner
        returns (uint16 operatorId)
    {
        if (account_ == address(0)) revert ZeroAddress();
        if (!PlaybackUrl.isBase(playbackBase)) revert PlaybackBaseInvalid(playbackBase);
        if (_operatorCount == PackedRoom.MAX_OPERATOR_ID) revert CounterFull();
        operatorId = ++_operatorCount;
        _operators[operatorId] = OperatorSlot({
            account: account_, accepting: true, enabled: true, playbackBase: playbackBase
        });

        Head head = _head;
        uint32 seq = head.openingSeq();
        emit OperatorAdded(
            seq, msg.sender, uint40(block.timestamp), operatorId, account_, playbackBase
        );
        bytes32 digest = keccak256(
            abi.encode(
                head.hash(),
                seq,
                OperatorAdded.selector,
                msg.sender,
                block.timestamp,
                operatorId,
                account_,
                keccak256(bytes(playbackBase))
            )
        );
        _head = head.append(digest);
    }

    /// @inheritdoc ILivestreamRooms
    function setOperatorAccount(uint16 operatorId, address account_) external onlyOwner {
        _operatorSlot(operatorId).account = account_;
        uint32 seq = _head.openingSeq();
        emit OperatorAccountChanged(
            seq, msg.sender, uint40(block.timestamp), operatorId, account_
        );
        _commit(seq, OperatorAccountChanged.selector, operatorId, uint160(account_));
    }

    /// @inheritdoc ILivestreamRooms
    function setOperatorEnabled(uint16 operatorId, bool enabled) external onlyOwner {
        _operatorSlot(operatorId).enabled = enabled;
        uint32 seq = _head.openingSeq();
        emit OperatorEnabledChanged(seq, msg.sender, uint40(block.timestamp), operatorId, enabled);
        _commit(seq, OperatorEnabledChanged.selector, operatorId, enabled ? 1 : 0);
    }

    /// @inheritdoc ILivestreamRooms
    function setOperatorAccepting(uint16 operatorId, bool accepting) external {
        OperatorSlot storage slot = _operatorSlot(operatorId);
        if (slot.account != msg.sender) revert NotOperator(operatorId, msg.sender);
        slot.accepting = accepting;
        uint32 seq = _head.openingSeq();
        emit OperatorAcceptingChanged(
            seq, msg.sender, uint40(block.timestamp), operatorId, accepting
        );
        _commit(seq, OperatorAcceptingChanged.selector, operatorId, accepting ? 1 : 0);
    }

    /// @inheritdoc ILivestreamRooms
    function operator(uint16 operatorId) external view returns (Operator memory) {
        OperatorSlot storage slot = _operatorSlot(operatorId);
        return Operator(slot.account, slot.accepting, slot.enabled, slot.playbackBase);
    }

    /// @inheritdoc ILivestreamRooms
    function operatorCount() external view returns (uint16) {
        return _operatorCount;
    }

    /// @dev An operator's storage; reverts if there is none.
    /// @param operatorId Its number.
    /// @return slot The storage.
    function _operatorSlot(uint16 operatorId) internal view returns (OperatorSlot storage slot) {
        if (operatorId == 0 || operatorId > _operatorCount) revert OperatorUnknown(operatorId);
        slot = _operators[operatorId];
    }

    // ---------------------------------------------------------------- terms

    /// @inheritdoc ILivestreamRooms
    function setTerms(Terms calldata newTerms) external onlyOwner returns (uint16) {
        return _setTerms(newTerms);
    }

    /// @inheritdoc ILivestreamRooms
    function terms(uint16 termsId) external view returns (Terms memory) {
        if (termsId == 0 || termsId > _current.termsId()) revert TermsUnknown(termsId);
        return _offers[termsId].unpack();
    }

    /// @inheritdoc ILivestreamRooms
    function currentTermsId() external view returns (uint16) {
        return _current.termsId();
    }

    /// @dev Checks, stores and announces terms.
    /// @param t The terms.
    /// @return termsId Their number.
    function _setTerms(Terms memory t) private returns (uint16 termsId) {
        Offer former = _current;
        if (former.termsId() == type(uint16).max) revert CounterFull();
        termsId = former.termsId() + 1;
        Offer offer = PackedTerms.pack(t, termsId);
        _offers[termsId] = offer;
        _current = offer.withPaused(former.paused());

        Head head = _head;
        uint32 seq = head.openingSeq();
        emit TermsSet(seq, msg.sender, uint40(block.timestamp), termsId, t);
        bytes32 digest = keccak256(
            abi.encode(
                head.hash(),
                seq,
                TermsSet.selector,
                msg.sender,
                block.timestamp,
                termsId,
                t // static members only: encoded in place, word by word
            )
        );
        _head = head.append(digest);
    }

    // --------------------------------------------------- moderators and pause

    /// @inheritdoc ILivestreamRooms
    function setModerator(address account_, bool allowed) external onlyOwner {
        if (account_ == address(0)) revert ZeroAddress();
        _moderators[account_] = allowed;
        uint32 seq = _head.openingSeq();
        emit ModeratorChanged(seq, msg.sender, uint40(block.timestamp), account_, allowed);
        _commit(seq, ModeratorChanged.selector, uint160(account_), allowed ? 1 : 0);
    }

    /// @inheritdoc ILivestreamRooms
    function isModerator(address who) public view returns (bool) {
        return _moderators[who];
    }

    /// @inheritdoc ILivestreamRooms
    function setPaused(bool isPaused) external onlyOwner {
        _current = _current.withPaused(isPaused);
        Head head = _head;
        uint32 seq = head.openingSeq();
        emit PauseChanged(seq, msg.sender, uint40(block.timestamp), isPaused);
        bytes32 digest = keccak256(
            abi.encode(
                head.hash(), seq, PauseChanged.selector, msg.sender, block.timestamp, isPaused
            )
        );
        _head = head.append(digest);
    }

    /// @inheritdoc ILivestreamRooms
    function paused() external view returns (bool) {
        return _current.paused();
    }

    // ------------------------------------------------------------- ownership

    /// @notice Offers ownership; the other account takes it by {acceptOwnership}. Zero takes the offer back.
    /// @param newOwner Who may accept it.
    function transferOwnership(address newOwner) public override onlyOwner {
        super.transferOwnership(newOwner);
        Head head = _head;
        uint32 seq = head.openingSeq();
        emit OwnerProposed(seq, msg.sender, uint40(block.timestamp), newOwner);
        bytes32 digest = keccak256(
            abi.encode(
                head.hash(), seq, OwnerProposed.selector, msg.sender, block.timestamp, newOwner
            )
        );
        _head = head.append(digest);
    }

    /// @notice Takes over ownership that was offered.
    function acceptOwnership() public override {
        super.acceptOwnership();
        _emitOwnerChanged(msg.sender);
    }

    /// @notice Always reverts: without an owner nobody could revoke a stolen operator key.
    function renounceOwnership() public pure override {
        revert RenounceDisabled();
    }

    /// @dev Announces the owner.
    /// @param owner_ The owner.
    function _emitOwnerChanged(address owner_) private {
        Head head = _head;
        uint32 seq = head.openingSeq();
        emit OwnerChanged(seq, msg.sender, uint40(block.timestamp), owner_);
        bytes32 digest = keccak256(
            abi.encode(
                head.hash(), seq, OwnerChanged.selector, msg.sender, block.timestamp, owner_
            )
        );
        _head = head.append(digest);
    }

    // --------------------------------------------------------------- history

    /// @inheritdoc ILivestreamRooms
    function history() external view returns (uint256 count, bytes32 hash) {
        Head head = _head;
        return (head.count(), head.hash());
    }

    /// @dev Commits an event of two words, sent by the caller in this block.
    /// @param seq Its number.
    /// @param topic0 Which event.
    /// @param first Its first word after the timestamp.
    /// @param second Its second.
    function _commit(uint32 seq, bytes32 topic0, uint256 first, uint256 second) private {
        Head head = _head;
        bytes32 digest = keccak256(
            abi.encode(head.hash(), seq, topic0, msg.sender, block.timestamp, first, second)
        );
        _head = head.append(digest);
    }
}
