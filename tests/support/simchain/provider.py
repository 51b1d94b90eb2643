"""A provider in front of a simulated node: it refuses, answers nonsense, or takes few calls.

Promises: what the product says goes through its own JSON-RPC client as bytes, and what comes back
is a provider's bytes, in words that were seen in the field. Only the socket is left out. A node
tells no untruth that looks like a truth because of its provider.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple

import orjson

from chain.rpc.client import JsonRpcClient, RawAnswer
from chain.rpc.errors import (
    BadResponse,
    ExecutionReverted,
    JsonRpcError,
    RateLimited,
    TransportError,
)


class Words(NamedTuple):
    """How a provider says no: an HTTP status and a body, or a JSON-RPC error beside 200."""

    status: int
    body: Any


def _error(code: int, message: str, status: int = 200) -> Words:
    return Words(status, {"code": code, "message": message})


REFUSALS: tuple[Words, ...] = (
    Words(401, "<html>Unauthorized</html>"),
    Words(402, "Payment Required"),
    Words(403, '{"error":"no such project"}'),
    _error(-32600, "Must be authenticated!"),
    _error(-32600, "App is inactive", 400),
    _error(-32051, "tenant out of units"),
    _error(-32046, "Cannot fulfill request"),
    _error(35, "method is not on your list", 400),
    _error(4444, "pruned history unavailable"),
    _error(-32099, "quux"),
)
TOO_MANY_CALLS: tuple[Words, ...] = (
    Words(413, ""),
    Words(400, ""),
    Words(500, "<html>oops</html>"),
    _error(-32600, "Invalid Request"),
    _error(-32005, "request limit reached"),
    _error(31, "batch of more than {most} requests is not on this plan"),
    _error(-32077, "quux"),
    Words(200, None),
)
"""Of a batch with too many calls; the last one answers as many as it takes, and no more."""
SHAPES = ("null", "numbers", "missing", "short", "other", "empty")
EVERYTHING = ""


@dataclass(frozen=True)
class Manners:
    """What a provider does to requests. `refuses`: in which words; `malformed`: in which shape it
    answers; both for `methods` (`EVERYTHING`, or the start of their names), and so `often`.
    `most_calls`: of one batch, `too_many` being its words for more."""

    refuses: Words | None = None
    malformed: str | None = None
    methods: str = EVERYTHING
    often: float = 1.0
    most_calls: int | None = None
    too_many: Words = TOO_MANY_CALLS[0]

    @property
    def usable(self) -> bool:
        """Whoever asks as it wants to be asked is answered, always."""
        return self.refuses is None and self.malformed is None

    @property
    def denies(self) -> bool:
        """Its nonsense can be taken for a denial of what there is."""
        return self.malformed in ("null", "empty") and self.methods != "eth_getLogs"


PLAIN = Manners()


def drawn(rng: Random, methods: Sequence[str]) -> Manners:
    """Manners of one kind. `methods`: of which some may be all that is refused."""
    some, often = rng.choice((EVERYTHING, EVERYTHING, *methods)), rng.choice((1.0, 1.0, 0.3))
    kind = rng.choice(("refuses", "malformed", "few calls"))
    if kind == "refuses":
        return Manners(refuses=rng.choice(REFUSALS), methods=some, often=often)
    if kind == "malformed":
        return Manners(malformed=rng.choice(SHAPES), methods=some, often=often)
    return few_calls(rng)


def few_calls(rng: Random) -> Manners:
    """Only the size of batches matters."""
    return Manners(most_calls=rng.choice((1, 3, 3, 10)), too_many=rng.choice(TOO_MANY_CALLS))


class Provider:
    """`answer`: what the node answers to one call, or raises as an `RpcError`; `begin` comes before
    each request, of the method that it names first. `manners` are for good, `mood` for a while."""

    def __init__(
        self,
        answer: Callable[[str, Sequence[Any]], Any],
        rng: Random,
        begin: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._answer, self._begin, self._rng = answer, begin, rng
        self.manners = self.mood = PLAIN

    def respond(self, content: bytes) -> RawAnswer:
        """The answer to a request's body. Raises TimeoutError where none comes."""
        asked = orjson.loads(content)
        calls = asked if isinstance(asked, list) else [asked]
        try:
            self._begin(calls[0]["method"])
            for manners in (self.manners, self.mood):
                refusal = self._refusal(manners, asked)
                if refusal is not None:
                    return refusal
            told = [self._one(call) for call in calls]
        except RateLimited as error:
            return RawAnswer(429, str(error.retry_after or ""), b"slow down")
        except TransportError as error:
            raise TimeoutError from error
        except BadResponse:
            return RawAnswer(200, "", b'[{"jsonrpc": "2.0", "resu')
        except JsonRpcError as error:  # one for the whole request
            return _wrong({"code": error.code, "message": error.message}, asked)
        return RawAnswer(200, "", orjson.dumps(told if isinstance(asked, list) else told[0]))

    def _refusal(self, manners: Manners, asked: Any) -> RawAnswer | None:
        """What the provider says to a whole request, instead of asking its node."""
        batch = isinstance(asked, list)
        most, words = manners.most_calls, manners.refuses
        if batch and most is not None and (len(asked) > most or most == 1):
            return self._too_many(manners.too_many, asked, most)
        methods = [call["method"] for call in (asked if batch else [asked])]
        if words is None or words.status == 200 or not self._meant(manners, *methods):
            return None
        if isinstance(words.body, str):
            return RawAnswer(words.status, "", words.body.encode())
        return _wrong(words.body, asked, words.status)

    def _meant(self, manners: Manners, *methods: str) -> bool:
        """Whether it behaves so to a request of these methods, this time."""
        concerned = any(method.startswith(manners.methods) for method in methods)
        return concerned and self._rng.random() < manners.often

    def _too_many(self, words: Words, asked: list[Any], most: int) -> RawAnswer:
        if words.body is None:
            told = [self._one(call) for call in asked[:most]]
            return RawAnswer(200, "", orjson.dumps(told))
        if isinstance(words.body, str):
            return RawAnswer(words.status, "", words.body.encode())
        body = {**words.body, "message": words.body["message"].format(most=most)}
        answer = {"jsonrpc": "2.0", "id": None, "error": body}
        return RawAnswer(words.status, "", orjson.dumps(answer))

    def _one(self, call: Any) -> dict[str, Any]:
        method, told = call["method"], {"jsonrpc": "2.0", "id": call["id"]}
        both = (self.manners, self.mood)
        for manners in both:
            words = manners.refuses
            if words is not None and words.status == 200 and self._meant(manners, method):
                return told | {"error": words.body}
        try:
            answer = self._answer(method, call["params"])
        except JsonRpcError as error:
            return told | {"error": _object(error)}
        for manners in both:
            if manners.malformed is not None and self._meant(manners, method):
                answer = misshapen(manners.malformed, answer)
        return told | {"result": answer}


