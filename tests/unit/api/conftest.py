"""An API over a story in memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.app import create_app
from api.app_config import ApiConfig
from api.services import Services
from common.settings import ContractRef
from tests.support.indexer.contract_story import ContractStory
from tests.support.memory_index_source import MemoryIndexSource
from tests.support.memory_presence import MemoryPresence
from tests.support.nodes.scripted_node import ScriptedNode


class ApiWorld:
    """A story, an API that serves it, and a client."""

    def __init__(
        self, *stories: ContractStory, now: Callable[[], float] = time.time, **config: Any
    ) -> None:
        self.stories = stories or (ContractStory(),)
        self.story = self.stories[-1]
        self.source = MemoryIndexSource(*self.stories)
        self.node = ScriptedNode()
        self.presence = MemoryPresence(now)
        refs = tuple(ContractRef(story.contract, 1) for story in self.stories)
        limits = [each.name for each in fields(ApiConfig) if each.name.endswith("rate_limit")]
        options = {**dict.fromkeys(limits, "off"), **config}
        self.config = ApiConfig(chain_id=31337, contracts=refs, **options)
        self.clock = 0.0
        # each request comes a second after the one before, so that it looks at the index again
        self.services = Services(
            self.config,
            self.source,
            self.node,
            self.presence,
            now=now,
            monotonic=lambda: self.clock,
            background=False,
        )
        self.app = create_app(self.services)
        self.client: FlaskClient = self.app.test_client()

    def get(self, path: str, **headers: str) -> Any:
        self.clock += 1.0
        return self.client.get(path, headers={n.replace("_", "-"): v for n, v in headers.items()})

    def post(self, path: str, body: Any) -> Any:
        self.clock += 1.0
        return self.client.post(path, json=body)


@pytest.fixture
def make_world() -> Iterator[Callable[..., ApiWorld]]:
    worlds: list[ApiWorld] = []

    def make(*stories: ContractStory, **config: Any) -> ApiWorld:
        worlds.append(ApiWorld(*stories, **config))
        return worlds[-1]

    yield make
    for world in worlds:
        world.services.close()


@pytest.fixture
def world(make_world: Callable[..., ApiWorld]) -> ApiWorld:
    return make_world()
