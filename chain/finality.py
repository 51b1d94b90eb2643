"""What `FINALITY` means: from when on a block cannot go away.

Promises: the one place that reads the setting, for the indexer, the oracle, its sender and the
doctor. A block is final if it is at or below the node's `finalized` or `safe` block, or `depth`
blocks below its head; never above the node's own head. A node that has no such block yet, in
whatever words, has nothing final: `NOTHING_FINAL`, below every block, and no error. A node that
does not know the tag is a `FinalityUnknown` that says which setting to change. Nothing depends on a
chain id.
Assumes: `common.settings.kinds` refuses a depth at which more than `MOST_UNFINAL` blocks always
wait.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any, Protocol

from chain.header import parse_header
from chain.rpc.client import Rpc
from chain.rpc.errors import JsonRpcError, NoEndpoint, RpcError, UnknownBlock
from common.settings.kinds import DEEPEST_FINALITY, Finality

NOTHING_FINAL = -1
MOST_UNFINAL = DEEPEST_FINALITY + 100
"""Blocks that are not final are read one at a time: of more than so many none is read."""
RETRY_SECONDS = 2.0
_ABOUT_THE_TAG = re.compile(
    r"(?:invalid|unknown|unsupported|unrecogni[sz]ed) block ?(?:tag|number)\b|"
    r"cannot (?:convert|parse|read) \W?(?:finalized|safe)\b|"
    r"\b(?:finalized|safe|block ?tag)\W* (?:is )?(?:unsupported|not supported|not a valid)|"
    r"hex string without",
    re.IGNORECASE,
)
REMEDY = (
    f"set FINALITY=depth:N (N up to {DEEPEST_FINALITY}), where N is a depth that the chain's "
    "operators consider final"
)


class FinalityUnknown(Exception):
    """A node does not know the tag of `FINALITY`. `found`: which, and what it said."""

    def __init__(self, found: str) -> None:
        super().__init__(f"{found}: {REMEDY}")
        self.found = found


class FinalityNodes(Protocol):
    """What `check_finality` needs of `chain.rpc.pool.NodePool`."""

    @property
    def names(self) -> Sequence[str]: ...

    def on(self, name: str) -> Rpc: ...

    def quarantine(self, name: str, reason: str, seconds: float | None = None) -> None: ...


async def final_number(node: Rpc, head: int, setting: Finality) -> int:
    """The highest block that is final by `setting` in `node`'s chain, whose head is `head`.

    Raises `RpcError`, `FinalityUnknown`.
    """
    if setting.kind == "depth":
        return max(NOTHING_FINAL, head - setting.depth)
    return min(await _tagged(node, setting.kind), head)


async def _tagged(node: Rpc, tag: str) -> int:
    try:
        block: Any = await node.call("eth_getBlockByNumber", [tag, False])
    except UnknownBlock:
        return NOTHING_FINAL
    except JsonRpcError as error:
        # Some nodes call it an internal error that they cannot read the tag.
        if error.transient and not _ABOUT_THE_TAG.search(error.message):
            raise
        name = error.endpoint or getattr(node, "name", "the node")
        raise FinalityUnknown(
            f"{name} does not support the block tag {tag!r} ({error.message})"
        ) from None
    if block is None:
        return NOTHING_FINAL
    return parse_header(block, endpoint=str(getattr(node, "name", ""))).number


async def check_finality(pool: FinalityNodes, setting: Finality) -> None:
    """Ask every node, and leave out those that do not know the tag, if another one does.

    Raises `FinalityUnknown` if none knows it; an `RpcError` if only silent ones might.
    """
    if setting.kind == "depth":
        return
    names = list(pool.names)
    answers = await asyncio.gather(
        *(_tagged(pool.on(name), setting.kind) for name in names), return_exceptions=True
    )
    strangers: dict[str, FinalityUnknown] = {}
    silent: list[RpcError] = []
    for name, answer in zip(names, answers, strict=True):
        if isinstance(answer, FinalityUnknown):
            strangers[name] = answer
        elif isinstance(answer, RpcError):
            silent.append(answer)
        elif isinstance(answer, BaseException):
            raise answer
    if len(strangers) + len(silent) < len(names):
        for name, error in strangers.items():
            pool.quarantine(name, str(error))
        return
    found = "; ".join(error.found for error in strangers.values())
    if not silent:
        raise FinalityUnknown(found)
    if strangers:
        text = f"{found}; no other node answers ({silent[0]}): wait for one, or {REMEDY}"
        raise NoEndpoint(text, RETRY_SECONDS)
    if isinstance(silent[0], JsonRpcError):
        text = f"the nodes fail to give the {setting.kind} block ({silent[0]}): wait, or {REMEDY}"
        raise NoEndpoint(text, RETRY_SECONDS)
    raise silent[0]


def unfinal(head: int, final: int, tip: int) -> int:
    """How many blocks above `tip` are not final."""
    return head - max(final, tip)


def final_words(number: int) -> str:
    """The last final block, for people."""
    return "nothing is final yet" if number == NOTHING_FINAL else f"final {number}"
