"""The checks that every service has in common: settings, nodes, contracts, clock, database, port.

Promises: reads only. Each node is asked apart from the others, so that its row is about itself;
what is asked of the chain as a whole takes the first node that answers. A node that hangs leaves
time for another one within a check's own.
Assumes: the settings were loaded, so that each is there, well formed, and its file readable.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from chain.finality import REMEDY, FinalityUnknown, final_number, final_words
from chain.follow.fetch import header_at, latest
from chain.head_age import MAX_CLOCK_SECONDS, HeadAge
from chain.header import Header
from chain.identity import WrongChain, check_calls_at_a_hash, check_chain_id, check_ours
from chain.rpc.client import http_client
from chain.rpc.errors import HttpStatusError, RpcError
from chain.rpc.heads import MEASURED_BLOCKS
from chain.rpc.pool import NodePool, NodeRpc
from chain.rpc.urls import node_configs, unused
from chain.start_block import check_deployments
from common.checks.database import Access, check_database, connect
from common.checks.port import port_check
from common.checks.rows import Check, CheckFailed, CheckLevel, Once
from common.clock import Clock, Rng
from common.database_errors import DatabaseErrors
from common.settings import Bind, ChainSettings, ContractRef

CALL_SECONDS = 6.0
"""Patience with a node: two of them fit into a check's time, nearly."""
T = TypeVar("T")


