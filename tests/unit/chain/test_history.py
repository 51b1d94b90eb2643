"""A room's tag binds what it is made of; the history's fold is tested in `test_event_codec`."""

from __future__ import annotations

import pytest

from chain.hexes import ZERO_ADDRESS
from chain.history import room_tag

CONTRACT = "0x" + "11" * 20
HOST = "0x" + "44" * 20


def test_room_tag__key_versions__bind_gate_then_former_tag() -> None:
    first = room_tag(31337, CONTRACT, 1, HOST, 1, 0, ZERO_ADDRESS, b"k" * 32, 1)
    second = room_tag(31337, CONTRACT, 1, HOST, 1, 0, first, b"k" * 32, 2)
    assert len(first) == len(second) == 12
    assert first != second
    with pytest.raises(ValueError):
        room_tag(31337, CONTRACT, 1, HOST, 1, 0, first, b"short", 2)
