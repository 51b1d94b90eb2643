"""What each node's refusal means."""

from __future__ import annotations

import pytest

from chain.send.txpool_errors import Refusal, classify_refusal

TABLE: list[tuple[str, str, Refusal]] = [
    ("geth", "already known", Refusal.KNOWN),
    ("old geth", "known transaction: 0x7f657507aee0511e36d2d1972a6b22e917cc89f9", Refusal.KNOWN),
    ("besu", "Known transaction", Refusal.KNOWN),
    ("nethermind", "AlreadyKnown", Refusal.KNOWN),
    ("erigon", "ALREADY_EXISTS: already known", Refusal.KNOWN),
    ("anvil", "transaction already imported", Refusal.KNOWN),
    ("geth", "nonce too low: next nonce 5, tx nonce 4", Refusal.NONCE_LOW),
    ("besu", "Nonce too low", Refusal.NONCE_LOW),
    ("nethermind", "OldNonce, Current nonce: 5, nonce of rejected tx: 4", Refusal.NONCE_LOW),
    ("erigon", "INTERNAL_ERROR: nonce too low", Refusal.NONCE_LOW),
    ("anvil", "nonce too low", Refusal.NONCE_LOW),
    ("nethermind", "NonceGap, Future nonce. Expected nonce: 3", Refusal.NONCE_GAP),
    ("besu", "Transaction nonce is too distant from current sender nonce", Refusal.NONCE_GAP),
    ("geth", "replacement transaction underpriced", Refusal.REPLACEMENT),
    ("besu", "Replacement transaction underpriced", Refusal.REPLACEMENT),
    ("nethermind", "ReplacementNotAllowed, existing max fee per gas 1", Refusal.REPLACEMENT),
    ("erigon", "INTERNAL_ERROR: could not replace existing tx", Refusal.REPLACEMENT),
    ("anvil", "replacement transaction underpriced", Refusal.REPLACEMENT),
    ("geth", "transaction underpriced: gas tip cap 1, minimum needed 1000", Refusal.UNDERPRICED),
    ("geth", "max fee per gas less than block base fee: address 0x1, maxFeePerGas: 1",
     Refusal.UNDERPRICED),
    ("besu", "Gas price below configured minimum gas price", Refusal.UNDERPRICED),
    ("nethermind", "FeeTooLow, MaxFeePerGas too low. MaxFeePerGas: 1, BaseFee: 7",
     Refusal.UNDERPRICED),
    ("nethermind", "FeeTooLowToCompete", Refusal.UNDERPRICED),
    ("erigon", "fee too low", Refusal.UNDERPRICED),
    ("anvil", "max fee per gas less than block base fee", Refusal.UNDERPRICED),
    ("geth", "insufficient funds for gas * price + value: balance 1, tx cost 2, overshot 1",
     Refusal.FUNDS),
    ("besu", "Upfront cost exceeds account balance", Refusal.FUNDS),
    ("nethermind", "InsufficientFunds, Account balance: 0, cumulative cost: 21", Refusal.FUNDS),
    ("anvil", "Insufficient funds for gas * price + value", Refusal.FUNDS),
    ("geth", "txpool is full", Refusal.POOL_FULL),
    ("geth", "in-flight transaction limit reached for delegated accounts", Refusal.POOL_FULL),
    ("geth", "tx fee (1.10 ether) exceeds the configured cap (1.00 ether)", Refusal.CAP),
    ("besu", "Transaction fee cap exceeded", Refusal.CAP),
    ("geth", "intrinsic gas too low: gas 20000, minimum needed 21000", Refusal.FATAL),
    ("geth", "exceeds block gas limit", Refusal.FATAL),
    ("geth", "oversized data: transaction size 200000, limit 131072", Refusal.FATAL),
    ("geth", "invalid sender", Refusal.FATAL),
    ("besu", "Intrinsic gas exceeds gas limit", Refusal.FATAL),
    ("besu", "Transaction gas limit exceeds block gas limit", Refusal.FATAL),
    ("nethermind", "GasLimitExceeded, Gas limit: 30, gas limit of rejected tx: 40", Refusal.FATAL),
    ("nethermind", "Invalid", Refusal.FATAL),
    ("anvil", "intrinsic gas too low", Refusal.FATAL),
    ("anvil", "intrinsic gas too high -- tx.gas_limit > env.block.gas_limit", Refusal.FATAL),
    ("wrong node", "invalid chain id for signer", Refusal.OTHER),
    ("gateway", "failed to decode upstream answer", Refusal.OTHER),
    ("gateway", "some new words", Refusal.OTHER),
    ("nobody", "", Refusal.OTHER),
]  # fmt: skip


@pytest.mark.parametrize(("node", "text", "meaning"), TABLE)
def test_classify_refusal__words_of_a_node__meaning(node: str, text: str, meaning: Refusal) -> None:
    assert classify_refusal(text) is meaning, node


@pytest.mark.parametrize("text", [row[1] for row in TABLE if row[2] is not Refusal.OTHER])
def test_classify_refusal__wrapped_by_a_gateway__same_meaning(text: str) -> None:
    if text != "Invalid":
        assert classify_refusal(f"upstream says: {text}") is classify_refusal(text)
