"""The playback service against its own description, by schemathesis: all checks."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from common.settings.model import PlaybackSettings
from localnet.playback_site import PlaybackSite
from localnet.process import ROOT
from localnet.services import rate_limits

LEAST_CASES = 500


@pytest.mark.long
def test_schemathesis__playback_all_checks__no_deviation(tmp_path: Path) -> None:
    with PlaybackSite(tmp_path / "site") as site:
        service = site.service(PLAYBACK_WORKERS="2", **rate_limits(PlaybackSettings, "off"))
        tester = subprocess.run(
            ["tools/schemathesis.sh", service.url, "/api/playback/openapi.json"],
            cwd=ROOT,
            env={**os.environ, "HOME": str(tmp_path), "EXAMPLES": "20"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert tester.returncode == 0, tester.stdout[-8000:] + tester.stderr[-2000:]
        count = re.search(r"(\d+) generated", tester.stdout)
        assert count is not None
        assert int(count[1]) >= LEAST_CASES, tester.stdout[-2000:]
        assert not [line for line in service.logged() if line.get("status", 0) >= 500]
