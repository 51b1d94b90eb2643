"""The service over HTTP: origins, limits, sessions in headers, problems, readiness, document."""

from __future__ import annotations

import ast
import base64
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from common import settings
from common.settings import PlaybackSettings
from common.web.problems import Problem
from playback.app import create_app
from playback.clock_check import judge
from playback.limits import PlaybackLimits
from playback.metrics import PlaybackMetrics
from playback.openapi.document import build
from playback.parts import PlaybackParts
from playback.problems import CATALOGUE
from playback.readiness import PlaybackReadiness
from tests.support.indexer.contract_story import CONTRACT
from tests.support.nodes.scripted_node import ScriptedNode
from tests.support.playback.inviting import ORIGIN
from tests.support.playback.scene import PlaybackScene

ROOT = Path(__file__).resolve().parents[3]
BROWSER = base64.urlsafe_b64encode(b"\x01" * 16).decode().rstrip("=")
PREFIX = "/api/playback"


class ToldDate:
    """Cloudflare's clock. `off`: seconds that this machine's is ahead; None: it does not answer."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.off: float | None = 0.0

    def ask(self) -> float | None:
        return None if self.off is None else self.now() - self.off

    def close(self) -> None:
        pass


class PlaybackWorld:
    """A scene, served."""

    def __init__(self, folder: Path, **limits: str) -> None:
        self.scene = PlaybackScene(folder)
        env = {
            "CHAIN_ID": "31337",
            "RPC_URLS": "http://127.0.0.1:1",
            "CONTRACTS": f"{CONTRACT}@1",
            "MONGODB_URI": "mongodb://db/",
            "PLAYBACK_OPERATOR_ID": "1",
            "PLAYBACK_SESSION_KEY_FILE": "unused",
            "PLAYBACK_ORIGINS": f"{ORIGIN},https://other.example",
            **{f"PLAYBACK_{name.upper()}": value for name, value in limits.items()},
        }
        self.settings = settings.load(PlaybackSettings, env, dotenv=None)
        now = self.scene.clock.now
        self.date = ToldDate(now)
        self.node = ScriptedNode()
        self.metrics = PlaybackMetrics()
        service = self.scene.service
        readiness = PlaybackReadiness(
            service.ready,
            self.node,
            self.date,
            head_age_blocks=15,
            block_seconds=service.block_seconds,
            now=now,
            monotonic=self.scene.clock.monotonic,
            on_clock=self.metrics.clock_error,
        )
        self.limits = PlaybackLimits(self.settings, None, time.time)
        self.parts = PlaybackParts(
            self.settings, service, self.limits, self.metrics, readiness, now
        )
        self.client: FlaskClient = create_app(self.parts).test_client()

    def post(self, path: str, body: Any, **headers: str) -> Any:
        told = {"Origin": ORIGIN, **headers}
        return self.client.post(f"{PREFIX}{path}", json=body, headers=told)

    def enter(self, text: str, **headers: str) -> Any:
        body = {"room_id": f"live_{self.scene.room}", "browser": BROWSER, "invitation": text}
        return self.post("/session", body, **headers)


@pytest.fixture
def make_world(tmp_path: Path) -> Iterator[Callable[..., PlaybackWorld]]:
    worlds: list[PlaybackWorld] = []

    def make(**limits: str) -> PlaybackWorld:
        worlds.append(PlaybackWorld(tmp_path, **limits))
        return worlds[-1]

    yield make
    for world in worlds:
        world.parts.close()


@pytest.fixture
def world(make_world: Callable[..., PlaybackWorld]) -> PlaybackWorld:
    return make_world()


def bearer(session: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {session}"}


def test_viewer__enters_renews_and_leaves__nobody_may_keep_an_answer(world: PlaybackWorld) -> None:
    entered = world.enter(world.scene.invite())
    assert entered.status_code == 200
    assert entered.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in entered.headers
    session = entered.get_json()["session"]
    renewed = world.post("/renew", {}, **bearer(session))
    assert renewed.status_code == 200
    assert renewed.get_json()["playback"]["whep_url"].endswith("/webRTC/play")
    left = world.client.post(
        f"{PREFIX}/leave", data=f'{{"session":"{session}"}}', content_type="text/plain",
        headers={"Origin": ORIGIN},
    )  # fmt: skip
    assert left.status_code == 204


def test_wallet__challenge_and_signature__sees_the_gated_room(world: PlaybackWorld) -> None:
    scene = world.scene
    scene.gate.holders.add(scene.viewer.account)
    room = f"live_{scene.gated}"
    asked = world.post("/challenge", {"room_id": room, "address": scene.viewer.address}).get_json()
    from playback.sign_in import personal_digest

    signature = scene.viewer.sign_digest(personal_digest(asked["message"]))
    wallet = {"nonce": asked["nonce"], "signature": "0x" + signature.hex()}
    body = {"room_id": room, "browser": BROWSER, "wallet": wallet}
    assert world.post("/session", body).get_json()["role"] == "holder"
    again = world.post("/session", body)
    assert again.get_json()["type"].endswith("#nonce-used")


@pytest.mark.parametrize("session", ["", "Basic x", "Bearer", "Bearer x", "Bearer ls1.e30.AA"])
def test_session__none_or_forged__401_that_says_how(world: PlaybackWorld, session: str) -> None:
    answer = world.post("/renew", {}, Authorization=session)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.get_json()["type"].endswith("#session-invalid")


# --- origins --------------------------------------------------------------------------------------


def test_cors__named_origin__open_to_it_alone_without_credentials(world: PlaybackWorld) -> None:
    answer = world.client.get(f"{PREFIX}/status", headers={"Origin": "https://other.example"})
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "https://other.example"
    assert "Origin" in answer.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    "origin",
    ["null", "https://rooms.example.evil.example", "http://rooms.example", "https://rooms.example/",
     "https://ROOMS.example", "https://rooms.example:443", ""],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_scenario_34__another_origin__refused_and_nothing_open_to_it(
    world: PlaybackWorld, origin: str, method: str
) -> None:
    path = f"{PREFIX}/status" if method == "GET" else f"{PREFIX}/session"
    answer = world.client.open(path, method=method, headers={"Origin": origin})
    assert answer.status_code == 403
    assert answer.get_json()["type"].endswith("#origin-refused")
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Origin" in answer.headers["Vary"]


def test_cors__preflight__kept_for_ten_minutes(world: PlaybackWorld) -> None:
    answer = world.client.options(f"{PREFIX}/renew", headers={"Origin": ORIGIN})
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Access-Control-Max-Age"] == "600"
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]


# --- limits ---------------------------------------------------------------------------------------


def test_limits__refused_entries__counted_apart_from_good_ones(
    make_world: Callable[..., PlaybackWorld],
) -> None:
    world = make_world(failure_rate_limit="2/minute", entry_rate_limit="3/minute")
    text = world.scene.invite()
    other = {"REMOTE_ADDR": "192.0.2.77"}
    assert [world.enter(text).status_code for _ in range(4)] == [200, 200, 200, 429]
    body = {"room_id": f"live_{world.scene.room}", "browser": BROWSER, "invitation": "AAAA"}
    tried = [
        world.client.post(f"{PREFIX}/session", json=body, environ_base=other) for _ in range(3)
    ]
    assert [answer.status_code for answer in tried] == [400, 400, 429]
    assert 1 <= int(tried[-1].headers["Retry-After"]) <= 61


def test_limits__who_only_waits__uses_up_no_failure(
    make_world: Callable[..., PlaybackWorld],
) -> None:
    world = make_world(failure_rate_limit="1/minute")
    scene = world.scene
    early = scene.invite(start=scene.now + 3600, granted=scene.delegate())
    statuses = [world.enter(early) for _ in range(3)]
    assert {answer.get_json()["type"].rpartition("#")[2] for answer in statuses} == {
        "invitation-early"
    }
    assert statuses[0].get_json()["from"] == scene.now + 3600


def test_limits__everything_else__counted_for_its_client(
    make_world: Callable[..., PlaybackWorld],
) -> None:
    world = make_world(rate_limit="2/minute")
    asked = [world.client.get(f"{PREFIX}/status").status_code for _ in range(3)]
    assert asked == [200, 200, 429]
    assert world.client.get(f"{PREFIX}/openapi.json").status_code == 429
    assert world.client.get("/readyz").status_code == 200


def test_limits__a_link_and_a_wallet__each_its_own_count(
    make_world: Callable[..., PlaybackWorld],
) -> None:
    limits = make_world(link_rate_limit="2/minute", wallet_rate_limit="1/minute").limits
    limits.entered("link", "0x1")
    limits.entered("link", "0x1")
    limits.entered("link", "0x2")
    limits.entered("wallet", "0x1")
    for kind in ("link", "wallet"):
        with pytest.raises(Problem, match="more than"):
            limits.entered(kind, "0x1")


# --- bodies ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"room_id": "live_0"},
        {"browser": "x"},
        {"browser": BROWSER[:-1] + "B"},
        {"invitation": None, "wallet": None},
        {"wallet": {"nonce": "00" * 16, "signature": "0x00"}},
        {"more": 1},
        {"invitation": "a b"},
        {"invitation": "A" * 3000},
    ],
)
def test_session__malformed__400_that_quotes_nothing(
    world: PlaybackWorld, change: dict[str, Any]
) -> None:
    secret = world.scene.invite()
    body = {"room_id": "live_1", "browser": BROWSER, "invitation": secret, **change}
    answer = world.post("/session", body)
    assert answer.status_code == 400
    assert secret.encode() not in answer.data


# --- for machines ---------------------------------------------------------------------------------


@pytest.mark.parametrize("off", [31.0, -31.0, 120.0, -120.0])
def test_scenario_34__clock_off__not_ready_and_says_so(world: PlaybackWorld, off: float) -> None:
    assert world.client.get("/readyz").status_code == 200
    world.date.off = off
    world.scene.wait(301)
    answer = world.client.get("/readyz")
    assert answer.status_code == 503
    assert "clock" in answer.get_json()["reasons"][0]
    world.date.off = 0.0
    world.scene.wait(11)
    assert world.client.get("/readyz").status_code == 200


def test_clock__nobody_tells_but_the_block__only_one_that_is_behind_is_wrong() -> None:
    assert judge(1000.0, None, None) == (None, None)
    assert judge(1000.0, None, 1031) != (None, None)
    assert judge(1000.0, None, 900) == (None, None)
    assert judge(1000.0, 1000.0, 5000) == (None, 0.0)


def test_readyz__fresh_database__its_beginning_is_that_of_the_service(
    world: PlaybackWorld,
) -> None:
    began = world.scene.now
    world.client.get("/readyz")
    world.scene.wait(3600)
    assert world.client.get(f"{PREFIX}/status").get_json()["since"] == began


def test_readyz__no_node_or_no_key__each_named(world: PlaybackWorld) -> None:
    world.node.down = True
    answer = world.client.get("/readyz")
    assert (answer.status_code, "RPC_URLS" in answer.text) == (503, True)
    world.node.down = False
    world.scene.wait(6)
    assert world.client.get("/readyz").get_json() == {"ready": True, "reasons": []}


def test_metrics__after_a_visit__counts_and_names_nobody(world: PlaybackWorld) -> None:
    text = world.scene.invite()
    world.enter(text)
    world.enter("AAAA")
    told = world.client.get("/metrics").text
    assert 'livestream_playback_admissions_total{act="enter",role="invited"} 1.0' in told
    assert 'livestream_playback_refusals_total{problem="invitation-malformed"} 1.0' in told
    assert "livestream_playback_key 1.0" in told
    assert text not in told
    assert world.client.get("/metrics%2e").status_code == 404


def test_access_log__of_an_entry__nothing_secret(
    world: PlaybackWorld, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    text = world.scene.invite()
    session = world.enter(text).get_json()["session"]
    world.post("/renew", {}, **bearer(session))
    logged = capsysbinary.readouterr().out.decode()
    assert '"service":"playback"' in logged
    assert text not in logged
    assert session not in logged


def test_document__its_routes__are_those_that_are_served(world: PlaybackWorld) -> None:
    rules = {rule.rule for rule in create_app(world.parts).url_map.iter_rules()}
    pages = {f"{PREFIX}/docs", f"{PREFIX}/docs/style.css"}
    assert rules == set(build()["paths"]) | pages
    assert world.client.get(f"{PREFIX}/openapi.json").get_json() == build()


def test_docs__a_problem_leads_to_its_place__and_the_page_needs_no_script(
    world: PlaybackWorld,
) -> None:
    refused = world.client.post(f"{PREFIX}/renew")
    path, _, slug = refused.get_json()["type"].partition("#")
    answer = world.client.get(path)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "<script" not in page and "script" not in answer.headers["Content-Security-Policy"]
    for one in (slug, *CATALOGUE):
        assert f'id="{one}"' in page
    for linked in re.findall(r'href="(/[^"#]*)"', page):
        assert world.client.get(linked).status_code == 200, linked


@pytest.mark.parametrize("package", ["api", "playback", "common/web"])
def test_problems__raised_by_their_slugs__are_in_the_catalogue(package: str) -> None:
    from api.problems import CATALOGUE as OF_API

    raised = {
        node.args[0].value
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and re.fullmatch(r"(\w+\.)?\w*Problem", ast.unparse(node.func))
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    known = {"api": [OF_API], "playback": [CATALOGUE], "common/web": [OF_API, CATALOGUE]}[package]
    assert raised
    assert [slug for slug in raised for kinds in known if slug not in kinds] == []
