"""Settings: every problem at once, no value quoted, secrets from files."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chain.units import GWEI
from common import settings
from common.settings import (
    ApiSettings,
    Bind,
    ContractRef,
    Finality,
    IndexerSettings,
    OracleSettings,
    PlaybackSettings,
)
from oracle.bootstrap import send_policy

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


def test_bind__as_text__has_an_ipv6_address_in_brackets() -> None:
    assert str(Bind("127.0.0.1", 8080)) == "127.0.0.1:8080"
    assert f"http://{Bind('::1', 8080)}" == "http://[::1]:8080"


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


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            {"MAX_TIP_GWEI": "30", "MAX_FEE_GWEI": "20"},
            "MAX_TIP_GWEI: 30 is above MAX_FEE_GWEI (20): lower it, or raise MAX_FEE_GWEI",
        ),
        (
            {"MIN_TIP_GWEI": "60"},
            "MIN_TIP_GWEI: 60 is above MAX_TIP_GWEI (50): lower it, or raise MAX_TIP_GWEI",
        ),
        (
            {"MIN_TIP_GWEI": "15", "MAX_FEE_GWEI": "10"},
            "MIN_TIP_GWEI: 15 is above MAX_TIP_GWEI (10): lower it, or raise MAX_TIP_GWEI",
        ),
    ],
)
def test_load__limits_on_fees_that_contradict__named(change: dict[str, str], problem: str) -> None:
    assert _problems(OracleSettings, ORACLE | change) == [problem]


@pytest.mark.parametrize("ceiling", ["0.001", "20", "1000"])
def test_load__max_fee_alone__defaults_of_the_tips_give_way(ceiling: str) -> None:
    loaded = settings.load(OracleSettings, ORACLE | {"MAX_FEE_GWEI": ceiling}, dotenv=None)
    policy = send_policy(loaded)
    assert policy.min_tip <= policy.max_tip <= policy.fee_ceiling == round(float(ceiling) * GWEI)
    assert policy.max_tip <= 50 * GWEI


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


@pytest.fixture
def _forbidden(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Files under keys/ are another user's, whoever runs the tests."""
    real = Path.open

    def refuse(self: Path, *arguments: Any, **more: Any) -> Any:
        if "keys" in self.parts:
            raise PermissionError(13, "Permission denied", str(self))
        return real(self, *arguments, **more)

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(os, "geteuid", lambda: 10001)
    yield


@pytest.mark.usefixtures("_forbidden")
def test_load__files_of_another_user_and_missing_settings__all_at_once_with_the_command(
    tmp_path: Path,
) -> None:
    keys = tmp_path / "keys"
    keys.mkdir()
    for name in ("keystore", "password", "token", "uri"):
        (keys / name).touch()
    problems = _problems(OracleSettings, {
        "CHAIN_ID": "1",
        "ORACLE_KEYSTORE": f"{keys}/keystore",
        "ORACLE_KEYSTORE_PASSWORD_FILE": f"{keys}/password",
        "CLOUDFLARE_API_TOKEN_FILE": f"{keys}/token",
        "MONGODB_URI_FILE": f"{keys}/uri",
    })  # fmt: skip
    for name in ("keystore", "password", "token", "uri"):
        said = f"{keys}/{name} cannot be read by user 10001: chown 10001 {keys}/{name}"
        assert sum(said in problem for problem in problems) == 1
    assert {problem.partition(":")[0] for problem in problems} == {
        "ORACLE_KEYSTORE", "ORACLE_KEYSTORE_PASSWORD_FILE", "CLOUDFLARE_API_TOKEN", "MONGODB_URI",
        "RPC_URLS", "CONTRACTS", "ORACLE_OPERATOR_ID", "CLOUDFLARE_ACCOUNT_ID",
    }  # fmt: skip


def test_load__a_key_that_this_user_may_not_read__said_with_the_folder_it_may_not_enter() -> None:
    """By the kernel's own word; as root the program becomes another user."""
    child = (
        "import os, sys\n"
        "from common.settings.files import problem_of\n"
        "os.geteuid() or os.seteuid(10001)\n"
        "print(problem_of(sys.argv[1])); print(problem_of(sys.argv[2])); print(os.geteuid())"
    )
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        closed = folder / "closed"
        closed.mkdir()
        inside, beside = closed / "key", folder / "key"
        for path in (inside, beside):
            path.touch()
            path.chmod(0o000)
        closed.chmod(0o000)
        run = subprocess.run(
            [sys.executable, "-c", child, str(inside), str(beside)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        closed.chmod(0o755)
    first, second, user = run.stdout.splitlines()
    assert f"{inside} cannot be read by user {user}, who may not enter {closed}:" in first
    assert second == f"{beside} cannot be read by user {user}: chown {user} {beside}"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.mkdir(), "is a folder: name the file"),
        (lambda path: path.touch(), "is empty"),
        (lambda path: path.write_bytes(b"\xff\xfe"), "is not text"),
        (lambda path: None, "there is no such file"),
    ],
)
def test_load__a_secrets_file_that_is_none__why_and_once(
    tmp_path: Path, make: Callable[[Path], object], said: str
) -> None:
    path = tmp_path / "token"
    make(path)
    env = ORACLE | {"CLOUDFLARE_API_TOKEN": "", "CLOUDFLARE_API_TOKEN_FILE": str(path)}
    (problem,) = _problems(OracleSettings, env)
    assert problem.startswith("CLOUDFLARE_API_TOKEN: ")
    assert said in problem


