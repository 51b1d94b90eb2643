"""The rules of the test suite, as a pytest plugin.

The folder says the kind: tests/unit/... gets the marker `unit`, and so on; each test has exactly
one. Cheap kinds run first. Unit tests cannot open sockets. A test that is skipped or expected to
fail counts as failed: what cannot be tested here must break the build, not pass in silence.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

import pytest

from tests.support.network_guard import no_network

KINDS = ("unit", "simulation", "contract", "integration", "browser", "interop")


def _kind(item: pytest.Item) -> str:
    tests = item.config.rootpath / "tests"
    folder = item.path.relative_to(tests).parts[0] if item.path.is_relative_to(tests) else ""
    if folder not in KINDS:
        raise pytest.UsageError(f"{item.path}: tests belong into tests/{{{','.join(KINDS)}}}")
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test its folder's marker; order them by kind."""
    for item in items:
        kind = _kind(item)
        if others := {mark.name for mark in item.iter_markers()} & set(KINDS):
            raise pytest.UsageError(f"{item.nodeid}: the folder gives the kind, drop {others}")
        item.add_marker(kind)
    items.sort(key=lambda item: KINDS.index(_kind(item)))


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
