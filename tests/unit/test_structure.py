"""The house rules of docs/architecture.md, held against the code's own imports and names."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# package -> what of ours it may import, beside itself
MAY_IMPORT = {
    "common": set[str](),
    "chain": {"common"},
    "indexer": {"chain", "common"},
    "oracle": {
        "chain",
        "common",
        "indexer.reader",
        "indexer.documents",
        "indexer.queries",
        "indexer.operator_queries",
        "indexer.index_check",
    },
    "api": {
        "chain",
        "common",
        "indexer.reader",
        "indexer.documents",
        "indexer.queries",
        "indexer.projection.titles",
        "indexer.index_check",
        "presence.documents",
        "presence.reader",
    },
    "playback": {
        "chain",
        "common",
        "indexer.reader",
        "indexer.documents",
        "indexer.queries",
        "indexer.index_check",
    },
    "presence": {
        "chain",
        "common",
        "indexer.reader",
        "indexer.documents",
        "indexer.index_check",
    },
}
# rooms inside the packages -> what of ours they may import, beside themselves
ROOMS_MAY_IMPORT = {
    "common/settings": {"common.http_proxies"},
    "common/web": {"common.build_info", "common.logs", "common.settings"},
    "chain/rpc": {"common", "chain.head_age", "chain.header", "chain.hexes"},
    "chain/follow": {
        "common",
        "chain.eth_call",
        "chain.finality",
        "chain.header",
        "chain.hexes",
        "chain.history",
        "chain.rpc",
    },
    "chain/send": {
        "common",
        "chain.header",
        "chain.hexes",
        "chain.identity",
        "chain.reverts",
        "chain.rpc",
        "chain.units",
    },
    "indexer/projection": {
        "chain.enums",
        "chain.events",
        "chain.hexes",
        "chain.playback_urls",
        "indexer.documents",
    },
    "oracle/cloudflare": {
        "common",
        "chain.enums",
        "chain.hexes",
        "chain.history",
        "oracle.ingest",
        "oracle.secret",
    },
    "oracle/steps": {
        "common",
        "chain.enums",
        "oracle.cloudflare",
        "oracle.context",
        "oracle.facts",
        "oracle.facts_loader",
        "oracle.index_view",
        "oracle.journal",
        "oracle.room_queue",
    },
    "api/openapi": {
        "common",
        "chain.field_kinds",
        "chain.playback_urls",
        "api.channel",
        "api.cursors",
        "api.problems",
        "api.query_params",
        "api.request_bodies",
        "api.response_types",
        "api.status_types",
        "api.transaction_types",
    },
}
OURS = {
    "common",
    "chain",
    "indexer",
    "oracle",
    "api",
    "playback",
    "presence",
    "localnet",
    "scripts",
    "bench",
    "tests",
    "tools",
}
# what serves the public; the other services have only `common.ops_server` and load nothing of this
WEB = {"common/web", "api", "playback"}
# Decisions, tables and formats, apart from the clients of the outside world.
PURE = (
    "chain/eth_call.py",
    "chain/event_codec.py",
    "chain/events.py",
    "chain/head_age.py",
    "chain/header.py",
    "chain/history.py",
    "chain/field_kinds.py",
    "chain/operator_choice.py",
    "chain/playback_urls.py",
    "chain/room_details.py",
    "chain/send/decide.py",
    "chain/send/fees.py",
    "common/base64url.py",
    "common/live_status.py",
    "common/playback_token.py",
    "indexer/documents.py",
    "indexer/event_pages.py",
    "indexer/projection",
    "oracle/facts.py",
    "oracle/plan.py",
    "oracle/self_closing.py",
    "oracle/sweep_verdict.py",
    "oracle/cloudflare/live_input_spec.py",
    "oracle/cloudflare/response_classifier.py",
    "oracle/cloudflare/response_parser.py",
    "common/web/client_address.py",
    "common/web/field_kinds.py",
    "common/web/request_checks.py",
    "common/web/response_types.py",
    "api/previews/contents.py",
    "api/previews/head.py",
    "api/previews/plain_text.py",
    "api/channel.py",
    "api/cursors.py",
    "api/on_air.py",
    "api/response_shapes.py",
    "api/response_types.py",
    "api/status_types.py",
    "api/transaction_types.py",
    "playback/admission.py",
    "playback/counterfactual.py",
    "playback/delegation.py",
    "playback/invitation.py",
    "playback/seats.py",
    "playback/session.py",
    "playback/sign_in.py",
    "playback/wallet_signature.py",
    "presence/answers.py",
    "presence/board.py",
    "presence/documents.py",
    "presence/hints.py",
    "presence/host_manners.py",
    "presence/pace.py",
    "presence/schedule.py",
    "presence/verdict.py",
)
REACH_OUTSIDE = {
    "asyncio", "flask", "gevent", "http", "httpx", "os", "pathlib", "pymongo", "random", "socket",
    "subprocess", "time", "web3", "websockets",
}  # fmt: skip
BESIDE = ("localnet", "bench", "scripts", "tools")
# the audit takes the contract tests' own walk, a million calls long
USES_THE_WALK = {"bench/audit/walk.py"}
# the one module of each that touches real time
CLOCK = "common/clock.py"


def _sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _wrong_imports(package: str, allowed: set[str]) -> list[str]:
    def is_allowed(name: str) -> bool:
        return any(
            name == a or name.startswith(f"{a}.") or a.startswith(f"{name}.") for a in allowed
        )

    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in _sources(package)
        for name in _imports(path)
        if name.split(".")[0] in OURS and not is_allowed(name)
    ]


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports__of_a_service_package__run_one_way(package: str) -> None:
    assert _wrong_imports(package, MAY_IMPORT[package] | {package}) == []


@pytest.mark.parametrize("room", ROOMS_MAY_IMPORT)
def test_imports__of_a_room_of_a_package__run_one_way(room: str) -> None:
    assert _wrong_imports(room, ROOMS_MAY_IMPORT[room] | {room.replace("/", ".")}) == []


@pytest.mark.parametrize(
    ("package", "foreign"), [("localnet", {"bench", "tests"}), ("bench", {"tests"})]
)
def test_imports__of_localnet_and_bench__none_of_the_tests(package: str, foreign: set[str]) -> None:
    """What tests need as well stands in `localnet`."""
    wrong = {
        path.relative_to(ROOT).as_posix()
        for path in _sources(package)
        for name in _imports(path)
        if name.split(".")[0] in foreign
    }
    assert wrong == (USES_THE_WALK if package == "bench" else set())


def _modules() -> dict[str, Path]:
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for package in (*MAY_IMPORT, "localnet", "bench", "scripts")
        for path in _sources(package)
    }


def _imported_at_start(path: Path) -> set[str]:
    """What importing a module imports: not what stands in functions or below TYPE_CHECKING."""
    found = set()
    waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= names & MODULES.keys() or {node.module}
        waiting.extend(ast.iter_child_nodes(node))
    return found & MODULES.keys()


MODULES = _modules()


def test_imports__between_modules__close_no_circle() -> None:
    graph = {name: _imported_at_start(path) for name, path in MODULES.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize("place", PURE)
def test_imports__of_pure_logic__nothing_that_reaches_outside(place: str) -> None:
    path = ROOT / place
    wrong = [
        f"{source.relative_to(ROOT)} imports {name}"
        for source in (sorted(path.rglob("*.py")) if path.is_dir() else [path])
        for name in _imports(source)
        if name.split(".")[0] in REACH_OUTSIDE
    ]
    assert wrong == []


@pytest.mark.parametrize("package", [*MAY_IMPORT, "localnet"])
def test_imports__of_what_runs__no_tools_of_the_contract_tests(package: str) -> None:
    tools = {"brownie", "eth_tester", "pytest", "hypothesis"}
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in _sources(package)
        for name in _imports(path)
        if name.split(".")[0] in tools
    ]
    assert wrong == []


def test_imports__of_the_web_server__only_where_the_public_is_served() -> None:
    """Told once for these; a service for machines stays small. The kinds of fields and bodies are
    types alone."""
    server = {"flask", "flask_limiter", "gevent", "gunicorn", "werkzeug"}
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for package in MAY_IMPORT
        for path in _sources(package)
        for name in _imports(path)
        if not any(path.is_relative_to(ROOT / place) for place in WEB)
        and (name.split(".")[0] in server or name.startswith("common.web"))
        and not name.startswith("common.web.field_kinds")
    ]
    assert wrong == []


def test_answers__of_nodes__are_read_where_they_are_checked() -> None:
    """Who calls a node past `chain.rpc.ask` holds an answer that nobody has looked at."""
    # what comes of a broadcast is seen by the transaction's hash, not by its answer
    past = {"chain/send/broadcast.py"}
    wrong = {
        path.relative_to(ROOT).as_posix()
        for package in MAY_IMPORT
        for path in _sources(package)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("call", "batch")
        and "eth_" in ast.unparse(node)
    }
    assert wrong == past


def test_imports__of_web3__stand_where_nodes_and_the_abi_are_alone() -> None:
    """It reaches our nodes through one provider, and the rest knows our types only."""
    places = {
        path.relative_to(ROOT).as_posix()
        for package in (*MAY_IMPORT, "localnet", "bench")
        for path in _sources(package)
        if any(name.split(".")[0] == "web3" for name in _imports(path))
    }
    assert places == {"chain/contract.py", "chain/rpc/web3_provider.py"}


@pytest.mark.parametrize("package", ["common", "chain", "indexer", "oracle", "presence"])
def test_time__in_simulated_packages__comes_from_the_clock_alone(package: str) -> None:
    forbidden = {
        ("time", "time"),
        ("time", "monotonic"),
        ("time", "sleep"),
        ("asyncio", "sleep"),
        ("random", "random"),
        ("datetime", "now"),
        ("datetime", "utcnow"),
    }
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.value.id}.{node.attr}"
        for path in _sources(package)
        if path != ROOT / CLOCK and not path.is_relative_to(ROOT / "common/web")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in forbidden
    ]
    assert wrong == []


def test_tasks__of_a_service__are_ended_by_common_tasks_alone() -> None:
    """One cancellation may be lost: who waits for a task it has cancelled uses `end_tasks`."""
    # the work of a command is told once that its lease was lost; nothing waits for it there
    only_told = {"indexer/assembly.py"}
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.attr}"
        for package in MAY_IMPORT
        if package != "common"
        for path in _sources(package)
        if path.relative_to(ROOT).as_posix() not in only_told
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("TaskGroup", "cancel")
    ]
    assert wrong == []


def test_names__one_class_name__stands_once() -> None:
    """A debugger that shows a class's name shows which class it is. Test files are left out."""
    places: dict[str, list[str]] = {}
    for package in (*MAY_IMPORT, *BESIDE, "tests/support", "tests/browser/support"):
        for path in _sources(package):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef):
                    places.setdefault(node.name, []).append(path.relative_to(ROOT).as_posix())
    assert [f"{name}: {paths}" for name, paths in places.items() if len(paths) > 1] == []


def test_modules__of_ours__open_with_a_docstring_and_stay_small() -> None:
    wrong = []
    for package in (*MAY_IMPORT, "localnet", "bench", "scripts"):
        for path in _sources(package):
            text = path.read_text(encoding="utf-8")
            if text.strip() and not ast.get_docstring(ast.parse(text)):
                wrong.append(f"{path.relative_to(ROOT)}: no docstring")
            if text.count("\n") > 500:
                wrong.append(f"{path.relative_to(ROOT)}: {text.count(chr(10))} lines")
    assert wrong == []
