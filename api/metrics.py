"""What Prometheus sees of the API, besides what it sees of any HTTP service of ours.

Promises: of the index is told what the worker that read it last saw. Two ages are apart: how old
the index is (`index_lag_seconds`) and how old the API's view of it is (`view_age_seconds`). Of
several contracts the worst is told.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge

from api.index_watch import IndexSnapshot
from common.web.metrics import HttpMetrics


class ApiMetrics(HttpMetrics):
    """See `HttpMetrics`."""

    def __init__(self) -> None:
        super().__init__("api")
        registry = self._registry
        lookups = Counter(
            "livestream_api_memory_lookups", "Requests answered from the cache, or not",
            ["result"], registry=registry,
        )  # fmt: skip
        self._hit, self._miss = lookups.labels("hit"), lookups.labels("miss")
        self._listeners = Gauge(
            "livestream_api_stream_listeners", "Open event streams",
            multiprocess_mode="livesum", registry=registry,
        )  # fmt: skip
        self._lag_blocks = self._latest(
            "index_lag_blocks", "Blocks from the head that the indexer knows to the index"
        )
        self._block = self._latest("index_block", "The block indexed")
        self._index_read = self._age(
            "index_lag_seconds",
            "Seconds since the indexer last read the chain: grows when it is dead",
        )
        self._view_read = self._age(
            "view_age_seconds",
            "Seconds since the API last read the index: grows when the database is away",
        )
        self._head_at = self._age(
            "head_age_seconds",
            "Seconds since the timestamp of the newest block that the indexer knows",
        )
        self._node_calls = Counter(
            "livestream_api_node_calls", "Calls to the chain's node", ["method", "result"],
            registry=registry,
        )  # fmt: skip
        self._presence_known = self._latest(
            "presence_known", "1: what presence says of rooms on air is known, 0: all is unknown"
        )
        self._rooms_live = self._latest("rooms_live", "Rooms on air, as presence last said")
        self._hints = Counter(
            "livestream_api_hints", "Rooms that pages gave hints of", ["result"],
            registry=registry,
        )  # fmt: skip
        self._task_restarts = Counter(
            "livestream_api_task_restarts",
            "Background tasks that died of a bug and were started again", ["task"],
            registry=registry,
        )  # fmt: skip

    def lookup(self, hit: bool) -> None:
        (self._hit if hit else self._miss).inc()

    def listeners(self, change: int) -> None:
        self._listeners.inc(change)

    def task_restarts(self, task: str, restarts: int) -> None:
        self._task_restarts.labels(task).inc(restarts)

    def node_call(self, method: str, result: str) -> None:
        self._node_calls.labels(method, result).inc()

    def hints(self, result: str, rooms: int) -> None:
        self._hints.labels(result).inc(rooms)

    def presence_read(self, known: bool, live: int) -> None:
        """Presence's database was read."""
        self._presence_known.set(known)
        self._rooms_live.set(live if known else 0)

    def index_read(self, snapshot: IndexSnapshot, now: float) -> None:
        """The index was read. `now`: unix seconds."""
        positions = snapshot.positions.values()
        self._lag_blocks.set(max(position.lag_blocks() for position in positions))
        self._block.set(min(position.block for position in positions))
        self._index_read.set(min(position.updated_at for position in positions))
        self._head_at.set(min(position.head_timestamp for position in positions))
        self._view_read.set(now)
