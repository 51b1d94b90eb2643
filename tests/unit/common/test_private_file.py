"""Files that only their owner may read."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.private_file import PrivateFileError, read_private


@pytest.fixture
def shown(tmp_path: Path) -> Path:
    """A file that its group may read."""
    path = tmp_path / "credentials" / "key"
    path.parent.mkdir()
    path.write_bytes(b"secret")
    path.chmod(0o440)
    return path


def test_read__a_file_that_others_may_read__refused_with_the_command(shown: Path) -> None:
    with pytest.raises(PrivateFileError, match=f"chmod 600 {shown}"):
        read_private(shown)


def test_read__one_of_systemds_credentials__is_systemds_to_guard(
    shown: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(shown.parent))
    assert read_private(shown) == b"secret"
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(shown.parent.parent))
    with pytest.raises(PrivateFileError):
        read_private(shown)
