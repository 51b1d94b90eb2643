// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LivestreamRooms} from "../../LivestreamRooms.sol";
import {Head} from "../../libraries/HistoryHead.sol";
import {Account} from "../../libraries/PackedAccount.sol";
import {RoomCore, RoomLink} from "../../libraries/PackedRoom.sol";
import {Offer} from "../../libraries/PackedTerms.sol";

/// @dev What halmos offers to a test: see {LedgerProofs._given}.
interface Cheats {
    function warp(uint256 timestamp) external;
}

/// @title What holds of every step of the whole registry: no wei appears or is lost, and closing events are bounded
/// @notice As in {HistoryHeadProofs}. Each proof is of one call, from any room, terms, accounts and history. It is the step of
///         an induction over all that is ever called: what every step keeps, every history keeps.
/// @dev The caller is this contract, which calls itself: host, operator or moderator, as the proof wants.
/// @custom:halmos --solver z3
contract LedgerProofs is LivestreamRooms {
    /// @dev What a step has to do with.
    /// @param core A room's first word.
    /// @param link Its second.
    /// @param offer Its terms, or the current ones.
    /// @param head The head.
    /// @param hosts Its host's account.
    /// @param payees Its operator's payee's account.
    /// @param payee The operator's payee.
    /// @param timestamp Now.
    struct Given {
        RoomCore core;
        RoomLink link;
        Offer offer;
        Head head;
        Account hosts;
        Account payees;
        address payee;
        uint40 timestamp;
    }

    /// @dev What the registry owes, and how many closing events there can still be.
    /// @param owed Wei, as a credit counts them: the room's deposit, and its fee while it is pending, and the credits of host and payee.
    /// @param closings Of the room and of both credits: see {_measured}.
    /// @param count Events so far.
    /// @param openRooms Of the host's account, without this room.
    struct Measured {
        uint256 owed;
        uint256 closings;
        uint256 count;
        uint256 openRooms;
    }

    Cheats private constant CHEATS = Cheats(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
    uint256 private constant ROOM = 1;
    /// @dev More than all the ether there is.
    uint256 private constant MAX_CREDIT = 2 ** 90;

    constructor() LivestreamRooms(address(this), 1, Terms(0, 0, 60, 30, 1, 8, 0)) {}

    /// @notice Called by halmos before each proof.
    function setUp() external {
        this.setModerator(address(this), true);
    }

    /// @notice A creation takes exactly the price, from the payment first and then from the caller's own credit; it counts one
    ///         room and touches no other account.
    /// @custom:halmos --solver yices
    function check_createRoom_takes_exactly_the_price_from_payment_and_credit(
        Offer offer,
        Account mine,
        Account others,
        address other,
        uint256 value
    ) external {
        require(other != address(this));
        require(value <= address(this).balance);
        require(mine.openRooms() < 2 ** 127);
        _offer(offer);
        _accounts[address(this)] = mine;
        _accounts[other] = others;
        uint256 count = _head.count();

        uint256 roomId =
            this.createRoom{value: value}(offer.termsId(), 1, Mode.WEBRTC, address(0), bytes32("key"), "");

        Account next = _accounts[address(this)];
        assert(value <= offer.price());
        assert(mine.credit() + value == next.credit() + offer.price());
        assert(next.openRooms() == mine.openRooms() + 1);
        assert(next.openRooms() <= offer.maxOpenRooms());
        assert(Account.unwrap(_accounts[other]) == Account.unwrap(others));
        // one opening event, and one closing event if credit was spent: with the five that a pending room has, six
        assert(_head.count() == count + (value < offer.price() ? 2 : 1));
        assert(_left(_rooms[roomId].link) == 5);
    }

    /// @notice A creation fails whenever payment and credit fall short of the price, or the payment exceeds it.
    function check_createRoom_refuses_any_other_payment(Offer offer, Account mine, uint256 value)
        external
    {
        require(value <= address(this).balance);
        _offer(offer);
        require(mine.openRooms() < offer.maxOpenRooms());
        _accounts[address(this)] = mine;
        bool enough = value <= offer.price() && value + mine.credit() >= offer.price();
        try this.createRoom{value: value}(
            offer.termsId(), 1, Mode.WEBRTC, address(0), bytes32("key"), ""
        ) {
            assert(enough);
        } catch {
            assert(!enough);
        }
    }

    /// @notice An end by the host pays out what was held for the room, to host and payee: the sum of all that is owed stays.
    function check_endRoom_keeps_the_sum_and_the_closing_events(Given calldata given) external {
        require(given.core.host() == address(this));
        Measured memory before = _before(given);
        this.endRoom(ROOM);
        _after(given, before, 0);
    }

    /// @notice A decline by the operator pays out what was held for the room.
    function check_decline_keeps_the_sum_and_the_closing_events(Given calldata given) external {
        Declination[] memory entries = new Declination[](1);
        entries[0] = Declination(ROOM, given.link.tag(), 7);
        Measured memory before = _before(given);
        this.decline(entries);
        _after(given, before, 0);
    }

    /// @notice An expiry pays out what was held for the room.
    function check_expire_keeps_the_sum_and_the_closing_events(Given calldata given) external {
        uint256[] memory entries = new uint256[](1);
        entries[0] = ROOM;
        Measured memory before = _before(given);
        this.expire(entries);
        _after(given, before, 0);
    }

    /// @notice A take-down pays out what was held for the room.
    function check_takeDown_keeps_the_sum_and_the_closing_events(Given calldata given) external {
        Measured memory before = _before(given);
        this.takeDown(ROOM, 7);
        _after(given, before, 0);
    }

    /// @notice A release moves no money, and is one of the closing events counted on.
    function check_release_keeps_the_sum_and_the_closing_events(Given calldata given) external {
        Release[] memory entries = new Release[](1);
        entries[0] = Release(ROOM, given.link.tag());
        Measured memory before = _before(given);
        this.release(entries);
        _after(given, before, 0);
    }

    /// @notice A first fulfilment makes the fee the payee's; sealing anew moves nothing.
    function check_fulfill_keeps_the_sum_and_the_closing_events(Given calldata given, bytes16 uid)
        external
    {
        Fulfillment[] memory entries = new Fulfillment[](1);
        entries[0] = Fulfillment(ROOM, given.link.tag(), uid, "sealed");
        Measured memory before = _before(given);
        uint256 applied = this.fulfill(entries);
        _after(given, before, applied);
    }

    /// @notice A withdrawal pays all of the caller's credit, once, and no other.
    function check_withdrawTo_pays_the_callers_credit_and_no_other(
        Account mine,
        Account others,
        address other
    ) external {
        require(other != address(this));
        require(mine.credit() <= MAX_CREDIT);
        _accounts[address(this)] = mine;
        _accounts[other] = others;
        (uint256 balance, uint256 count) = (address(this).balance, _head.count());

        this.withdrawTo(payable(address(0xbeef)));

        assert(mine.credit() > 0); // a withdrawal needs a credit, which an end or a fee has made
        assert(address(this).balance + mine.credit() == balance);
        assert(_accounts[address(this)].credit() == 0);
        assert(_accounts[address(this)].openRooms() == mine.openRooms());
        assert(Account.unwrap(_accounts[other]) == Account.unwrap(others));
        assert(_head.count() == count + 1);
    }

    function _offer(Offer offer) private {
        require(!offer.closed());
        _current = offer;
        _operators[1].account = address(1);
        _operators[1].accepting = true;
        _operators[1].enabled = true;
    }

    /// @dev Sets all that is given, and measures it.
    function _before(Given calldata given) private returns (Measured memory) {
        require(given.core.exists());
        require(given.core.createdAt() <= given.timestamp);
        require(given.hosts.credit() <= MAX_CREDIT);
        require(given.hosts.openRooms() < 2 ** 127);
        require(given.hosts.openRooms() > 0 || given.link.ended()); // the proof keeps it so
        require(given.payees.credit() <= MAX_CREDIT);
        require(given.head.count() < type(uint40).max - 2); // proved in {HistoryHeadProofs}
        CHEATS.warp(given.timestamp);
        _rooms[ROOM] = RoomSlot(given.core, given.link);
        _offers[given.core.termsId()] = given.offer;
        _operators[given.link.operatorId()].account = address(this);
        _operators[given.link.operatorId()].payee = given.payee;
        _accounts[given.payee] = given.payees;
        _accounts[given.core.host()] = given.hosts;
        _head = given.head;
        return _measured(given);
    }

    /// @dev The sum is what it was, and each closing event was one of those that there still could be.
    function _after(Given calldata given, Measured memory before, uint256 openings) private view {
        Measured memory now_ = _measured(given);
        assert(now_.owed == before.owed);
        unchecked {
            assert(now_.closings + now_.count <= before.closings + before.count + openings);
        }
        assert(now_.openRooms == before.openRooms);
    }

    /// @dev A credit that is not zero can be withdrawn by one event.
    function _measured(Given calldata given) private view returns (Measured memory m) {
        RoomLink link = _rooms[ROOM].link;
        Account host = _accounts[given.core.host()];
        unchecked {
            uint128 owed = uint128(host.credit());
            m.closings = _left(link) + _bit(host.credit() != 0);
            if (given.payee != given.core.host()) {
                uint256 fees = _accounts[given.payee].credit();
                owed += uint128(fees);
                m.closings += _bit(fees != 0);
            }
            if (!link.ended()) {
                owed += uint128(given.offer.deposit());
                if (link.uid() == 0) owed += uint128(given.offer.fee());
            }
            m.owed = owed;
            m.openRooms = host.openRooms() - _bit(!link.ended());
        }
        m.count = _head.count();
    }

    /// @dev How many closing events a room can still cause. Open: its end and a withdrawal of what that pays; pending: the
    ///      fee's too, `Credited` and a withdrawal; and a release, once there has been a live input.
    function _left(RoomLink link) private pure returns (uint256) {
        uint256 pending = _bit(link.uid() == 0);
        uint256 open = _all(_bit(!link.ended()));
        unchecked {
            return ((3 + 2 * pending) & open) | (_bit(pending == 0) & _bit(!link.released()) & ~open);
        }
    }

    /// @dev One if so, without a branch, which would double a proof's paths.
    function _bit(bool yes) private pure returns (uint256 bit) {
        assembly ("memory-safe") {
            bit := yes
        }
    }

    /// @dev All bits if the one is set, without a product, which solvers are slow at.
    function _all(uint256 bit) private pure returns (uint256) {
        unchecked {
            return 0 - bit;
        }
    }
}
