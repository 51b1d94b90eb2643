// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivestreamTypes} from "../../interfaces/ILivestreamTypes.sol";
import {Offer, PackedTerms} from "../../libraries/PackedTerms.sol";

/// @title What holds of all terms
/// @notice As in {HistoryHeadProofs}.
contract PackedTermsProofs {
    /// @notice Terms are accepted exactly if they are in their bounds and their amounts are whole gwei.
    function check_pack_accepts_what_is_in_bounds_and_nothing_else(
        ILivestreamTypes.Terms calldata given,
        uint16 id
    ) external view {
        try this.pack(given, id) {
            assert(_inBounds(given));
        } catch {
            assert(!_inBounds(given));
        }
    }

    /// @notice All but the amounts comes back as it was, with the number and no switch.
    function check_pack_gives_back_limits_and_number(
        uint32 maxRoomSeconds,
        uint32 fulfillDeadlineSeconds,
        uint16 maxOpenRooms,
        uint16 maxRoomEvents,
        uint16 rekeyCooldown,
        uint16 id
    ) external pure {
        Offer offer = PackedTerms.pack(
            ILivestreamTypes.Terms({
                deposit: 3 gwei,
                fee: 2 ** 48 * 1 gwei - 1 gwei,
                maxRoomSeconds: maxRoomSeconds,
                fulfillDeadlineSeconds: fulfillDeadlineSeconds,
                maxOpenRooms: maxOpenRooms,
                maxRoomEvents: maxRoomEvents,
                rekeyCooldown: rekeyCooldown
            }),
            id
        );
        ILivestreamTypes.Terms memory terms = offer.unpack();
        assert(terms.deposit == 3 gwei);
        assert(terms.fee == 2 ** 48 * 1 gwei - 1 gwei);
        assert(terms.maxRoomSeconds == maxRoomSeconds);
        assert(terms.fulfillDeadlineSeconds == fulfillDeadlineSeconds);
        assert(terms.maxOpenRooms == maxOpenRooms);
        assert(terms.maxRoomEvents == maxRoomEvents);
        assert(terms.rekeyCooldown == rekeyCooldown);
        assert(offer.termsId() == id);
        assert(!offer.closed());
    }

    /// @notice A deposit that is accepted comes back as it was, and touches nothing else.
    function check_pack_gives_back_the_deposit(uint256 deposit) external pure {
        _divides(deposit);
        Offer offer = PackedTerms.pack(_terms(deposit, 0), 0);
        assert(offer.deposit() == deposit);
        assert(offer.fee() == 0);
        assert(Offer.unwrap(offer) >> 96 == Offer.unwrap(PackedTerms.pack(_terms(0, 0), 0)) >> 96);
    }

    /// @notice A fee that is accepted comes back as it was, and touches nothing else.
    function check_pack_gives_back_the_fee(uint256 fee) external pure {
        _divides(fee);
        Offer offer = PackedTerms.pack(_terms(0, fee), 0);
        assert(offer.fee() == fee);
        assert(offer.deposit() == 0);
        assert(Offer.unwrap(offer) >> 96 == Offer.unwrap(PackedTerms.pack(_terms(0, 0), 0)) >> 96);
    }

    /// @notice The price is deposit and fee, of any terms.
    function check_price_is_deposit_and_fee(Offer offer) external pure {
        uint256 word = Offer.unwrap(offer);
        unchecked {
            // of 48 and 30 bits: no product is beyond 78 bits, no sum beyond 79
            assert(offer.deposit() == uint256(uint48(word)) * 1 gwei);
            assert(offer.fee() == uint256(uint48(word >> 48)) * 1 gwei);
            assert(offer.price() == offer.deposit() + offer.fee());
            assert(offer.price() >= offer.deposit());
        }
    }

    /// @notice New terms carry all the switches of the former, and stay the terms they are.
    function check_withSwitchesOf_carries_both_switches(Offer offer, Offer other) external pure {
        require(!offer.closed());
        Offer next = offer.withSwitchesOf(other);
        assert(next.paused() == other.paused());
        assert(next.retired() == other.retired());
        assert(next.closed() == (other.paused() || other.retired()));
        _sameTerms(offer, next);
    }

    /// @notice The pause switch changes alone.
    function check_withPaused_changes_the_pause_only(Offer offer, bool paused) external pure {
        Offer next = offer.withPaused(paused);
        assert(next.paused() == paused);
        assert(next.retired() == offer.retired());
        assert(next.closed() == (paused || offer.retired()));
        _sameTerms(offer, next);
    }

    /// @notice Retirement sets its bit alone.
    function check_withRetired_sets_its_bit_only(Offer offer) external pure {
        Offer next = offer.withRetired();
        assert(next.retired());
        assert(next.paused() == offer.paused());
        assert(next.closed());
        _sameTerms(offer, next);
    }

    function pack(ILivestreamTypes.Terms calldata terms, uint16 id) external pure returns (Offer) {
        return PackedTerms.pack(terms, id);
    }

    /// @dev The bounds as docs/contract.md has them.
    function _inBounds(ILivestreamTypes.Terms calldata terms) private pure returns (bool) {
        return terms.deposit < 2 ** 48 * 1 gwei && terms.deposit % 1 gwei == 0
            && terms.fee < 2 ** 48 * 1 gwei && terms.fee % 1 gwei == 0
            && terms.maxRoomSeconds >= 60 && terms.maxRoomSeconds <= 2_592_000
            && terms.fulfillDeadlineSeconds >= 30
            && terms.fulfillDeadlineSeconds <= terms.maxRoomSeconds && terms.maxOpenRooms >= 1
            && terms.maxRoomEvents >= 8 && terms.maxRoomEvents <= 4000;
    }

    /// @dev What division is. Schoolbook arithmetic, but the solver does not find it in minutes: it is assumed.
    function _divides(uint256 amount) private pure {
        unchecked {
            require(amount == amount / 1 gwei * 1 gwei + amount % 1 gwei);
            require((amount < 2 ** 48 * 1 gwei) == (amount / 1 gwei < 2 ** 48));
        }
    }

    function _terms(uint256 deposit, uint256 fee)
        private
        pure
        returns (ILivestreamTypes.Terms memory)
    {
        return ILivestreamTypes.Terms({
            deposit: deposit,
            fee: fee,
            maxRoomSeconds: 60,
            fulfillDeadlineSeconds: 30,
            maxOpenRooms: 1,
            maxRoomEvents: 8,
            rekeyCooldown: 0
        });
    }

    function _sameTerms(Offer offer, Offer next) private pure {
        assert(uint224(Offer.unwrap(offer)) == uint224(Offer.unwrap(next)));
    }
}
