"""The playback service against its own description, by schemathesis: all checks, with sessions of
a viewer and a host."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from common.settings.model import PlaybackSettings
from localnet.process import ROOT
from localnet.services import rate_limits
from tests.support.playback.over_http import InvitingPage, Page, RoomsForSome

LEAST_CASES = 500
WITH_SESSION = ("renew", "host/links", "host/attendance", "host/revoke")
"""Routes that good sessions open: each has answered 200."""


@pytest.mark.long
def test_schemathesis__playback_all_checks__no_deviation(tmp_path: Path) -> None:
    with RoomsForSome(tmp_path / "site") as site:
        service = site.service(PLAYBACK_WORKERS="2", **rate_limits(PlaybackSettings, "off"))
        page = Page(service)
        inviting = InvitingPage(site, page, site.invited)
        entered = page.enter(inviting.room, inviting.invite(1).encode()).raise_for_status().json()
        config = tmp_path / "schemathesis.toml"
        config.write_text(
            (ROOT / "tools" / "schemathesis.toml").read_text()
            + _bearer("session", entered["session"])
            + _bearer("hostSession", inviting.session())
        )
        tester = subprocess.run(
            ["tools/schemathesis.sh", service.url, "/api/playback/openapi.json"],
            cwd=ROOT,
            env={**os.environ, "HOME": str(tmp_path), "EXAMPLES": "20", "CONFIG": str(config)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert tester.returncode == 0, tester.stdout[-8000:] + tester.stderr[-2000:]
        count = re.search(r"(\d+) generated", tester.stdout)
        assert count is not None
        assert int(count[1]) >= LEAST_CASES, tester.stdout[-2000:]
        lines = [line for line in service.logged() if "status" in line]
        assert not [line for line in lines if line["status"] >= 500]
        good = {line["route"] for line in lines if line["status"] == 200}
        assert {f"/api/playback/{name}" for name in WITH_SESSION} <= good


def _bearer(scheme: str, session: str) -> str:
    return f'\n[auth.openapi.{scheme}]\nbearer = "{session}"\n'
