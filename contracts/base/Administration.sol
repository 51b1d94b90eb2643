// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {ILivestreamRooms} from "../interfaces/ILivestreamRooms.sol";
import {Head, HistoryHead} from "../libraries/HistoryHead.sol";
import {PackedRoom} from "../libraries/PackedRoom.sol";
import {Offer, PackedTerms} from "../libraries/PackedTerms.sol";
import {PlaybackUrl} from "../libraries/PlaybackUrl.sol";

/// @title Operators, terms, moderators, the registry's switches and ownership
/// @notice What the owner sets, and what operators and payees set themselves. None of it can touch a room's money or end
///         a room, but that the rooms of a revoked operator become expirable, and that fees still to come go to the payee
///         of then.
/// @dev OpenZeppelin's two ownership events carry no sequence number; each comes with a committed one of ours
///      ({OwnerProposed}, {OwnerChanged}), and a fold leaves OpenZeppelin's out.
abstract contract Administration is ILivestreamRooms, Ownable2Step {
    /// @dev An operator as stored.
    /// @param account Who acts for it; zero once revoked.
    /// @param accepting Its own switch.
    /// @param enabled The owner's switch.
    /// @param payee Who is owed its fees.
    /// @param playbackBase Where its live inputs play.
    struct OperatorSlot {
        address account;
        bool accepting;
        bool enabled;
        address payee;
        string playbackBase;
    }

    /// @inheritdoc ILivestreamRooms
    uint256 public immutable firstRoomId;

    /// @dev The end of the history, and the number of rooms.
    Head internal _head;
    /// @dev The current terms and the registry's switches: all that creation reads of them, in one slot.
    Offer internal _current;
    /// @dev How many operators there are.
    uint16 private _operatorCount;
    /// @dev Where a retired registry's hosts go on; zero if none.
    address internal _successor;
    /// @dev Operators by number, from 1.
    mapping(uint16 operatorId => OperatorSlot) internal _operators;
    /// @dev Terms by number, from 1; never changed once set.
    mapping(uint16 termsId => Offer) internal _offers;
    /// @dev Who may take rooms down.
    mapping(address account => bool) private _moderators;

    /// @dev Tells the first owner and sets the first terms.
    /// @param owner_ The owner.
    /// @param firstRoomId_ The first room's number.
    /// @param terms_ The first terms.
    constructor(address owner_, uint64 firstRoomId_, Terms memory terms_) Ownable(owner_) {
        if (firstRoomId_ == 0) revert FirstRoomIdZero();
        firstRoomId = firstRoomId_;
        _head = HistoryHead.genesis();
        _emitOwnerChanged(owner_);
        _setTerms(terms_);
    }

    // ------------------------------------------------------------ operators

    /// @inheritdoc ILivestreamRooms
    function addOperator(address account_, address payee, string calldata playbackBase)
        external
        onlyOwner
        returns (uint16 operatorId)
    {
        _notRetired();
        if (account_ == address(0) || payee == address(0)) revert ZeroAddress();
        if (!PlaybackUrl.isBase(playbackBase)) revert PlaybackBaseInvalid(playbackBase);
        if (_operatorCount == PackedRoom.MAX_OPERATOR_ID) revert CounterFull();
        operatorId = ++_operatorCount;
        _operators[operatorId] = OperatorSlot({
            account: account_,
            accepting: true,
            enabled: true,
            payee: payee,
            playbackBase: playbackBase
        });

        uint40 seq = _head.openingSeq();
        emit OperatorAdded(
            seq, msg.sender, uint40(block.timestamp), operatorId, account_, payee, playbackBase
        );
        _commit(
            seq,
            OperatorAdded.selector,
            abi.encode(operatorId, account_, payee, keccak256(bytes(playbackBase)))
        );
    }

    /// @inheritdoc ILivestreamRooms
    function setOperatorAccount(uint16 operatorId, address account_) external onlyOwner {
        _operatorSlot(operatorId).account = account_;
        uint40 seq = _head.ownerSeq();
        emit OperatorAccountChanged(
            seq, msg.sender, uint40(block.timestamp), operatorId, account_
        );
        _commit(seq, OperatorAccountChanged.selector, abi.encode(operatorId, account_));
    }

    /// @inheritdoc ILivestreamRooms
    function setOperatorPayee(uint16 operatorId, address payee) external {
        OperatorSlot storage slot = _operatorSlot(operatorId);
        bool byOwner = msg.sender == owner();
        if (!byOwner && msg.sender != slot.payee) revert NotPayee(operatorId, msg.sender);
        if (payee == address(0)) revert ZeroAddress();
        slot.payee = payee;
        uint40 seq = byOwner ? _head.ownerSeq() : _head.openingSeq();
        emit OperatorPayeeChanged(seq, msg.sender, uint40(block.timestamp), operatorId, payee);
        _commit(seq, OperatorPayeeChanged.selector, abi.encode(operatorId, payee));
    }

    /// @inheritdoc ILivestreamRooms
    function setOperatorEnabled(uint16 operatorId, bool enabled) external onlyOwner {
        _operatorSlot(operatorId).enabled = enabled;
        uint40 seq = _head.ownerSeq();
        emit OperatorEnabledChanged(seq, msg.sender, uint40(block.timestamp), operatorId, enabled);
        _commit(seq, OperatorEnabledChanged.selector, abi.encode(operatorId, enabled));
    }

    /// @inheritdoc ILivestreamRooms
    function setOperatorAccepting(uint16 operatorId, bool accepting) external {
        OperatorSlot storage slot = _operatorSlot(operatorId);
        if (slot.account != msg.sender) revert NotOperator(operatorId, msg.sender);
        slot.accepting = accepting;
        uint40 seq = _head.openingSeq();
        emit OperatorAcceptingChanged(
            seq, msg.sender, uint40(block.timestamp), operatorId, accepting
        );
        _commit(seq, OperatorAcceptingChanged.selector, abi.encode(operatorId, accepting));
    }

    /// @inheritdoc ILivestreamRooms
    function operator(uint16 operatorId) external view returns (Operator memory) {
        OperatorSlot storage slot = _operatorSlot(operatorId);
        return Operator(
            slot.account, slot.payee, slot.accepting, slot.enabled, slot.playbackBase
        );
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
        _notRetired();
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
        _current = offer.withSwitchesOf(former);

        uint40 seq = _head.openingSeq();
        emit TermsSet(seq, msg.sender, uint40(block.timestamp), termsId, t);
        // static members only: encoded in place, word by word
        _commit(seq, TermsSet.selector, abi.encode(termsId, t));
    }

    // ----------------------------------------------- moderators and switches

    /// @inheritdoc ILivestreamRooms
    function setModerator(address account_, bool allowed) external onlyOwner {
        if (account_ == address(0)) revert ZeroAddress();
        _moderators[account_] = allowed;
        uint40 seq = _head.ownerSeq();
        emit ModeratorChanged(seq, msg.sender, uint40(block.timestamp), account_, allowed);
        _commit(seq, ModeratorChanged.selector, abi.encode(account_, allowed));
    }

    /// @inheritdoc ILivestreamRooms
    function isModerator(address who) public view returns (bool) {
        return _moderators[who];
    }

    /// @inheritdoc ILivestreamRooms
    function setPaused(bool isPaused) external onlyOwner {
        _notRetired();
        _current = _current.withPaused(isPaused);
        uint40 seq = _head.ownerSeq();
        emit PauseChanged(seq, msg.sender, uint40(block.timestamp), isPaused);
        _commit(seq, PauseChanged.selector, abi.encode(isPaused));
    }

    /// @inheritdoc ILivestreamRooms
    function paused() external view returns (bool) {
        return _current.paused();
    }

    /// @inheritdoc ILivestreamRooms
    function retire(address successor) external onlyOwner {
        _notRetired();
        _checkSuccessor(successor);
        _current = _current.withRetired();
        _successor = successor;
        uint40 seq = _head.ownerSeq();
        emit Retired(seq, msg.sender, uint40(block.timestamp), successor);
        _commit(seq, Retired.selector, abi.encode(successor));
    }

    /// @dev Reverts if the registry is retired.
    function _notRetired() private view {
        if (_current.retired()) revert RegistryRetired(_successor);
    }

    /// @dev Reverts unless a successor is zero, or another contract whose rooms come after all of this one.
    /// @param successor What was given.
    function _checkSuccessor(address successor) private view {
        if (successor == address(0)) return;
        uint256 atLeast = firstRoomId + _head.rooms();
        uint256 first = 0;
        if (successor.code.length != 0 && successor != address(this)) {
            (bool ok, bytes memory answer) =
                successor.staticcall(abi.encodeCall(ILivestreamRooms.firstRoomId, ()));
            if (ok && answer.length == 32) first = abi.decode(answer, (uint256));
        }
        if (first < atLeast) {
            revert SuccessorUnfit(successor, first, atLeast);
        }
    }

    // ------------------------------------------------------------- ownership

    /// @notice Offers ownership; the other account takes it by {acceptOwnership}. Zero takes the offer back.
    /// @param newOwner Who may accept it.
    function transferOwnership(address newOwner) public override onlyOwner {
        super.transferOwnership(newOwner);
        uint40 seq = _head.ownerSeq();
        emit OwnerProposed(seq, msg.sender, uint40(block.timestamp), newOwner);
        _commit(seq, OwnerProposed.selector, abi.encode(newOwner));
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
        uint40 seq = _head.ownerSeq();
        emit OwnerChanged(seq, msg.sender, uint40(block.timestamp), owner_);
        _commit(seq, OwnerChanged.selector, abi.encode(owner_));
    }

    // --------------------------------------------------------------- history

    /// @inheritdoc ILivestreamRooms
    function history() external view returns (uint256 count, bytes32 hash) {
        Head head = _head;
        return (head.count(), head.hash());
    }

    /// @dev Commits an event sent by the caller in this block.
    /// @param seq Its number.
    /// @param topic0 Which event.
    /// @param words Its words after the timestamp.
    function _commit(uint40 seq, bytes32 topic0, bytes memory words) private {
        Head head = _head;
        _head = head.append(
            keccak256(
                bytes.concat(
                    abi.encode(head.hash(), seq, topic0, msg.sender, block.timestamp), words
                )
            )
        );
    }
}
