"""The host's key file."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path

import pytest

from oracle.host_key import HostKey, HostKeyError


def test_save__then_loaded__the_same_key_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "host.key"
    key = HostKey.generate()
    key.save(path)
    assert path.stat().st_mode & 0o777 == 0o600
    loaded = HostKey.load(path)
    assert loaded.public == key.public
    assert loaded.private.private_bytes_raw() == key.private.private_bytes_raw()
    assert [file.name for file in tmp_path.iterdir()] == ["host.key"]


def test_save__name_taken__the_old_key_stays(tmp_path: Path) -> None:
    path = tmp_path / "host.key"
    first = HostKey.generate()
    first.save(path)
    with pytest.raises(HostKeyError, match="not overwritten"):
        HostKey.generate().save(path)
    assert HostKey.load(path).public == first.public
    assert len(list(tmp_path.iterdir())) == 1


def test_save__no_such_folder__says_so(tmp_path: Path) -> None:
    with pytest.raises(HostKeyError, match="cannot write"):
        HostKey.generate().save(tmp_path / "missing" / "host.key")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_load__others_may_read__refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "host.key"
    HostKey.generate().save(path)
    path.chmod(mode)
    with pytest.raises(HostKeyError, match=f"chmod 600 {path}"):
        HostKey.load(path)


def test_load__missing_or_not_a_file__says_so(tmp_path: Path) -> None:
    with pytest.raises(HostKeyError, match="cannot read"):
        HostKey.load(tmp_path / "none")
    with pytest.raises(HostKeyError, match="not a file"):
        HostKey.load(tmp_path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("text", "not a host key file"),
        ({"type": "other"}, "not a host key file"),
        ({"v": 2}, "unknown version"),
        ({"privateKey": "0x12"}, "damaged"),
        ({"privateKey": "zz" * 33}, "damaged"),
        ({"publicKey": "0x" + "11" * 32}, "do not match"),
    ],
)
def test_load__damaged_file__says_why_and_never_quotes(
    tmp_path: Path, change: str | dict[str, object], words: str
) -> None:
    path = tmp_path / "host.key"
    key = HostKey.generate()
    key.save(path)
    document = json.loads(path.read_text())
    path.write_text(change if isinstance(change, str) else json.dumps(document | change))
    with pytest.raises(HostKeyError, match=words) as caught:
        HostKey.load(path)
    assert key.private.private_bytes_raw().hex() not in str(caught.value)


def test_host_key__shown_pickled_copied__never_the_private_part() -> None:
    key = HostKey.generate()
    secret = key.private.private_bytes_raw()
    assert key.public.hex() in repr(key)
    assert secret.hex() not in f"{key} {key!r}"
    for leak in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            leak(key)
