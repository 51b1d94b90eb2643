"""The image: what the Dockerfile takes, exactly, and what it says of itself."""

from __future__ import annotations

import re
from pathlib import Path

from common.version import COMMIT_VARIABLE, VERSION
from tests.support.compose_probe import compose_services

ROOT = Path(__file__).resolve().parents[3]
SERVICES = ("indexer", "oracle", "presence", "api", "playback")
SECRETS = (".env", ".git", "keys/operator.json", "dapp/.env.local", ".localnet/deployment.json")


def _told(instruction: str) -> list[str]:
    """What the Dockerfile's lines of this instruction say."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return re.findall(rf"^{instruction} (.*)$", text, re.MULTILINE)


def _arguments() -> dict[str, str]:
    """The Dockerfile's ARGs and their defaults."""
    return {name: value for name, _, value in (line.partition("=") for line in _told("ARG"))}


def _copied() -> list[str]:
    """The sources of the Dockerfile's COPY lines that come from the repository."""
    copies = [line.split() for line in _told("COPY")]
    return [source for words in copies if words[0][:2] != "--" for source in words[:-1]]


def _let_through(path: str) -> bool:
    """By the rules of .dockerignore: the last line that fits decides."""
    through = True
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        rule = line.removeprefix("!")
        pattern = re.escape(rule).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
        if re.fullmatch(f"{pattern}(/.*)?", path):
            through = line.startswith("!")
    return through


def test_dockerfile__every_source__exists_and_is_let_through() -> None:
    sources = _copied()
    assert {*SERVICES, "common", "chain"} <= set(sources)
    assert [s for s in sources if not (ROOT / s).exists() or not _let_through(s)] == []


def test_dockerignore__secrets_and_what_was_built_here__stay_out() -> None:
    built = (
        "dapp/node_modules/x",
        "dapp/dist/index.html",
        ".venv/bin/python",
        "oracle/__pycache__/x",
    )
    assert [path for path in (*SECRETS, *built) if _let_through(path)] == []


def test_dockerfile__each_base__is_an_argument_with_an_exact_tag() -> None:
    bases = {line.split()[0] for line in _told("FROM")}
    assert bases == {"${NODE_IMAGE}", "${PYTHON_IMAGE}"}
    for base in bases:
        tag = _arguments()[base.strip("${}")]
        assert re.fullmatch(r"[\w./-]+:\d+\.\d+\.\d+-[\w-]+(@sha256:[0-9a-f]{64})?", tag), tag


def test_dockerfile__what_it_says_of_itself__is_told_by_its_builder() -> None:
    """An image that compose builds names the version, too; its commit only `make image` knows."""
    arguments = _arguments()
    assert arguments["VERSION"] == VERSION
    assert arguments[COMMIT_VARIABLE] == ""
    (labels,) = _told("LABEL")
    told = dict(re.findall(r'org\.opencontainers\.image\.(\w+)="([^"]*)"', labels))
    assert told["version"] == "${VERSION}"
    assert told["revision"] == f"${{{COMMIT_VARIABLE}}}"
    assert told["source"] == "${SOURCE}"


def test_dockerfile__its_user__is_a_number_that_is_nobody() -> None:
    # by number: Kubernetes' runAsNonRoot takes no name
    assert _told("USER") == ["10001:10001"]


def test_dockerfile__health_check__is_composes_alone() -> None:
    assert _told("HEALTHCHECK") == []


def test_make_image__its_tag__is_the_one_that_compose_runs() -> None:
    build = (ROOT / "tools" / "build_image.sh").read_text(encoding="utf-8")
    (tag,) = re.findall(r"^TAG=\$\{TAG:-(.*)\}$", build, re.MULTILINE)
    images = {compose_services()[name]["image"] for name in SERVICES}
    assert images == {tag.replace("$VERSION", VERSION)}
