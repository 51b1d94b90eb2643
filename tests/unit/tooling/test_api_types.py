"""The page's types of the services' answers: what `make check` says of the files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import api_types


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file for the types, as just written."""
    file = tmp_path / "types.generated.ts"
    monkeypatch.setattr(api_types, "ROOT", tmp_path)
    monkeypatch.setattr(api_types, "DOCUMENTS", {file.name: dict})
    monkeypatch.setattr(api_types, "text", lambda _: "export type Room = string;\n")
    assert api_types.main(["write"]) == 0
    return file


def test_check__file_as_written__passes(made: Path) -> None:
    assert api_types.main(["check"]) == 0


def test_check__file_changed_since__fails_and_names_the_command(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made.write_text("export type Room = number;\n", encoding="utf-8")
    assert api_types.main(["check"]) == 1
    assert api_types.RENEW in capsys.readouterr().out


def test_check__no_file__fails_and_names_the_command(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made.unlink()
    assert api_types.main(["check"]) == 1
    assert api_types.RENEW in capsys.readouterr().out
