"""docs/operate.md, followed command by command: from nothing to rooms that play, and day two."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymongo
import pytest

from chain.hexes import to_int
from indexer.documents import CHECKPOINT
from localnet.loopback import client
from localnet.process import ROOT
from localnet.runner import Runner
from localnet.stream.control import StandIn
from localnet.waiting import wait_until
from presence.documents import PRESENCE_ROOMS
from tests.support.indexer.expected_index import dump
from tests.support.operate.page_commands import missing, read_blocks, split
from tests.support.operate.picture import picture_plays
from tests.support.operate.walk import ETHEREUM, SEPOLIA, Walk

PAGE = ROOT / "docs" / "operate.md"
Client = pymongo.MongoClient[dict[str, Any]]


@pytest.fixture
def walk(tmp_path: Path, children: Runner) -> Iterator[Walk]:
    """A reader with an empty home."""
    with StandIn.start(tmp_path / "cloudflare") as standin:
        yield Walk(tmp_path, children, standin)


@pytest.mark.long
def test_road__every_command_in_order__ends_with_rooms_that_play(walk: Walk) -> None:
    seen: set[int] = set()
    for block in read_blocks(PAGE):
        text = "\n".join(block.commands)
        if "moderators take_down" in text:
            _drop_the_databases(walk)
        output = walk.follow(block)
        if whip := re.search(r"WHIP server +(\S+)", output):
            assert picture_plays(whip[1], _join(walk)["whep_url"])
            seen.add(SEPOLIA)
        elif "host create" in text:
            with client(timeout=60) as http:  # known there, and nobody is on air
                assert http.post(_join(walk)["whep_url"]).status_code == 409
            seen.add(ETHEREUM)
    assert seen == {SEPOLIA, ETHEREUM}
    assert walk.unused() == []
    assert json.loads((walk.site / "deployments/1.json").read_text())["predecessors"]


def _join(walk: Walk) -> dict[str, Any]:
    with client(walk.compose.url("api"), timeout=60) as http:
        answer = http.get("/api/livestream/join?room_id=live_1")
    return dict(answer.raise_for_status().json())


def _drop_the_databases(walk: Walk) -> None:
    """As "Back-up: none" has it: under running services, one room live."""
    settings = walk.compose.settings("oracle")
    contract = settings["CONTRACTS"].partition("@")[0].lower()
    inputs = [live["uid"] for live in walk.standin.control.inputs()]
    assert _join(walk)["whep_url"].split("/")[-3] in inputs
    with Client(walk.mongo.uri) as database:
        index = database[settings["MONGODB_DATABASE"]]
        head = to_int(walk.chains[int(settings["CHAIN_ID"])].rpc("eth_blockNumber"))
        reached = {"_id": contract, "block": {"$gte": head}}
        wait_until(lambda: index[CHECKPOINT].find_one(reached), 60, "the last command is indexed")
        before = dump(index, contract)
        assert before["livestreams"]
        seen = database[settings["PRESENCE_DATABASE"]][PRESENCE_ROOMS]
        wait_until(lambda: seen.find_one({"_id": 1}), 60, "presence has looked at the room")
        for name in ("MONGODB_DATABASE", "ORACLE_DATABASE", "PRESENCE_DATABASE"):
            database.drop_database(settings[name])
        wait_until(lambda: dump(index, contract) == before, 60, "the same documents again")
        wait_until(lambda: seen.find_one({"_id": 1}), 60, "presence has looked at it again")
    for service in ("indexer", "oracle", "presence", "api"):
        with client(walk.compose.url(service), timeout=60) as http:
            wait_until(lambda: http.get("/readyz").is_success, 60, f"{service} is ready")
    assert [live["uid"] for live in walk.standin.control.inputs()] == inputs


def test_answer__that_a_page_tells_otherwise__is_found() -> None:
    output = "one\n\x1b[0;1;32mtwo\x1b[0m words here\nthree\n"
    assert missing(["one", "...", "two ... here", "three"], output) == []
    assert missing(["one", "four"], output) == ["four"]
    assert missing(["three", "one"], output) == ["one"], "in this order"


def test_block__with_a_loop_and_a_text__is_split_where_a_command_ends() -> None:
    loop = "for x in a b; do\n  echo $x\ndone"
    text = "cat > f <<END\n$x\nEND"
    long = "echo a \\\n  b"
    assert split("\n".join([loop, "", text, long, "pwd"])) == [loop, text, long, "pwd"]
    with pytest.raises(ValueError, match="cannot parse"):
        split("for x in a; do")
