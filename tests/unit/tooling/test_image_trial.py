"""tools/image: a container of a trial is what compose.yaml says, and a bad image is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from common.version import VERSION
from tests.support.compose_probe import COMPOSE
from tools.image.built import BuiltImage, faults
from tools.image.bundle import INIT, runtime_config
from tools.image.compose import ComposeError, ContainerSpec, services_of_the_image

PROJECT = Path("/project")
IMAGE = {"User": "10001:10001", "Env": ["PATH=/bin", "A=image"], "WorkingDir": "/app"}


def _services(dotenv: dict[str, str] | None = None) -> dict[str, ContainerSpec]:
    found = services_of_the_image(COMPOSE, PROJECT, dotenv or {})
    return {spec.name: spec for spec in found}


def _config(spec: ContainerSpec) -> dict[str, Any]:
    return runtime_config(spec, IMAGE, Path("/root-of-the-image"))


def _written(folder: Path, service: str) -> list[ContainerSpec]:
    """The services of a compose file with this one service."""
    if "healthcheck" not in service:
        service += ", healthcheck: {test: [CMD, 'true']}"
    file = folder / "compose.yaml"
    file.write_text(f"services:\n  api: {{build: ., {service}}}\n", encoding="utf-8")
    return services_of_the_image(file, PROJECT, {"A": "dotenv", "B": "dotenv"})


def test_trial__of_compose_yaml__has_the_services_of_the_image_alone() -> None:
    services = _services()
    assert {"indexer", "oracle", "presence", "api", "playback"} <= set(services)
    assert not {"mongodb", "proxy", "prometheus", "grafana"} & set(services)
    for name, spec in services.items():
        assert spec.command == ["python", "-m", name]
        assert spec.probe[0] == "bash" and "$$" not in " ".join(spec.probe)
        assert spec.grace_seconds == 30


@pytest.mark.parametrize("name", ["indexer", "oracle", "presence", "api", "playback"])
def test_trial__a_container__may_do_no_more_than_in_compose(name: str) -> None:
    config = _config(_services()[name])
    process = config["process"]
    assert process["user"] == {"uid": 10001, "gid": 10001}
    assert set(map(tuple, process["capabilities"].values())) == {()}
    assert process["noNewPrivileges"]
    assert process["args"][:2] == [INIT, "--"]
    assert config["root"]["readonly"]
    mounts = {mount["destination"]: mount for mount in config["mounts"]}
    assert mounts["/tmp"]["type"] == "tmpfs" and "noexec" in mounts["/tmp"]["options"]
    assert mounts["/run/keys"]["source"] == f"/project/keys/{name}"
    assert "ro" in mounts["/run/keys"]["options"]
    assert config["linux"]["resources"]["memory"]["limit"] >= 512 * 2**20


def test_trial__environment__is_the_images_then_dotenv_then_the_services(tmp_path: Path) -> None:
    (spec,) = _written(tmp_path, "env_file: .env, environment: {B: service, C: '${A}-$${x}'}")
    told = dict(entry.split("=", 1) for entry in _config(spec)["process"]["env"])
    assert told == {"PATH": "/bin", "A": "dotenv", "B": "service", "C": "dotenv-${x}"}


@pytest.mark.parametrize(
    ("service", "named"),
    [
        ("sysctls: {a: 1}", "sysctls"),
        ("ulimits: {core: 1}", "core"),
        ("stop_grace_period: 2 weeks", "2 weeks"),
        ("mem_limit: much", "much"),
        ("healthcheck: {test: curl x}", "health check of api"),
        ("volumes: [{type: volume, source: a, target: /b}]", "folders of the project"),
    ],
)
def test_trial__what_it_does_not_know__is_an_error_that_names_it(
    tmp_path: Path, service: str, named: str
) -> None:
    with pytest.raises(ComposeError, match=named):
        _written(tmp_path, service)


def _image(root: Path, *files: str, **config: Any) -> BuiltImage:
    for name in ("app/a.py", "app/__pycache__/a.cpython-311.pyc", *files):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    labels = {"org.opencontainers.image.version": VERSION}
    return BuiltImage(root, {"User": "10001:10001", "Labels": labels, **config})


def test_faults__of_a_good_image__are_none(tmp_path: Path) -> None:
    assert faults(_image(tmp_path), VERSION) == []


@pytest.mark.parametrize(
    ("file", "fault"),
    [
        ("usr/bin/gcc", "a build tool: /usr/bin/gcc"),
        ("app/.env", "what may be a secret: /app/.env"),
        ("app/x/operator.key", "what may be a secret: /app/x/operator.key"),
        ("root/.cache", "a cache: /root/.cache"),
        ("app/b.py", "not compiled: /app/b.py"),
    ],
)
def test_faults__of_an_image_with_too_much__are_told_by_path(
    tmp_path: Path, file: str, fault: str
) -> None:
    assert faults(_image(tmp_path, file), VERSION) == [fault]


def test_faults__of_an_image_of_root_or_of_another_version__are_told(tmp_path: Path) -> None:
    image = _image(tmp_path, User="", Labels=None)
    assert [fault.split(",")[0] for fault in faults(image, VERSION)] == [
        "it runs as root",
        f"its label does not say that it is version {VERSION}",
    ]
