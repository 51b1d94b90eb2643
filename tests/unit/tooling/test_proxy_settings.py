"""The proxy's settings: templates, docs, compose and what fills in without it say the same."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.support.compose_probe import compose_services

ROOT = Path(__file__).resolve().parents[3]
PROXY = ROOT / "deploy" / "nginx"


def asked_for() -> set[str]:
    """What the templates leave open."""
    templates = sorted((PROXY / "templates").rglob("*.template"))
    assert len(templates) > 1
    return {name for path in templates for name in re.findall(r"\$\{(\w+)\}", path.read_text())}


def test_settings__of_the_templates__are_given_by_compose() -> None:
    given = compose_services()["proxy"]["environment"]
    assert asked_for() == {name for name in given if name.startswith("PROXY_")}


def test_settings__of_the_templates__have_their_row_in_the_docs() -> None:
    rows = re.findall(
        r"^\| (`PROXY_.*?) \|", (ROOT / "docs/operations.md").read_text(), re.MULTILINE
    )
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == asked_for()


def test_render__for_a_machine__leaves_nothing_open_and_may_run_again(tmp_path: Path) -> None:
    for _ in range(2):
        subprocess.run(
            [PROXY / "render.sh", tmp_path],
            env={"PATH": "/usr/bin:/bin", "PROXY_SERVER_NAME": "rooms.example www.rooms.example"},
            check=True, timeout=30,
        )  # fmt: skip
    written = {
        str(path.relative_to(tmp_path)): path.read_text()
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
    assert written["nginx.conf"] == (PROXY / "nginx.conf").read_text()
    site = written["conf.d/livestream.conf"]
    assert "server_name rooms.example www.rooms.example;" in site
    assert "ssl_certificate /etc/letsencrypt/live/rooms.example/fullchain.pem;" in site
    assert "server 127.0.0.1:8080 " in site
    assert set(re.findall(r"include (conf\.d/\S+);", "".join(written.values()))) == {
        name for name in written if name != "nginx.conf"
    }
    assert not any("${" in text for text in written.values())


def test_render__without_a_name__says_what_is_missing(tmp_path: Path) -> None:
    done = subprocess.run(
        [PROXY / "render.sh", tmp_path], env={"PATH": "/usr/bin:/bin"}, capture_output=True,
        text=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "PROXY_SERVER_NAME: the names of the site" in done.stderr
    assert not list(tmp_path.iterdir())
