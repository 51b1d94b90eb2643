"""npm packages as a browser takes them, without a build: CommonJS wrapped for one script.

`bundle("name")` gives a script that defines `window.npm["name"]`; its dependencies come with it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

NODE_MODULES = Path(__file__).resolve().parents[3] / "node_modules"
_REQUIRE = re.compile(r"""\brequire\(["']([^"']+)["']\)""")
_SCRIPT = """
window.npm = window.npm || {};
(() => {
  const sources = {%s};
  const loaded = {};
  const require = (path) => {
    if (!loaded[path]) {
      loaded[path] = { exports: {} };
      const [source, names] = sources[path];
      source(loaded[path], loaded[path].exports, (name) => require(names[name]));
    }
    return loaded[path].exports;
  };
  window.npm[%s] = require(%s);
})();
"""


def bundle(package: str) -> str:
    """The script; FileNotFoundError if the package is not installed (`make setup`)."""
    entry = _entry(package)
    sources: dict[str, str] = {}
    waiting = [entry]
    while waiting:
        path = waiting.pop()
        if str(path) in sources:
            continue
        text = path.read_text()
        names = {name: _resolve(path, name) for name in _REQUIRE.findall(text)}
        waiting += names.values()
        table = json.dumps({name: str(found) for name, found in names.items()})
        sources[str(path)] = f"[(module, exports, require) => {{{text}\n}}, {table}]"
    joined = ",\n".join(f"{json.dumps(path)}: {source}" for path, source in sources.items())
    return _SCRIPT % (joined, json.dumps(package), json.dumps(str(entry)))


def _entry(package: str) -> Path:
    folder = NODE_MODULES / package
    manifest = json.loads((folder / "package.json").read_text())
    return _file(folder / manifest.get("main", "index.js"))


def _resolve(importer: Path, name: str) -> Path:
    return _file(importer.parent / name) if name.startswith(".") else _entry(name)


def _file(path: Path) -> Path:
    for candidate in (path, path.with_name(path.name + ".js"), path / "index.js"):
        if candidate.is_file():
            return candidate.resolve()
    raise FileNotFoundError(path)
