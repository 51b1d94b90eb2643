"""The promtool and amtool that `make test` has set up: Prometheus' own grammar and engine."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.support.monitoring.scrape import Scrape, Series


def run(tool: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Either of them."""
    path = Path(sys.prefix) / "bin" / tool
    assert path.exists(), f"no {tool} is set up yet: run `make test`, or tools/setup_prometheus.sh"
    return subprocess.run([path, *arguments], capture_output=True, text=True, check=False)


def takes(*arguments: str | Path) -> None:
    """Fails with what promtool says, unless it is content."""
    done = run("promtool", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr


def takes_expressions(expressions: Iterable[str], folder: Path) -> None:
    """Fails unless each is PromQL."""
    rules = [{"record": f"asked:{n}", "expr": expr} for n, expr in enumerate(expressions)]
    path = folder / "expressions.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "asked", "rules": rules}]}), "utf-8")
    takes("check", "rules", path)


def draws_nothing(expressions: Sequence[str], scrape: Scrape, folder: Path) -> list[str]:
    """The expressions that find nothing in the scrape, by Prometheus' own engine.

    promtool compares answers with what is expected; nothing is expected, so each answer is told.
    """
    case: dict[str, Any] = {
        "interval": "1m",
        "input_series": [
            {"series": _written(each), "values": f"{each.value:g}+0x60"} for each in scrape.series
        ],
        "promql_expr_test": [
            {"expr": expr, "eval_time": "30m", "exp_samples": []} for expr in expressions
        ],
    }
    path = folder / "scrape.yml"
    path.write_text(yaml.safe_dump({"rule_files": [], "tests": [case]}), encoding="utf-8")
    done = run("promtool", "test", "rules", path)
    told = done.stdout + done.stderr
    answered = set(re.findall(r'(?m)^\s*expr: "(.*)", time: 30m', told))
    assert answered, told
    return [expr for expr in expressions if expr.replace('"', '\\"') not in answered]


def _written(series: Series) -> str:
    def quoted(text: str) -> str:
        return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

    labels = ", ".join(f'{name}="{quoted(value)}"' for name, value in series.labels.items())
    return f"{series.name}{{{labels}}}"
