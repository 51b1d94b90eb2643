"""Over HTTP: how many renewals a second, and five thousand viewers who enter within a minute and
then stay.

The service has one worker process where its rate is set beside a bare signature's of one thread,
and as many as it has by itself for the crowd. Client, database and service share the machine.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from bench.api.load import Crowd, Load
from bench.output import SuiteOutput
from bench.playback.site import PlaybackBench, post
from bench.rows import BenchRow
from bench.usage import share_of_memory, tree, usage
from localnet.services import ServiceProcess

TABLE = "playback: over HTTP"
RENEW = "/api/playback/renew"
VIEWERS, ENTER_SECONDS = 5_000, 60.0
AIM = 0.3
CONNECTIONS = 64
WINDOW = 30.0  # seconds between looks at memory


class _Sessions:
    """The sessions that answers gave."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.refused: dict[str, int] = {}

    def note(self, status: int, body: bytes) -> None:
        answer = json.loads(body)
        if status == 200:
            self.found.append(answer["session"])
        else:
            said = str(answer.get("title"))
            self.refused[said] = self.refused.get(said, 0) + 1

    def require(self, count: int) -> None:
        if len(self.found) < count:
            raise RuntimeError(f"{len(self.found)} of {count} came in; refused: {self.refused}")


def renew(out: SuiteOutput) -> list[BenchRow]:
    """Renewals a second by sessions of an invitation, and bare signatures before and after."""
    with PlaybackBench(out.folder) as bench:
        service = bench.service(PLAYBACK_WORKERS="1")
        before = _signatures(bench.signing_key)
        load, spent = asyncio.run(_renewals(bench, service, out.seconds(20.0)))
        bare = (before + _signatures(bench.signing_key)) / 2
    own = len(load.latencies) / spent
    out.say(
        f"{load.rate:.0f} renewals ({own:.0f} by processor time), {bare:.0f} signatures a second"
    )
    return [
        BenchRow(
            TABLE, "renewals a second by invitation, one worker", load.rate, "/s",
            beside=bare, peer="bare RSA-2048 signatures, one thread", aim=f">= {AIM:g} of them",
            met=load.rate >= AIM * bare and not load.failed,
            note=f"{len(load.latencies)} renewals of 200 sessions by {CONNECTIONS} connections,"
            f" {load.failed} failed; the embedded database and the client take from the same cores",
        ),
        BenchRow(
            TABLE, "the same by the service's own processor time", own, "/s",
            beside=bare, peer="bare RSA-2048 signatures, one thread", aim=f">= {AIM:g} of them",
            met=own >= AIM * bare and not load.failed,
        ),
    ]  # fmt: skip


async def _renewals(
    bench: PlaybackBench, service: ServiceProcess, seconds: float
) -> tuple[Load, float]:
    """And the service's processor seconds."""
    sessions = _Sessions()
    numbers = itertools.count(1)
    async with Crowd(service.port, CONNECTIONS, sessions.note) as crowd:
        await crowd.offer(lambda: bench.entry(next(numbers)), 100.0, 2.0)
        sessions.require(200)
        crowd.on_answer = None
        renewals = itertools.cycle([post(RENEW, {}, one) for one in sessions.found])
        before = usage(service.pid)
        load = await crowd.saturate(lambda: next(renewals), seconds)
        return load, usage(service.pid).since(before).cpu


def _signatures(key: RSAPrivateKey) -> float:
    began, count = time.perf_counter(), 1000
    for _ in range(count):
        key.sign(b"x" * 250, PKCS1v15(), SHA256())
    return count / (time.perf_counter() - began)


def crowd(out: SuiteOutput) -> list[BenchRow]:
    """`--minutes`: how long the viewers stay (ten)."""
    with PlaybackBench(out.folder) as bench:
        service = bench.service(PLAYBACK_TOKEN_SECONDS="600")
        entering, staying, memory = asyncio.run(_crowd(bench, service, out))
    growth = memory[-1] - memory[0]
    return [
        BenchRow(
            TABLE, f"{VIEWERS} viewers enter within {ENTER_SECONDS:.0f} s, p99",
            entering.quantile(0.99) * 1000, "ms", aim="< 2,000 ms",
            met=entering.quantile(0.99) < 2 and not entering.failed,
            note=f"{entering.failed} refused; {entering.rate:.0f} entries a second",
        ),
        BenchRow(
            TABLE, "the same renew, p99", staying.quantile(0.99) * 1000, "ms",
            note=f"{len(staying.latencies)} renewals in {staying.seconds:.0f} s,"
            f" {staying.failed} failed",
        ),
        BenchRow(
            TABLE, "the service's memory after it", memory[-1] / 1e6, "MB",
            beside=memory[0] / 1e6, peer="after the entries", aim="flat: 5 % at most",
            met=growth <= 0.05 * memory[0], note=f"looked at every {WINDOW:.0f} s",
        ),
    ]  # fmt: skip


async def _crowd(
    bench: PlaybackBench, service: ServiceProcess, out: SuiteOutput
) -> tuple[Load, Load, list[int]]:
    sessions = _Sessions()
    entries = [bench.entry(number) for number in range(1, VIEWERS + 1)]
    waiting = iter(entries)
    async with Crowd(service.port, 500, sessions.note) as many:
        entering = await many.offer(lambda: next(waiting), VIEWERS / ENTER_SECONDS, ENTER_SECONDS)
        sessions.require(VIEWERS)
        out.say(f"all in; p99 {entering.quantile(0.99) * 1000:.0f} ms")
    # at 50 to 80 % of ten minutes, so each 390 s; by as few connections as a proxy keeps open
    rate = VIEWERS / 390
    async with Crowd(service.port, 16) as many:
        renewals = itertools.cycle([post(RENEW, {}, one) for one in sessions.found])
        staying, memory = Load(), [_memory(service)]
        ends = time.monotonic() + out.seconds(600.0)
        while time.monotonic() < ends and not out.stopped.is_set():
            staying += await many.offer(lambda: next(renewals), rate, WINDOW)
            memory.append(_memory(service))
    return entering, staying, memory


def _memory(service: ServiceProcess) -> int:
    return sum(share_of_memory(pid) for pid in tree(service.pid))
