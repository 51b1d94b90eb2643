"""`python -m oracle doctor`: is everything there that the oracle needs, and if not, how to mend it.

Promises: changes nothing (the database check writes one document of its own and deletes it); each
check is bounded and independent of the others; no secret is printed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NamedTuple

from chain.finality import REMEDY, FinalityUnknown, final_number, final_words
from chain.hexes import ZERO_ADDRESS
from chain.identity import WrongChain, check_chain_id, check_contracts
from chain.rpc.errors import ExecutionReverted, HttpStatusError, RpcError
from chain.rpc.urls import unused
from chain.send.balance import BalanceLevel
from common import process
from common.settings import OracleSettings
from oracle.bootstrap import Oracle
from oracle.chain_snapshot import block_at
from oracle.cli.table import table
from oracle.cloudflare.client import CloudflareClient
from oracle.cloudflare.errors import CloudflareError
from oracle.cloudflare.live_input_spec import owner_of
from oracle.connections import Connections

CHECK_SECONDS = 30.0
MAX_CLOCK_SECONDS = 60.0
MAX_INDEX_LAG = 20


class CheckResult(NamedTuple):
    """One check's outcome. `mend`: what to do where it is not well."""

    name: str
    well: bool
    found: str
    mend: str = ""


class CheckFailed(Exception):
    """A check failed: what was found, and how to mend it."""

    def __init__(self, found: str, mend: str) -> None:
        super().__init__(found)
        self.found = found
        self.mend = mend


