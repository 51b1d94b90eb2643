"""`python -m tools.dashboard write` writes Grafana's dashboards into monitoring/grafana/dashboards,
`check` compares them with what would be written.

Promises: offline; the same panels and runbook give the same text.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from tools.dashboard import grafana, panels, runbook

ROOT = Path(__file__).resolve().parents[2]
RUNBOOK = ROOT / "docs" / "runbook.md"
FOLDER = ROOT / "monitoring" / "grafana" / "dashboards"


def texts() -> dict[str, str]:
    """What each file should hold."""
    page = RUNBOOK.read_text(encoding="utf-8")
    links = runbook.numbers(page)
    made = {
        "livestream.json": grafana.dashboard(
            panels.UID, panels.TITLE, panels.ABOUT, panels.ROWS, links
        ),
        "runbook.json": runbook.dashboard(page),
    }
    return {
        name: json.dumps(each, indent=1, ensure_ascii=False) + "\n" for name, each in made.items()
    }


def main(argv: list[str] | None = None) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.dashboard", description=__doc__)
    parser.add_argument("action", choices=["write", "check"])
    action = parser.parse_args(argv).action
    old = []
    for name, text in texts().items():
        path = FOLDER / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        old.append(name)
        if action == "write":
            path.write_text(text, encoding="utf-8")
    if old and action == "check":
        print(f"{', '.join(old)}: out of date; run: python -m tools.dashboard write")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
