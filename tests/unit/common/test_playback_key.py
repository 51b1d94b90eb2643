"""The file of the signing key of playback tokens."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from common.playback_key import (
    FormerKey,
    PlaybackKey,
    PlaybackKeyError,
    PlaybackKeyFile,
    PlaybackKeys,
)
from tests.support.manual_clock import ManualClock
from tests.support.playback_keys import pem, playback_key

ACCOUNT = "c" * 32
SECRET_LINE = pem().splitlines()[3]


def _saved(path: Path, number: int = 0) -> PlaybackKeys:
    keys = PlaybackKeys(ACCOUNT, playback_key(number))
    keys.save(path, replace=False)
    return keys


def test_save__then_loaded__the_same_key_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    _saved(path)
    assert path.stat().st_mode & 0o777 == 0o600
    loaded = PlaybackKeys.load(path)
    assert (loaded.account, loaded.current.kid, loaded.former) == (ACCOUNT, "0" * 32, ())
    assert loaded.current.signature(b"x") == playback_key().signature(b"x")
    assert [file.name for file in tmp_path.iterdir()] == ["key.json"]


def test_save__name_taken__the_old_key_stays(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    _saved(path)
    with pytest.raises(PlaybackKeyError, match="not overwritten"):
        PlaybackKeys(ACCOUNT, playback_key(1)).save(path, replace=False)
    assert PlaybackKeys.load(path).current.kid == "0" * 32
    with pytest.raises(PlaybackKeyError, match="cannot write"):
        PlaybackKeys(ACCOUNT, playback_key(1)).save(tmp_path / "none" / "key", replace=True)


def test_rotated__the_former_key__stays_by_name_alone(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    keys = _saved(path).rotated(playback_key(1), 1_700_000_500.5)
    keys.save(path, replace=True)
    assert path.stat().st_mode & 0o777 == 0o600
    loaded = PlaybackKeys.load(path)
    assert loaded.current.kid == f"{1:032x}"
    assert loaded.former == (FormerKey("0" * 32, 1_700_000_000, 1_700_000_500),)
    assert SECRET_LINE not in path.read_text()
    assert loaded.without("0" * 32).former == ()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_load__others_may_read__refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key.json"
    _saved(path)
    path.chmod(mode)
    with pytest.raises(PlaybackKeyError, match=f"chmod 600 {path}"):
        PlaybackKeys.load(path)


def _current(**change: Any) -> dict[str, Any]:
    return {"current": {"kid": "0" * 32, "created": 1, "pem": pem()} | change}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("text", "not a playback key file"),
        ("[" * 100_000, "not a playback key file"),
        ({"type": "other"}, "not a playback key file"),
        ({"v": 2}, "unknown version"),
        ({"account": 1}, "damaged"),
        ({"current": None}, "damaged"),
        ({"former": [1]}, "damaged"),
        (_current(kid="a/b"), "id"),
        (_current(created="now"), "damaged"),
        (_current(pem=pem()[:700]), "damaged"),
        (_current(pem=pem(bits=1024)), "2048"),
    ],
    ids=range(11),
)
def test_load__damaged_file__says_why_and_never_quotes(
    tmp_path: Path, change: str | dict[str, Any], words: str
) -> None:
    path = tmp_path / "key.json"
    _saved(path)
    document = json.loads(path.read_text())
    path.write_text(change if isinstance(change, str) else json.dumps(document | change))
    with pytest.raises(PlaybackKeyError, match=words) as caught:
        PlaybackKeys.load(path)
    assert str(path) in str(caught.value)
    assert SECRET_LINE not in repr(caught.value)
    assert SECRET_LINE not in repr(caught.value.__cause__)


def test_key__shown_pickled_copied__never_the_private_part() -> None:
    key = playback_key()
    keys = PlaybackKeys(ACCOUNT, key)
    assert repr(key) == f"PlaybackKey({'0' * 32})"
    assert "PRIVATE" not in f"{key} {key!r} {keys} {keys!r}"
    for leak in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            leak(key)


def test_key_file__rotated_while_in_use__is_read_by_itself(tmp_path: Path) -> None:
    path, clock = tmp_path / "key.json", ManualClock()
    first = _saved(path)
    file = PlaybackKeyFile(path, clock.now)
    assert file.key().kid == first.current.kid
    begun = file.since
    assert begun == clock.now()
    clock.tick(100)
    assert (file.key(), file.since) == (file.key(), begun)
    first.rotated(playback_key(1), clock.now()).save(path, replace=True)
    assert file.key().kid == f"{1:032x}"
    assert file.since == begun + 100
    clock.tick(50)
    PlaybackKeys.load(path).without(first.current.kid).save(path, replace=True)
    assert file.keys().former == ()
    assert file.since == begun + 100  # the same key: its time goes on


def test_key_file__unchanged__is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "key.json"
    _saved(path)
    file = PlaybackKeyFile(path, ManualClock().now)
    first = file.key()

    def refuse(_path: Path) -> PlaybackKeys:
        raise AssertionError("read again")

    monkeypatch.setattr(PlaybackKeys, "load", refuse)
    assert file.key() is first


@pytest.mark.parametrize("harm", ["removed", "opened", "half"])
def test_key_file__that_became_useless__leaves_the_key_in_use_and_says_so(
    tmp_path: Path, harm: str
) -> None:
    path = tmp_path / "key.json"
    keys = _saved(path)
    file = PlaybackKeyFile(path, ManualClock().now)
    assert (file.key().kid, file.problem) == ("0" * 32, None)
    whole = path.read_bytes()
    if harm == "removed":
        path.unlink()
    elif harm == "opened":
        path.chmod(0o644)
    else:
        path.write_bytes(whole[:100])
    assert file.key().kid == "0" * 32
    assert file.problem is not None
    assert str(path) in file.problem
    keys.rotated(playback_key(1), 1).save(path, replace=True)
    assert file.key().kid == f"{1:032x}"
    assert not file.problem


def test_key_file__not_there_yet__is_found_once_it_is(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    file = PlaybackKeyFile(path, ManualClock().now)
    with pytest.raises(PlaybackKeyError, match="cannot read"):
        file.key()
    assert file.since == 0
    _saved(path)
    assert file.key().kid == "0" * 32


def test_key__of_another_kind__is_refused() -> None:
    with pytest.raises(PlaybackKeyError, match="no private key"):
        PlaybackKey("a" * 32, "-----BEGIN PUBLIC KEY-----", 1)
    with pytest.raises(PlaybackKeyError, match="id"):
        PlaybackKey("a b", pem(), 1)
