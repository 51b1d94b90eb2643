"""`python -m oracle playback-key`, against the stand-in and a playback service that only tells."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

import oracle.__main__
from common.playback_key import PlaybackKeys
from common.playback_token import playback_token
from localnet.leaks import Leaks
from localnet.services import chain_settings, oracle_settings
from localnet.stream.control import StandIn
from oracle.cli.playback_key import SAFE_SECONDS


@dataclass
class Terminal:
    """An operator's, in a folder of their own."""

    folder: Path
    standin: StandIn
    capture: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch
    said: list[str] = field(default_factory=list)

    @property
    def path(self) -> Path:
        return self.folder / "keys" / "playback-key.json"

    @property
    def keys(self) -> PlaybackKeys:
        return PlaybackKeys.load(self.path)

    def run(self, *words: str) -> tuple[int, str]:
        """Exit code and what was said."""
        code = oracle.__main__.main(["playback-key", *words])
        told = self.capture.readouterr()
        self.said.append(told.out + told.err)
        return code, told.out + told.err

    def ok(self, *words: str) -> str:
        code, text = self.run(*words)
        assert code == 0, text
        return text

    def refused(self, *words: str) -> str:
        code, text = self.run(*words)
        assert code == 1, text
        return text

    def at_cloudflare(self) -> list[str]:
        url = f"{self.standin.api_base}/accounts/{self.standin.account_id}/stream/keys"
        listed = httpx.get(url, headers=self.standin.headers).json()["result"]
        return [entry["id"] for entry in listed]


