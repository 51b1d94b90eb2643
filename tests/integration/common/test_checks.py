"""`--check` of the three services against real nodes, a real database and the stand-in.

docs/operations.md, "A look before the start", is what an operator reads. The services' own process
is started once for each; every fault is looked at in this process, as `--check` does it.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pymongo
import pytest
from eth_account import Account

import api.check
import indexer.__main__
import indexer.cli.check
import oracle.__main__
import oracle.cli.doctor
from chain import service_checks
from chain.hexes import hex_data
from common.checks import database, rows
from common.checks.rows import CheckLevel, CheckResult, findings_text
from common.clock import SystemClock
from common.settings import ApiSettings, IndexerSettings, OracleSettings, load
from common.version import VERSION
from localnet.dev_accounts import cast
from localnet.mongo import MongoServer
from localnet.mongo_proxy import MongoProxy, Refuse
from localnet.mongo_wire import MongoCommand
from localnet.runner import Runner
from localnet.services import LISTENS_AT
from localnet.stream.control import StandIn
from localnet.waiting import wait_until
from tests.support.nodes.rpc_proxy import Answer, Request
from tests.support.oracle.oracle_stack import OracleStack
from tests.support.oracle.threaded_proxy import ThreadedProxy

SERVICES: dict[str, Callable[[Mapping[str, str]], Any]] = {
    "indexer": lambda env: indexer.cli.check.look(load(IndexerSettings, env, None)),
    "oracle": lambda env: oracle.cli.doctor.look(load(OracleSettings, env, None)),
    "api": lambda env: api.check.look(load(ApiSettings, env, None)),
}
PASSWORD, KEY = "hunter2hunter2", "k3yk3yk3yk3yk3y"
Look = Callable[..., list[CheckResult]]


@pytest.fixture(scope="module")
def scene(mongo: MongoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OracleStack]:
    """A chain, a contract with an operator, an index, the stand-in; nobody tells on."""
    folder = tmp_path_factory.mktemp("checks")
    names = iter(("checks_index", "checks_oracle"))
    with Runner(folder / "children") as runner, StandIn.start(folder / "stream") as standin:
        stack = OracleStack(runner.anvil(), mongo.uri, standin, runner, folder, lambda: next(names))
        stack.deploy()
        with pymongo.MongoClient[dict[str, Any]](mongo.uri) as client:
            points = client[stack.index_database]["checkpoint"]
            wait_until(lambda: points.find_one({}), 30, "an index")
            yield stack
            stack.close()
            client.drop_database(stack.index_database)


@pytest.fixture
def look(scene: OracleStack, free_port: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> Look:
    """`look("oracle", NAME=value)`: the rows of that service's check, with settings changed. A busy
    machine has time."""
    monkeypatch.setattr(rows, "CHECK_SECONDS", 60.0)
    monkeypatch.setattr(service_checks, "CALL_SECONDS", 30.0)
    monkeypatch.setattr(database, "REACH_SECONDS", 30.0)

    def look(service: str, **more: str) -> list[CheckResult]:
        listens = {LISTENS_AT[service]: f"127.0.0.1:{free_port()}"}
        env = {k: v for k, v in {**scene.settings(), **listens, **more}.items() if v}
        found: list[CheckResult] = asyncio.run(SERVICES[service](env))
        text = findings_text(found)
        assert PASSWORD not in text and KEY not in text
        return found

    return look


def worst(found: list[CheckResult]) -> dict[str, CheckResult]:
    """The rows that are not OK, by their first word."""
    return {row.name.split()[0]: row for row in found if row.level is not CheckLevel.OK}


def everything(uri: str) -> dict[str, dict[str, list[Any]]]:
    """All databases, collections, documents."""
    with pymongo.MongoClient[dict[str, Any]](uri) as client:
        return {
            name: {
                kind: list(client[name][kind].find())
                for kind in client[name].list_collection_names()
            }
            for name in client.list_database_names()
            if name != "local"
        }


def test_check__all_is_well__exit_0_a_row_for_each_thing_and_nothing_is_written(
    scene: OracleStack, free_port: Callable[[], int]
) -> None:
    before = everything(scene.mongo_uri)
    shared = {"settings", "node", "contract", "clock", "database", "index", "port"}
    own = {
        "indexer": {"new"},
        "oracle": {"new", "key", "operator", "balance", "Cloudflare"},
        "api": {"page"},
    }
    for service in SERVICES:
        listens = {LISTENS_AT[service]: f"127.0.0.1:{free_port()}"}
        command = scene.children.command(service, scene.settings(**listens), "--check")
        assert command.wait(120) == 0, command.output()
        lines = [line.split()[:2] for line in command.output().splitlines() if line[:4].strip()]
        told = {line[1] for line in lines if line[0] in ("OK", "WARN")}
        assert told == shared | own[service]
    assert everything(scene.mongo_uri) == before


@pytest.mark.parametrize("service", SERVICES)
def test_check__several_things_wrong__all_told_at_once_with_their_fixes(
    service: str, look: Look, scene: OracleStack
) -> None:
    def elsewhere(request: Request, answer: Answer) -> Answer:
        return {**answer, "result": "0x5"} if request["method"] == "eth_chainId" else answer

    with ThreadedProxy(scene.anvil.url) as other, socket.create_server(("127.0.0.1", 0)) as taken:
        other.faults.after = elsewhere
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        found = look(
            service,
            RPC_URLS=f"{other.url}/{KEY},{scene.anvil.url}",
            CONTRACTS=f"0x{'12' * 20}@0",
            MONGODB_DATABASE="nobody_writes_here",
            ORACLE_DATABASE="nor_here",
            **{LISTENS_AT[service]: bind},
        )
    bad = worst(found)
    node = bad.pop("node")
    assert node.name == f"node {other.url}" and node.level is CheckLevel.FAIL
    assert node.found == "the node is on chain 5, the settings say 31337"
    assert node.fix == "correct RPC_URLS or CHAIN_ID"
    assert bad["contract"].found.startswith(f"there is no contract at 0x{'12' * 20}")
    assert bad["contract"].fix == "correct CONTRACTS or RPC_URLS"
    assert bad["port"].level is CheckLevel.WARN and bad["port"].found == f"{bind} is in use"
    assert LISTENS_AT[service] in bad["port"].fix
    if service == "indexer":
        assert "index" not in bad, "it is the one who makes it"
    else:
        assert bad["index"].level is CheckLevel.WARN and "start the indexer" in bad["index"].fix
    assert "database" not in bad
    assert not {"nobody_writes_here", "nor_here"} & everything(scene.mongo_uri).keys()


@pytest.mark.parametrize("service", SERVICES)
def test_check__login_refused_or_a_right_lacks__the_row_says_who_and_what(
    service: str, look: Look, mongo: MongoServer
) -> None:
    with MongoProxy(mongo.port) as proxy:
        uri = f"mongodb://someone:{PASSWORD}@127.0.0.1:{proxy.port}/"
        proxy.refuse_all = Refuse(18)
        row = worst(look(service, MONGODB_URI=uri))["database"]
        assert row.level is CheckLevel.FAIL and "MONGODB_URI" in row.fix
        assert "the database refuses user 'someone' or its password" in row.found

        proxy.refuse_all = None
        what = "find" if service == "api" else "explain"  # of a write

        def refuse(command: MongoCommand) -> Refuse | None:
            return Refuse(13) if command.name == what else None

        proxy.fault = refuse
        row = worst(look(service, MONGODB_URI=proxy.uri))["database"]
        assert row.level is CheckLevel.FAIL and "wants a user and a password" in row.found


def test_check__database_and_nodes_away__each_row_tells_its_own(
    look: Look, free_port: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "REACH_SECONDS", 3.0)
    nowhere = f"127.0.0.1:{free_port()}"
    bad = worst(
        look(
            "oracle",
            RPC_URLS=f"http://{nowhere}/{KEY}",
            MONGODB_URI=f"mongodb://u:{PASSWORD}@{nowhere}/",
        )
    )
    chain = {"contract", "operator", "balance", "clock"}
    assert bad.keys() == chain | {"node", "database", "index"}
    assert "check that the node is running" in bad["node"].fix
    assert {bad[name].fix for name in chain} == {"correct the nodes, see above"}
    assert f"nothing listens at {nowhere}" in bad["database"].found


@pytest.mark.parametrize("service", SERVICES)
def test_check__clock_ten_minutes_wrong__the_row_says_in_which_direction(
    service: str, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = SystemClock.now
    monkeypatch.setattr(SystemClock, "now", lambda self: now(self) - 3600)
    behind = worst(look(service))["clock"]
    assert behind.level is CheckLevel.FAIL and behind.fix == "run NTP here"
    assert "s behind the newest block" in behind.found
    monkeypatch.setattr(SystemClock, "now", lambda self: now(self) + 3600)
    ahead = worst(look(service))["clock"]
    assert ahead.level is CheckLevel.WARN and "NTP" in ahead.fix
    assert "this machine's clock is ahead" in ahead.found


@pytest.mark.parametrize("service", SERVICES)
def test_check__index_stopped_or_of_another_format_or_behind__the_row_says_what_to_do(
    service: str, look: Look, scene: OracleStack
) -> None:
    assert scene.index is not None
    with pymongo.MongoClient[dict[str, Any]](scene.mongo_uri) as client:
        points = client[scene.index_database]["checkpoint"]
        stored = points.find_one({})
        assert stored is not None
        try:
            for change, level, words in (
                ({"format": 1}, CheckLevel.FAIL, "python -m indexer rebuild"),
                ({"chain_id": 5}, CheckLevel.FAIL, "belongs to chain 5"),
                (
                    {"state": "stopped", "stop_reason": "a deep reorg"},
                    CheckLevel.FAIL,
                    "deep reorg",
                ),
                ({"block": stored["block"] - 100}, CheckLevel.WARN, "100 blocks behind"),
            ):
                points.replace_one({}, {**stored, **change})
                bad = worst(look(service)).get("index")
                if service == "indexer" and level is CheckLevel.WARN:
                    assert bad is None, "it catches up by itself"
                else:
                    assert bad is not None and bad.level is level and words in bad.found + bad.fix
        finally:
            points.replace_one({}, stored)


def test_check__keystore_with_another_password__the_rest_is_checked_all_the_same(
    look: Look, scene: OracleStack
) -> None:
    keystore, password = scene.folder / "keystore.json", scene.folder / "password"
    key = bytes(cast().operator.key)
    sealed = Account.encrypt(key, "another one", kdf="pbkdf2", iterations=1)
    keystore.write_text(json.dumps(sealed))
    password.write_text(PASSWORD)
    bad = worst(
        look(
            "oracle",
            ORACLE_PRIVATE_KEY_FILE="",
            ORACLE_KEYSTORE=str(keystore),
            ORACLE_KEYSTORE_PASSWORD_FILE=str(password),
        )
    )
    assert bad.keys() <= {"key", "clock"}
    assert f"the password in {password} does not open {keystore}" in bad["key"].found
    assert hex_data(key)[2:] not in str(bad)


def test_check__settings_missing_and_a_file_unreadable__exit_2_naming_each(
    scene: OracleStack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(scene.folder)  # without a .env
    wrong = {"CLOUDFLARE_API_TOKEN_FILE": str(scene.folder), "RPC_URLS": KEY, "CHAIN_ID": ""}
    for name, value in scene.settings(**wrong).items():
        monkeypatch.setenv(name, value)
    assert oracle.__main__.main(["--check"]) == 2
    said = capsys.readouterr().err
    for name in ("CHAIN_ID: missing", "RPC_URLS: needs", "CLOUDFLARE_API_TOKEN: cannot read the"):
        assert f"  - {name}" in said
    assert KEY not in said


def test_check__address_of_another_machine__fails_before_the_service_does(look: Look) -> None:
    bad = worst(look("api", API_BIND="192.0.2.1:8080"))["port"]
    assert bad.level is CheckLevel.FAIL
    assert "cannot listen on 192.0.2.1:8080" in bad.found and "API_BIND" in bad.fix


def test_version__of_each_service__needs_no_settings(
    children: Runner, capsys: pytest.CaptureFixture[str]
) -> None:
    for main in (indexer.__main__.main, oracle.__main__.main):
        with pytest.raises(SystemExit, match="0"):
            main(["--version"])
    command = children.command("api", {}, "--version")  # not here: it may bring gevent along
    assert command.wait(60) == 0
    assert (capsys.readouterr().out + command.output()).splitlines() == [
        f"livestream-rooms {VERSION} {service}" for service in SERVICES
    ]


@pytest.mark.parametrize("main", [indexer.__main__.main, oracle.__main__.main])
def test_check__beside_a_command__is_refused(main: Callable[[list[str]], int]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--check", "run"])
