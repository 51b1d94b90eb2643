"""`python -m oracle doctor`: checks what the oracle needs, and prints the fix for what is missing.

Promises: changes nothing (the database check writes one document of its own and deletes it); each
check is bounded and independent of the others; no secret is printed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from chain.finality import REMEDY, FinalityUnknown, final_number, final_words
from chain.hexes import ZERO_ADDRESS
from chain.identity import WrongChain, check_chain_id, check_contracts, check_version
from chain.rpc.errors import ExecutionReverted, HttpStatusError, RpcError
from chain.rpc.urls import unused
from chain.send.balance import BalanceLevel
from common import process
from common.settings import OracleSettings
from oracle.bootstrap import Oracle
from oracle.chain_snapshot import block_at
from oracle.cloudflare.client import CloudflareClient
from oracle.cloudflare.errors import CloudflareError
from oracle.cloudflare.live_input_spec import owner_of
from oracle.connections import Connections
from oracle.contract_standing import read_standing

CHECK_SECONDS = 30.0
MAX_CLOCK_SECONDS = 60.0
MAX_INDEX_LAG = 20


class CheckLevel(StrEnum):
    """`WARN`: the oracle works, but an operator should act."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


class CheckResult(NamedTuple):
    """One check's outcome. `fix`: what to do unless it is OK."""

    name: str
    level: CheckLevel
    found: str
    fix: str = ""


