"""What Prometheus sees of the playback service, besides what it sees of any HTTP service of ours.

Promises: no number tells about a room, a link or a wallet.
"""

from __future__ import annotations

from prometheus_client import Counter

from common.web.metrics import HttpMetrics


class PlaybackMetrics(HttpMetrics):
    """See `HttpMetrics`."""

    def __init__(self) -> None:
        super().__init__("playback")
        self._admissions = Counter(
            "livestream_playback_admissions", "Viewers let in, and let in again",
            ["act", "role"], registry=self._registry,
        )  # fmt: skip
        self._refusals = Counter(
            "livestream_playback_refusals", "Viewers and hosts refused, by the problem's kind",
            ["problem"], registry=self._registry,
        )  # fmt: skip
        self._clock_error = self._latest(
            "clock_error_seconds", "This machine's clock less Cloudflare's, as last compared"
        )
        self._key = self._latest("key", "1 while there is a key to sign tokens with, else 0")
        self._node_calls = Counter(
            "livestream_playback_node_calls", "Calls to the chain's nodes", ["method", "result"],
            registry=self._registry,
        )  # fmt: skip
        self._task_restarts = Counter(
            "livestream_playback_task_restarts",
            "Background tasks that died of a bug and were started again", ["task"],
            registry=self._registry,
        )  # fmt: skip

    def admitted(self, act: str, role: str) -> None:
        """`act`: enter or renew."""
        self._admissions.labels(act, role).inc()

    def refused(self, slug: str) -> None:
        self._refusals.labels(slug).inc()

    def clock_error(self, seconds: float) -> None:
        self._clock_error.set(seconds)

    def has_key(self, there: bool) -> None:
        self._key.set(there)

    def node_call(self, method: str, result: str) -> None:
        self._node_calls.labels(method, result).inc()

    def task_restarts(self, task: str, restarts: int) -> None:
        self._task_restarts.labels(task).inc(restarts)
