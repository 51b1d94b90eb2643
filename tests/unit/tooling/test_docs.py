"""The documentation: links lead somewhere, and what it says of files, names and decisions is so."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
NOT_OURS = {"node_modules", "dist", "build"}
ADR = ROOT / "docs" / "adr"
DECISIONS = sorted(ADR.glob("[0-9]*.md"))
SECTIONS = ["Context", "Decision", "Consequences", "Alternatives"]
# pages whose `code` is held against the repository: paths and names in them exist
HELD = [ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", ROOT / "docs" / "glossary.md", *DECISIONS]


def _pages() -> list[Path]:
    found = []
    for folder, below, files in os.walk(ROOT):
        below[:] = [d for d in below if d not in NOT_OURS and not d.startswith(".")]
        found += [Path(folder) / name for name in files if name.endswith(".md")]
    return sorted([*found, *(ROOT / ".github").rglob("*.md")])


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _prose(path: Path) -> str:
    """A page without its blocks of code, where brackets mean other things."""
    return re.sub(r"(?ms)^```.*?^```", "", path.read_text(encoding="utf-8"))


def _anchors(path: Path) -> set[str]:
    """The ids that GitHub gives a page's headings."""
    found: dict[str, int] = {}
    for heading in re.findall(r"^#+ +(.+?) *$", _prose(path), re.MULTILINE):
        text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        found[slug] = found.get(slug, -1) + 1
    return {
        slug if not n else f"{slug}-{n}" for slug, last in found.items() for n in range(last + 1)
    }


@pytest.mark.parametrize("page", _pages(), ids=_name)
def test_links__of_a_page__lead_to_files_and_headings_that_exist(page: Path) -> None:
    wrong = []
    for target in re.findall(r"\]\(([^)\s]+)\)", _prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        path = (page.parent / file).resolve() if file else page
        if not path.exists() or (anchor and path.suffix == ".md" and anchor not in _anchors(path)):
            wrong.append(target)
    assert wrong == []


@pytest.mark.parametrize("page", HELD, ids=_name)
def test_paths__named_in_a_page__exist(page: Path) -> None:
    named = re.findall(r"`([\w.-]+(?:/[\w.-]+)*/?)`", _prose(page))
    roots = {path.name for path in ROOT.iterdir()}
    paths = [name for name in named if "/" in name and name.split("/")[0] in roots]
    assert [name for name in paths if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("decision", DECISIONS, ids=_name)
def test_decision__any__has_its_number_status_and_four_sections(decision: Path) -> None:
    text = decision.read_text(encoding="utf-8")
    number = int(decision.name[:4])
    assert re.match(rf"# {number}\. \S[^\n]+\n\nStatus: (accepted|superseded by \[.+\))\n", text)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    parts = re.split(r"^## .+$", text, flags=re.MULTILINE)
    assert all(len(part.strip()) > 80 for part in parts[1:])


def test_decisions__all__stand_in_their_index_in_order() -> None:
    index = (ADR / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^(\d+)\. \[(.+)\]\((.+)\)$", index, re.MULTILINE)
    told = []
    for path in DECISIONS:
        heading = path.read_text(encoding="utf-8").splitlines()[0]
        number, title = heading.removeprefix("# ").split(". ", 1)
        told.append((number, title, path.name))
    assert listed == told
    assert [int(number) for number, *_ in listed] == list(range(1, len(listed) + 1))


@pytest.mark.parametrize(
    "name", ["README.md", "README.vi.md", "docs/architecture.md", "docs/development.md"]
)
def test_newcomer__wherever_they_begin__finds_words_decisions_and_how_to_help(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    for page in ("CONTRIBUTING.md", "SECURITY.md", "glossary.md", "adr/README.md"):
        assert re.search(rf"\]\([\w./]*{re.escape(page)}\)", text), page


def test_glossary__names_of_the_contract__are_its_names() -> None:
    artifact = json.loads((ROOT / "contracts/artifacts/LivestreamRooms.json").read_text())
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    sources = "".join(p.read_text() for p in (ROOT / "contracts").rglob("*.sol"))
    named = set(re.findall(r"`([a-z]+[A-Z]\w+|[A-Z][a-z]+[A-Z]\w+)`", text))
    assert {"operatorId", "RoomProvisioned"} <= named
    assert [name for name in sorted(named) if not re.search(rf"\b{name}\b", sources)] == []
    abi = {entry["name"] for entry in artifact["abi"] if "name" in entry}
    called = set(re.findall(r"`([a-z]+(?:[A-Z]\w+)?)\(\)`", text))
    assert called and called <= abi


def test_glossary__settings_and_states__are_those_of_the_code() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    settings = (ROOT / ".env.example").read_text(encoding="utf-8")
    types = (ROOT / "contracts/interfaces/ILivestreamTypes.sol").read_text(encoding="utf-8")
    for name in set(re.findall(r"`([A-Z][A-Z_]+)`", text)):
        assert re.search(rf"\b{name}\b", settings + types), name
