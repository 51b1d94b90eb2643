"""The systemd units: as compose.yaml does it, each service with its own secrets, and held."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from common import settings
from common.settings import (
    ApiSettings,
    IndexerSettings,
    OracleSettings,
    PlaybackSettings,
    PresenceSettings,
)
from tests.support.compose_probe import compose_services

UNITS = Path(__file__).resolve().parents[3] / "deploy" / "systemd"
TEMPLATE = UNITS / "livestream-rooms@.service"
KEYS = "/etc/livestream-rooms/keys"
SERVICES: dict[str, type[settings.Common]] = {
    "indexer": IndexerSettings,
    "oracle": OracleSettings,
    "presence": PresenceSettings,
    "api": ApiSettings,
    "playback": PlaybackSettings,
}

Section = dict[str, list[str]]


def _read(path: Path) -> dict[str, Section]:
    """A unit's sections; a setting may stand in one more than once."""
    sections: dict[str, Section] = defaultdict(lambda: defaultdict(list))
    name = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            name = line.strip("[]")
        else:
            key, _, value = line.partition("=")
            sections[name][key].append(value)
    return sections


def _service(name: str) -> Section:
    """[Service] of an instance: the template's, and its drop-ins'."""
    merged: Section = defaultdict(list)
    drop_ins = sorted((UNITS / f"livestream-rooms@{name}.service.d").glob("*.conf"))
    for path in (TEMPLATE, *drop_ins):
        for key, values in _read(path)["Service"].items():
            merged[key] += [value.replace("%i", name) for value in values]
    return merged


def _environment(service: Section) -> dict[str, str]:
    pairs = [pair for line in service["Environment"] for pair in line.split()]
    return dict(pair.split("=", 1) for pair in pairs)


@pytest.mark.parametrize("name", list(SERVICES))
def test_unit__its_credentials__are_the_secrets_that_compose_gives(name: str) -> None:
    service = _service(name)
    credentials = dict(line.split(":", 1) for line in service["LoadCredential"])
    assert credentials == {it: f"{KEYS}/{name}/{it}" for it in credentials}
    environment = _environment(service)
    named = {key: value for key, value in environment.items() if value.startswith("%d/")}
    assert {value.removeprefix("%d/") for value in named.values()} == set(credentials)
    in_compose = {
        key: value.partition("-/run/keys/")[2].rstrip("}")
        for key, value in compose_services()[name]["environment"].items()
        if "/run/keys/" in value
    }
    assert {key: value.removeprefix("%d/") for key, value in named.items()} == in_compose


@pytest.mark.parametrize("name", list(SERVICES))
def test_unit__its_settings_and_secrets__are_read(name: str, tmp_path: Path) -> None:
    """As systemd gives them: the file's lines, and the paths of the credentials."""
    env = {
        "CHAIN_ID": "1",
        "RPC_URLS": "https://node.example",
        "CONTRACTS": f"0x{'ab' * 20}@1",
        "ORACLE_OPERATOR_ID": "1",
        "CLOUDFLARE_ACCOUNT_ID": "0123456789abcdef",
        "PLAYBACK_OPERATOR_ID": "1",
        "PLAYBACK_ORIGINS": "https://rooms.example",
    }
    for key, value in _environment(_service(name)).items():
        env[key] = value.replace("%d", str(tmp_path))
        if value.startswith("%d/"):
            (tmp_path / value.removeprefix("%d/")).write_text("mongodb://u:pw@db.example/")
    assert isinstance(settings.load(SERVICES[name], env, dotenv=None), SERVICES[name])


def test_unit__restarts__but_not_what_a_restart_cannot_mend() -> None:
    service, unit = _read(TEMPLATE)["Service"], _read(TEMPLATE)["Unit"]
    assert service["Restart"] == ["always"] and unit["StartLimitIntervalSec"] == ["0"]
    assert service["RestartPreventExitStatus"] == ["2 3"]
    assert int(service["TimeoutStopSec"][0]) >= 20  # docs/operations.md, "Stopping": within 9 s


def test_unit__hardening__is_whole() -> None:
    service = _read(TEMPLATE)["Service"]
    on = (
        "DynamicUser", "LockPersonality", "MemoryDenyWriteExecute", "NoNewPrivileges",
        "PrivateDevices", "PrivateIPC", "PrivateTmp", "PrivateUsers", "ProtectClock",
        "ProtectControlGroups", "ProtectHome", "ProtectHostname", "ProtectKernelLogs",
        "ProtectKernelModules", "ProtectKernelTunables", "RestrictNamespaces",
        "RestrictRealtime", "RestrictSUIDSGID",
    )  # fmt: skip
    assert {key: service[key] for key in on} == {key: ["yes"] for key in on}
    assert service["ProtectSystem"] == ["strict"]
    assert service["CapabilityBoundingSet"] == [""] and service["AmbientCapabilities"] == [""]
    assert service["SystemCallFilter"] == ["@system-service", "~@privileged"]
    assert service["RestrictAddressFamilies"] == ["AF_INET AF_INET6 AF_UNIX"]
