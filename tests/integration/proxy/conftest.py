"""nginx as delivered before a real API over the embedded database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from localnet.mongo import MongoServer
from localnet.services import ServiceProcess
from tests.integration.api.conftest import StoredIndex, start_server
from tests.support.indexer.contract_story import ContractStory
from tests.support.proxy.nginx import Nginx


@dataclass
class Site:
    """What a visitor meets, and what is behind it."""

    proxy: Nginx
    api: ServiceProcess
    index: StoredIndex


def start_api(folder: Path, index: StoredIndex) -> ServiceProcess:
    """The API behind one proxy. A client may have three transactions a minute and three streams."""
    return start_server(
        folder,
        index,
        env={
            "API_WORKERS": "1",
            "API_TRUSTED_PROXIES": "1",
            "API_TRANSACTION_RATE_LIMIT": "3/minute",
            "API_STREAM_LISTENERS_PER_CLIENT": "3",
        },
    )


@pytest.fixture(scope="session")
def site(mongo: MongoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for tests that take nothing away; room 1 is active."""
    story = ContractStory()
    story.live(title="Lớp học")
    folder = tmp_path_factory.mktemp("site")
    with (
        closing(StoredIndex(mongo, "behind_proxy", story)) as index,
        start_api(folder, index) as api,
        Nginx(folder / "nginx", f"127.0.0.1:{api.port}") as proxy,
    ):
        yield Site(proxy, api, index)
        index.client.drop_database(index.name)