@dataclass
class Doctor:
    """Runs the checks on a built, not running, oracle."""

    settings: OracleSettings
    connections: Connections
    oracle: Oracle
    cloudflare: CloudflareClient
    """One that may ask whatever it likes: the doctor's questions have no effect."""

    async def examine(self) -> list[CheckResult]:
        """All findings, in the order of the checks."""
        checks: dict[str, Callable[[], Awaitable[str]]] = {
            f"node {name}": lambda name=name: self._node(name)  # type: ignore[misc]
            for name in self.connections.pool.names
        }
        checks |= {
            "new heads": self._heads,
            "contract": self._contract,
            "operator": self._operator,
            "balance": self._balance,
            "clock": self._clock,
            "database": self._database,
            "index": self._index,
            "Cloudflare token": self._token,
            "Cloudflare account": self._account,
        }
        return [await self._one(name, check) for name, check in checks.items()]

    async def _one(self, name: str, check: Callable[[], Awaitable[str]]) -> CheckResult:
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                return CheckResult(name, True, await check())
        except (CheckFailed, WrongChain) as failed:
            return CheckResult(name, False, failed.found, failed.mend)
        except FinalityUnknown as error:
            return CheckResult(name, False, error.found, REMEDY)
        except TimeoutError:
            return CheckResult(
                name, False, f"no answer within {CHECK_SECONDS:g} s", "see the network"
            )
        except HttpStatusError as error:
            return CheckResult(name, False, str(error), error.hint)
        except RpcError as error:
            return CheckResult(name, False, str(error), "see that the node runs; correct RPC_URLS")
        except Exception as error:
            text = str(error).partition(", Timeout:")[0][:200] or type(error).__name__
            return CheckResult(name, False, text, "see MONGODB_URI, and that the database runs")

    # --- the chain ------------------------------------------------------------------------------

    async def _node(self, name: str) -> str:
        node = self.connections.pool.on(name)
        found = await check_chain_id(node, self.settings.chain_id)
        head = await block_at(node, "latest")
        final = await final_number(node, head.number, self.settings.finality)
        return f"chain {found}, block {head.number}, {final_words(final)}"

    async def _heads(self) -> str:
        pool = self.connections.pool
        lost = unused([url.get_secret_value() for url in self.settings.rpc_urls])
        if lost:
            raise CheckFailed("; ".join(lost), "correct RPC_URLS")
        announced = [name for name in pool.names if pool.ws_url(name) is not None]
        return f"announced by {', '.join(announced)}" if announced else "asked for (no ws address)"

    async def _contract(self) -> str:
        address = self.settings.contract.address
        await check_contracts(self.connections.pool, [address], self.settings.chain_id)
        return address

    async def _operator(self) -> str:
        me = self.oracle.context.me
        try:
            operator = await (await self.oracle.snapshot_reader.read()).operator(me.operator_id)
        except ExecutionReverted:
            raise CheckFailed(
                f"the contract has no operator {me.operator_id}",
                "set ORACLE_OPERATOR_ID, or let the owner add it (docs/operations.md)",
            ) from None
        self.oracle.context.standing.playback_base = operator.playback_base
        if operator.account == ZERO_ADDRESS:
            raise CheckFailed("it was revoked", "let the contract's owner set its account again")
        if operator.account != me.account:
            raise CheckFailed(
                f"its account is {operator.account}, our key is {me.account}'s",
                "give the oracle the right key, or rotate the account (docs/operations.md)",
            )
        switches = [("accepting", operator.accepting), ("enabled", operator.enabled)]
        off = [name for name, on in switches if not on]
        closed = f"; takes no new rooms (not {' and not '.join(off)})" if off else ""
        return f"{me.account}, plays at {operator.playback_base}{closed}"

    async def _balance(self) -> str:
        await self.oracle.recall_spending()
        report = await self.oracle.monitor.balance.check()
        if report.level is not BalanceLevel.OK:
            raise CheckFailed(report.message, f"send ether to {self.oracle.context.me.account}")
        return report.message

    async def _clock(self) -> str:
        head = await self.oracle.snapshot_reader.newest()
        ahead = head.timestamp - self.oracle.service.clock.now()
        if ahead > MAX_CLOCK_SECONDS:
            raise CheckFailed(
                f"our clock is {ahead:.0f} s behind the newest block", "run NTP on this machine"
            )
        return f"the newest block is {-ahead:.0f} s old by our clock"

    # --- the database ---------------------------------------------------------------------------

    async def _database(self) -> str:
        probe = self.connections.database["oracle_doctor"]
        mark = {"_id": f"probe:{self.oracle.service.lease.holder}"}
        await probe.insert_one(dict(mark))
        await probe.delete_one(mark)
        lease = await self.oracle.lease_store.read(self.oracle.service.lease.name)
        holder = "free"
        if lease is not None and lease.holder is not None:
            holder = f"held by {process.describe(lease.holder)}"
        return f"{self.settings.oracle_database} can be written; the lease is {holder}"

    async def _index(self) -> str:
        progress = await self.oracle.index.progress()
        if progress is None:
            raise CheckFailed("there is none", "start the indexer; see MONGODB_DATABASE")
        if progress.stopped is not None:
            raise CheckFailed(
                f"it has stopped: {progress.stopped}", "see docs/operations.md, deep reorgs"
            )
        lag = (await self.oracle.snapshot_reader.newest()).number - progress.block
        if lag > MAX_INDEX_LAG:
            raise CheckFailed(f"it is {lag} blocks behind", "see that the indexer runs")
        return f"block {progress.block}, {lag} behind the head"

    # --- Cloudflare -----------------------------------------------------------------------------

    async def _token(self) -> str:
        try:
            report = await self.cloudflare.verify_token()
        except CloudflareError as error:
            raise CheckFailed(str(error), "see the network and CLOUDFLARE_API_BASE") from None
        if not report.ok:
            raise CheckFailed(
                "; ".join(report.problems), "make a token with Account > Stream > Edit"
            )
        until = f", until {report.expires_on:%Y-%m-%d}" if report.expires_on else ""
        return f"{report.status}, may read and write{until}"

    async def _account(self) -> str:
        """Whether the operator's live inputs play where the contract says."""
        base = self.oracle.context.standing.playback_base
        try:
            listed = await self.cloudflare.list_inputs()
            ours = [entry for entry in listed if owner_of(entry.meta) is not None]
            if not ours or base is None:
                return f"{len(listed)} live inputs, none of ours to compare the playback base with"
            url = (await self.cloudflare.get(ours[-1].uid)).input.playback.webrtc or ""
        except CloudflareError as error:
            raise CheckFailed(str(error), "see the line above") from None
        if not url.startswith(base + "/"):
            raise CheckFailed(
                f"its live inputs do not play at {base}",
                "the operator belongs to another Cloudflare account: correct "
                "CLOUDFLARE_ACCOUNT_ID, or ORACLE_OPERATOR_ID",
            )
        return f"{len(listed)} live inputs, {len(ours)} of ours, playing at {base}"


def findings_text(findings: list[CheckResult]) -> str:
    """The findings as a table, then how to mend what is not well."""
    rows = [("ok" if f.well else "MEND", f.name, f.found) for f in findings]
    failed = [f"  {f.name}: {f.mend}" for f in findings if not f.well]
    text = table(("", "check", "found"), rows)
    return text + ("\n\nTo mend:\n" + "\n".join(failed) if failed else "\n\nAll is well.")
