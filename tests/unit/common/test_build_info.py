"""What a service says of the build it is: `--version`, and a metric for Prometheus."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from common.build_info import BuildInfo
from common.command_line import service_parser
from common.version import COMMIT_VARIABLE, VERSION, version_line

COMMIT = "65ba7b07c0ffee"


def told(service: str) -> list[str]:
    registry = CollectorRegistry()
    registry.register(BuildInfo(service))
    text = generate_latest(registry).decode()
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_build_info__built_from_a_commit__service_version_and_commit_in_one_series(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(COMMIT_VARIABLE, COMMIT)
    assert told("oracle") == [
        f'livestream_build_info{{commit="{COMMIT}",service="oracle",version="{VERSION}"}} 1.0'
    ]
    assert version_line("oracle") == f"livestream-rooms {VERSION} oracle ({COMMIT})"


@pytest.mark.parametrize("commit", ["", "unknown", "no-commit"])
def test_build_info__commit_unknown__is_left_out(
    commit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(COMMIT_VARIABLE, commit)
    assert told("indexer") == [
        f'livestream_build_info{{service="indexer",version="{VERSION}"}} 1.0'
    ]
    assert version_line("indexer") == f"livestream-rooms {VERSION} indexer"


@pytest.mark.parametrize("service", ["indexer", "oracle", "api"])
def test_help__of_each_service__tells_of_check_and_version(service: str) -> None:
    text = service_parser(service, None).format_help()
    assert "--check" in text and "--version" in text
