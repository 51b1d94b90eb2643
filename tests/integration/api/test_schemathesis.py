"""The API against its own description, by schemathesis: all checks, thousands of cases."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from localnet.anvil import Anvil
from localnet.mongo import MongoServer
from localnet.process import ROOT
from localnet.services import Service
from tests.integration.api.conftest import StoredIndex, deploy
from tests.support.index_story import Story

LEAST_CASES = 2000


def test_schemathesis__all_checks__no_deviation(
    anvil: Anvil,
    mongo: MongoServer,
    mongo_database: str,
    start_api: Callable[..., Service],
    tmp_path: Path,
) -> None:
    story = Story(deploy(anvil))
    for number in range(30):
        story.live(title=f"Lớp học đàn {number}")
    story.create(title="Chờ")
    story.end(story.live())
    index = StoredIndex(mongo, mongo_database, story)
    server = start_api(index, rpc_url=anvil.url)
    result = subprocess.run(
        ["tools/schemathesis.sh", server.url],
        cwd=ROOT,
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    index.close()
    assert result.returncode == 0, result.stdout[-8000:] + result.stderr[-2000:]
    count = re.search(r"(\d+) generated", result.stdout)
    assert count is not None
    assert int(count[1]) >= LEAST_CASES, result.stdout[-2000:]
    failed = [line for line in server.logged() if line.get("status", 0) >= 500]
    assert not failed
