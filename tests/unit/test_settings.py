"""Settings: every problem at once, no value quoted, secrets from files."""

from __future__ import annotations

from pathlib import Path

import pytest

from common import settings
from common.settings import (
    ApiSettings,
    Bind,
    ContractRef,
    Finality,
    IndexerSettings,
    OracleSettings,
)

ADDRESS = "0x" + "Ab" * 20
CHAIN = {
    "CHAIN_ID": "31337",
    "RPC_URLS": "http://127.0.0.1:1,ws://127.0.0.1:1",
    "CONTRACTS": f"{ADDRESS}@7",
    "MONGODB_URI": "mongodb://u:hunter2@db/",
}
ORACLE = CHAIN | {
    "ORACLE_OPERATOR_ID": "1",
    "ORACLE_PRIVATE_KEY": "0x" + "11" * 32,
    "CLOUDFLARE_ACCOUNT_ID": "acc",
    "CLOUDFLARE_API_TOKEN": "tok-hunter2",
}


def _problems(cls: type[settings.Common], env: dict[str, str]) -> list[str]:
    with pytest.raises(settings.SettingsError) as caught:
        settings.load(cls, env, dotenv=None)
    return caught.value.problems


def test_load__all_given__typed_values() -> None:
    loaded = settings.load(
        IndexerSettings, CHAIN | {"FINALITY": "depth:12", "INDEXER_HTTP": "[::1]:9"}, dotenv=None
    )
    assert loaded.contracts == (ContractRef(ADDRESS.lower(), 7),)
    assert loaded.finality == Finality("depth", 12)
    assert loaded.indexer_http == Bind("::1", 9)
    assert [u.get_secret_value() for u in loaded.rpc_urls][1].startswith("ws://")


def test_load__nothing_given__names_every_missing_setting() -> None:
    names = {line.partition(":")[0] for line in _problems(OracleSettings, {})}
    assert names == {
        "CHAIN_ID",
        "RPC_URLS",
        "CONTRACTS",
        "MONGODB_URI",
        "ORACLE_OPERATOR_ID",
        "CLOUDFLARE_ACCOUNT_ID",
        "CLOUDFLARE_API_TOKEN",
        "ORACLE_KEYSTORE",
    }


def test_load__missing_and_malformed_together__all_named_without_values() -> None:
    env = CHAIN | {"CHAIN_ID": "hunter2", "CONTRACTS": "hunter2", "API_BIND": "hunter2"}
    del env["MONGODB_URI"]
    problems = _problems(ApiSettings, env)
    assert {p.partition(":")[0] for p in problems} == {
        "CHAIN_ID",
        "CONTRACTS",
        "API_BIND",
        "MONGODB_URI",
    }
    assert "hunter2" not in "\n".join(problems)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FINALITY", "soon"),
        ("FINALITY", "depth:0"),
        ("FINALITY", "depth:1901"),
        ("FINALITY", "depth:100000"),
        ("CONTRACTS", f"{ADDRESS}"),
        ("CONTRACTS", " , "),
        ("RPC_URLS", "ws://only.example"),
        ("RPC_URLS", "node.example"),
        ("RPC_URLS", "http://node.example:port/"),
        ("RPC_URLS", "http://node.example:99999/"),
        ("RPC_URLS", "http://:8545/"),
        ("INDEXER_HTTP", "9101"),
        ("POLL_SECONDS", "0"),
        ("LOG_LEVEL", "loud"),
        ("MONGODB_URI", "db.example"),
        ("MONGODB_URI", "mongodb://user:pass/word@db.example/"),
        ("MONGODB_URI", "mongodb://user:p@ss:word@db.example/"),
        ("MONGODB_URI", "mongodb://db.example:99999/"),
        ("MONGODB_DATABASE", "a.b"),
        ("MONGODB_DATABASE", "live stream"),
    ],
)
def test_load__one_malformed_value__that_setting_is_named(name: str, value: str) -> None:
    problems = _problems(IndexerSettings, CHAIN | {name: value})
    assert [p.partition(":")[0] for p in problems] == [name]
    assert "word" not in problems[0].replace("password", "")


