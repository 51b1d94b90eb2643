"""Which node to believe, and which to leave out."""

from __future__ import annotations

from typing import Any

from indexer.node_trust import Suspicion


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
