"""The commands beside the running oracle: status and sweep; the doctor stands alone.

Promises: each answers text for a terminal and an exit code; only `sweep` without --dry-run changes
anything, and only while it holds the lease itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from eth_utils.address import to_checksum_address

from chain.enums import room_name
from chain.views import read_operator
from common.clock import Clock, Rng
from common.settings import OracleSettings
from common.tasks import end_tasks
from oracle.bootstrap import Oracle, build
from oracle.cli.read_only import ReadOnlySigner
from oracle.cli.status import status
from oracle.cli.table import table
from oracle.connections import Connections, open_connections
from oracle.sweep import SweepReport


class CommandResult(NamedTuple):
    """What a command says, and its exit code."""

    text: str
    code: int


async def show_status(settings: OracleSettings, clock: Clock, rng: Rng) -> CommandResult:
    """What waits and why."""

    async def look(connections: Connections) -> CommandResult:
        oracle = build(
            settings, connections, await _read_only_signer(settings, connections), clock, rng
        )
        return CommandResult(await status(oracle), 0)

    return await _connected(settings, clock, rng, look)


async def sweep(
    settings: OracleSettings, clock: Clock, rng: Rng, *, dry_run: bool
) -> CommandResult:
    """What the live inputs in the Cloudflare account are, and away with the orphans."""

    async def look(connections: Connections) -> CommandResult:
        oracle = build(
            settings, connections, await _read_only_signer(settings, connections), clock, rng
        )
        if not dry_run and not await _take_lease(oracle, clock):
            holder = oracle.service.lease.other or "another process"
            return CommandResult(
                f"An oracle ({holder}) holds the lease; it sweeps every half hour itself. "
                "Use --dry-run, or stop it first.",
                1,
            )
        if dry_run:
            return CommandResult(_sweep_text(await oracle.sweeper.run(dry_run=True), dry_run), 0)
        keeper = asyncio.ensure_future(oracle.service.lease.keep())
        try:
            await oracle.service.records.load(oracle.service.lease.token)
            return CommandResult(_sweep_text(await oracle.sweeper.run(dry_run=False), dry_run), 0)
        finally:
            await end_tasks(keeper)
            await oracle.service.lease.release()

    return await _connected(settings, clock, rng, look)


async def _connected(
    settings: OracleSettings,
    clock: Clock,
    rng: Rng,
    look: Callable[[Connections], Awaitable[CommandResult]],
) -> CommandResult:
    connections = open_connections(settings, clock, rng)
    try:
        return await look(connections)
    finally:
        await connections.close()


async def _read_only_signer(settings: OracleSettings, connections: Connections) -> ReadOnlySigner:
    operator = await read_operator(
        connections.pool, settings.contract.address, settings.oracle_operator_id, "latest"
    )
    # As a signer would write it: the sender's rows are found by it.
    return ReadOnlySigner(to_checksum_address(operator.account))


async def _take_lease(oracle: Oracle, clock: Clock) -> bool:
    """Whether the lease could be taken within its own time."""
    lease = oracle.service.lease
    deadline = clock.monotonic() + lease.seconds + 2 * lease.renew_seconds
    while clock.monotonic() < deadline:
        if await lease.step():
            return True
        await clock.sleep(lease.renew_seconds)
    return False


def _sweep_text(report: SweepReport, dry_run: bool) -> str:
    rows = [
        (
            f.verdict.value,
            f.uid,
            room_name(f.owner.room_id) if f.owner is not None else "-",
            f.why + (" (deleted)" if f.deleted else ""),
        )
        for f in sorted(report.findings, key=lambda f: f.verdict.value)
    ]
    lines = [table(("verdict", "input", "room", "why"), rows) if rows else "No live inputs."]
    if report.unproven is not None:
        lines.append(f"Nothing can be deleted now: {report.unproven}.")
    if report.missing:
        rooms = ", ".join(map(room_name, report.missing[:20]))
        lines.append(f"Active rooms whose live input is missing: {rooms}.")
    if dry_run:
        lines.append("No changes made (--dry-run).")
    return "\n".join(lines)
