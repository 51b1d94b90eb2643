"""What follows a script's name on the command line: `name=value` words and the bare word `yes`.

Promises: an unknown, missing or malformed word ends the script with a sentence that says what is
wanted; nothing has been done by then. Amounts carry their unit (`0.001ether`, `100000gwei`,
`5wei`) and durations theirs (`30s`, `10m`, `24h`, `30d`): no slip by a factor of a thousand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from eth_utils.address import is_hex_address, to_checksum_address

from chain.hexes import ZERO_ADDRESS
from chain.units import ETHER, GWEI

YES = "yes"
WEI = {"ether": ETHER, "gwei": GWEI, "wei": 1}
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Stop(SystemExit):
    """The script ends here; the text says why and what to do. Exit code 1."""


class CliArgs:
    """The words of one command. Ask for each by name, then call `done`."""

    def __init__(self, words: Sequence[str]) -> None:
        self.yes = YES in words
        self._given: dict[str, str] = {}
        self._known: list[str] = []
        for word in words:
            if word == YES:
                continue
            name, equals, value = word.partition("=")
            if not equals or not name:
                raise Stop(f"{word!r} is not of the form name=value (or {YES})")
            if name in self._given:
                raise Stop(f"{name} is given more than once")
            self._given[name] = value

    def has(self, name: str) -> bool:
        """Whether the word was given."""
        self._known.append(name)
        return name in self._given

    def text(self, name: str, default: str | None = None) -> str:
        """A word as it stands; it must be there unless there is a default."""
        if self.has(name):
            return self._given[name]
        if default is None:
            raise Stop(f"{name}=... is missing")
        return default

    def number(self, name: str, default: int | None = None) -> int:
        """A whole number, zero or more."""
        text = self.text(name, None if default is None else str(default))
        if not re.fullmatch(r"\d{1,30}", text):
            raise Stop(f"{name}={text}: must be a whole number")
        return int(text)

    def numbers(self, name: str) -> list[int]:
        """Whole numbers with commas between."""
        text = self.text(name)
        if not re.fullmatch(r"\d{1,30}(,\d{1,30})*", text):
            raise Stop(f"{name}={text}: must be whole numbers, comma-separated")
        return [int(part) for part in text.split(",")]

    def switch(self, name: str) -> bool:
        """`on` or `off`."""
        text = self.text(name)
        if text not in ("on", "off"):
            raise Stop(f"{name}={text}: must be on or off")
        return text == "on"

    def address(self, name: str, default: str | None = None) -> str:
        """An address, checksummed. `none` is the zero address."""
        text = self.text(name, default)
        if text == "none":
            return ZERO_ADDRESS
        if not is_hex_address(text) or not text.startswith("0x"):
            raise Stop(f"{name}={text}: must be an address (0x and 40 hex digits)")
        right = to_checksum_address(text)
        if text not in (right, text.lower()):
            raise Stop(f"{name}={text}: must be an address; its checksum is wrong (a typo?)")
        return right

    def wei(self, name: str, default: int | None = None) -> int:
        """An amount with its unit."""
        return self._scaled(name, WEI, "0.001ether, 100000gwei or 5wei", default)

    def seconds(self, name: str, default: int | None = None) -> int:
        """A duration with its unit."""
        return self._scaled(name, SECONDS, "30s, 10m, 24h or 30d", default)

    def done(self) -> None:
        """Nothing else may have been given."""
        unknown = sorted(self._given.keys() - set(self._known))
        if unknown:
            known = ", ".join(sorted(set(self._known)))
            raise Stop(f"unknown argument: {', '.join(unknown)}. Known here: {known}, {YES}")

    def _scaled(self, name: str, units: dict[str, int], wanted: str, default: int | None) -> int:
        if not self.has(name) and default is not None:
            return default
        text = self.text(name)
        match = re.fullmatch(r"(\d+(?:\.\d+)?)([a-z]+)", text)
        try:
            amount = Decimal(match[1]) * units[match[2]] if match else Decimal("NaN")
        except (KeyError, InvalidOperation):
            amount = Decimal("NaN")
        if amount.is_nan() or amount != amount.to_integral_value():
            raise Stop(f"{name}={text}: must be like {wanted}")
        return int(amount)
