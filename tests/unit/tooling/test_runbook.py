"""The runbook: an entry for each alert and no other, and all that it names exists: panels,
commands, settings, words of the log."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import gunicorn
import pytest
import yaml

from indexer.__main__ import COMMANDS, parser
from oracle.__main__ import _parser
from tests.support.monitoring.rules import ALERTS, ROOT
from tools.dashboard.__main__ import RUNBOOK
from tools.dashboard.panels import ROWS
from tools.dashboard.runbook import entries

PAGE = RUNBOOK.read_text(encoding="utf-8")
ENTRIES = entries(PAGE)
PARTS = ("Means.", "Look.", "Causes", "Over when")
TITLES = {panel.title for row in ROWS for panel in row.panels}
SERVICES = ("api", "chain", "common", "indexer", "oracle", "playback", "presence")


def _prose(pattern: str) -> list[Any]:
    return re.findall(pattern, PAGE)


def test_entries__all__are_those_of_the_alerts_in_their_order() -> None:
    assert list(ENTRIES) == list(ALERTS)


def test_table__at_the_head__has_each_alert_once_with_its_urgency() -> None:
    rows = _prose(r"(?m)^\| \[`(\w+)`\]\(#(\w+)\) \| (page|ticket) \| [^|]+ \|$")
    told = {name: (anchor, urgency) for name, anchor, urgency in rows}
    assert len(rows) == len(ALERTS)
    assert told == {
        name: (name.lower(), rule["labels"]["severity"]) for name, rule in ALERTS.items()
    }


def test_alerts__elsewhere_in_the_docs__are_not_told_again() -> None:
    for path in (ROOT / "docs").glob("*.md"):
        if path != RUNBOOK:
            assert not re.search(r"(?m)^\| `?(" + "|".join(ALERTS) + r")\b", path.read_text()), path


@pytest.mark.parametrize("alert", ALERTS)
def test_entry__of_each_alert__says_what_where_why_what_to_do_and_when_it_is_over(
    alert: str,
) -> None:
    entry = ENTRIES[alert]
    places = [entry.find(f"**{part}") for part in PARTS]
    assert -1 not in places and places == sorted(places)
    assert re.search(r"(?m)^\*\*(Do\.|Causes and what to do\.)\*\*", entry)
    assert "Panel" in entry, "where to see it"


def test_panels__named_in_italics__are_on_the_dashboard() -> None:
    named = {name.replace("\n", " ") for entry in ENTRIES.values() for name in _italics(entry)}
    assert len(named) > 20
    assert named - TITLES == {"Stream: Edit"}, "the permission's name is Cloudflare's"


def _italics(text: str) -> list[str]:
    return re.findall(r"(?<!\*)\*([A-Z][^*]+)\*(?!\*)", text)


def test_commands__of_oracle_and_indexer__are_theirs() -> None:
    asked = _prose(r"python -m (oracle|indexer) ([a-z-][\w -]*?)(?= *(?:#|`|\n))")
    assert {"--check", "status", "verify"} <= {words.split()[0] for _, words in asked}
    for service, words in asked:
        parsed = (_parser() if service == "oracle" else parser()).parse_args(words.split())
        assert parsed.check or parsed.command == words.split()[0]


def test_short_names_of_commands__in_the_text__are_commands() -> None:
    for service, word in _prose(r"`(oracle|indexer) (\w+)`"):
        assert service == "oracle" and _parser().parse_args([word]).command == word
    assert {"verify", "rebuild", "rewind"} <= COMMANDS.keys()


def test_scripts__named_with_a_function__have_it_and_its_words() -> None:
    named = _prose(r"brownie run (\w+) (\w+)((?: \w+=\w+)*)")
    assert named
    for script, function, words in named:
        text = (ROOT / "scripts" / f"{script}.py").read_text(encoding="utf-8")
        assert f"\ndef {function}(" in text
        for word in re.findall(r"(\w+)=", words):
            assert f"{word}=" in text.split('"""')[1], f"{script} {function} {word}="


def test_addresses__asked_by_curl__are_where_the_services_listen() -> None:
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    asked = dict(_prose(r"(?m)^curl -s http://(127\.0\.0\.1:\d+)/readyz +# (\w+)$"))
    assert [name.lower() for name in asked.values()] == [
        "indexer", "oracle", "presence", "api", "playback",
    ]  # fmt: skip
    for address, name in asked.items():
        (port,) = compose[name.lower()]["ports"]
        assert port.startswith(f"{address}:")
    assert set(_prose(r"http://(127\.0\.0\.1:\d+)/")) == asked.keys()


def test_services_of_compose__named_in_commands__are_in_it() -> None:
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    named = _prose(r"docker compose (?:exec|up -d|ps|logs --since \w+) (\w+)")
    assert named and set(named) <= compose["services"].keys()


def test_settings__named_in_the_text__exist() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    for name in set(_prose(r"`([A-Z]+(?:_[A-Z]+)+)[=`]")):
        assert re.search(rf"\b{name}\b", example), name


def test_words_of_services__quoted_in_the_text__are_said_by_them() -> None:
    source = "".join(
        path.read_text(encoding="utf-8")
        for folder in (*(ROOT / service for service in SERVICES), Path(gunicorn.__file__).parent)
        for path in sorted(folder.rglob("*.py"))
    )
    source = re.sub(r'"\s*\n\s*f?"', "", source)  # one text over several lines
    prose = re.sub(r"(?ms)^```.*?^```", "", PAGE)
    quoted = {" ".join(words.split()) for words in re.findall(r"`([^`]+)`", prose) if " " in words}
    said = {words for words in quoted if not re.match(COMMANDS_OF, words)} - FILLED_IN
    assert len(said) > 20
    for words in said:
        parts = [part.strip() for part in re.split(r"\b[NXY\d]+\b|\.\.\.|0x", words)]
        assert [part for part in parts if part not in source] == [], words


COMMANDS_OF = r"docker|python|curl|tools/bin|brownie|journalctl|oracle (?:status|doctor)|date"
FILLED_IN = {"waiting for the database", "waiting for the nodes", "HTTP 5xx"}
"""Said with a word or number put in where these have theirs."""