class CheckFailed(Exception):
    """A check is not OK: what was found, and how to fix it."""

    def __init__(self, found: str, fix: str, level: CheckLevel = CheckLevel.FAIL) -> None:
        super().__init__(found)
        self.found = found
        self.fix = fix
        self.level = level


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
        def failed(found: str, fix: str) -> CheckResult:
            return CheckResult(name, CheckLevel.FAIL, found, fix)

        try:
            async with asyncio.timeout(CHECK_SECONDS):
                return CheckResult(name, CheckLevel.OK, await check())
        except CheckFailed as error:
            return CheckResult(name, error.level, error.found, error.fix)
        except WrongChain as error:
            return failed(error.found, error.fix)
        except FinalityUnknown as error:
            return failed(error.found, REMEDY)
        except TimeoutError:
            return failed(f"no answer within {CHECK_SECONDS:g} s", "check the network")
        except HttpStatusError as error:
            return failed(str(error), error.hint)
        except RpcError as error:
            return failed(str(error), "check that the node is running, and RPC_URLS")
        except Exception as error:
            text = str(error).partition(", Timeout:")[0][:200] or type(error).__name__
            return failed(text, "check MONGODB_URI, and that the database is running")

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
            # Heads are polled then: slower, not wrong.
            raise CheckFailed("; ".join(lost), "correct RPC_URLS", CheckLevel.WARN)
        announced = [name for name in pool.names if pool.ws_url(name) is not None]
        return f"announced by {', '.join(announced)}" if announced else "polled (no ws address)"

    async def _contract(self) -> str:
        address = self.settings.contract.address
        await check_contracts(self.connections.pool, [address], self.settings.chain_id)
        await check_version(self.connections.pool, address)
        snapshot = await self.oracle.snapshot_reader.read()
        state = await read_standing(snapshot, self.oracle.context.me.operator_id)
        if state.crowded is not None:
            fix = "ask the contract's owner (docs/scripts.md, successor=on)"
            raise CheckFailed(f"{address}: {state.crowded}", fix, CheckLevel.WARN)
        return address if state.retirement is None else f"{address}; {state.retirement}"

    async def _operator(self) -> str:
        me = self.oracle.context.me
        try:
            operator = await (await self.oracle.snapshot_reader.read()).operator(me.operator_id)
        except ExecutionReverted:
            raise CheckFailed(
                f"the contract has no operator {me.operator_id}",
                "correct ORACLE_OPERATOR_ID, or have the owner add the operator (docs/scripts.md)",
            ) from None
        self.oracle.context.standing.playback_base = operator.playback_base
        if operator.account == ZERO_ADDRESS:
            raise CheckFailed("revoked", "have the owner set the operator's account again")
        if operator.account != me.account:
            raise CheckFailed(
                f"the operator's account is {operator.account}, but the key is for {me.account}",
                "configure the key of that account, or rotate the account (docs/operations.md)",
            )
        switches = [("accepting", operator.accepting), ("enabled", operator.enabled)]
        off = [name for name, on in switches if not on]
        closed = f"; accepts no new rooms (not {' and not '.join(off)})" if off else ""
        return (
            f"{me.account}, fees to {operator.payee}, "
            f"playback base {operator.playback_base}{closed}"
        )

    async def _balance(self) -> str:
        await self.oracle.recall_spending()
        report = await self.oracle.monitor.balance.check()
        if report.level is not BalanceLevel.OK:
            fix = f"send ether to {self.oracle.context.me.account}"
            low = CheckLevel.WARN if report.level is BalanceLevel.WARN else CheckLevel.FAIL
            raise CheckFailed(report.message, fix, low)
        return report.message

    async def _clock(self) -> str:
        head = await self.oracle.snapshot_reader.newest()
        ahead = head.timestamp - self.oracle.service.clock.now()
        if ahead > MAX_CLOCK_SECONDS:
            raise CheckFailed(
                f"this machine's clock is {ahead:.0f} s behind the newest block", "run NTP here"
            )
        return f"the newest block is {-ahead:.0f} s old by this machine's clock"

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
        return f"{self.settings.oracle_database} is writable; the lease is {holder}"

    async def _index(self) -> str:
        progress = await self.oracle.index.progress()
        if progress is None:
            raise CheckFailed("no index found", "start the indexer; check MONGODB_DATABASE")
        if progress.stopped is not None:
            raise CheckFailed(
                f"stopped: {progress.stopped}", "see docs/index.md, the table of /readyz"
            )
        lag = (await self.oracle.snapshot_reader.newest()).number - progress.block
        if lag > MAX_INDEX_LAG:
            raise CheckFailed(f"{lag} blocks behind the head", "check that the indexer is running")
        return f"block {progress.block}, {lag} behind the head"

    # --- Cloudflare -----------------------------------------------------------------------------

    async def _token(self) -> str:
        try:
            report = await self.cloudflare.verify_token()
        except CloudflareError as error:
            raise CheckFailed(str(error), "check the network and CLOUDFLARE_API_BASE") from None
        if not report.ok:
            raise CheckFailed(
                "; ".join(report.problems), "create a token with Account > Stream > Edit"
            )
        until = f", until {report.expires_on:%Y-%m-%d}" if report.expires_on else ""
        return f"{report.status}, read and write{until}"

    async def _account(self) -> str:
        """Whether the operator's live inputs play where the contract says."""
        base = self.oracle.context.standing.playback_base
        try:
            listed = await self.cloudflare.list_inputs()
            ours = [entry for entry in listed if owner_of(entry.meta) is not None]
            if not ours or base is None:
                return f"{len(listed)} live inputs, none of them ours: playback base not checked"
            url = (await self.cloudflare.get(ours[-1].uid)).input.playback.webrtc or ""
        except CloudflareError as error:
            raise CheckFailed(str(error), "see the Cloudflare token check above") from None
        if not url.startswith(base + "/"):
            raise CheckFailed(
                f"the account's live inputs do not play at {base}",
                "the operator uses another Cloudflare account: correct CLOUDFLARE_ACCOUNT_ID or "
                "ORACLE_OPERATOR_ID",
            )
        return f"{len(listed)} live inputs, {len(ours)} of ours, playing at {base}"


def findings_text(findings: Sequence[CheckResult]) -> str:
    """A row for each check; under one that is not OK, its fix; then the count."""
    width = max((len(finding.name) for finding in findings), default=0)
    lines = []
    for name, level, found, fix in findings:
        lines.append(f"{level:<4}  {name:<{width}}  {found}".rstrip())
        if level is not CheckLevel.OK:
            lines.append(f"      Fix: {fix}")
    failed, warned = (
        sum(finding.level is level for finding in findings)
        for level in (CheckLevel.FAIL, CheckLevel.WARN)
    )
    passed = not failed and not warned
    total = "All checks passed." if passed else f"Failed: {failed}, warnings: {warned}."
    return "\n".join([*lines, "", total])


def exit_code(findings: Sequence[CheckResult]) -> int:
    """0 if every check is OK, else 1."""
    return int(any(finding.level is not CheckLevel.OK for finding in findings))
