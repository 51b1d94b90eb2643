"""Which node to believe, and what the operator is told."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from chain.rpc.node_health import EndpointHealth, EndpointState
from indexer.cli.progress import Progress
from indexer.metrics import IndexerMetrics
from indexer.node_trust import Suspicion
from indexer.readiness import ContractStatus, IndexerStatus


class Named:
    def __init__(self, name: str) -> None:
        self.name = name


class Nodes:
    """Two nodes; remembers who was left out."""

    def __init__(self) -> None:
        self.out: dict[str, str] = {}

    def pick(self) -> Any:
        return Named(next(n for n in ("a", "b") if n not in self.out))

    def other_than(self, name: str) -> Any:
        left = [n for n in ("a", "b") if n != name and n not in self.out]
        return Named(left[0]) if left else None

    def quarantine(self, name: str, reason: str, seconds: float | None = None) -> None:
        self.out[name] = reason

    def observe_head(self, name: str, number: int, timestamp: int) -> None:
        raise AssertionError


def test_suspicion__one_contradiction__may_be_a_reorg() -> None:
    nodes = Nodes()
    suspicion = Suspicion(nodes)
    assert suspicion.against("a", "odd") is False
    suspicion.served("a", proven=True)
    assert suspicion.against("a", "odd again, much later") is False
    assert nodes.out == {}


def test_suspicion__again_and_again__goes_back_then_leaves_the_node_out() -> None:
    nodes = Nodes()
    suspicion = Suspicion(nodes)
    suspicion.against("a", "odd")
    assert suspicion.against("a", "odd") is True
    suspicion.against("a", "a wrong hash")
    assert nodes.out == {"a": "a wrong hash"}
    assert suspicion.node().name == "b"
    assert suspicion.lies == 1


def test_suspicion__an_accuser_proved_right__the_silent_liar_is_reported() -> None:
    nodes = Nodes()
    suspicion = Suspicion(nodes)
    suspicion.served("a", proven=False)
    suspicion.against("b", "the index misses two events")
    assert suspicion.against("b", "the index misses two events") is True
    assert suspicion.node().name == "b", "the accuser is asked, not the accused"
    suspicion.served("b", proven=True)
    assert list(nodes.out) == ["a"]


def test_suspicion__strikes__are_each_nodes_own_and_counted_anew_after_a_report() -> None:
    nodes = Nodes()
    suspicion = Suspicion(nodes)
    told = [suspicion.against(name, "odd") for name in ("a", "b", "a", "b")]
    assert told == [False, False, True, True], "back at each node's own second"
    assert nodes.out == {}
    suspicion.against("a", "odd")
    assert list(nodes.out) == ["a"]
    del nodes.out["a"]  # half an hour later
    assert suspicion.against("a", "odd") is False
    assert suspicion.against("a", "odd") is True
    assert nodes.out == {}


def test_suspicion__who_contradicts_its_own_blocks__is_not_spared_for_it() -> None:
    """It is asked again, as any node is: nobody else was corrected."""
    nodes = Nodes()
    suspicion = Suspicion(nodes)
    suspicion.served("a", proven=False)
    suspicion.against("a", "odd")
    assert suspicion.against("a", "odd") is True
    assert suspicion.node().name == "a"
    suspicion.served("a", proven=True)
    assert nodes.out == {}


def test_suspicion__pauses__none_for_a_first_doubt_then_longer() -> None:
    suspicion = Suspicion(Nodes())
    pauses = [suspicion.pause()]
    for _ in range(2):
        suspicion.against("a", "odd")
        pauses.append(suspicion.pause())
    suspicion.served("a", proven=True)
    assert [*pauses, suspicion.pause()] == [0.0, 0.0, 0.4, 0.0]


def status_of(item: ContractStatus, now: float = 100.0) -> tuple[bool, str]:
    status = IndexerStatus(lambda: now, list, [item], waiting_for=None)
    ready = status.readiness()
    return ready.ready, " ".join(ready.reasons)


def test_readiness__each_trouble__is_told_in_words() -> None:
    good = ContractStatus("0xc0", good_at=99.0, syncing=False, block=10, head=10)
    assert status_of(good) == (True, "")
    assert (
        "catching up, block 10 of 99"
        in status_of(ContractStatus("0xc0", good_at=99.0, block=10, head=99))[1]
    )
    stuck = ContractStatus(
        "0xc0", good_at=10.0, syncing=False, trouble="no answer", block=1, head=1
    )
    assert status_of(stuck) == (False, "0xc0: no answer")
    passing = ContractStatus(
        "0xc0", good_at=99.0, syncing=False, trouble="no answer", block=1, head=1
    )
    assert status_of(passing)[0] is True
    stopped = ContractStatus("0xc0", good_at=99.0, stopped="run rewind")
    assert status_of(stopped) == (False, "run rewind")
    behind = ContractStatus("0xc0", good_at=99.0, syncing=False, block=10, head=4)
    assert "below the index's block 10" in status_of(behind)[1]


def test_readiness__after_a_success__forgets_what_was_wrong() -> None:
    item = ContractStatus("0xc0", syncing=False, trouble="no answer", stopped="run rewind")
    status = IndexerStatus(lambda: 100.0, list, [item])
    assert status.readiness().reasons == ("starting", "run rewind")
    status.waiting_for = None
    status.note(item)
    assert status.readiness() == (True, ())
    assert (item.good_at, item.trouble, item.stopped) == (100.0, None, None)


@pytest.mark.parametrize(("age", "ready"), [(30.0, True), (30.5, False)])
def test_readiness__trouble__told_after_half_a_minute(age: float, ready: bool) -> None:
    item = ContractStatus("0xc0", good_at=0.0, syncing=False, trouble="no answer")
    assert status_of(item, now=age)[0] is ready


def test_show__a_checkpoint__where_the_index_stands() -> None:
    item = ContractStatus("0xc0")
    point: Any = {"block": 7, "head": {"block": 9}, "seq": 40, "state": "syncing"}
    item.show(point)
    assert (item.block, item.head, item.seq, item.syncing) == (7, 9, 40, True)
    for state, syncing in (("following", False), ("stopped", True)):
        point["state"] = state
        item.show(point)
        assert item.syncing is syncing


def node_health(
    name: str,
    state: EndpointState,
    errors: int,
    latency_ms: float | None = None,
    head_age: float | None = None,
) -> EndpointHealth:
    return EndpointHealth(
        name=name, state=state, current=False, calls=12, errors=errors, consecutive_errors=0,
        last_error=None, latency_ms=latency_ms, head=None, head_age=head_age, free_in=0.0,
        quarantine_reason=None, stands=False,
    )  # fmt: skip


def test_metrics__of_contracts_and_nodes__as_the_docs_name_them() -> None:
    item = ContractStatus("0xc0", block=7, head=9, seq=40, stopped="run rewind")
    health = [
        node_health("a", EndpointState.HEALTHY, 0, latency_ms=250.0, head_age=3.5),
        node_health("b", EndpointState.QUARANTINED, 5),
    ]
    registry = CollectorRegistry()
    IndexerMetrics(registry, IndexerStatus(lambda: 1.0, lambda: health, [item]))

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, labels)

    contract = {"contract": "0xc0"}
    names = ("indexer_block", "indexer_head_block", "indexer_events", "indexer_stopped")
    assert [value(name, **contract) for name in names] == [7, 9, 40, 1]
    told = {
        name: [value(f"rpc_endpoint_{name}", endpoint=node) for node in ("a", "b")]
        for name in ("healthy", "quarantined", "errors", "latency_seconds", "head_age_seconds")
    }
    assert told == {
        "healthy": [1, 0], "quarantined": [0, 1], "errors": [0, 5],
        "latency_seconds": [0.25, None], "head_age_seconds": [3.5, None],
    }  # fmt: skip


class Terminal(io.StringIO):
    """A person watches."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("watched", [True, False])
def test_progress__only_for_a_person__each_percent_once(
    monkeypatch: pytest.MonkeyPatch, watched: bool
) -> None:
    screen = Terminal() if watched else io.StringIO()
    monkeypatch.setattr("sys.stderr", screen)
    bar = Progress("rooms", 300)
    for done in (0, 1, 2, 3, 150, 300):
        bar.at(done)
    bar.done()
    shown = [line[-20:].strip() for line in screen.getvalue().split("\r")[1:]]
    percents = [0, 1, 50, 100] if watched else []
    assert [line.split("] ")[-1] for line in shown] == [f"{p:3d} % of 300" for p in percents]


def test_progress__nothing_to_do__done_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", Terminal())
    bar = Progress("rooms", 0)
    bar.at(0)
    bar.done()
    screen: Any = sys.stderr
    assert "100 % of 0" in screen.getvalue()
    assert screen.getvalue().endswith("\n")
