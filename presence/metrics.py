"""Presence in numbers.

Promises: plain counters and gauges, set by the service's own loops.
On restart: counters begin at zero.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from presence.pace import RoomKind

_SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class PresenceMetrics:
    """`registry` is a fresh one if None."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry = registry or CollectorRegistry()
        self.rooms = Gauge(
            "presence_rooms", "active rooms by what is said of them", ["live"], registry=registry
        )
        self.questions = Counter(
            "presence_questions_total",
            "questions to playback hosts, and what came of them",
            ["asked", "outcome"],
            registry=registry,
        )
        self.question_seconds = Histogram(
            "presence_question_seconds", "how long an answer took", buckets=_SECONDS,
            registry=registry,
        )  # fmt: skip
        self.interval = Gauge(
            "presence_interval_seconds",
            "seconds between two questions about a room of this kind, as it is aimed at",
            ["kind"],
            registry=registry,
        )
        self.oldest_look = Gauge(
            "presence_oldest_look_seconds",
            "seconds since the room of this kind that waits longest was asked about, or came",
            ["kind"],
            registry=registry,
        )
        self.hosts_failing = Gauge(
            "presence_hosts_failing",
            "playback hosts whose last answers said nothing that counts",
            registry=registry,
        )
        self.hosts = Gauge("presence_hosts", "playback hosts that are asked", registry=registry)
        self.hints = Counter(
            "presence_hints_total",
            "rooms that hints named: taken, or of no use",
            ["taken"],
            registry=registry,
        )
        for taken in ("yes", "no"):
            self.hints.labels(taken)
        self.rows = Counter("presence_rows_written_total", "rows written", registry=registry)
        self.written_at = Gauge(
            "presence_last_beat_timestamp_seconds",
            "unix time of the last beat that was stored",
            registry=registry,
        )
        self.lease_changes = Counter(
            "presence_lease_changes_total", "won or lost", ["change"], registry=registry
        )
        self.held = Gauge(
            "presence_lease_held", "1 while this process asks and writes", registry=registry
        )
        self.job_failures = Counter(
            "presence_job_failures_total", "jobs that failed", ["job"], registry=registry
        )
        self.task_restarts = Counter(
            "presence_task_restarts_total",
            "long-lived tasks that died of a bug and were started again",
            ["task"],
            registry=registry,
        )

    def show_pace(self, pace: dict[RoomKind, float]) -> None:
        for kind, seconds in pace.items():
            self.interval.labels(kind.value).set(seconds)

    def show_waits(self, waits: dict[RoomKind, float]) -> None:
        for kind in RoomKind:
            self.oldest_look.labels(kind.value).set(waits.get(kind, 0.0))

    def show_rooms(self, counts: dict[str, int]) -> None:
        for live, count in counts.items():
            self.rooms.labels(live).set(count)
