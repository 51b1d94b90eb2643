"""What a measurement's table says."""

from __future__ import annotations

import pytest

from bench.rows import BenchRow, number, tables


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (7, "7"), (2.345, "2.35"), (45.67, "45.7"), (1234.5, "1,234"), (0.01234, "0.0123")],
)
def test_number__any_size__three_digits(value: float, shown: str) -> None:
    assert number(value) == shown


def test_ratio__with_a_peer__measured_over_the_peers() -> None:
    assert BenchRow("t", "speed", 30, "/s", 10, "peer").ratio == 3
    assert BenchRow("t", "speed", 30, "/s").ratio is None


def test_tables__rows_of_two_headings__a_table_each_with_aim_and_verdict() -> None:
    rows = [
        BenchRow(
            "first", "CPU", 3.0, "s", 1.0, "floor", "at most 2x", met=False, note="median of 3"
        ),
        BenchRow("second", "rooms", 5),
        BenchRow("first", "memory", 150, "MB", aim="at most 200 MB", met=True),
    ]
    text = tables(rows)
    first, second = text.split("\n\n")
    assert first.splitlines()[0] == "first"
    cpu = next(line for line in first.splitlines() if "CPU" in line)
    assert cpu.split() == ["CPU", "3", "s", "1", "s", "(floor)", "3x", "at", "most", "2x", "NO"]
    memory = next(line for line in first.splitlines() if "memory" in line)
    assert memory.split()[-1] == "yes"
    assert "CPU: median of 3" in first
    assert "rooms" in second
    assert "memory" not in second


def test_as_dict__of_a_row__holds_the_ratio() -> None:
    assert BenchRow("t", "speed", 30, "/s", 10, "peer").as_dict()["ratio"] == 3
