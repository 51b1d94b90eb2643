"""python -m scripts.costs [gas=1gwei,0.01gwei] [ether=DOLLARS] [rooms=1000] [minutes=60]
                          [viewers=20] [recorded=PERCENT] [days=45] [fee=...] [deposit=...]
                          [storage=5] [delivery=1]

What a service costs: each room by who pays for it, and a month of them. Needs no network.

gas       prices of gas, with commas between
ether     dollars an ether; without it gas and fees are told in ether alone
rooms     rooms a month
minutes   how long a room is on air, and viewers: how many watch it on average
recorded  of a hundred rooms, how many are in BROADCAST mode, which is recorded (none)
days      how long recordings are kept (RECORDING_RETENTION_DAYS)
storage, delivery   Cloudflare's dollars for 1,000 minutes stored a month, or delivered
fee, deposit        the terms, as in terms.py

Promises: the gas is that of `bench/gas/snapshot.json`, which `make check` compares with the
contract. Assumes: a chain without a fee of its own for data (rollups add one). A month has 30 days.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from chain.units import ETHER, GWEI, in_ether, in_gwei
from scripts.deployment import DEFAULT_TERMS
from scripts.support.cli_args import CliArgs, Stop

FIGURES = Path(__file__).resolve().parents[1] / "bench" / "gas" / "snapshot.json"
MONTH_DAYS = 30
HOST = ("createRoom", "endRoom")
ALONE = ("fulfill, alone", "release, alone")
TOGETHER = ("fulfill, share of 50", "release, share of 50")


class CostInputs(NamedTuple):
    """What is asked for; prices of Cloudflare's in dollars for a thousand minutes."""

    gas_prices: list[int]
    ether: Fraction | None
    rooms: int
    minutes: int
    viewers: int
    recorded: Fraction
    days: int
    fee: int
    deposit: int
    storage: Fraction
    delivery: Fraction


class CostRow(NamedTuple):
    """A line of the table: gas, or what comes beside it."""

    what: str
    gas: str
    cells: list[str]


def main(*given: str) -> None:
    """See above."""
    print("\n".join(_tell(_read(CliArgs(given)), figures())))


def figures() -> dict[str, int]:
    """Measured gas by step."""
    return dict(json.loads(FIGURES.read_text()))


def _tell(asked: CostInputs, gas: dict[str, int]) -> list[str]:
    host, alone, together = (sum(gas[step] for step in s) for s in (HOST, ALONE, TOGETHER))
    columns = [f"at {in_gwei(price)}" for price in asked.gas_prices]
    room = [
        _gas(asked, "host: create and end", host),
        _gas(asked, "operator: fulfill and release, room by room", alone),
        _gas(asked, "operator: the same for 50 rooms at once", together),
        _same(asked, "fee, the host's to the operator's payee", _money(asked, asked.fee)),
        _same(asked, "deposit, back to the host at the end", _money(asked, asked.deposit)),
    ]
    fees = asked.fee * asked.rooms
    left = [_money(asked, fees - alone * price * asked.rooms) for price in asked.gas_prices]
    month = [
        _gas(asked, "hosts: gas", host * asked.rooms),
        _same(asked, "hosts: fees", _money(asked, fees)),
        _gas(asked, "operator: gas, room by room", alone * asked.rooms),
        CostRow("operator: fees less that gas", "", left),
    ]
    delivered = asked.rooms * asked.minutes * asked.viewers
    made = asked.rooms * asked.minutes * asked.recorded / 100
    stored = made * asked.days / MONTH_DAYS
    covered = asked.fee / alone / GWEI
    return [
        *_table("a room", columns, room),
        "",
        *_table(f"a month of {asked.rooms:,} rooms", columns, month),
        "",
        f"Cloudflare, a month: {asked.minutes:,} minutes a room, {asked.viewers:,} viewers",
        f"  delivered  {delivered:,} minutes  {_dollars(delivered * asked.delivery / 1000)}",
        f"  stored     {_whole(stored)} minutes  {_dollars(stored * asked.storage / 1000)}",
        "",
        *_table("once", columns, [_gas(asked, "deploy", gas["deploy"])]),
        "",
        f"The fee covers the operator's gas, room by room, up to {covered:.3g} gwei.",
    ]


def _read(words: CliArgs) -> CostInputs:
    asked = CostInputs(
        gas_prices=words.amounts("gas", "1gwei,0.01gwei"),
        ether=words.decimal("ether") if words.has("ether") else None,
        rooms=words.number("rooms", 1000, bits=32),
        minutes=words.number("minutes", 60, bits=32),
        viewers=words.number("viewers", 20, bits=32),
        recorded=words.decimal("recorded", "0"),
        days=words.number("days", 45, bits=16),
        fee=words.wei("fee", DEFAULT_TERMS.fee),
        deposit=words.wei("deposit", DEFAULT_TERMS.deposit),
        storage=words.decimal("storage", "5"),
        delivery=words.decimal("delivery", "1"),
    )
    words.done()
    if asked.recorded > 100:
        raise Stop(f"recorded={words.text('recorded')}: must be 0 to 100, of a hundred rooms")
    return asked


def _gas(asked: CostInputs, what: str, gas: int) -> CostRow:
    return CostRow(what, f"{gas:,}", [_money(asked, gas * price) for price in asked.gas_prices])


def _same(asked: CostInputs, what: str, cell: str) -> CostRow:
    """What does not depend on the price of gas."""
    return CostRow(what, "", [cell] * len(asked.gas_prices))


def _money(asked: CostInputs, wei: int) -> str:
    """Ether by its four first digits, and dollars if their price is known."""
    sign, size = ("-" if wei < 0 else ""), abs(wei)
    unit = 10 ** max(0, len(str(size)) - 4)
    told = sign + in_ether(round(Fraction(size, unit)) * unit)
    if asked.ether is None:
        return told
    return f"{told} ({sign}{_dollars(Fraction(size, ETHER) * asked.ether)})"


def _dollars(amount: Fraction) -> str:
    return f"${float(amount):.4f}" if 0 < amount < 1 else f"${float(amount):,.2f}"


def _whole(number: Fraction) -> str:
    return f"{round(number):,}"


def _table(what: str, columns: Sequence[str], rows: Sequence[CostRow]) -> list[str]:
    head = CostRow(what, "gas", list(columns))
    lines = [[row.what, row.gas, *row.cells] for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]


if __name__ == "__main__":
    main(*sys.argv[1:])
