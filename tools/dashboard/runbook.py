"""docs/runbook.md as a dashboard: an entry is a panel, so that a link to it works in any Grafana,
also in one without the internet.

Assumes: an entry is a heading of the third level that is one word, the alert's name.
"""

from __future__ import annotations

import re

from tools.dashboard.grafana import COLUMNS, RUNBOOK_UID, Json, frame

TITLE = "Livestream Rooms: runbook"
ABOUT = (
    "What to do about each alert. Made from docs/runbook.md by `python -m tools.dashboard write`."
)
LINE_CHARS = 150
"""About as many fit on a line of a panel of the whole width."""


def entries(page: str) -> dict[str, str]:
    """What the runbook says about each alert, in the page's order."""
    parts = re.split(r"(?m)^##(#?) (.+)\n", page)
    return {
        name: text.strip()
        for level, name, text in zip(parts[1::3], parts[2::3], parts[3::3], strict=True)
        if level
    }


def numbers(page: str) -> dict[str, int]:
    """Alert -> its panel."""
    return {name: number for number, name in enumerate(entries(page), start=2)}


def dashboard(page: str) -> Json:
    """How to look first, then the entries."""
    how = page.partition("\n## How to look\n")[2].partition("\n## ")[0]
    panels, top = [], 0
    for number, (title, text) in enumerate({"How to look": how, **entries(page)}.items(), start=1):
        content = _standing_alone(text.strip())
        height = 3 + sum(1 + len(line) // LINE_CHARS for line in content.splitlines())
        panels.append(
            {
                "id": number,
                "type": "text",
                "title": title,
                "description": "",
                "gridPos": {"x": 0, "y": top, "w": COLUMNS, "h": height},
                "options": {"mode": "markdown", "content": content},
            }
        )
        top += height
    return frame(RUNBOOK_UID, TITLE, ABOUT, panels)


def _standing_alone(text: str) -> str:
    """Without links that lead to files, which Grafana does not have."""
    text = re.sub(r"\[([^]]+)\]\(#[\w-]+\)", r"\1", text)
    return re.sub(r"\[([^]]+)\]\(([\w.]+)(#[\w-]+)?\)", r"\1 (docs/\2)", text)
