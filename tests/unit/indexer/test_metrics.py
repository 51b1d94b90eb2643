"""The indexer's metrics have the names that dashboards ask for."""

from __future__ import annotations

from prometheus_client import CollectorRegistry

from chain.head_age import HeadAge
from chain.rpc.node_health import NodeHealth, NodeState
from indexer.metrics import IndexerMetrics
from indexer.readiness import ContractStatus, IndexerStatus


def node_health(
    name: str,
    state: NodeState,
    errors: int,
    latency_ms: float | None = None,
    head_age: float | None = None,
) -> NodeHealth:
    return NodeHealth(
        name=name, state=state, current=False, calls=12, errors=errors, consecutive_errors=0,
        last_error=None, latency_ms=latency_ms, head=None, head_age=head_age, free_in=0.0,
        quarantine_reason=None, stands=False,
    )  # fmt: skip


def test_metrics__of_contracts_and_nodes__as_the_docs_name_them() -> None:
    item = ContractStatus("0xc0", block=7, head=9, seq=40, stopped="run rewind")
    health = [
        node_health("a", NodeState.HEALTHY, 0, latency_ms=250.0, head_age=3.5),
        node_health("b", NodeState.QUARANTINED, 5),
    ]
    registry = CollectorRegistry()
    age = HeadAge(lambda: 1000.0, 10)
    IndexerMetrics(registry, IndexerStatus(lambda: 1.0, lambda: health, age, [item]))
    unknown = [
        registry.get_sample_value(f"indexer_head_age_{name}seconds") for name in ("", "limit_")
    ]
    assert unknown == [None, None]
    age.saw(5, 900)
    age.saw(6, 912)

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, labels)

    contract = {"contract": "0xc0"}
    names = ("indexer_block", "indexer_head_block", "indexer_events", "indexer_stopped")
    assert [value(name, **contract) for name in names] == [7, 9, 40, 1]
    assert (value("indexer_head_age_seconds"), value("indexer_head_age_limit_seconds")) == (88, 120)
    told = {
        name: [value(f"rpc_endpoint_{name}", endpoint=node) for node in ("a", "b")]
        for name in (
            "healthy",
            "quarantined",
            "errors_total",
            "latency_seconds",
            "head_age_seconds",
        )
    }
    assert told == {
        "healthy": [1, 0], "quarantined": [0, 1], "errors_total": [0, 5],
        "latency_seconds": [0.25, None], "head_age_seconds": [3.5, None],
    }  # fmt: skip
