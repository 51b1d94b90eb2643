"""Terms on the command line, and terms told to people."""

from __future__ import annotations

from chain.calldata import Terms
from chain.units import in_ether
from scripts.support.cli_args import CliArgs

NAMES = "deposit, fee, max_room, deadline, max_open, max_events, cooldown"


def read_terms(words: CliArgs, default: Terms) -> Terms:
    """The terms that the words ask for; what is not given stays as in `default`."""
    return Terms(
        deposit=words.wei("deposit", default.deposit),
        fee=words.wei("fee", default.fee),
        max_room_seconds=words.seconds("max_room", default.max_room_seconds),
        fulfill_deadline_seconds=words.seconds("deadline", default.fulfill_deadline_seconds),
        max_open_rooms=words.number("max_open", default.max_open_rooms, bits=16),
        max_room_events=words.number("max_events", default.max_room_events, bits=16),
        rekey_cooldown=words.seconds("cooldown", default.rekey_cooldown, bits=16),
    )


def tell_terms(terms: Terms) -> str:
    """One line."""
    return (
        f"deposit {in_ether(terms.deposit)}, fee {in_ether(terms.fee)}, a room lives"
        f" {terms.max_room_seconds} s and waits {terms.fulfill_deadline_seconds} s to be fulfilled,"
        f" {terms.max_open_rooms} open rooms a host, {terms.max_room_events} events a room,"
        f" {terms.rekey_cooldown} s between key changes"
    )
