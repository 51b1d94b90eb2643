"""`make pin-images`: digests are put behind the tags, and nothing else changes."""

from __future__ import annotations

import re
import shutil
import stat
from pathlib import Path

import pytest

from tools import pin_images
from tools.pin_images import CannotPinError, ask_registry, images, pin, pinned

ROOT = Path(__file__).resolve().parents[3]
ONE, TWO = "sha256:" + "1" * 64, "sha256:" + "2" * 64


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in pin_images.FILES:
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def _install(folder: Path, monkeypatch: pytest.MonkeyPatch, **programs: str) -> None:
    """These programs, and no others, are installed."""
    bin_ = folder / "bin"
    bin_.mkdir()
    for name, body in programs.items():
        (bin_ / name).write_text(f"#!/bin/sh\n{body}\n")
        (bin_ / name).chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", str(bin_))


def test_images__of_both_files__all_but_our_own() -> None:
    named = {name: images((ROOT / name).read_text(encoding="utf-8")) for name in pin_images.FILES}
    assert {image.partition(":")[0] for image in named["compose.yaml"]} == {
        "mongo", "nginx", "prom/prometheus", "grafana/grafana",
    }  # fmt: skip
    assert {image.partition(":")[0] for image in named["Dockerfile"]} == {"node", "python"}


def test_pin__twice__the_second_digest_replaces_the_first_and_all_else_stays(copy: Path) -> None:
    before = {name: (copy / name).read_text() for name in pin_images.FILES}
    pin(copy, lambda _: ONE)
    once = (copy / "compose.yaml").read_text()
    assert f"image: &mongo mongo:8.0.13@{ONE}\n" in once
    assert re.search(r"image: livestream-rooms:[\d.]+\n", once)
    pin(copy, lambda _: TWO)
    for name, text in before.items():
        after = (copy / name).read_text()
        assert ONE not in after
        assert after.count(TWO) >= 2
        assert after.replace(f"@{TWO}", "") == re.sub("@sha256:[0-9a-f]{64}", "", text)


def test_pin__one_image_without_an_answer__no_file_changes(copy: Path) -> None:
    before = (copy / "compose.yaml").read_text()

    def ask(image: str) -> str:
        if image.startswith("prom/"):
            raise CannotPinError("no network")
        return ONE

    with pytest.raises(CannotPinError):
        pin(copy, ask)
    assert (copy / "compose.yaml").read_text() == before


def test_pinned__a_stage_and_a_comment__only_the_image_is_touched() -> None:
    text = "# FROM python:1.2\nFROM python:1.2 AS page\nCOPY --from=page /x /y\nFROM ${PYTHON}\n"
    assert pinned(text, {"python:1.2": ONE}) == text.replace(
        "FROM python:1.2 AS", f"FROM python:1.2@{ONE} AS"
    ).replace(f"# FROM python:1.2@{ONE}", "# FROM python:1.2")


@pytest.mark.parametrize(
    ("programs", "asked"),
    [
        ({"skopeo": f'echo "$@" >&2; echo {ONE}'}, ONE),
        ({"docker": f"echo {TWO}", "skopeo": f"echo {ONE}"}, TWO),
        # a docker without buildx is passed over
        ({"docker": "exit 1", "skopeo": f"echo {ONE}"}, ONE),
    ],
)
def test_ask_registry__what_is_installed__answers(
    programs: dict[str, str], asked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _install(tmp_path, monkeypatch, **programs)
    assert ask_registry("mongo:8.0.13") == asked


@pytest.mark.parametrize(
    ("programs", "told"),
    [
        ({}, "install docker-buildx or skopeo"),
        ({"skopeo": "echo reading manifest: unknown >&2; exit 1"}, "reading manifest: unknown"),
        ({"skopeo": "echo latest"}, "mongo:8.0.13: skopeo gives no digest: latest"),
    ],
)
def test_ask_registry__no_digest__one_sentence_says_why(
    programs: dict[str, str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _install(tmp_path, monkeypatch, **programs)
    with pytest.raises(CannotPinError, match=told) as caught:
        ask_registry("mongo:8.0.13")
    assert "\n" not in str(caught.value)
