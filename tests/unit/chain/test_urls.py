"""Which ws address belongs to which node."""

from __future__ import annotations

import pytest

from chain.rpc.urls import node_configs, node_urls, unused
from common.redact import redact_url


def paired(*urls: str) -> dict[str, str | None]:
    return {config.url: config.ws_url for config in node_configs(urls)}


def test_ws__of_the_second_node__not_credited_to_the_first() -> None:
    """Scenario 20: a node that freezes must not live on another one's heads."""
    assert paired("https://a", "https://b", "wss://b") == {
        "https://a": None,
        "https://b": "wss://b",
    }


@pytest.mark.parametrize(
    ("node", "socket"),
    [
        ("https://node.example/key", "wss://node.example/ws/key"),
        ("https://node.example/key", "wss://NODE.example./key"),
        ("https://node.example", "wss://node.example:443"),
        ("http://node.example:80", "ws://node.example"),
        ("http://node.example:8545", "ws://node.example:8546"),
        ("http://[::1]:8545", "ws://[0:0:0:0:0:0:0:1]:8545"),
        ("https://user:pw@node.example", "wss://user:pw@node.example"),
    ],
)
def test_ws__same_host_written_otherwise__belongs_to_it(node: str, socket: str) -> None:
    assert paired("https://other.example", node, socket)[node] == socket
    assert unused(["https://other.example", node, socket]) == []


def test_ws__several_nodes_of_one_host__the_one_of_its_port() -> None:
    found = paired("http://h:1", "http://h:2", "http://h:3", "ws://h:3", "ws://h:2")
    assert found == {"http://h:1": None, "http://h:2": "ws://h:2", "http://h:3": "ws://h:3"}


def test_ws__only_two_addresses_of_a_host_are_left__each_others() -> None:
    found = paired("http://h:1", "http://h:8545", "ws://h:8546", "ws://h:1")
    assert found == {"http://h:1": "ws://h:1", "http://h:8545": "ws://h:8546"}


def test_ws__several_keys_at_one_gateway__the_one_of_its_key() -> None:
    found = paired(
        "https://g/v3/one", "https://g/v3/two", "https://g/three?t=3", "wss://g/ws/v3/two"
    )  # fmt: skip
    assert [socket for socket in found.values() if socket] == ["wss://g/ws/v3/two"]
    assert found["https://g/v3/two"] == "wss://g/ws/v3/two"


def test_ws__of_two_left_at_one_gateway__each_others() -> None:
    found = paired("https://g/one", "https://g/two", "wss://g/socket/9", "wss://g/two/ws")
    assert found == {"https://g/one": "wss://g/socket/9", "https://g/two": "wss://g/two/ws"}


@pytest.mark.parametrize(
    "urls",
    [
        ("https://a", "https://b", "wss://c"),
        ("https://a", "wss://b", "wss://c"),
        ("https://a", "wss://a", "wss://b"),
        ("http://h:1", "http://h:2", "ws://h:3"),
        ("http://h:1", "ws://h:2", "ws://h:3"),
        ("https://gateway/a", "https://gateway/b", "wss://gateway/b-socket"),
        ("https://gateway/a", "wss://gateway/b", "wss://gateway/c"),
    ],
)
def test_ws__that_might_be_a_strangers__nobodys_and_named(urls: tuple[str, ...]) -> None:
    lost = [url for url in urls if url.startswith("ws") and url not in paired(*urls).values()]
    assert lost
    lines = unused(urls)
    assert len(lines) == len(lost)
    for url, line in zip(lost, lines, strict=True):
        start = f"RPC_URLS: address {urls.index(url) + 1}, {redact_url(url)}, does not match any"
        assert line.startswith(start)


def test_ws__the_only_one_beside_the_only_node__its_own_whatever_its_host() -> None:
    assert paired("https://nd-1.example", "wss://ws-nd-1.example") == {
        "https://nd-1.example": "wss://ws-nd-1.example"
    }


def test_unused__a_key_in_the_address__is_not_shown() -> None:
    (line,) = unused(["https://a", "https://b", "wss://user:pw@c.example/v3/KEY?key=KEY"])
    assert "address 3, wss://c.example, " in line
    assert "KEY" not in line
    assert "pw" not in line


def test_node_urls__mixed__those_that_questions_go_to() -> None:
    assert node_urls(["wss://b", "https://a", "ws://c", "http://b"]) == ["https://a", "http://b"]


def test_ws__two_nodes_with_all_the_same__each_gets_one_in_order() -> None:
    found = node_configs(["https://a/k", "https://a/k", "wss://a/k/ws", "wss://a/ws/k"])
    assert [config.ws_url for config in found] == ["wss://a/k/ws", "wss://a/ws/k"]
