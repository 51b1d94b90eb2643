"""Which node to believe, and which to leave out."""

from __future__ import annotations

from typing import Any

from indexer.node_trust import NodeTrust


class Named:
    def __init__(self, name: str) -> None:
        self.name = name


class TwoNodes:
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


def test_node_trust__one_contradiction__may_be_a_reorg() -> None:
    nodes = TwoNodes()
    trust = NodeTrust(nodes)
    assert trust.strike("a", "odd") is False
    trust.served("a", proven=True)
    assert trust.strike("a", "odd again, much later") is False
    assert nodes.out == {}


def test_node_trust__again_and_again__goes_back_then_leaves_the_node_out() -> None:
    nodes = TwoNodes()
    trust = NodeTrust(nodes)
    trust.strike("a", "odd")
    assert trust.strike("a", "odd") is True
    trust.strike("a", "a wrong hash")
    assert nodes.out == {"a": "a wrong hash"}
    assert trust.node().name == "b"
    assert trust.lies == 1


def test_node_trust__an_accuser_proved_right__the_silent_liar_is_reported() -> None:
    nodes = TwoNodes()
    trust = NodeTrust(nodes)
    trust.served("a", proven=False)
    trust.strike("b", "the index misses two events")
    assert trust.strike("b", "the index misses two events") is True
    assert trust.node().name == "b", "the accuser is asked, not the accused"
    trust.served("b", proven=True)
    assert list(nodes.out) == ["a"]


def test_node_trust__strikes__are_each_nodes_own_and_counted_anew_after_a_report() -> None:
    nodes = TwoNodes()
    trust = NodeTrust(nodes)
    told = [trust.strike(name, "odd") for name in ("a", "b", "a", "b")]
    assert told == [False, False, True, True], "back at each node's own second"
    assert nodes.out == {}
    trust.strike("a", "odd")
    assert list(nodes.out) == ["a"]
    del nodes.out["a"]  # half an hour later
    assert trust.strike("a", "odd") is False
    assert trust.strike("a", "odd") is True
    assert nodes.out == {}


def test_node_trust__who_contradicts_its_own_blocks__is_not_spared_for_it() -> None:
    """It is asked again, as any node is: nobody else was corrected."""
    nodes = TwoNodes()
    trust = NodeTrust(nodes)
    trust.served("a", proven=False)
    trust.strike("a", "odd")
    assert trust.strike("a", "odd") is True
    assert trust.node().name == "a"
    trust.served("a", proven=True)
    assert nodes.out == {}


def test_node_trust__pauses__none_for_a_first_doubt_then_longer() -> None:
    trust = NodeTrust(TwoNodes())
    pauses = [trust.pause()]
    for _ in range(2):
        trust.strike("a", "odd")
        pauses.append(trust.pause())
    trust.served("a", proven=True)
    assert [*pauses, trust.pause()] == [0.0, 0.0, 0.4, 0.0]


def test_node_trust__events_missing_and_logs_left_out_for_a_bloom__the_bloom_is_to_blame() -> None:
    nodes = TwoNodes()
    trust = NodeTrust(nodes)
    trust.unasked("a")
    trust.served("a", proven=False)
    assert trust.blames_blooms("the contract has an event more") is True
    assert [trust.believes_blooms(name) for name in ("a", "b")] == [False, True]
    assert trust.blames_blooms("still") is False, "once: then it is a contradiction like any other"
    assert nodes.out == {}


def test_node_trust__logs_left_out_before_a_proof__blame_nobody() -> None:
    trust = NodeTrust(TwoNodes())
    trust.unasked("a")
    trust.served("b", proven=True)
    assert trust.blames_blooms("events are missing") is False
    assert trust.believes_blooms("a") is True


def test_node_trust__a_log_that_its_own_bloom_denies__not_believed_again() -> None:
    trust = NodeTrust(TwoNodes())
    trust.doubt_blooms("a", "the bloom of block 7 excludes its log")
    trust.unasked("a")
    assert trust.believes_blooms("a") is False
    assert trust.blames_blooms("events are missing") is False
