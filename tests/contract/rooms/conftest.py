"""Every test of the contract's rules gets a registry of its own, on revm."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.registry.stage import Stage


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Operator 1 and a moderator are there; at the end everything is compared once more."""
    stage = Stage()
    yield stage
    stage.compare()