class ProviderRpc(JsonRpcClient[Any]):
    """The product's client of one provider."""

    def __init__(self, url: str, provider: Provider) -> None:
        super().__init__(url, None)
        self._provider = provider

    async def _send(self, content: bytes) -> RawAnswer:
        return self._provider.respond(content)


def misshapen(shape: str, answer: Any) -> Any:
    """The same answer in a shape that its method does not have. Where that cannot be, as it is."""
    if shape == "null":
        return None
    if shape == "other":
        return {} if isinstance(answer, str | list) else "OK"
    if shape == "empty":
        return "0x" if isinstance(answer, str) else answer
    if isinstance(answer, list):
        return [misshapen(shape, one) for one in answer]
    if isinstance(answer, dict):
        return _without_shape(shape, answer)
    if shape == "numbers" and isinstance(answer, str) and len(answer) < 18:
        return int(answer, 16) if len(answer) > 2 else 0
    cut = shape == "short" and isinstance(answer, str) and len(answer) > 18
    return answer[:-1] if cut else answer


def _without_shape(shape: str, answer: dict[str, Any]) -> dict[str, Any]:
    names = [name for name in ("blockNumber", "number", "timestamp", "status") if name in answer]
    if shape == "numbers":
        return answer | {name: int(answer[name], 16) for name in names}
    if shape == "missing":
        return {name: value for name, value in answer.items() if name not in names}
    hashes = [name for name in ("hash", "blockHash", "parentHash") if name in answer]
    return answer | {name: answer[name][:-2] for name in hashes}


def _wrong(error: dict[str, Any], asked: Any, status: int = 200) -> RawAnswer:
    """An error for each call of a request."""
    calls = asked if isinstance(asked, list) else [asked]
    told = [{"jsonrpc": "2.0", "id": call["id"], "error": error} for call in calls]
    return RawAnswer(status, "", orjson.dumps(told if isinstance(asked, list) else told[0]))


def _object(error: JsonRpcError) -> dict[str, Any]:
    """A node's error as it tells it."""
    told: dict[str, Any] = {"code": error.code, "message": error.message}
    if isinstance(error, ExecutionReverted):
        return told | {"code": 3, "data": "0x" + error.revert_data.hex()}
    return told if error.data is None else told | {"data": error.data}
