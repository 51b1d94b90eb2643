"""compose.yaml: by the specification's schema, each service with its own secrets and no others'."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from common import settings
from common.settings import (
    ApiSettings,
    IndexerSettings,
    OracleSettings,
    PlaybackSettings,
    PresenceSettings,
)
from common.settings.model import ChainSettings
from common.version import VERSION
from tests.support.compose_file import SCHEMA, violations
from tests.support.compose_probe import COMPOSE, compose_services
from tools.image.compose import interpolated

ROOT = Path(__file__).resolve().parents[3]
OURS: dict[str, type[ChainSettings]] = {
    "indexer": IndexerSettings,
    "oracle": OracleSettings,
    "presence": PresenceSettings,
    "api": ApiSettings,
    "playback": PlaybackSettings,
}
BY_PROFILE = {"playback"}
"""Of ours, those that run only where they are wanted."""
PROFILES = {
    "playback": {"playback"},
    "database": {"mongodb", "mongodb-users"},
    "proxy": {"proxy"},
    "monitoring": {"prometheus", "grafana"},
}
PUBLIC = {"proxy"}
ONCE = {"mongodb-users"}
ENV = {
    "CHAIN_ID": "1",
    "RPC_URLS": "https://node.example",
    "CONTRACTS": f"0x{'ab' * 20}@1",
    "ORACLE_OPERATOR_ID": "1",
    "CLOUDFLARE_ACCOUNT_ID": "0123456789abcdef",
    "PUBLIC_URL": "https://rooms.example",
}
SECRETS = {
    "oracle_keystore": "{}",
    "oracle_keystore_password": "correct horse",
    "cloudflare_api_token": "a-token",
}


def _document() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return document


def _mounts(service: dict[str, Any]) -> dict[str, str]:
    """What of the host is mounted, and where."""
    mounts = {}
    for mount in service.get("volumes", []):
        if isinstance(mount, str):
            source, target = mount.split(":")[:2]
        else:
            source, target = mount["source"], mount["target"]
        mounts[source] = target
    return mounts


def _secrets(service: dict[str, Any]) -> set[str]:
    return {it if isinstance(it, str) else it["source"] for it in service.get("secrets", [])}


# --- the schema -------------------------------------------------------------------------------


def test_schema__as_committed__is_the_published_one() -> None:
    assert hashlib.sha256(SCHEMA.read_bytes()).hexdigest() == (
        "d549057ebc2925f39f62799eab0db7b9e2c18b35b6c00595199116da3ed10e64"
    )


def test_compose__by_the_specification__valid() -> None:
    assert violations(_document()) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [("restarts", "always"), ("read_only", ["yes"]), ("depends_on", {"api": {"condition": "up"}})],
)
def test_compose__a_slip_of_the_pen__the_schema_finds_it(key: str, value: Any) -> None:
    document = _document()
    document["services"]["api"][key] = value
    found = violations(document)
    assert found and all(it.startswith("$.services.api") for it in found)


# --- every container --------------------------------------------------------------------------


def test_compose__profiles__the_other_services_run_without_any() -> None:
    services = compose_services()
    by_profile = {
        profile: {name for name, it in services.items() if it.get("profiles") == [profile]}
        for profile in PROFILES
    }
    assert by_profile == PROFILES
    always = {name for name, it in services.items() if "profiles" not in it}
    assert always == set(OURS) - BY_PROFILE


def test_compose__each_container__is_held_and_looked_after() -> None:
    for name, service in compose_services().items():
        assert service["read_only"] and service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["logging"]["options"]["max-size"] and service["pids_limit"], name
        if name not in ONCE:
            assert service["restart"] == "unless-stopped", name
            assert service["mem_limit"] and service["healthcheck"]["test"][0] == "CMD", name


def test_compose__each_image__has_an_exact_tag() -> None:
    for name, service in compose_services().items():
        if name in OURS:
            assert service["image"] == f"livestream-rooms:{VERSION}"
        else:
            assert re.fullmatch(
                r"[a-z/]+:v?\d+\.\d+\.\d+(@sha256:[0-9a-f]{64})?", service["image"]
            ), name


def test_compose__ports__only_the_proxys_are_public() -> None:
    for name, service in compose_services().items():
        for port in service.get("ports", []):
            assert name in PUBLIC or port.startswith("127.0.0.1:"), f"{name}: {port}"


def test_compose__each_container__has_its_own_secrets_alone() -> None:
    services = compose_services()
    for name, service in services.items():
        own = {f"./keys/{name}"} if name in OURS else set()
        assert {it for it in _mounts(service) if it.startswith("./keys")} == own
    assert {name: _secrets(it) for name, it in services.items() if _secrets(it)} == {
        "mongodb": {"mongodb_keyfile"},
        "mongodb-users": {"mongodb_admin_password", *(f"{name}_mongodb_uri" for name in OURS)},
        "grafana": {"grafana_admin_password"},
    }


def test_compose__environment__holds_no_secret() -> None:
    words = re.compile(r"PASSWORD|TOKEN|SECRET|KEYSTORE|MONGODB_URI|PRIVATE|API_KEY|KEY_FILE")
    for service in compose_services().values():
        for name, value in service.get("environment", {}).items():
            if words.search(name):
                assert re.search(r"/run/(keys|secrets)/", value), name


# --- our services -----------------------------------------------------------------------------


def test_compose__each_service__its_command_port_and_probe_agree() -> None:
    for name in OURS:
        service = compose_services()[name]
        assert service["command"] == f"python -m {name}"
        assert service["build"] == "." and service["env_file"] == ".env"
        (port,) = {
            value.rpartition(":")[2]
            for value in service["environment"].values()
            if value.startswith("0.0.0.0:")
        }
        assert service["ports"] == [f"127.0.0.1:{port}:{port}"]
        assert f"127.0.0.1:{port}/healthz" in service["healthcheck"]["test"][-1]


def test_compose__each_probe__has_time_to_start_and_starts_no_interpreter() -> None:
    for service in compose_services().values():
        if "healthcheck" in service:
            health = service["healthcheck"]
            assert (health["start_period"], health["timeout"]) == ("60s", "30s")
            # what the images have; /dev/tcp is bash's
            assert health["test"][1] in ("bash", "curl", "wget")


def test_compose__names_of_the_databases__are_the_settings_defaults() -> None:
    env = compose_services()["mongodb-users"]["environment"]
    names = ("MONGODB_DATABASE", "ORACLE_DATABASE", "PLAYBACK_DATABASE", "PRESENCE_DATABASE")
    told = {name: interpolated(env[name], {}) for name in names}
    assert told == {
        "MONGODB_DATABASE": ChainSettings.model_fields["mongodb_database"].default,
        "ORACLE_DATABASE": OracleSettings.model_fields["oracle_database"].default,
        "PLAYBACK_DATABASE": PlaybackSettings.model_fields["playback_database"].default,
        "PRESENCE_DATABASE": PresenceSettings.model_fields["presence_database"].default,
    }


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """What deploy/keys.sh makes for an operator, with what they put there."""
    folder = tmp_path / "keys"
    _make_keys(folder, tmp_path)
    for name, text in SECRETS.items():
        (folder / "oracle" / name).write_text(text)
    return folder


def _make_keys(folder: Path, scratch: Path) -> tuple[str, list[str]]:
    """What deploy/keys.sh prints, and what it chowns: root's part is played by stand-ins."""
    tools, log = scratch / "tools", scratch / "chown.log"
    tools.mkdir(exist_ok=True)
    for name, body in (("id", "echo 0"), ("chown", f'echo "$@" >>{log}')):
        (tools / name).write_text(f"#!/bin/sh\n{body}\n")
        (tools / name).chmod(0o755)
    log.write_text("")
    path = f"{tools}:{Path(shutil.which('bash') or '/bin/bash').parent}:/usr/bin:/bin"
    done = subprocess.run(
        [ROOT / "deploy" / "keys.sh", folder],
        env={"PATH": path}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout, log.read_text().splitlines()


@pytest.mark.parametrize("service", list(OURS))
def test_compose__env_and_keys_as_told__each_service_reads_its_settings(
    service: str, keys: Path
) -> None:
    given = compose_services()[service]["environment"]
    env = ENV | {
        name: interpolated(value, ENV).replace("/run/keys", str(keys / service))
        for name, value in given.items()
    }
    loaded = settings.load(OURS[service], env, dotenv=None)
    uri = loaded.mongodb_uri.get_secret_value()
    assert uri == (keys / service / "mongodb_uri").read_text().strip()
    assert uri.startswith(f"mongodb://{service}:") and "@mongodb:27017/" in uri


def test_compose__a_path_in_env__wins_and_an_empty_one_unsets() -> None:
    oracle = compose_services()["oracle"]["environment"]
    env = {"ORACLE_KEYSTORE": "", "MONGODB_URI_FILE": "/run/keys/other"}
    assert interpolated(oracle["ORACLE_KEYSTORE"], env) == ""
    assert interpolated(oracle["MONGODB_URI_FILE"], env) == "/run/keys/other"
    assert interpolated(oracle["CLOUDFLARE_API_TOKEN_FILE"], env) == (
        "/run/keys/cloudflare_api_token"
    )


# --- deploy/keys.sh ---------------------------------------------------------------------------


def test_keys__run_twice__what_is_there_stays_and_what_is_missing_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    said, owners = _make_keys(folder, tmp_path)
    first = {path: path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert {path.stat().st_mode & 0o777 for path in first} == {0o400}
    assert len(set(first.values())) == len(first) == 9
    assert f"10001 {folder}/oracle" in " ".join(owners)
    assert f"999 {folder}/mongodb/keyfile" in owners
    for name in SECRETS:
        assert f"missing  {folder}/oracle/{name}" in said
        (folder / "oracle" / name).write_text("x")
    assert f"optional {folder}/playback/playback_key.json" in said
    (folder / "playback" / "playback_key.json").write_text("x")
    said, _ = _make_keys(folder, tmp_path)
    assert said == ""
    assert {path: path.read_text() for path in first} == first


def test_keys__every_file_that_compose_mounts__is_made(keys: Path) -> None:
    for secret in _document()["secrets"].values():
        assert (keys / Path(secret["file"]).relative_to("keys")).stat().st_size


def test_compose__what_is_mounted_from_the_repository__is_there() -> None:
    mounted = {
        source
        for service in compose_services().values()
        for source in _mounts(service)
        if source.startswith("./") and not source.startswith("./keys/")
    }
    assert {"./deploy/mongodb/users.js", "./deploy/nginx/nginx.conf", "./monitoring"} <= mounted
    assert [source for source in mounted if not (ROOT / source).exists()] == []