def test_load__a_secret_in_the_place_of_its_files_path__not_quoted() -> None:
    env = ORACLE | {"CLOUDFLARE_API_TOKEN": "", "CLOUDFLARE_API_TOKEN_FILE": "tok-hunter2"}
    (problem,) = _problems(OracleSettings, env)
    assert "hunter2" not in problem


def test_load__own_environment__a_key_file_that_is_not_there__said_with_the_rest(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "environ", {
        **ORACLE, "ORACLE_PRIVATE_KEY": "", "CHAIN_ID": "",
        "ORACLE_KEYSTORE": f"{tmp_path}/gone", "ORACLE_KEYSTORE_PASSWORD_FILE": f"{tmp_path}/gone",
    })  # fmt: skip
    with pytest.raises(settings.SettingsError) as caught:
        settings.load(OracleSettings, dotenv=None)
    names = {problem.partition(":")[0] for problem in caught.value.problems}
    assert names == {"CHAIN_ID", "ORACLE_KEYSTORE", "ORACLE_KEYSTORE_PASSWORD_FILE"}


PLAYBACK = CHAIN | {
    "PLAYBACK_OPERATOR_ID": "1",
    "PLAYBACK_SESSION_KEY_FILE": "keys/playback-session-key",
    "PLAYBACK_ORIGINS": "https://rooms.example, http://127.0.0.1:8080",
}


def test_playback__nothing_given__names_every_missing_setting() -> None:
    names = {line.partition(":")[0] for line in _problems(PlaybackSettings, {})}
    assert names == {"CHAIN_ID", "RPC_URLS", "CONTRACTS", "MONGODB_URI", *PLAYBACK.keys() - CHAIN}


def test_playback__all_given__origins_as_browsers_send_them() -> None:
    loaded = settings.load(PlaybackSettings, PLAYBACK, dotenv=None)
    oracles = settings.load(OracleSettings, ORACLE, dotenv=None)
    assert str(loaded.playback_key_file) == oracles.playback_key_file
    assert loaded.playback_origins == ("https://rooms.example", "http://127.0.0.1:8080")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PLAYBACK_ORIGINS", "https://Rooms.example"),
        ("PLAYBACK_ORIGINS", "https://rooms.example/"),
        ("PLAYBACK_ORIGINS", "https://rooms.example:443"),
        ("PLAYBACK_ORIGINS", "null"),
        ("PLAYBACK_ORIGINS", "*"),
        ("PLAYBACK_TOKEN_SECONDS", "19"),
        ("PLAYBACK_TOKEN_SECONDS", "901"),
        ("PLAYBACK_OPERATOR_ID", "0"),
    ],
)
def test_playback__one_malformed_value__that_setting_is_named(name: str, value: str) -> None:
    problems = _problems(PlaybackSettings, PLAYBACK | {name: value})
    assert [line.partition(":")[0] for line in problems] == [name]


@pytest.mark.parametrize(("chain", "allowed"), [("31337", True), ("1", False)])
def test_playback__a_token_of_seconds__on_the_local_chain_alone(chain: str, allowed: bool) -> None:
    env = PLAYBACK | {"CHAIN_ID": chain, "PLAYBACK_TOKEN_SECONDS": "20"}
    if allowed:
        assert settings.load(PlaybackSettings, env, dotenv=None).playback_token_seconds == 20
    else:
        assert "PLAYBACK_TOKEN_SECONDS" in _problems(PlaybackSettings, env)[0]


def test_playback_services__of_operators__by_their_numbers() -> None:
    env = CHAIN | {"PLAYBACK_SERVICES": "1=https://play.example/, 2=http://127.0.0.1:8090"}
    loaded = settings.load(ApiSettings, env, dotenv=None)
    assert loaded.playback_services == {1: "https://play.example", 2: "http://127.0.0.1:8090"}
    assert settings.load(ApiSettings, CHAIN, dotenv=None).playback_services == {}


@pytest.mark.parametrize("text", ["https://a.example", "0=https://a.example", "1=a", "1=,2=x",
                                  "1=https://a.example,1=https://b.example"])  # fmt: skip
def test_playback_services__malformed__named(text: str) -> None:
    assert "PLAYBACK_SERVICES" in _problems(ApiSettings, CHAIN | {"PLAYBACK_SERVICES": text})[0]
