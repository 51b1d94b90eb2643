"""Which node to believe, and what the operator is told."""

from __future__ import annotations

from typing import Any

from indexer.status import ContractStatus, Status
from indexer.suspicion import Suspicion


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


def status_of(item: ContractStatus, now: float = 100.0) -> tuple[bool, str]:
    status = Status(lambda: now, list, [item], waiting_for=None)
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
