"""The API against its own description, by schemathesis: all checks, thousands of cases."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from localnet.anvil import Anvil
from localnet.mongo import MongoServer
from localnet.process import ROOT
from localnet.services import ServiceProcess
from tests.integration.api.conftest import StoredIndex, deploy
from tests.support.indexer.contract_story import ContractStory

LEAST_CASES = 2000


@pytest.mark.long
def test_schemathesis__all_checks__no_deviation(
    anvil: Anvil,
    mongo: MongoServer,
    mongo_database: str,
    start_api: Callable[..., ServiceProcess],
    tmp_path: Path,
) -> None:
    story = ContractStory(deploy(anvil))
    for number in range(30):
        story.live(title=f"Lớp học đàn {number}")
    story.create(title="Chờ")
    story.end(story.live())
    index = StoredIndex(mongo, mongo_database, story)
    server = start_api(index, rpc_url=anvil.url)
    told, errors = "", ""
    with subprocess.Popen(
        ["tools/schemathesis.sh", server.url],
        cwd=ROOT,
        env={**os.environ, "HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as tester:
        while tester.returncode is None:
            with suppress(subprocess.TimeoutExpired):
                told, errors = tester.communicate(timeout=5)
            index.write()  # the indexer goes on reading, or /readyz would say that it does not
    index.close()
    assert tester.returncode == 0, told[-8000:] + errors[-2000:]
    count = re.search(r"(\d+) generated", told)
    assert count is not None
    assert int(count[1]) >= LEAST_CASES, told[-2000:]
    failed = [line for line in server.logged() if line.get("status", 0) >= 500]
    assert not failed
