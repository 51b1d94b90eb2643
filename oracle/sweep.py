"""Looks for live inputs that no room needs, for the case that even the journal forgot them.

Promises
1. An input is deleted on positive proof only: it carries our `meta`, and at a final block, on every
   node asked, its room has ended without it, or another input serves the room, or the room's tag is
   on no chain although any room that old would be final.
2. A node is believed only if its history continues the index's checkpoint, hash for hash: an empty
   or wrong node never costs a live room. Where two nodes are configured, both have to agree.
3. At most `cap` inputs are deleted in a run; the rest is reported and waits for the next.
4. What does not carry our `meta`, or another contract's, is reported and never touched.
Active rooms whose input is switched off or not listed, and those that the journal knows nothing of
(it was lost), are handed to the journal: `oracle.plan` then decides, and mends or ends them. What
an input is to us is judged in `oracle.sweep_verdict`.
On restart: `first_seen` is lost, which costs the wait for one more finality.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import structlog

from chain.enums import Mode, Status
from chain.rpc.client import Rpc
from chain.rpc.errors import RpcError
from chain.views import RoomView, read_history
from oracle.chain_snapshot import ChainSnapshot, SnapshotReader, ViewsByDepth
from oracle.cloudflare.errors import CloudflareError, VideoLive
from oracle.cloudflare.live_input_spec import Owner, owner_of
from oracle.cloudflare.models import ListedInput
from oracle.cloudflare.operations import Priority
from oracle.context import Context
from oracle.facts import Proposal
from oracle.index_view import IndexProgress, IndexView
from oracle.journal import RoomRecord, record_id
from oracle.sweep_verdict import NodeView, Verdict, judge

log = structlog.get_logger(__name__)

CAP = 50
CHUNK = 200


@dataclass(frozen=True, slots=True)
class SweepFinding:
    """One input, what it is, and why."""

    uid: str
    verdict: Verdict
    why: str
    owner: Owner | None = None
    deleted: bool = False


@dataclass
class SweepReport:
    """What a sweep found. `missing`: active rooms without their input. `forgotten`: active rooms
    that the journal does not know. `unproven`: why nothing may be deleted in this run."""

    findings: list[SweepFinding] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    forgotten: list[int] = field(default_factory=list)
    unproven: str | None = None

    def counts(self) -> Counter[str]:
        """Findings by verdict."""
        return Counter(finding.verdict.value for finding in self.findings)


class Unproven(Exception):
    """A node cannot be believed; the text says why."""


class Sweeper:
    """See the module. `nodes` answers one or two nodes, the second None where there is one only."""

    def __init__(
        self,
        context: Context,
        snapshot_reader: SnapshotReader,
        index: IndexView,
        nodes: Callable[[], Sequence[Rpc]],
    ) -> None:
        self._context = context
        self._snapshot_reader = snapshot_reader
        self._index = index
        self._nodes = nodes
        self.first_seen: dict[str, int] = {}

    async def run(self, *, dry_run: bool, cap: int = CAP) -> SweepReport:
        """One sweep. Raises CloudflareError, `RpcError` and the database's errors."""
        report = SweepReport()
        inputs = await self._context.cloudflare.list_inputs(priority=Priority.SWEEP)
        snapshots = await self._believable(report)
        owners = {listed.uid: owner_of(listed.meta) for listed in inputs}
        ids = sorted({o.room_id for o in owners.values() if o is not None and self._ours(o)})
        proposals = await self._index.rooms(ids) if ids else {}
        views = [await snapshot.rooms(ids) for snapshot in snapshots] if ids else []
        for listed in inputs:
            finding = self._finding(listed, owners[listed.uid], proposals, snapshots, views)
            report.findings.append(finding)
        self._remember(inputs, snapshots)
        if any(f.verdict in (Verdict.NEEDED, Verdict.OFF) for f in report.findings):
            self._context.standing.account_proven = True
        active = await self._index.active_inputs(int(self._context.clock.now()))
        present = {listed.uid for listed in inputs}
        report.missing = [room_id for room_id, uid in active if uid not in present]
        report.forgotten = await self._forgotten([room_id for room_id, _ in active])
        if not dry_run:
            await self._act(report, cap)
        return report

    # --- whom to believe ------------------------------------------------------------------------

    async def _believable(self, report: SweepReport) -> list[ChainSnapshot]:
        """Snapshots of all nodes whose history continues ours; none if one does not."""
        progress = await self._index.progress()
        if progress is None or progress.stopped is not None:
            report.unproven = "there is no index to compare with the chain, or it has stopped"
            return []
        snapshots = []
        for node in self._nodes():
            try:
                snapshots.append(await self._checked(node, progress))
            except (RpcError, Unproven) as error:
                report.unproven = f"a node cannot be trusted: {error}"
                return []
        return snapshots

    async def _checked(self, node: Rpc, progress: IndexProgress) -> ChainSnapshot:
        me = self._context.me
        snapshot = await self._snapshot_reader.read(node)
        found = await read_history(node, me.contract, progress.block_hash)
        if (found.count, found.hash) != (progress.seq, progress.history):
            raise Unproven("its history differs from the index's")
        return snapshot

    # --- what an input is -----------------------------------------------------------------------

    def _ours(self, owner: Owner) -> bool:
        me = self._context.me
        return owner.chain_id == me.chain_id and owner.contract == me.contract

    def _finding(
        self,
        listed: ListedInput,
        owner: Owner | None,
        proposals: dict[int, Proposal],
        snapshots: Sequence[ChainSnapshot],
        views: Sequence[dict[int, ViewsByDepth]],
    ) -> SweepFinding:
        if owner is None:
            return SweepFinding(listed.uid, Verdict.FOREIGN, "it does not have our meta")
        if not self._ours(owner):
            return SweepFinding(
                listed.uid, Verdict.ELSEWHERE, "it belongs to another contract", owner
            )
        if not snapshots:
            return SweepFinding(listed.uid, Verdict.WAITS, "no node can be trusted now", owner)
        me, proposal = self._context.me, proposals.get(owner.room_id)
        node_views = [
            NodeView(snapshot, three[owner.room_id], proposal, me.operator_id)
            for snapshot, three in zip(snapshots, views, strict=True)
        ]
        seen = self.first_seen.get(listed.uid)
        verdicts = [judge(listed, owner, node_view, seen) for node_view in node_views]
        orphans = [v for v in verdicts if v[0] is Verdict.ORPHAN]
        if orphans and len(orphans) < len(verdicts):
            return SweepFinding(listed.uid, Verdict.WAITS, "the nodes do not agree yet", owner)
        return SweepFinding(listed.uid, *verdicts[0], owner)

    def _remember(self, inputs: Sequence[ListedInput], snapshots: Sequence[ChainSnapshot]) -> None:
        if not snapshots:
            return
        head = max(snapshot.latest.number for snapshot in snapshots)
        self.first_seen = {i.uid: self.first_seen.get(i.uid, head) for i in inputs}

    async def _forgotten(self, active: Sequence[int]) -> list[int]:
        """Active rooms that the journal does not know, open or closed."""
        found: list[int] = []
        for start in range(0, len(active), CHUNK):
            proposals = await self._index.rooms(active[start : start + CHUNK])
            names = {
                n: record_id(self._context.me.contract, n, p.tag0) for n, p in proposals.items()
            }
            known = await self._context.records.get(list(names.values()))
            found += [room_id for room_id, name in names.items() if name not in known]
        return found

    # --- what to do -----------------------------------------------------------------------------

    async def _act(self, report: SweepReport, cap: int) -> None:
        deleted = 0
        for n, finding in enumerate(report.findings):
            if finding.verdict is not Verdict.ORPHAN or deleted >= cap or report.unproven:
                continue
            if await self._delete(finding):
                report.findings[n] = replace(finding, deleted=True)
                deleted += 1
        off = [f.owner.room_id for f in report.findings if f.verdict is Verdict.OFF and f.owner]
        again = sorted({*off, *report.missing, *report.forgotten})[:CHUNK]
        if again:
            proposals = await self._index.rooms(again)
            views = await (await self._snapshot_reader.read()).rooms(again)
            for room_id in set(again) & set(proposals):
                await self._reopen(views[room_id].acting, proposals[room_id].tag0)

    async def _delete(self, finding: SweepFinding) -> bool:
        cloudflare, priority = self._context.cloudflare, Priority.SWEEP
        try:
            await cloudflare.disable(finding.uid, priority=priority)
            if not self._context.keep_recordings:
                for video in await cloudflare.videos(finding.uid, priority=priority):
                    await cloudflare.delete_video(video.uid, priority=priority)
            await cloudflare.delete(finding.uid, priority=priority)
        except VideoLive:
            return False
        except CloudflareError as error:
            log.warning("orphan not deleted", uid=finding.uid, reason=str(error))
            return False
        log.warning("orphan deleted", uid=finding.uid, reason=finding.why)
        return True

    async def _reopen(self, view: RoomView | None, tag0: bytes) -> None:
        """Put an active room's input back into the journal, to be looked at by the plan."""
        if view is None or view.status is not Status.ACTIVE:
            return
        name = record_id(self._context.me.contract, view.room_id, tag0)
        known = (await self._context.records.get([name])).get(name)
        if known is not None and not known.closed:
            return
        record = known or RoomRecord(
            id=name,
            operator_id=view.operator_id,
            room_id=view.room_id,
            tag0=tag0,
            mode=Mode(view.mode),
            gated=view.gated,
            host=view.host,
            created_at=view.created_at,
            seen_block=0,
            uid=view.uid.hex(),
            suspect=True,
        )
        await self._context.save(replace(record, enabled=None, verified=None))