def test_finality__the_deepest_that_can_end__one_more_is_refused_with_a_sentence() -> None:
    loaded = settings.load(IndexerSettings, CHAIN | {"FINALITY": "depth:1900"}, dotenv=None)
    assert loaded.finality == Finality("depth", 1900)
    (problem,) = _problems(IndexerSettings, CHAIN | {"FINALITY": "depth:1901"})
    assert "at most 1900 blocks" in problem
    assert "could never reach the head" in problem


@pytest.mark.parametrize(
    "uri", ["mongodb://h1:1,h2:2/db?tls=true&replicaSet=rs0", "mongodb+srv://u:p@nowhere.example"]
)
def test_load__well_formed_mongodb_uri__accepted_without_asking_dns(uri: str) -> None:
    loaded = settings.load(IndexerSettings, CHAIN | {"MONGODB_URI": uri}, dotenv=None)
    assert loaded.mongodb_uri.get_secret_value() == uri


def test_load__secret_from_file__stripped_and_hidden(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("tok-from-file\n")
    env = {k: v for k, v in ORACLE.items() if k != "CLOUDFLARE_API_TOKEN"}
    loaded = settings.load(OracleSettings, env | {"CLOUDFLARE_API_TOKEN_FILE": str(path)}, None)
    assert loaded.cloudflare_api_token is not None
    assert loaded.cloudflare_api_token.get_secret_value() == "tok-from-file"
    assert "tok-from-file" not in repr(loaded)
    assert "hunter2" not in repr(loaded)


def test_load__secret_twice_or_file_unreadable__named() -> None:
    problems = _problems(OracleSettings, ORACLE | {"CLOUDFLARE_API_TOKEN_FILE": "/nowhere"})
    assert problems == ["CLOUDFLARE_API_TOKEN: set it or CLOUDFLARE_API_TOKEN_FILE, not both"]
    problems = _problems(OracleSettings, ORACLE | {"CLOUDFLARE_API_KEY_FILE": "/nowhere"})
    assert problems[0].startswith("CLOUDFLARE_API_KEY: cannot read")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"CHAIN_ID": "1"}, "ORACLE_PRIVATE_KEY: only on chain 31337"),
        ({"ORACLE_KEYSTORE": "/k"}, "set only one of them"),
        ({"ORACLE_PRIVATE_KEY": "", "ORACLE_KEYSTORE": "/k"}, "ORACLE_KEYSTORE_PASSWORD_FILE"),
        ({"ORACLE_PRIVATE_KEY": "", "ORACLE_SIGNER_URL": "http://s"}, "ORACLE_SIGNER_ADDRESS"),
        ({"CLOUDFLARE_API_TOKEN": "", "CLOUDFLARE_EMAIL": "a@b"}, "CLOUDFLARE_API_KEY: missing"),
        ({"CLOUDFLARE_API_TOKEN": "", "CLOUDFLARE_API_KEY": "k"}, "CLOUDFLARE_EMAIL: missing"),
        ({"RECORDING_RETENTION_DAYS": "7"}, "RECORDING_RETENTION_DAYS"),
    ],
)
def test_load__settings_that_do_not_fit_together__told(change: dict[str, str], word: str) -> None:
    problems = _problems(OracleSettings, ORACLE | change)
    assert len(problems) == 1
    assert word in problems[0]


def test_load__dotenv_and_environment__the_environment_wins(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("CHAIN_ID=5\nMONGODB_DATABASE=from_file\n")
    loaded = settings.load(IndexerSettings, CHAIN, path)
    assert (loaded.chain_id, loaded.mongodb_database) == (31337, "from_file")


def test_reread__a_file_that_was_changed__its_present_value(tmp_path: Path) -> None:
    path = tmp_path / "token"
    env = {"CLOUDFLARE_API_TOKEN_FILE": str(path)}
    assert settings.reread("CLOUDFLARE_API_TOKEN", env, dotenv=None) is None
    for value in ("first", "second"):
        path.write_text(value + "\n")
        assert settings.reread("CLOUDFLARE_API_TOKEN", env, dotenv=None) == value
    path.write_text("")
    assert settings.reread("CLOUDFLARE_API_TOKEN", env, dotenv=None) is None
