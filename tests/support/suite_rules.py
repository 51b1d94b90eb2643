"""The rules of the test suite, as a pytest plugin.

The folder says the kind: tests/unit/... gets the marker `unit`, and so on; each test has exactly
one. Cheap kinds run first. Unit tests cannot open sockets. A test that is skipped or expected to
fail counts as failed: what cannot be tested here must break the build, not pass in silence. How
long hypothesis takes is no verdict: machines are busy. Of several workers each begins with some of
the tests marked `long`, so that none is left with one when the others have done.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.support.network_guard import no_network

settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

KINDS = ("unit", "simulation", "contract", "integration", "browser", "interop")


def _kind(item: pytest.Item) -> str:
    tests = item.config.rootpath / "tests"
    folder = item.path.relative_to(tests).parts[0] if item.path.is_relative_to(tests) else ""
    if folder not in KINDS:
        raise pytest.UsageError(f"{item.path}: tests belong into tests/{{{','.join(KINDS)}}}")
    return folder


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Iterator[None]:
    """Give each test its folder's marker; order them by kind. Of what others then leave, the long
    ones go where a worker begins."""
    for item in items:
        kind = _kind(item)
        if others := {mark.name for mark in item.iter_markers()} & set(KINDS):
            raise pytest.UsageError(f"{item.nodeid}: the folder gives the kind, drop {others}")
        item.add_marker(kind)
    items.sort(key=lambda item: KINDS.index(_kind(item)))
    yield
    workers = int(getattr(config, "workerinput", {}).get("workercount", 1))
    if workers > 1:
        items[:] = _spread(items, workers)


def _spread(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """xdist gives each worker one stretch of the list at first: each stretch opens with its share
    of the long tests. Those of a browser stay behind what is no browser's: Playwright keeps an
    event loop running in its thread, in which no test with a loop of its own could run."""
    kinds = {_kind(item) for item in items}
    early = {kind for kind in kinds if kind != "browser"} or kinds
    long = [item for item in items if item.get_closest_marker("long") and _kind(item) in early]
    others = [item for item in items if item not in long]
    others.sort(key=lambda item: (KINDS.index(_kind(item)), not item.get_closest_marker("long")))
    spread: list[pytest.Item] = []
    for n in range(workers):
        share = long[n::workers]
        end = len(items) * (n + 1) // workers - len(spread) - len(share)
        spread += [*share, *others[:end]]
        del others[:end]
    return spread


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Fixtures of a unit test open no sockets either."""
    with no_network(item.get_closest_marker("unit") is not None):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Unit tests open no sockets."""
    with no_network(item.get_closest_marker("unit") is not None):
        yield


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    expected = getattr(report, "wasxfail", None)
    if report.outcome != "skipped" and expected is None:
        return
    where = report.longrepr
    reason = where[2] if isinstance(where, tuple) else "xfail"
    if expected is not None:
        del report.wasxfail
    report.outcome = "failed"
    report.longrepr = f"{report.nodeid}: skipped or expected to fail counts as failed ({reason})"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skipped test, and one marked xfail, has failed."""
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """So has a module that skips itself."""
    report = yield
    _refuse_skip(report)
    return report
