"""What follows a script's name on the command line: `name=value` words and the bare word `yes`.

Promises: an unknown, missing or malformed word ends the script with a sentence that says what is
wanted; nothing has been done by then. Amounts carry their unit (`0.001ether`, `100000gwei`,
`5wei`) and durations theirs (`30s`, `10m`, `24h`, `30d`): no slip by a factor of a thousand. A
number is read exactly, and fits the type that it is for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

from eth_utils.address import is_hex_address, to_checksum_address

from chain.hexes import ZERO_ADDRESS
from chain.units import ETHER, GWEI

YES = "yes"
WEI = {"ether": ETHER, "gwei": GWEI, "wei": 1}
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
MAX_DIGITS = 100
"""Of a number: more than any type of the contract holds."""


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
            return _utf8(name, self._given[name])
        if default is None:
            raise Stop(f"{name}=... is missing")
        return default

    def number(self, name: str, default: int | None = None, *, bits: int = 256) -> int:
        """A whole number, zero or more, of at most `bits`."""
        text = self.text(name, None if default is None else str(default))
        return _whole(name, text, bits)

    def numbers(self, name: str, *, bits: int = 256) -> list[int]:
        """Whole numbers with commas between."""
        return [_whole(name, part, bits) for part in self.text(name).split(",")]

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

    def wei(self, name: str, default: int | None = None, *, bits: int = 256) -> int:
        """An amount with its unit."""
        return self._scaled(name, WEI, "0.001ether, 100000gwei or 5wei", default, bits)

    def amounts(self, name: str, default: str) -> list[int]:
        """Amounts with commas between, each with its unit."""
        texts = self.text(name, default).split(",")
        return [_scaled(name, text, WEI, "1gwei or 1gwei,0.01gwei", 256) for text in texts]

    def decimal(self, name: str, default: str | None = None) -> Fraction:
        """A number that need not be whole, zero or more."""
        text = self.text(name, default)
        if len(text) > MAX_DIGITS or not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
            raise Stop(f"{name}={_short(text)}: must be a number like 5 or 0.5")
        return Fraction(text)

    def seconds(self, name: str, default: int | None = None, *, bits: int = 32) -> int:
        """A duration with its unit."""
        return self._scaled(name, SECONDS, "30s, 10m, 24h or 30d", default, bits)

    def moment(self, name: str, *, bits: int = 40) -> int:
        """A date and time with its offset, as unix seconds; `none` is 0."""
        text = self.text(name)
        if text == "none":
            return 0
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise Stop(f"{name}={text}: must be like 2026-12-01T19:00+07:00, or none")
        seconds = int(moment.timestamp())
        if seconds <= 0:
            raise Stop(f"{name}={text}: must be after 1970")
        return _fitting(name, text, seconds, bits)

    def done(self) -> None:
        """Nothing else may have been given."""
        unknown = sorted(self._given.keys() - set(self._known))
        if unknown:
            known = ", ".join(sorted(set(self._known)))
            raise Stop(f"unknown argument: {', '.join(unknown)}. Known here: {known}, {YES}")

    def _scaled(
        self, name: str, units: dict[str, int], wanted: str, default: int | None, bits: int
    ) -> int:
        if not self.has(name) and default is not None:
            return default
        return _scaled(name, self.text(name), units, wanted, bits)


def _scaled(name: str, text: str, units: dict[str, int], wanted: str, bits: int) -> int:
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([a-z]+)", text)
    if match is None or len(match[1]) > MAX_DIGITS or match[2] not in units:
        raise Stop(f"{name}={_short(text)}: must be like {wanted}")
    amount = Fraction(match[1]) * units[match[2]]
    if amount.denominator != 1:
        raise Stop(f"{name}={text}: must be like {wanted}")
    smallest = next(unit for unit, size in units.items() if size == 1)
    return _fitting(name, text, int(amount), bits, smallest)


def _whole(name: str, text: str, bits: int) -> int:
    if not re.fullmatch(r"[0-9]+", text):
        raise Stop(f"{name}={_short(text)}: must be a whole number, 0 or more")
    if len(text) > MAX_DIGITS:
        raise Stop(f"{name}={_short(text)}: is too large")
    return _fitting(name, text, int(text), bits)


def _fitting(name: str, text: str, value: int, bits: int, unit: str = "") -> int:
    if value >= 2**bits:
        raise Stop(f"{name}={text}: is too large; at most {2**bits - 1}{unit}")
    return value


def _short(text: str) -> str:
    return text if len(text) <= MAX_DIGITS else f"{text[:20]}..."


def _utf8(name: str, text: str) -> str:
    """The text, if a terminal gave it as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Stop(f"{name}=...: is not valid UTF-8") from None
    return text