@dataclass
class ServiceChecks:
    """Made by `opened`. `pool` is what the chain is asked through, `apart` each node on its own."""

    settings: ChainSettings
    pool: NodePool
    apart: NodePool
    mongo: AsyncMongoClient[dict[str, Any]]
    timer: Clock
    errors: DatabaseErrors

    def __post_init__(self) -> None:
        self.head: Once[Header] = Once(lambda: self.ask(latest))
        """The newest block. Raises as `ask`."""

    # --- rows -----------------------------------------------------------------------------------

    def given(self) -> Check:
        """That the settings could be read, or there would be no rows."""

        async def look() -> str:
            return "complete and well formed; their files can be read"

        return Check("settings", look)

    def nodes(self) -> list[Check]:
        """A row for each address of RPC_URLS that is asked questions."""

        def about(name: str) -> Check:
            return Check(f"node {name}", lambda: self._node(name))

        return [about(name) for name in self.apart.names]

    def heads(self) -> Check:
        """How new blocks are noticed."""
        return Check("new heads", self._heads)

    def contract(
        self, ref: ContractRef, *, indexed: Callable[[], Awaitable[bool]] | None = None
    ) -> Check:
        """Code, version, start block. `indexed`: whether the start block has had its day."""

        async def look() -> str:
            if indexed is not None and await _surely(indexed):
                await self.ask(lambda node: check_ours(node, [ref], self.settings.chain_id))
                return ref.address
            return await self.deployed(ref)

        return Check("contract", look)

    def clock(self) -> Check:
        """This machine's against the chain's."""
        return Check("clock", self._clock)

    def port(self, setting: str, bind: Bind) -> Check:
        """Where the service listens."""
        return port_check(setting, bind)

    # --- for rows of the services' own ----------------------------------------------------------

    async def deployed(self, ref: ContractRef) -> str:
        """Its address, if a service may start with it. Raises as `ask`, and `WrongChain`."""
        await self.ask(lambda node: check_deployments(node, [ref], self.settings.chain_id))
        return ref.address

    async def database(self, accesses: Sequence[Access]) -> str:
        """What the database is and allows us. Raises as `check_database`."""
        return await check_database(self.mongo, accesses)

    async def ask(self, question: Callable[[NodeRpc], Awaitable[T]]) -> T:
        """The answer of the first node that has one. Raises as `of_the_chain`."""
        return await self.of_the_chain(self.pool.ask(question))

    async def of_the_chain(self, answer: Awaitable[T]) -> T:
        """`answer`, which `pool` was asked for. Raises `CheckFailed` if no node has one."""
        try:
            return await answer
        except RpcError as error:
            if not error.transient:
                raise
            raise CheckFailed(
                f"not checked, since no node answers: {error}", "correct the nodes, see above"
            ) from None

    def explain(self, error: Exception) -> CheckFailed:
        """What an error of a check means. Nothing secret."""
        if isinstance(error, WrongChain):
            return CheckFailed(error.found, error.fix)
        if isinstance(error, FinalityUnknown):
            return CheckFailed(error.found, REMEDY)
        if isinstance(error, HttpStatusError):
            return CheckFailed(str(error), error.hint)
        if isinstance(error, RpcError):
            return CheckFailed(str(error), "check that the node is running, and RPC_URLS")
        if isinstance(error, PyMongoError):
            return CheckFailed(
                self.errors.explain(error),
                'correct MONGODB_URI or the database as said (docs/operations.md, "Database")',
            )
        # Its text may be anything.
        return CheckFailed(f"internal error: {type(error).__name__}", "report this as a bug")

    # --- inside ---------------------------------------------------------------------------------

    async def _node(self, name: str) -> str:
        node = self.apart.on(name)
        found = await check_chain_id(node, self.settings.chain_id)
        head = await self.apart.probe_one(name)
        final = await final_number(node, head.number, self.settings.finality)
        await check_calls_at_a_hash(node, self.settings.contract.address)
        return f"chain {found}, block {head.number}, {final_words(final)}"

    async def _heads(self) -> str:
        lost = unused([url.get_secret_value() for url in self.settings.rpc_urls])
        if lost:
            # Heads are polled then: slower, not wrong.
            raise CheckFailed("; ".join(lost), "correct RPC_URLS", CheckLevel.WARN)
        announced = [name for name in self.apart.names if self.apart.ws_url(name) is not None]
        return f"announced by {', '.join(announced)}" if announced else "polled (no ws address)"

    async def _clock(self) -> str:
        head = await self.head()
        now = self.timer.now()
        if head.timestamp - now > MAX_CLOCK_SECONDS:
            raise CheckFailed(
                f"this machine's clock is {head.timestamp - now:.0f} s behind the newest block",
                "run NTP here",
            )
        age = HeadAge(self.timer.now, self.settings.head_age_blocks)
        age.saw(head.number, head.timestamp)
        if now - head.timestamp > MAX_CLOCK_SECONDS:
            await self._measure(age, head)
            if (why := age.note()) is not None:
                raise CheckFailed(why, "look at the chain; run NTP here", CheckLevel.WARN)
        return f"the newest block is {now - head.timestamp:.0f} s old by this machine's clock"

    async def _measure(self, age: HeadAge, head: Header) -> None:
        """The chain's block time, as far as a node tells it."""
        earlier = head.number - MEASURED_BLOCKS
        block = await self.ask(lambda node: header_at(node, max(1, earlier)))
        if block is not None:
            age.between(block.number, block.timestamp, head.number, head.timestamp)


async def _surely(indexed: Callable[[], Awaitable[bool]]) -> bool:
    """That the database is away is another row's to tell."""
    try:
        return await indexed()
    except PyMongoError:
        return False


@asynccontextmanager
async def opened(
    settings: ChainSettings, clock: Clock, rng: Rng, *, pool: NodePool | None = None
) -> AsyncIterator[ServiceChecks]:
    """The checks for these settings; their connections are closed at the end. `pool`: the service's
    own, where its other checks use one."""
    uri = settings.mongodb_uri.get_secret_value()
    configs = node_configs([url.get_secret_value() for url in settings.rpc_urls])
    mongo = connect(uri)
    async with http_client() as http:

        def new_pool() -> NodePool:
            seconds = min(settings.rpc_timeout_seconds, CALL_SECONDS)
            return NodePool.build(
                configs, http, clock, rng, timeout=seconds, chain_id=settings.chain_id
            )

        try:
            yield ServiceChecks(
                settings, pool or new_pool(), new_pool(), mongo, clock, DatabaseErrors.of(uri)
            )
        finally:
            await mongo.close()