@pytest.fixture
def terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Terminal]:
    with StandIn.start(tmp_path / "stream", rate=(0, 300.0)) as standin:
        settings = {
            **chain_settings(
                ["http://127.0.0.1:9"], [f"0x{'11' * 20}@1"], "mongodb://127.0.0.1:9/"
            ),
            **oracle_settings(
                tmp_path,
                key=b"\x01" * 32,
                account=standin.account_id,
                token=standin.token,
                api_base=standin.api_base,
            ),
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(tmp_path)
        terminal = Terminal(tmp_path, standin, capsys, monkeypatch)
        yield terminal
        leaks = Leaks(entry["value"] for entry in standin.control.secrets())
        for text in terminal.said:
            leaks.search("terminal", text)
        assert leaks.found == []


@dataclass
class ToldStatus:
    """What a playback service says of itself."""

    url: str = ""
    status: dict[str, Any] = field(default_factory=dict)


@pytest.fixture
def service() -> Iterator[ToldStatus]:
    told = ToldStatus()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/api/playback/status"
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(json.dumps(told.status).encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        told.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield told
        finally:
            server.shutdown()


def _names(keys: PlaybackKeys, for_seconds: float) -> dict[str, Any]:
    return {
        "service": "playback",
        "kid": keys.current.kid,
        "kid_since": 1_700_000_000,
        "server_time": 1_700_000_000 + for_seconds,
    }


def test_create__key_file__is_ours_alone_and_signs(terminal: Terminal) -> None:
    told = terminal.ok("create")
    keys = terminal.keys
    assert keys.current.kid in told
    assert terminal.path.stat().st_mode & 0o777 == 0o600
    assert terminal.path.parent.stat().st_mode & 0o777 == 0o700
    assert (keys.account, terminal.at_cloudflare()) == (
        terminal.standin.account_id,
        [keys.current.kid],
    )
    assert f"in use ({Path('keys/playback-key.json')})" in terminal.ok("list")
    again = terminal.refused("create")
    assert "exists already" in again and "rotate" in again
    assert terminal.at_cloudflare() == [keys.current.kid]


def test_create__file_cannot_be_kept__no_key_is_made(terminal: Terminal) -> None:
    (terminal.folder / "keys").write_text("in the way")
    assert "No key was made" in terminal.refused("create")
    assert terminal.at_cloudflare() == []


def test_create__answer_lost__says_which_key_nobody_holds_and_how_to_delete_it(
    terminal: Terminal,
) -> None:
    terminal.standin.control.fault("lost-answer-after-effect", method="POST", path="keys$")
    told = terminal.refused("create")
    (orphan,) = terminal.at_cloudflare()
    assert f"delete {orphan} --now" in told
    assert not terminal.path.exists()
    listed = terminal.ok("list")
    assert orphan in listed and "not in the file" in listed and "--now" in listed
    assert "--now" in terminal.refused("delete", orphan)
    assert f"Not in the file: {orphan}" in terminal.ok("create")
    terminal.ok("delete", orphan, "--now")
    assert terminal.at_cloudflare() == [terminal.keys.current.kid]


def test_create__answer_lost_before_the_effect__says_that_nothing_was_made(
    terminal: Terminal,
) -> None:
    terminal.standin.control.fault("html", method="POST", path="keys$", status=502)
    assert "No key was made" in terminal.refused("create")
    terminal.ok("create")


def test_create__half_of_an_answer__is_not_taken_for_a_key(terminal: Terminal) -> None:
    terminal.standin.control.fault("truncated", method="POST", path="keys$")
    told = terminal.refused("create")
    (orphan,) = terminal.at_cloudflare()
    assert f"delete {orphan} --now" in told
    assert not terminal.path.exists()


def test_rotate__former_key__is_deleted_once_no_token_of_it_can_be_alive(
    terminal: Terminal, service: ToldStatus
) -> None:
    assert "create" in terminal.refused("rotate")
    terminal.ok("create")
    first = terminal.keys.current.kid
    told = terminal.ok("rotate")
    keys = terminal.keys
    assert f"delete {first}" in told
    assert [former.kid for former in keys.former] == [first]
    assert terminal.at_cloudflare() == [first, keys.current.kid]
    assert "former, replaced" in terminal.ok("list")

    delete = ("delete", first, "--service", service.url)
    assert "rotate` first" in terminal.refused("delete", keys.current.kid, "--now")
    assert "--service" in terminal.refused("delete", first)
    assert "No playback service answers" in terminal.refused(*delete)
    service.status = _names(keys, 10**6) | {"kid": first}
    assert "does not sign with" in terminal.refused(*delete)
    service.status = _names(keys, SAFE_SECONDS - 1)
    assert "alive for 2 s more" in terminal.refused(*delete)
    service.status = _names(keys, 0) | {"kid_since": None}
    assert "since when" in terminal.refused(*delete)
    assert terminal.at_cloudflare() == [first, keys.current.kid]

    service.status = _names(keys, SAFE_SECONDS)
    assert "No token of it was alive" in terminal.ok(*delete)
    assert terminal.at_cloudflare() == [keys.current.kid]
    assert (terminal.keys.current.kid, terminal.keys.former) == (keys.current.kid, ())
    assert "is not in" in terminal.refused(*delete)


def test_scenario_34__stolen_key__is_deleted_at_once_and_its_tokens_are_dead(
    terminal: Terminal,
) -> None:
    terminal.ok("create")
    stolen = terminal.keys.current
    standin = terminal.standin
    url = f"{standin.api_base}/accounts/{standin.account_id}/stream/live_inputs"
    body = {"recording": {"requireSignedURLs": True}}
    uid = httpx.post(url, headers=standin.headers, json=body).json()["result"]["uid"]

    def whep(key: Any) -> int:
        token = playback_token(key, uid, time.time(), 600)
        return httpx.post(f"{standin.public_base}/{token}/webRTC/play").status_code

    assert whep(stolen) == 409
    terminal.ok("rotate")
    assert (whep(stolen), whep(terminal.keys.current)) == (409, 409)
    told = terminal.ok("delete", stolen.kid, "--now")
    assert "until their page renews" in told
    assert (whep(stolen), whep(terminal.keys.current)) == (401, 409)


def test_list__key_gone_at_cloudflare__says_that_every_token_is_refused(
    terminal: Terminal,
) -> None:
    assert "No signing keys" in terminal.ok("list")
    terminal.ok("create")
    standin, kid = terminal.standin, terminal.keys.current.kid
    url = f"{standin.api_base}/accounts/{standin.account_id}/stream/keys/{kid}"
    httpx.delete(url, headers=standin.headers)
    assert "is refused" in terminal.refused("list")
    terminal.ok("rotate")
    terminal.ok("list")


def test_key_file__of_another_account_or_open_to_others__is_not_used(terminal: Terminal) -> None:
    terminal.ok("create")
    kid = terminal.keys.current.kid
    terminal.path.chmod(0o644)
    for words in (("list",), ("rotate",), ("delete", kid), ("prove",)):
        assert "chmod 600" in terminal.refused(*words)
    terminal.path.chmod(0o600)
    keys = terminal.keys
    PlaybackKeys("f" * 32, keys.current).save(terminal.path, replace=True)
    for words in (("list",), ("rotate",), ("delete", kid), ("prove",)):
        assert "CLOUDFLARE_ACCOUNT_ID" in terminal.refused(*words)
    assert terminal.at_cloudflare() == [kid]


def test_prove__plain_uid_refused_and_token_plays__and_nothing_stays(terminal: Terminal) -> None:
    terminal.ok("create")
    told = terminal.ok("prove")
    assert "WHEP: proven" in told and "HLS: proven" in told
    assert terminal.standin.control.inputs() == []
    kid = terminal.keys.current.kid
    terminal.ok("rotate")
    former = terminal.path.read_text()
    terminal.ok("delete", kid, "--now")
    other = json.loads(former)
    other["current"]["kid"] = kid
    terminal.path.write_text(json.dumps(other))
    told = terminal.refused("prove")
    assert "wrong (a good token is refused (HTTP 401))" in told
    assert terminal.standin.control.inputs() == []


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["steal"],
        ["delete"],
        ["create", "x"],
        ["list", "--now"],
        ["rotate", "--service", "http://x"],
        ["delete", "a/b"],
    ],
)
def test_words__that_do_not_go_together__are_refused(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        oracle.__main__.main(["playback-key", *words])
    assert caught.value.code == 2
    assert "usage:" in capsys.readouterr().err
