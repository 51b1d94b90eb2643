"""What each node's refusal means."""

from __future__ import annotations

import pytest

from chain.send.txpool_errors import TxpoolRefusal, classify_refusal
from tests.unit.chain.underpriced_texts import UNDERPRICED

OTHER = TxpoolRefusal.OTHER
TABLE: list[tuple[str, str, TxpoolRefusal]] = [
    ("geth", "already known", TxpoolRefusal.KNOWN),
    (
        "old geth",
        "known transaction: 0x7f657507aee0511e36d2d1972a6b22e917cc89f9",
        TxpoolRefusal.KNOWN,
    ),
    ("besu", "Known transaction", TxpoolRefusal.KNOWN),
    ("nethermind", "AlreadyKnown", TxpoolRefusal.KNOWN),
    ("erigon", "ALREADY_EXISTS: already known", TxpoolRefusal.KNOWN),
    ("anvil", "transaction already imported", TxpoolRefusal.KNOWN),
    ("geth", "nonce too low: next nonce 5, tx nonce 4", TxpoolRefusal.NONCE_LOW),
    ("besu", "Nonce too low", TxpoolRefusal.NONCE_LOW),
    ("nethermind", "OldNonce, Current nonce: 5, nonce of rejected tx: 4", TxpoolRefusal.NONCE_LOW),
    ("erigon", "INTERNAL_ERROR: nonce too low", TxpoolRefusal.NONCE_LOW),
    ("anvil", "nonce too low", TxpoolRefusal.NONCE_LOW),
    ("nethermind", "NonceGap, Future nonce. Expected nonce: 3", TxpoolRefusal.NONCE_GAP),
    ("besu", "Transaction nonce is too distant from current sender nonce", TxpoolRefusal.NONCE_GAP),
    ("geth", "replacement transaction underpriced", TxpoolRefusal.REPLACEMENT),
    ("besu", "Replacement transaction underpriced", TxpoolRefusal.REPLACEMENT),
    ("nethermind", "ReplacementNotAllowed, existing max fee per gas 1", TxpoolRefusal.REPLACEMENT),
    ("erigon", "INTERNAL_ERROR: could not replace existing tx", TxpoolRefusal.REPLACEMENT),
    ("anvil", "replacement transaction underpriced", TxpoolRefusal.REPLACEMENT),
    (
        "geth",
        "transaction underpriced: gas tip cap 1, minimum needed 1000",
        TxpoolRefusal.UNDERPRICED,
    ),
    (
        "geth",
        "max fee per gas less than block base fee: address 0x1, maxFeePerGas: 1",
        TxpoolRefusal.UNDERPRICED,
    ),
    ("besu", "Gas price below configured minimum gas price", TxpoolRefusal.UNDERPRICED),
    (
        "nethermind",
        "FeeTooLow, MaxFeePerGas too low. MaxFeePerGas: 1, BaseFee: 7",
        TxpoolRefusal.UNDERPRICED,
    ),
    ("nethermind", "FeeTooLowToCompete", TxpoolRefusal.UNDERPRICED),
    ("erigon", "fee too low", TxpoolRefusal.UNDERPRICED),
    ("anvil", "max fee per gas less than block base fee", TxpoolRefusal.UNDERPRICED),
    *((node, text, TxpoolRefusal.UNDERPRICED) for node, text, _ in UNDERPRICED),
    (
        "geth",
        "insufficient funds for gas * price + value: balance 1, tx cost 2, overshot 1",
        TxpoolRefusal.FUNDS,
    ),
    ("besu", "Upfront cost exceeds account balance", TxpoolRefusal.FUNDS),
    (
        "nethermind",
        "InsufficientFunds, Account balance: 0, cumulative cost: 21",
        TxpoolRefusal.FUNDS,
    ),
    ("anvil", "Insufficient funds for gas * price + value", TxpoolRefusal.FUNDS),
    ("geth", "txpool is full", TxpoolRefusal.POOL_FULL),
    ("geth", "in-flight transaction limit reached for delegated accounts", TxpoolRefusal.POOL_FULL),
    ("geth", "tx fee (1.10 ether) exceeds the configured cap (1.00 ether)", TxpoolRefusal.CAP),
    ("besu", "Transaction fee cap exceeded", TxpoolRefusal.CAP),
    ("geth", "intrinsic gas too low: gas 20000, minimum needed 21000", TxpoolRefusal.FATAL),
    ("geth", "exceeds block gas limit", TxpoolRefusal.FATAL),
    ("geth", "oversized data: transaction size 200000, limit 131072", TxpoolRefusal.FATAL),
    ("geth", "invalid sender", TxpoolRefusal.FATAL),
    ("besu", "Intrinsic gas exceeds gas limit", TxpoolRefusal.FATAL),
    ("besu", "Transaction gas limit exceeds block gas limit", TxpoolRefusal.FATAL),
    (
        "nethermind",
        "GasLimitExceeded, Gas limit: 30, gas limit of rejected tx: 40",
        TxpoolRefusal.FATAL,
    ),
    ("nethermind", "Invalid", TxpoolRefusal.FATAL),
    ("anvil", "intrinsic gas too low", TxpoolRefusal.FATAL),
    ("anvil", "intrinsic gas too high -- tx.gas_limit > env.block.gas_limit", TxpoolRefusal.FATAL),
    (
        "substrate",
        "Invalid Transaction: Inability to pay some fees , e.g. account balance too low",
        TxpoolRefusal.FUNDS,
    ),
    (
        "hedera",
        "[Request ID: 9dd78806-58c8-4e6d-89a8-a60962abe705] transaction 0.0.3041916@1717691931"
        " failed precheck with status INSUFFICIENT_PAYER_BALANCE",
        TxpoolRefusal.FUNDS,
    ),
    ("a contract, in a node that tries", "execution reverted: the fee is too low", OTHER),
    ("substrate", "Pool(TooLowPriority { old: 5, new: 4 })", TxpoolRefusal.REPLACEMENT),
    ("zksync", "max priority fee per gas higher than max fee per gas", TxpoolRefusal.FATAL),
    ("geth", "tip higher than fee cap", TxpoolRefusal.FATAL),
    (
        "parity",
        "Transaction gas price 100wei is too low. There is another transaction with same nonce in"
        " the queue with gas price 150wei. Try increasing the gas price.",
        TxpoolRefusal.REPLACEMENT,
    ),
    (
        "parity",
        "There are too many transactions in the queue. Your transaction was dropped due to limit."
        " Try increasing the fee.",
        TxpoolRefusal.POOL_FULL,
    ),
    ("wrong node", "invalid chain id for signer", OTHER),
    ("gateway", "failed to decode upstream answer", OTHER),
    ("gateway", "some new words", OTHER),
    ("nobody", "", OTHER),
]


@pytest.mark.parametrize(("node", "text", "meaning"), TABLE)
def test_classify_refusal__words_of_a_node__meaning(
    node: str, text: str, meaning: TxpoolRefusal
) -> None:
    assert classify_refusal(text) is meaning, node


@pytest.mark.parametrize("text", [row[1] for row in TABLE if row[2] is not OTHER])
def test_classify_refusal__wrapped_by_a_gateway__same_meaning(text: str) -> None:
    if text != "Invalid":
        assert classify_refusal(f"upstream says: {text}") is classify_refusal(text)
