"""What a node means when it refuses a transaction: a pure table.

Promises: `classify_refusal` maps the text of an eth_sendRawTransaction error to one
`TxpoolRefusal`; an unknown text is OTHER: tried again, never counted as success nor as fatal. FATAL
is only what no gateway would say of good bytes ("wrong chain id" is the node's fault, and OTHER).
Assumes: the texts of geth (core/txpool, core/error.go), erigon, nethermind (AcceptTxResult), besu
(RpcErrorType), reth and anvil, and of gateways that wrap them with a prefix.
"""

from __future__ import annotations

import re
from enum import StrEnum


class TxpoolRefusal(StrEnum):
    """KNOWN: the node has it, which is success. NONCE_LOW: that nonce is mined. NONCE_GAP: an
    earlier one is missing there. REPLACEMENT: pay more to replace what is pending. UNDERPRICED: the
    fee is too low for now. FUNDS: the account cannot pay. POOL_FULL: later. CAP: the node's own
    limit on fees. FATAL: no node will ever take these bytes. OTHER: unknown."""

    KNOWN = "known"
    NONCE_LOW = "nonce_low"
    NONCE_GAP = "nonce_gap"
    REPLACEMENT = "replacement"
    UNDERPRICED = "underpriced"
    FUNDS = "funds"
    POOL_FULL = "pool_full"
    CAP = "cap"
    FATAL = "fatal"
    OTHER = "other"


# In order: the first match counts ("replacement transaction underpriced" before "underpriced").
_TABLE: tuple[tuple[TxpoolRefusal, str], ...] = (
    (
        TxpoolRefusal.KNOWN,
        r"already known"  # geth, erigon, reth
        r"|already ?imported"  # anvil, openethereum
        r"|known transaction"  # besu, old geth
        r"|AlreadyKnown|OwnNonceAlreadyUsed"  # nethermind
        r"|already (?:exists|in (?:the )?(?:mem)?pool|been (?:imported|added))"
        r"|tx already exists in cache",
    ),
    (
        TxpoolRefusal.REPLACEMENT,
        r"replacement transaction underpriced|replacement (?:fee|transaction).*(?:low|underpriced)"
        r"|ReplacementNotAllowed"  # nethermind
        r"|could not replace existing tx"  # erigon, gateways
        r"|TooLowPriority\b"  # substrate
        r"|another transaction with same nonce|there is another tx which has the same nonce",
    ),
    (
        TxpoolRefusal.NONCE_LOW,
        r"nonce (?:is )?too low|OldNonce|nonce has already been used|stale nonce|Pool\(Stale\)"
        r"|nonce .*already (?:used|mined)|lower than the current nonce",
    ),
    (
        TxpoolRefusal.NONCE_GAP,
        r"nonce (?:is )?too high|NonceGap|NonceTooFarInFuture|future nonce|nonce too distant"
        r"|nonce too far in (?:the )?future|transaction nonce is too distant"
        r"|gapped.nonce|tx (?:with )?gapped|invalid transaction nonce",
    ),
    (
        TxpoolRefusal.FUNDS,
        r"insufficient (?:funds|balance)|not enough (?:funds|balance)|InsufficientFunds"
        r"|upfront cost exceeds account balance|transaction would cause overdraft"
        r"|inability to pay|balance (?:is )?too low|insufficient_payer_balance"  # substrate, hedera
        r"|sender doesn't have enough funds|overshot",  # geth: "overshot" in queued cost checks
    ),
    (
        TxpoolRefusal.CAP,
        r"exceeds the configured cap|transaction fee cap exceeded|fee cap exceeded",
    ),
    (
        TxpoolRefusal.POOL_FULL,
        r"tx ?pool (?:is )?full|pool.*(?:is full|limit (?:reached|exceeded))|too many transactions"
        r"|in-flight transaction limit|queue full|AccountLimitExceeded|LimitReached|pool overflow",
    ),
    (
        TxpoolRefusal.UNDERPRICED,
        r"underpriced|FeeTooLow|TooLowPriorityFee|insufficient (?:priority )?(?:fee|tip|gas ?price)"
        # Whatever the order of the words: a kind of fee, and that it is too low.
        r"|(?:price|fee|tip|premium|(?:fee|tip)_?cap|per_?gas)s?\b.{0,60}?"
        r"(?:too (?:low|small)|below|(?:less|lower|smaller) than|\bunder\b|at least| <|>="
        r"|be (?:higher|greater|above)|unacceptable|minim\w+|\bmin\b|is required)"
        r"|(?:below|\bunder\b|minim\w+|unacceptable|too low)\b.{0,30}?"
        r"(?:gas ?(?:price|fee)|(?:base|priority) ?_?fee|\btip\b|fee per gas)",
    ),
    (
        TxpoolRefusal.FATAL,
        r"intrinsic gas|exceeds (?:the )?block gas limit|GasLimitExceeded"
        r"|gas limit (?:is )?too high|transaction gas limit|tx gas limit exceeds"
        r"|invalid sender|invalid signature|InvalidTxSignature|only replay-protected"
        r"|negative value|oversized data|gas uint64 overflow|max initcode|transaction too large"
        r"|invalid rlp|^rlp:|: rlp:|typed transaction too short|Int256Overflow"
        r"|SenderIsContract|sender not an eoa|FailedToResolveSender|(?:: |^)Invalid$"
        r"|floor data gas|insufficient gas for floor data|transaction type not supported"
        r"|NotSupportedTxType|tip higher than fee ?cap|max priority fee per gas higher"
        r"|TipAboveFeeCap",
    ),
)
_REVERTED = re.compile(r"execution reverted", re.IGNORECASE)
_COMPILED = tuple((refusal, re.compile(text, re.IGNORECASE)) for refusal, text in _TABLE)


_WORDS = {
    TxpoolRefusal.FUNDS: "the account's balance is too low: top it up",
    TxpoolRefusal.CAP: "the node's own fee cap is below ours: raise it, or lower MAX_FEE_GWEI",
    TxpoolRefusal.POOL_FULL: "the node's transaction pool is full",
    TxpoolRefusal.REPLACEMENT: "a transaction with this nonce and higher fees is pending",
    TxpoolRefusal.NONCE_GAP: "the node is missing an earlier nonce",
}


def refusal_words(nonce: int, refusal: str | None, why: str | None = None) -> str:
    """Why `nonce` is stuck, for an operator; `refusal` as stored in an attempt. `why`: what is
    known beyond the table."""
    if refusal is None:
        return f"nonce {nonce} is not accepted yet: no answer from a node"
    words = why or _WORDS.get(TxpoolRefusal(refusal), "the node rejects it, see the log")
    return f"nonce {nonce} is not accepted yet: {words}"


def classify_refusal(message: str) -> TxpoolRefusal:
    """What the error text of an eth_sendRawTransaction means."""
    if _REVERTED.search(message):
        return TxpoolRefusal.OTHER  # a contract's words, in a node that tries what it is sent
    for refusal, pattern in _COMPILED:
        if pattern.search(message):
            return refusal
    return TxpoolRefusal.OTHER
