"""The state directory: kept ports, one owner, whole documents, private files."""

from __future__ import annotations

import socket
import stat
from pathlib import Path

import pytest

from localnet.services import secret_file
from localnet.stack_state import PORTS, StackState, StackStateError


def test_state__opened_again__same_ports_and_documents(tmp_path: Path) -> None:
    first = StackState(tmp_path / "s")
    first.write("deployment", {"address": "0x1"})
    ports = first.ports
    first.close()
    second = StackState(tmp_path / "s")
    assert second.ports == ports
    assert set(ports) == set(PORTS)
    assert second.read("deployment") == {"address": "0x1"}
    second.close()


def test_state__in_use__says_where_the_first_serves(tmp_path: Path) -> None:
    first = StackState(tmp_path)
    with pytest.raises(StackStateError, match=rf"127\.0\.0\.1:{first.ports['api']}"):
        StackState(tmp_path)
    first.close()


def test_state__fresh__everything_is_gone(tmp_path: Path) -> None:
    first = StackState(tmp_path)
    first.write("deployment", {"address": "0x1"})
    first.path("logs").mkdir()
    first.close()
    second = StackState(tmp_path, fresh=True)
    assert second.read("deployment") is None
    assert not second.path("logs").exists()
    second.close()


def test_secret_file__written__only_the_owner_reads_it(tmp_path: Path) -> None:
    path = secret_file(tmp_path / "key", "0x11")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == "0x11"


def test_state__kept_port_taken__says_which_and_what_to_do(tmp_path: Path) -> None:
    first = StackState(tmp_path)
    port = first.ports["stream"]
    first.close()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with pytest.raises(StackStateError, match=rf"port {port} of stream is in use.*FRESH=1"):
            StackState(tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"anvil": 1}'])
def test_state__kept_document_damaged__says_so_and_fresh_mends_it(
    tmp_path: Path, content: str
) -> None:
    StackState(tmp_path).close()
    (tmp_path / "ports.json").write_text(content)
    with pytest.raises(StackStateError, match="FRESH=1"):
        StackState(tmp_path)
    StackState(tmp_path, fresh=True).close()


def test_state__directory_of_somebody_else__refused_and_left_alone(tmp_path: Path) -> None:
    theirs = tmp_path / "thesis.txt"
    theirs.write_text("years of work")
    with pytest.raises(StackStateError, match="contains other files"):
        StackState(tmp_path, fresh=True)
    assert theirs.read_text() == "years of work"


def test_state__a_file_or_no_place_at_all__says_what_to_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/nowhere")):
        with pytest.raises(StackStateError, match="name a writable directory"):
            StackState(place)
