"""Grafana's dashboards: made from the panels, of the form that Grafana reads, each question one
that Prometheus takes and the services answer. The same questions meet a real scrape in
tests/integration/localnet/test_room_life.py."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.monitoring import promtool
from tests.support.monitoring.dashboards import queries
from tests.support.monitoring.promql import SeriesSelector, selectors
from tests.support.monitoring.rules import ALERTS, MONITORING, ROOT
from tests.support.monitoring.scrape import Scrape, Series, complaints
from tests.support.monitoring.told import told
from tools.dashboard.__main__ import FOLDER, main, texts
from tools.dashboard.grafana import RUNBOOK_UID, SOURCE
from tools.dashboard.panels import ROWS

PROVISIONING = MONITORING / "grafana" / "provisioning"
NAMES = sorted(path.name for path in FOLDER.iterdir())
PANELS = [panel for row in ROWS for panel in row.panels]
Json = dict[str, Any]


def _read(name: str) -> Json:
    found: Json = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return found


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _walk(value: object, key: str) -> list[Any]:
    """Everything that is called `key`, at any depth."""
    if isinstance(value, list):
        return [found for each in value for found in _walk(each, key)]
    if isinstance(value, dict):
        deeper = [found for each in value.values() for found in _walk(each, key)]
        return ([value[key]] if key in value else []) + deeper
    return []


def test_files__committed__are_those_that_would_be_written() -> None:
    assert sorted(texts()) == NAMES
    assert main(["check"]) == 0


def test_files__one_changed_by_hand__check_names_it_and_the_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tools.dashboard.__main__.FOLDER", tmp_path)
    assert main(["write"]) == 0
    (tmp_path / NAMES[0]).write_text("{}")
    assert main(["check"]) == 1
    assert capsys.readouterr().out == (
        f"{NAMES[0]}: out of date; run: python -m tools.dashboard write\n"
    )


@pytest.mark.parametrize("name", NAMES)
def test_dashboard__any__has_the_form_that_grafana_reads(name: str) -> None:
    read = _read(name)
    assert 36 <= read["schemaVersion"] <= 42, "the classic model, since Grafana 9"
    assert 0 < len(read["uid"]) <= 40
    assert "id" not in read, "Grafana gives it"
    numbers = [panel["id"] for panel in read["panels"]]
    assert len(set(numbers)) == len(numbers)
    for panel in read["panels"]:
        place = panel["gridPos"]
        assert place["w"] > 0 and place["h"] > 0 and place["x"] + place["w"] <= 24
    for one, other in combinations([panel["gridPos"] for panel in read["panels"]], 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below, (one, other)


def test_data_source__of_all_panels_and_variables__is_the_provisioned_one() -> None:
    (source,) = _yaml(PROVISIONING / "datasources" / "prometheus.yml")["datasources"]
    assert {"type": source["type"], "uid": source["uid"]} == SOURCE
    scrape = _yaml(MONITORING / "prometheus.yml")["global"]["scrape_interval"]
    assert source["jsonData"]["timeInterval"] == scrape
    told = [each for name in NAMES for each in _walk(_read(name), "datasource")]
    assert told and all(each == SOURCE for each in told)


def test_provider__of_dashboards__reads_files_and_lets_nobody_change_them() -> None:
    (provider,) = _yaml(PROVISIONING / "dashboards" / "livestream.yml")["providers"]
    assert (provider["type"], provider["allowUiUpdates"]) == ("file", False)
    mounts = _yaml(ROOT / "compose.yaml")["services"]["grafana"]["volumes"]
    for folder, place in (
        ("provisioning", "/etc/grafana/provisioning"),
        ("dashboards", provider["options"]["path"]),
    ):
        assert f"./monitoring/grafana/{folder}:{place}:ro" in mounts


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.title)
def test_panel__any__says_in_a_sentence_what_it_shows_and_in_which_unit(panel: Any) -> None:
    assert panel.about[0].isupper() and panel.about.endswith(".")
    assert "\n" not in panel.about and len(panel.about) < 160
    assert panel.unit
    assert panel.queries
    assert len({query.legend for query in panel.queries}) in (1, len(panel.queries))


def test_panels__all__have_titles_of_their_own() -> None:
    titles = [panel.title for panel in PANELS]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("alert", ALERTS)
def test_alert__each__has_a_panel_that_links_to_its_entry(alert: str) -> None:
    entries = {panel["id"]: panel["title"] for panel in _read("runbook.json")["panels"]}
    links = [
        link
        for panel in _read("livestream.json")["panels"]
        for link in panel.get("links", [])
        if link["title"] == f"Runbook: {alert}"
    ]
    assert links
    for link in links:
        address, _, number = link["url"].partition("?viewPanel=")
        assert address == f"/d/{RUNBOOK_UID}"
        assert entries[int(number)] == alert


def test_expressions__all__are_taken_by_prometheus(tmp_path: Path) -> None:
    promtool.takes_expressions([query.expr for query in queries()], tmp_path)


def test_expressions__all__ask_for_what_the_services_tell_and_for_rates_of_counters_alone() -> None:
    scrape = told()
    wrong = {query.expr: complaints(query.expr, scrape) for query in queries()}
    assert {expr: why for expr, why in wrong.items() if why} == {}


def test_variables__of_the_dashboard__ask_for_labels_that_are_told() -> None:
    scrape = told()
    for variable in _read("livestream.json")["templating"]["list"]:
        what, _, label = variable["definition"].removeprefix("label_values(").rpartition(", ")
        (asked,) = selectors(what.replace("$operator", "1"))
        assert {label.rstrip(")"), *asked.matchers} <= scrape.labels(asked.name)


# --- what finds this out -------------------------------------------------------------------------


def test_selectors__of_an_expression__are_its_metrics_with_matchers_and_functions() -> None:
    expr = 'sum by (le) (rate(a_bucket{x="1", y=~"b|c"}[5m])) / on (z) b > 2 or up'
    assert selectors(expr) == [
        SeriesSelector("a_bucket", {"x": "1", "y": "b|c"}, "rate"),
        SeriesSelector("b", {}, ""),
        SeriesSelector("up", {}, ""),
    ]


@pytest.mark.parametrize(
    ("expr", "why"),
    [
        ("absent_total", "absent_total is not told"),
        ("rate(g[5m])", "rate over g, a gauge"),
        ('c_total{no="1"}', "c_total has no ['no']"),
        ("sum by (no, x) (rate(c_total[5m]))", "c_total has no ['no'] to group by"),
        ("histogram_quantile(0.5, rate(h_bucket[5m]))", "a quantile without le"),
        ("histogram_quantile(0.5, sum by (le) (rate(c_total[5m])))", "a quantile of c_total"),
    ],
)
def test_complaint__wrong_expression__says_what_is_wrong(expr: str, why: str) -> None:
    scrape = Scrape()
    scrape.of(
        "api",
        '# TYPE g gauge\ng 1\n# TYPE c_total counter\nc_total{x="1"} 1\n'
        '# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n',
    )
    assert why in complaints(expr, scrape)


def test_draws_nothing__one_of_two_expressions_finds_no_series__that_one(tmp_path: Path) -> None:
    scrape = Scrape({"g": "gauge"}, [Series("g", {"x": 'a "b"'}, 1.0)])
    asked = ['g{x=~"a.*"}', 'g{x="c"}', "rate(g[5m])"]
    assert promtool.draws_nothing(asked, scrape, tmp_path) == ['g{x="c"}']
