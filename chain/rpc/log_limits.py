"""The words in which nodes and providers say that an eth_getLogs range is too large.

Promises: a pure table. `parse_log_limit` answers None for any other error, and where the text
names a limit or a range that would work, it is given as numbers.
Assumes: the texts of Alchemy, Infura, QuickNode, Ankr, publicnode, drpc, Cloudflare, Chainstack,
BlockPI, Blast, Coinbase, 1RPC, thirdweb, Tenderly, geth, erigon, nethermind, besu, reth and the
usual L2 gateways as collected from their public errors up to 2026. An unknown text is no disaster:
the follower halves its range on any repeated failure of a wide one.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class LogLimit(NamedTuple):
    """`max_blocks`: blocks per range, if named. `suggested`: a (from, to) that should work."""

    max_blocks: int | None
    suggested: tuple[int, int] | None


# A range that the node says would work: [0x.., 0x..].
_SUGGESTED = re.compile(
    r"(?:this block range should work|try with this block range):?\s*"
    r"\[\s*(0x[0-9a-f]+)\s*,\s*(0x[0-9a-f]+)\s*\]",
    re.IGNORECASE,
)

# A limit in blocks. The first group is the number, "10k" and "10,000" included.
_NUMBER = r"(\d[\d,._]*\s?k?)"
_MAX_BLOCKS = tuple(
    re.compile(pattern.replace("#", _NUMBER), re.IGNORECASE)
    for pattern in (
        r"up to an? # block range",  # Alchemy, Aurora
        r"range \d+ exceeds limit of #",  # Infura
        r"limited to an? #",  # QuickNode, 1RPC, Blast: "limited to a 10,000 range"
        r"limited to # blocks?",  # BlockPI
        r"maximum (?:block range|allowed block range)[:=]? ?#",  # publicnode
        r"exceed(?:s|ed)? maximum block range:? ?#",  # publicnode, Optimism, BSC
        r"ranges? over # blocks (?:is|are) not supported",  # drpc
        r"max(?:imum)? block range(?: is| of)?[:=]? ?#",  # reth ("query exceeds max block range N")
        r"max(?:imum)? range[:=]? ?#",  # Cloudflare
        r"maximum is set to #",  # Avalanche
        r"maximum \[from, to\] blocks distance:? ?#",  # Ankr's gateways
        r"block range is too wide \(maximum #\)",  # Frontier
        r"number of requested blocks is #",  # thirdweb
        r"allowed for your plan \(\d+ > #\)",  # Blast, paid
        r"limit the query to at most # blocks",  # Coinbase
        r"block range greater than # max",
        r"block range (?:exceeds|limit is) #",
        r"range is too large, max is # blocks",  # Merkle
        r"must be smaller than size #",  # Harmony
        r"block range limit \(?#\)?",  # erigon: "exceeds block range limit (N)"
        r"larger than max block range.*max block range = #",
    )
)

# Too much, but no number that could be used.
_TOO_MUCH = re.compile(
    r"query returned more than \d+ results"  # geth's providers, Infura, zkEVM
    r"|query exceeds max results"  # reth, LlamaNodes, Ankr
    r"|log response size (?:is )?exceeded"  # Alchemy
    r"|response size (?:should not|is) (?:be )?(?:greater|larger)"  # 1RPC
    r"|(?:backend )?response (?:is )?too (?:large|big)"  # proxyd, QuickNode
    r"|response size exceed"
    r"|block range (?:is )?too (?:wide|large|high|big)"  # Ankr, Base, proxyd
    r"|block range limit exceeded"  # Chainstack
    r"|block range (?:is )?(?:bigger|larger) than max"
    r"|range (?:is )?too large"
    r"|exceed(?:s|ed)? (?:the )?max(?:imum)? (?:allowed )?block ?range"
    r"|logs matched by query exceeds limit"  # Arbitrum
    r"|too many (?:logs|results|blocks)"  # Tenderly, Avalanche
    r"|more than [\d,]+ (?:logs|results|events)"
    r"|query timeout exceeded"  # Infura, geth: the query ran too long
    r"|eth_getlogs (?:is|are) limited to",
    re.IGNORECASE,
)


def _number(text: str) -> int | None:
    cleaned = re.sub(r"[,._\s]", "", text.lower())
    thousands = cleaned.endswith("k")
    digits = cleaned.rstrip("k")
    if not digits.isdigit():
        return None
    value = int(digits) * (1000 if thousands else 1)
    return value if value > 0 else None


def parse_log_limit(message: str) -> LogLimit | None:
    """What the error `message` of an eth_getLogs says about its size; None: not about size."""
    suggested: tuple[int, int] | None = None
    found = _SUGGESTED.search(message)
    if found:
        first, last = int(found[1], 16), int(found[2], 16)
        if first <= last:
            suggested = (first, last)
    for pattern in _MAX_BLOCKS:
        match = pattern.search(message)
        number = _number(match[1]) if match else None
        if number is not None:
            return LogLimit(number, suggested)
    if suggested or _TOO_MUCH.search(message):
        return LogLimit(None, suggested)
    return None
