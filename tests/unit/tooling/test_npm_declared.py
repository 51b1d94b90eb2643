"""tools/npm_declared.py: what is imported, what is declared, and what is excepted with a reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.npm_declared import check, imported


@pytest.mark.parametrize(
    ("source", "packages"),
    [
        ('import { h } from "preact";', {"preact"}),
        ('import { useState } from "preact/hooks";', {"preact"}),
        ('import "fake-indexeddb/auto";', {"fake-indexeddb"}),
        ('const { get } = await import("viem");', {"viem"}),
        ("const solc = require('solc')", {"solc"}),
        ('import {\n  a,\n  b,\n} from "@hpke/core";', {"@hpke/core"}),
        ('import {O} from "@open/contracts/access/O.sol";', {"@open/contracts"}),
        ('src: url("@fontsource-variable/x/files/x.woff2")', {"@fontsource-variable/x"}),
        ('export { a } from "./a";\nimport b from "../b";\nimport c from "/c.js";', set()),
        ('import { readFileSync } from "node:fs";', set()),
        ('const abi = [{"name":"from","type":"address"}, ["import", "x"]];', set()),
        ('// import x from "left-pad";\n/* from "right-pad" */', set()),
        ('const page = "https://a.example/x"; import y from "y";', {"y"}),
    ],
)
def test_imported__source__names_its_packages(source: str, packages: set[str]) -> None:
    assert imported(source) == packages


def _package(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text(
        json.dumps({"dependencies": dict.fromkeys(names, "1.0.0")})
    )


def test_check__all_declared_and_used__finds_nothing(tmp_path: Path) -> None:
    _package(tmp_path, "solc")
    _package(tmp_path / "page", "preact")
    (tmp_path / "a.mjs").write_text('import solc from "solc";')
    (tmp_path / "page" / "b.ts").write_text('import { h } from "preact";')
    assert check(tmp_path, {}) == []


def test_check__undeclared_and_unused__each_is_named(tmp_path: Path) -> None:
    _package(tmp_path, "solc", "preact")
    _package(tmp_path / "page", "viem")
    (tmp_path / "a.mjs").write_text('import solc from "solc";')
    (tmp_path / "page" / "b.ts").write_text('import { h } from "preact";')
    assert check(tmp_path, {}) == [
        "./package.json: preact is declared but not used",
        "page/package.json: preact is not declared; page/b.ts",
        "page/package.json: viem is declared but not used",
    ]


def test_check__installed_and_built_files__are_not_ours(tmp_path: Path) -> None:
    _package(tmp_path)
    for name in ("node_modules", "dist", ".cache"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.js").write_text('import y from "y";')
    assert check(tmp_path, {}) == []


def test_check__exception__holds_while_its_file_speaks_of_it(tmp_path: Path) -> None:
    _package(tmp_path, "@foundry-rs/anvil")
    used_by = {".": {"@foundry-rs/anvil": "run.sh"}}
    assert check(tmp_path, used_by) == [
        "tools/npm_declared.py: run.sh does not mention @foundry-rs/anvil"
    ]
    (tmp_path / "run.sh").write_text("exec anvil")
    assert check(tmp_path, used_by) == []


def test_check__exception_that_is_imported_or_undeclared__is_named(tmp_path: Path) -> None:
    _package(tmp_path, "solc")
    (tmp_path / "a.mjs").write_text('import solc from "solc"; // and mocha')
    found = check(tmp_path, {".": {"solc": "a.mjs", "mocha": "a.mjs"}})
    assert found == [
        "tools/npm_declared.py: mocha is an exception, but ./package.json does not declare it",
        "tools/npm_declared.py: solc is an exception, but it is imported",
    ]
