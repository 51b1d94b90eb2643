"""Words of a script's command line."""

from __future__ import annotations

import pytest

from chain.hexes import ZERO_ADDRESS
from scripts.support.cli_args import CliArgs, Stop


def test_words__of_every_kind__are_read() -> None:
    words = CliArgs(
        ["yes", "n=7", "ids=1,2,30", "on=on", "title=a=b c", "to=none", "wei=0.001ether", "s=1.5h"]
    )
    assert words.yes
    assert words.number("n") == 7 and words.number("m", 3) == 3
    assert words.numbers("ids") == [1, 2, 30]
    assert words.switch("on") is True
    assert words.text("title") == "a=b c" and words.text("other", "x") == "x"
    assert words.address("to") == ZERO_ADDRESS
    assert words.wei("wei") == 10**15 and words.wei("fee", 5) == 5
    assert words.seconds("s") == 5400
    words.done()


@pytest.mark.parametrize(
    "amount", ["1", "1.5wei", "ether", "1eth", "-1gwei", "1e3gwei", "", "1 gwei"]
)
def test_amount__without_a_unit_or_whole_wei__is_refused(amount: str) -> None:
    with pytest.raises(Stop, match=r"0\.001ether"):
        CliArgs([f"fee={amount}"]).wei("fee")


@pytest.mark.parametrize("duration", ["60", "1w", "0.5s", "h"])
def test_duration__without_a_unit_or_whole_seconds__is_refused(duration: str) -> None:
    with pytest.raises(Stop, match="30s"):
        CliArgs([f"life={duration}"]).seconds("life")


@pytest.mark.parametrize(
    "address", ["0x12", "alice", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaee", ""]
)
def test_address__malformed_or_wrong_checksum__is_refused(address: str) -> None:
    with pytest.raises(Stop, match="must be an address"):
        CliArgs([f"to={address}"]).address("to")


@pytest.mark.parametrize(
    ("given", "reason"),
    [(["loose"], "name=value"), (["a=1", "a=2"], "more than once"), (["=1"], "name=value")],
)
def test_words__malformed__are_refused(given: list[str], reason: str) -> None:
    with pytest.raises(Stop, match=reason):
        CliArgs(given)


def test_words__missing_or_unknown__are_named() -> None:
    words = CliArgs(["titel=x"])
    with pytest.raises(Stop, match=r"title=\.\.\. is missing"):
        words.text("title")
    with pytest.raises(Stop, match=r"unknown argument: titel\. Known here: title, yes"):
        words.done()


@pytest.mark.parametrize("value", ["maybe", "true", ""])
def test_switch__neither_on_nor_off__is_refused(value: str) -> None:
    with pytest.raises(Stop, match="on or off"):
        CliArgs([f"switch={value}"]).switch("switch")


@pytest.mark.parametrize("value", ["-1", "1.0", "x", "", "1e3", "0x10", "٣", "²", " 1"])
def test_number__not_whole__is_refused(value: str) -> None:
    with pytest.raises(Stop, match="a whole number"):
        CliArgs([f"room={value}"]).number("room")
    with pytest.raises(Stop, match="a whole number"):
        CliArgs([f"room=1,{value}"]).numbers("room")


@pytest.mark.parametrize(
    ("value", "bits"), [("70000", 16), (str(2**256), 256), ("9" * 101, 256), ("9" * 5000, 256)]
)
def test_number__beyond_its_type__is_refused_in_a_sentence(value: str, bits: int) -> None:
    with pytest.raises(Stop, match="is too large"):
        CliArgs([f"n={value}"]).number("n", bits=bits)


def test_number__the_last_of_its_type__is_taken() -> None:
    assert CliArgs([f"n={2**256 - 1}"]).number("n") == 2**256 - 1
    assert CliArgs(["n=65535"]).number("n", bits=16) == 65535


def test_duration_and_amount__beyond_their_type__say_the_most_there_is() -> None:
    with pytest.raises(Stop, match="cooldown=20h: is too large; at most 65535s"):
        CliArgs(["cooldown=20h"]).seconds("cooldown", bits=16)
    with pytest.raises(Stop, match=f"at most {2**256 - 1}wei"):
        CliArgs([f"fee={2**256}wei"]).wei("fee")
    with pytest.raises(Stop, match=r"must be like 0\.001ether"):
        CliArgs(["fee=" + "9" * 5000 + "wei"]).wei("fee")


def test_amount__of_many_digits__is_read_exactly() -> None:
    assert CliArgs([f"fee={10**40 + 1}wei"]).wei("fee") == 10**40 + 1
    assert CliArgs(["fee=1.000000000000000001ether"]).wei("fee") == 10**18 + 1


def test_moment__with_its_offset__is_unix_seconds() -> None:
    assert CliArgs(["at=2026-12-01T19:00+07:00"]).moment("at") == 1_796_126_400
    assert CliArgs(["at=none"]).moment("at") == 0


@pytest.mark.parametrize(
    "value", ["", "tomorrow", "2026-12-01T19:00", "1796126400", "1969-01-01T00:00+00:00"]
)
def test_moment__without_an_offset_or_none_at_all__is_refused(value: str) -> None:
    with pytest.raises(Stop, match=r"must be (like 2026-12-01T19:00|after 1970)"):
        CliArgs([f"at={value}"]).moment("at")


def test_text__not_utf8__is_refused() -> None:
    with pytest.raises(Stop, match="is not valid UTF-8"):
        CliArgs(["title=\udcff"]).text("title")
