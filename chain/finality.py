"""What `FINALITY` means: from when on a block cannot go away.

Promises: the one place that reads the setting, for the indexer, the oracle, its sender and the
doctor. A block is final if it is at or below the node's `finalized` or `safe` block, or `depth`
blocks below its head; never above the node's own head. A node that has no such block yet, in
whatever words, has nothing final: `NOTHING_FINAL`, below every block, and no error. A node that
does not know the tag is a `FinalityUnknown` that says which setting to change; one that refuses it
in words that are not about the tag is no proof against the setting. Nothing depends on a chain id.
Assumes: `common.settings.kinds` refuses a depth at which more than `MOST_UNFINAL` blocks always
wait.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Protocol

from chain.header import parse_header
from chain.rpc.answers import or_none
from chain.rpc.ask import ask
from chain.rpc.client import Rpc
from chain.rpc.errors import JsonRpcError, NoEndpoint, RpcError, UnknownBlock
from common.settings.kinds import DEEPEST_FINALITY, Finality

NOTHING_FINAL = -1
MOST_UNFINAL = DEEPEST_FINALITY + 100
"""Blocks that are not final are read one at a time: of more than so many none is read."""
RETRY_SECONDS = 2.0
UNCERTAIN_SECONDS = 60.0
"""So long a node is left out that refuses the tag in words that are not about it."""
_INVALID_PARAMS = -32602
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
    """A node does not know the tag of `FINALITY`. `found`: which, and what it said. Not `certain`:
    its words are not about the tag, so that it may refuse us for another reason."""

    def __init__(self, found: str, *, certain: bool = True) -> None:
        super().__init__(f"{found}: {REMEDY}")
        self.found = found
        self.certain = certain


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
        params = [tag, False]
        block = await ask(node, "eth_getBlockByNumber", params, or_none(parse_header))
    except UnknownBlock:
        return NOTHING_FINAL
    except JsonRpcError as error:
        # Some nodes call it an internal error that they cannot read the tag.
        about_it = bool(_ABOUT_THE_TAG.search(error.message))
        if error.transient and not about_it:
            raise
        name = error.endpoint or getattr(node, "name", "the node")
        raise FinalityUnknown(
            f"{name} does not support the block tag {tag!r} ({error.message})",
            certain=about_it or error.code == _INVALID_PARAMS,
        ) from None
    return NOTHING_FINAL if block is None else block.number


async def check_finality(pool: FinalityNodes, setting: Finality) -> None:
    """Ask every node, and leave out those that do not know the tag, if another one does.

    Raises `FinalityUnknown` if none knows it; an `RpcError` if only silent ones might, or ones that
    refuse in words that are not about the tag.
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
            pool.quarantine(name, str(error), None if error.certain else UNCERTAIN_SECONDS)
        return
    found = "; ".join(error.found for error in strangers.values())
    if not silent:
        if any(error.certain for error in strangers.values()):
            raise FinalityUnknown(found)
        raise NoEndpoint(f"{found}: wait, or {REMEDY}", RETRY_SECONDS)
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
