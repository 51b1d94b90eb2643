"""The built page: what is served, how long it may be kept, what a browser may do on it."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.indexer.contract_story import BASE
from tests.unit.api.conftest import ApiWorld


@pytest.fixture
def built(make_world: Callable[..., ApiWorld], tmp_path: Path) -> ApiWorld:
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html><title>page</title>" + " " * 500)
    (dist / "embed.html").write_text("<!doctype html><title>player</title>")
    (dist / "favicon.svg").write_text("<svg/>")
    (dist / "assets" / "index-abc123.js").write_text("console.log('hello');" * 50)
    (dist / "assets" / "index-abc123.js.map").write_text("{}")
    (dist / ".ready").write_text("")
    (tmp_path / "secret.txt").write_text("hunter2")
    return make_world(page_folder=dist, public_rpc_url="https://node.example/v1/x")


@pytest.mark.parametrize(
    "path", ["/", "/new", "/studio", "/studio/live_7", "/room/live_7", "/audit", "/audit/live_7"]
)
def test_page__its_routes__index_html(built: ApiWorld, path: str) -> None:
    answer = built.get(path)
    assert answer.status_code == 200
    assert answer.data.startswith(b"<!doctype html><title>") and answer.data.endswith(b" " * 500)
    assert answer.headers["Cache-Control"] == "no-cache"


def test_embed__route__bare_player_that_others_may_frame(built: ApiWorld) -> None:
    answer = built.get("/embed/live_7")
    assert b"<title>player" in answer.data
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer.headers
    # as a window that another one opened to sign in, it must be able to answer it
    assert "Cross-Origin-Opener-Policy" not in answer.headers
    page = built.get("/room/live_7")
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["Cross-Origin-Opener-Policy"] == "same-origin-allow-popups"


def test_page__policy__own_scripts_and_known_hosts_only(built: ApiWorld) -> None:
    policy = built.get("/").headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert f"connect-src 'self' {BASE} https://node.example;" in policy
    assert "unsafe" not in policy
    assert (
        "connect-src 'self' https: http: wss: ws:"
        in built.get("/audit/live_1").headers["Content-Security-Policy"]
    )


def test_assets__hashed__kept_for_ever_and_packed(built: ApiWorld) -> None:
    answer = built.get("/assets/index-abc123.js", Accept_Encoding="gzip")
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert gzip.decompress(answer.data).startswith(b"console.log")
    plain = built.get("/assets/index-abc123.js")
    assert plain.data.startswith(b"console.log")
    again = built.get("/assets/index-abc123.js", If_None_Match=plain.headers["ETag"])
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path",
    ["/assets/nope.js", "/assets/../../secret.txt", "/assets/%2e%2e/%2e%2e/secret.txt",
     "/secret.txt", "/.ready", "/index.html", "/assets/index-abc123.js.map",
     "/assets//etc/passwd"],
)  # fmt: skip
def test_files__not_of_the_page__404(built: ApiWorld, path: str) -> None:
    answer = built.get(path)
    assert answer.status_code == 404
    assert b"hunter2" not in answer.data


def test_page__not_built__says_how(make_world: Callable[..., ApiWorld], tmp_path: Path) -> None:
    world = make_world(page_folder=tmp_path / "nothing")
    answer = world.get("/room/live_1")
    assert answer.status_code == 200
    assert b"make dapp" in answer.data
    (tmp_path / "nothing").mkdir()
    (tmp_path / "nothing" / "index.html").write_text("built meanwhile")
    assert world.get("/").data == b"built meanwhile"


def test_page__index_down__still_served(built: ApiWorld) -> None:
    built.source.down = True
    assert built.get("/").status_code == 200


def test_config__page__knows_chain_contract_and_hosts(built: ApiWorld) -> None:
    body = built.get("/config.json").get_json()
    assert body["chain_id"] == 31337
    assert body["demo"] is True
    assert body["playback_hosts"] == [BASE]
    assert body["rpc_url"] == "https://node.example/v1/x"
