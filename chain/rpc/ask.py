"""Asking a node something, and getting a value of the right type or an `RpcError`.

Promises: who asks through here never holds an answer that nobody has looked at: it is what `parse`
made of it, or a `MalformedAnswer` that counts against the node (`chain.rpc.answers`). Of a pool,
the next node is asked then, as after any other failure of a node.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from chain.rpc.answers import understood
from chain.rpc.client import Rpc
from chain.rpc.pool import NodePool

T = TypeVar("T")


class Question(NamedTuple):
    """One call, and what its answer has to be."""

    method: str
    params: Sequence[Any]
    parse: Callable[[Any], Any]


async def ask(rpc: Rpc, method: str, params: Sequence[Any], parse: Callable[[Any], T]) -> T:
    """What `parse` makes of the answer. Raises `RpcError`."""
    if isinstance(rpc, NodePool):
        return await rpc.ask(lambda node: ask(node, method, params, parse))
    return understood(rpc, method, await rpc.call(method, params), parse)


async def ask_all(rpc: Rpc, questions: Sequence[Question]) -> list[Any]:
    """The parsed answers in the order of the questions, all of one node. Raises `RpcError`."""
    if isinstance(rpc, NodePool):
        return await rpc.ask(lambda node: ask_all(node, questions))
    if not questions:
        return []
    answers = await rpc.batch([(question.method, question.params) for question in questions])
    return [
        understood(rpc, question.method, answer, question.parse)
        for question, answer in zip(questions, answers, strict=True)
    ]
