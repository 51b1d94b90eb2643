"""The alert rules: promtool takes them, every one has a test and an entry in the runbook, and what
they ask for is what the services tell."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.monitoring import promtool
from tests.support.monitoring.rules import ALERTS, MONITORING, RULES
from tests.support.monitoring.scrape import OF_A_TARGET, complaints
from tests.support.monitoring.told import told

ALERTMANAGER = MONITORING / "alertmanager.yml"
TESTS = sorted((MONITORING / "tests").glob("*.yml"))
OWN = r"\b(?:indexer|oracle|presence|livestream_api|livestream_playback|process|rpc_endpoint)_\w+\b"


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_rules__promtool__takes_them_and_each_has_a_name_of_its_own() -> None:
    promtool.takes("check", "rules", RULES)
    assert RULES.read_text(encoding="utf-8").count("- alert: ") == len(ALERTS)


def test_example_configuration__promtool__takes_it_and_the_jobs_are_those_of_the_rules() -> None:
    promtool.takes("check", "config", MONITORING / "prometheus.yml")
    jobs = {job["job_name"] for job in _yaml(MONITORING / "prometheus.yml")["scrape_configs"]}
    asked = {
        name
        for rule in ALERTS.values()
        for names in re.findall(r'job=~?"([\w|]+)"', rule["expr"])
        for name in names.split("|")
    }
    assert asked == jobs


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_scenario_27__dead_frozen_stuck_and_stale_beside_healthy_ones__the_alert_fires_for_each(
    path: Path,
) -> None:
    promtool.takes("test", "rules", path)


@pytest.mark.parametrize("alert", ALERTS)
def test_alert__each__is_tried_both_ways_and_leads_to_its_entry(alert: str) -> None:
    tried = [
        bool(case["exp_alerts"])
        for path in TESTS
        for test in _yaml(path)["tests"]
        for case in test["alert_rule_test"]
        if case["alertname"] == alert
    ]
    assert set(tried) == {True, False}, "it fires, and it keeps quiet"
    assert ALERTS[alert]["labels"]["severity"] in {"page", "ticket"}
    assert ALERTS[alert]["annotations"]["summary"]
    assert ALERTS[alert]["annotations"]["runbook_url"] == f"docs/runbook.md#{alert.lower()}"


def test_metrics__asked_for_by_the_rules_and_their_tests__are_told_by_the_services() -> None:
    scrape = told()
    wrong = {name: complaints(rule["expr"], scrape) for name, rule in ALERTS.items()}
    assert {name: why for name, why in wrong.items() if why} == {}
    asked = "\n".join(rule["expr"] for rule in ALERTS.values())
    for path in TESTS:
        series = re.findall(rf"({OWN})\{{([^}}]*)\}}", path.read_text(encoding="utf-8"))
        for name, labels in series:
            assert name in asked, f"{path.name}: no rule asks for {name}"
            given = set(re.findall(r"(\w+)=", labels))
            assert given | OF_A_TARGET == scrape.labels(name), name


# --- who is told ------------------------------------------------------------------------------


def test_alertmanagers_configuration__amtool__takes_it() -> None:
    done = promtool.run("amtool", "check-config", ALERTMANAGER)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("severity", "receiver"), [("page", "pages"), ("ticket", "tickets")])
def test_alert__of_either_urgency__reaches_its_receiver(severity: str, receiver: str) -> None:
    words = (f"--config.file={ALERTMANAGER}", f"severity={severity}", "alertname=RoomsWait")
    assert promtool.run("amtool", "config", "routes", "test", *words).stdout.split() == [receiver]


def test_inhibitions__both_sides__are_alerts_and_none_hides_itself() -> None:
    rules = _yaml(ALERTMANAGER)["inhibit_rules"]
    assert rules
    for rule in rules:
        source, target = (
            {name for matcher in rule[side] for name in re.findall(r"[A-Z]\w+", matcher)}
            for side in ("source_matchers", "target_matchers")
        )
        assert source | target <= ALERTS.keys()
        assert not source & target
