"""The road on the local stack: no secret anywhere, a scrape has what alerts and dashboard ask for,
a dropped index comes back the same."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pymongo
import pytest

from indexer.documents import VOLATILE
from localnet.leaks import Leaks
from localnet.narrator import Narrator
from localnet.room_life import RoomLife
from localnet.stack import Stack
from localnet.stack_programs import Pace, mongodb_uri
from localnet.stack_state import StackState
from localnet.waiting import wait_until
from tests.support.monitoring import promtool
from tests.support.monitoring.dashboards import queries
from tests.support.monitoring.rules import ALERTS
from tests.support.monitoring.scrape import Scrape, Series, complaints

Documents = dict[str, list[dict[str, Any]]]
# What the checkpoint says of the chain; the rest of it is about when and by whom it was indexed.
FROM_CHAIN = ("_id", "chain_id", "start_block", "seq", "history", "rooms", "owner", "paused")
COLLECTIONS = ("livestreams", "livestream_events", "operators", "terms", "accounts", "moderators")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    state = StackState(tmp_path_factory.mktemp("road"))
    stack = Stack(state, Pace(block_seconds=0.3))
    try:
        stack.start()
        RoomLife(stack, Narrator(io.StringIO())).run()
        yield stack
    finally:
        stack.stop()
        state.close()


def _secrets(stack: Stack) -> list[str]:
    token = stack.state.path("stream", "control-token").read_text().strip()
    url = stack.state.url("stream") + "/_standin/secrets"
    answer = httpx.get(url, headers={"Authorization": f"Bearer {token}"}, trust_env=False)
    found = [str(each["value"]) for each in answer.json()]
    assert found, "the stand-in issued no secret: the test would prove nothing"
    return [*found, stack.state.path("cloudflare.token").read_text().strip()]


def _index(stack: Stack) -> Documents:
    with pymongo.MongoClient[dict[str, Any]](mongodb_uri(stack.state)) as client:
        database = client["livestream"]
        found = {
            name: [
                {key: value for key, value in each.items() if key not in VOLATILE}
                for each in sorted(database[name].find(), key=lambda d: str(d["_id"]))
            ]
            for name in COLLECTIONS
        }
        found["checkpoint"] = [
            {key: each[key] for key in FROM_CHAIN} for each in database["checkpoint"].find()
        ]
        return found


def test_road__walked__no_secret_in_calldata_logs_database_api_or_output(stack: Stack) -> None:
    leaks = Leaks(_secrets(stack))
    for number in range(stack.node.block_number() + 1):
        block = stack.node.block(hex(number), whole=True)
        for transaction in block["transactions"]:
            leaks.search(
                f"calldata of {transaction['hash']}", bytes.fromhex(transaction["input"][2:])
            )
            leaks.search(f"calldata of {transaction['hash']} as text", transaction["input"])
    logs = stack.node.rpc("eth_getLogs", {"fromBlock": "0x0", "toBlock": "latest"})
    for log in logs:
        leaks.search("a log", bytes.fromhex(log["data"][2:]))
    leaks.search("the logs as text", json.dumps(logs))

    paths = ["status", "rooms", "rooms/live_1", "rooms/live_1/events", "rooms/live_1/ingest"]
    api = stack.state.url("api")
    for path in [*(f"/api/livestream/{p}" for p in paths), "/metrics", "/openapi.json", "/readyz"]:
        answer = httpx.get(api + path, trust_env=False)
        leaks.search(f"{path} of the API", answer.content)
    for name in ("indexer", "oracle", "playback", "presence"):
        for path in ("/metrics", "/readyz"):
            url = stack.state.url(name) + path
            leaks.search(f"{path} of the {name}", httpx.get(url, trust_env=False).content)

    with pymongo.MongoClient[dict[str, Any]](mongodb_uri(stack.state)) as client:
        for database in client.list_database_names():
            for collection in client[database].list_collection_names():
                for document in client[database][collection].find():
                    leaks.search(f"{database}.{collection}", repr(document))
    leaks.search_tree(stack.state.path("mongo"))
    leaks.search_tree(stack.state.path("logs"))
    assert leaks.bytes_searched > 100_000
    assert leaks.found == []


def _scrape(stack: Stack) -> Scrape:
    """All services, and what Prometheus itself adds."""
    scrape = Scrape()
    for service in ("indexer", "oracle", "presence", "api", "playback"):
        answer = httpx.get(stack.state.url(service) + "/metrics", trust_env=False)
        scrape.of(service, answer.raise_for_status().text)
    target = {"job": "oracle", "instance": "oracle.example:1"}
    firing = {"alertname": "RoomsWait", "alertstate": "firing", "severity": "page"}
    scrape.series += [Series("up", target, 1.0), Series("ALERTS", target | firing, 1.0)]
    return scrape


def test_road__walked__a_scrape_has_what_alerts_and_dashboard_ask_for(
    stack: Stack, tmp_path: Path
) -> None:
    wait_until(lambda: _scrape(stack).labels("oracle_rooms_waiting"), 15, "a look at the queue")
    scrape = _scrape(stack)
    rare = [query.expr for query in queries() if query.rare]
    often = [query.expr for query in queries() if not query.rare]
    asked = [*often, *(rule["expr"] for rule in ALERTS.values())]
    wrong = {expr: complaints(expr, scrape, known=RARE) for expr in (*asked, *rare)}
    assert {expr: why for expr, why in wrong.items() if why} == {}
    assert promtool.draws_nothing(often, scrape, tmp_path) == []


RARE = {
    "oracle_job_failures_total", "indexer_failures_total", "oracle_orphans",
    "oracle_live_status_total",  # the room may be over before its turn
    # nobody asks to be let in on this road
    "livestream_playback_admissions_total", "livestream_playback_refusals_total",
    "livestream_playback_node_calls_total", "livestream_playback_task_restarts_total",
}  # fmt: skip
"""Metrics that have no series until it has happened; tests/unit/tooling has their labels."""


def test_road__database_dropped_while_running__identical_documents_after_a_restart(
    stack: Stack,
) -> None:
    before = _index(stack)
    assert before["livestreams"]
    stack.stop_one("indexer")
    with pymongo.MongoClient[dict[str, Any]](mongodb_uri(stack.state)) as client:
        client.drop_database("livestream")
    stack.start_service("indexer")
    wait_until(lambda: _index(stack) == before, 30, "the index to be as before")
    room = httpx.get(stack.state.url("api") + "/api/livestream/rooms/live_1", trust_env=False)
    assert room.status_code == 200
