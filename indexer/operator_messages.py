"""What a person must know or do, in words: the texts of `/readyz`, the log and the commands."""

from __future__ import annotations

from chain.finality import MOST_UNFINAL, REMEDY


def deep_reorg(contract: str, tip: int, final: int) -> str:
    """A reorg past finality."""
    return (
        f"the chain no longer has block {final}, which was final (index of {contract} at {tip}): "
        "check that RPC_URLS points to the right chain; if it does, raise FINALITY and run "
        "`python -m indexer rewind`, which rolls back to the last block that is still in the chain"
    )


def too_much_unfinal(final: int) -> str:
    """Finality is too far behind the head."""
    since = f"after block {final}" if final >= 0 else "(nothing is final yet)"
    return (
        f"more than {MOST_UNFINAL} blocks {since} are not final (FINALITY), so none of them is "
        f"read: it continues by itself as they become final; if they never do, {REMEDY}"
    )


def doubtful_start(contract: str, start: int, first: int) -> str:
    """No node shows the contract's first event, nor any before the start block."""
    return (
        f"the first event of {contract} that the nodes show is number {first}: the start block "
        f"{start} in CONTRACTS is too late, or the nodes in RPC_URLS do not keep logs that old. "
        "Correct CONTRACTS to the block of the contract's deployment, or use a node with all logs"
    )


def damaged(why: str) -> str:
    """Documents are missing or were changed by another hand."""
    return (
        f"the index's documents do not match its checkpoint ({why}): another program changed "
        "them; run `python -m indexer rebuild`"
    )


def behind(tip: int, head: int) -> str:
    """All nodes are below the index."""
    return (
        f"the nodes' head is {head}, below the index's block {tip}: the nodes are behind, or the "
        "chain was replaced; if it was, run `python -m indexer rewind`"
    )
