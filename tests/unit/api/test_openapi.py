"""The OpenAPI document and the API say the same."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from jsonschema import Draft202012Validator
from typing_extensions import is_typeddict

from api import response_types, status_types, transaction_types
from chain.enums import EndReason, Mode, Status
from chain.rpc.errors import ExecutionReverted
from tests.support.indexer.contract_story import ALICE, BOB, GATE, KEY
from tests.unit.api.conftest import ApiWorld

CREATE = {"title": "Lớp học", "ingest_key": "0x" + KEY.hex()}
T = TypeVar("T")
Case = tuple[str, int, Callable[[ApiWorld], Any]]


def bind(what: T, ask: Callable[[ApiWorld, T], Any]) -> Callable[[ApiWorld], Any]:
    return lambda world: ask(world, what)


def _ask(world: ApiWorld, path: str, method: str) -> Any:
    return world.get(path) if method == "get" else world.post(path, {})


def _down(world: ApiWorld, path: str, method: str = "get") -> Any:
    world.source.down = True
    return _ask(world, path, method)


def _broken(world: ApiWorld, path: str, method: str = "get") -> Any:
    def boom(*_: Any) -> None:
        raise RuntimeError("a secret detail")

    world.source.checkpoints = boom  # type: ignore[method-assign,assignment]
    return _ask(world, path, method)


def _node(world: ApiWorld, path: str, body: Any, **answers: Any) -> Any:
    world.node.answers |= answers
    return world.post(path, body)


def _again(world: ApiWorld, path: str) -> Any:
    return world.get(path, If_None_Match=world.get(path).headers["ETag"])


def _limited(world: ApiWorld, path: str, method: str) -> Any:
    answer = None
    for _ in range(8):
        answer = _ask(world, path, method)
    return answer


def _ended(world: ApiWorld) -> int:
    number = world.story.live()
    world.story.end(number, EndReason.TAKEN_DOWN, 2)
    return number


def _rekeyed(world: ApiWorld) -> int:
    number = world.story.live()
    world.story.rekey(number)
    return number


API = "/api/livestream"
ROOM = f"{API}/rooms/live_%d"
ROOM_ROUTES = (("room", ROOM), ("events", ROOM + "/events"), ("ingest", ROOM + "/ingest"),
               ("recordings", ROOM + "/recordings"),
               ("join", f"{API}/join?room_id=live_%d"))  # fmt: skip
PLAIN_GETS = {"rooms": f"{API}/rooms", "status": f"{API}/status",
              "channel": f"{API}/hosts/{ALICE}"}  # fmt: skip


def _cases() -> Iterator[Case]:
    for name, path in ROOM_ROUTES:
        yield name, 200, bind(path, lambda w, p: w.get(p % w.story.live()))
        yield name, 304, bind(path, lambda w, p: _again(w, p % w.story.live()))
        yield name, 404, bind(path, lambda w, p: w.get(p % 999))
        yield name, 400, bind(path, lambda w, p: w.get((p % 7) + ("&x=1" if "?" in p else "?x=1")))
        yield name, 503, bind(path, lambda w, p: _down(w, p % 1))
        yield name, 500, bind(path, lambda w, p: _broken(w, p % 1))
        yield name, 429, bind(path, lambda w, p: _limited(w, p % 1, "get"))
    for name, path in PLAIN_GETS.items():
        yield name, 200, bind(path, lambda w, p: (w.story.live(), _ended(w), w.get(p))[-1])
        yield name, 304, bind(path, _again)
        yield name, 400, bind(path, lambda w, p: w.get(p + "?x=1"))
        yield name, 503, bind(path, _down)
        yield name, 500, bind(path, _broken)
        yield name, 429, bind(path, lambda w, p: _limited(w, p, "get"))
    yield "join", 403, lambda w: w.get(f"{API}/join?room_id=live_{w.story.live(gate=GATE)}")
    yield "recordings", 403, lambda w: w.get(f"{ROOM}/recordings" % w.story.live(gate=GATE))
    yield "join", 409, lambda w: w.get(f"{API}/join?room_id=live_{w.story.create()}")
    yield "join", 410, lambda w: w.get(f"{API}/join?room_id=live_{_ended(w)}")
    yield (
        "join",
        200,
        lambda w: w.get(f"{API}/join?room_id=live_{w.story.live(mode=Mode.BROADCAST)}"),
    )
    yield "ingest", 409, lambda w: w.get(f"{API}/rooms/live_{w.story.create()}/ingest")
    yield "ingest", 409, lambda w: w.get(f"{API}/rooms/live_{_rekeyed(w)}/ingest")
    yield "ingest", 410, lambda w: w.get(f"{API}/rooms/live_{_ended(w)}/ingest")
    yield "room", 200, lambda w: w.get(ROOM % w.story.create(gate=GATE, title=b"\xff\x00"))
    yield "room", 200, lambda w: w.get(ROOM % _ended(w))
    yield "rooms", 200, lambda w: (w.story.create(), w.get(f"{API}/rooms?q=lop&limit=1"))[-1]
    yield "rooms", 200, lambda w: w.get(f"{API}/rooms?room_id=live_{w.story.live()}")
    yield "rooms", 200, lambda w: w.get(f"{API}/rooms?live=true")
    yield "channel", 200, lambda w: (w.story.live(), w.get(f"{API}/hosts/{BOB}"))[-1]
    yield from _stream_cases()
    yield from _hint_cases()
    yield from _post_cases()
    yield "config", 200, lambda w: w.get("/config.json")
    yield "config", 500, lambda w: _broken(w, "/config.json")
    yield "config", 429, lambda w: _limited(w, "/config.json", "get")
    for name in ("healthz", "readyz", "metrics"):
        yield name, 400, bind(f"/{name}", _of_no_host)
    yield "healthz", 200, lambda w: w.get("/healthz")
    yield "readyz", 200, lambda w: w.get("/readyz")
    yield "readyz", 503, lambda w: _down(w, "/readyz")
    yield "metrics", 200, lambda w: w.get("/metrics")
    yield "openapi", 200, lambda w: w.get("/openapi.json")
    yield "openapi", 304, lambda w: _again(w, "/openapi.json")
    yield "openapi", 429, lambda w: _limited(w, "/openapi.json", "get")


def _stream_cases() -> Iterator[Case]:
    path = f"{API}/stream"
    yield "stream", 200, lambda w: w.client.head(path)
    yield "stream", 400, lambda w: w.get(path + "?x=1")
    yield "stream", 404, lambda w: w.get(path + "?room_id=live_99")
    yield "stream", 503, lambda w: _down(w, path)
    yield "stream", 500, lambda w: _broken(w, path)
    yield "stream", 429, lambda w: _limited(w, path + "?room_id=live_99", "get")


def _hint_cases() -> Iterator[Case]:
    path = f"{ROOM}/hint"
    yield "hint", 202, lambda w: w.post(path % w.story.live(), None)
    yield "hint", 400, lambda w: w.post(f"{API}/rooms/7/hint", None)
    yield "hint", 404, lambda w: w.post(path % 99, None)
    yield "hint", 411, lambda w: _in_chunks(w, path % 1)
    yield "hint", 413, lambda w: w.post(path % 1, {"title": "x" * 20_000})
    yield "hint", 429, lambda w: _limited(w, path % w.story.live(), "post")
    yield "hint", 500, lambda w: _broken(w, path % 1, "post")
    yield "hint", 503, lambda w: _down(w, path % 1, "post")


def _post_cases() -> Iterator[Case]:
    create, end = f"{API}/create", f"{API}/end"
    describe, rekey, accept = f"{API}/describe", f"{API}/rekey", f"{API}/accept"
    for changed in ({"retired": True, "paused": True}, {"retired": True, "successor": BOB},
                    {"paused": True}, {"accepting": False}):  # fmt: skip
        yield "create", 403, bind(changed, lambda w, c: _standing(w, create, CREATE, **c))
    yield "create", 403, lambda w: w.post(create, {**CREATE, "gate": BOB})
    many = {"open_rooms": 5}
    yield "create", 403, lambda w: _standing(w, create, {**CREATE, "host": ALICE}, **many)
    yield "create", 200, lambda w: w.post(create, CREATE)
    yield "create", 200, lambda w: w.post(create, {**CREATE, "from": ALICE})
    yield (
        "create",
        200,
        lambda w: _node(
            w, create, CREATE, eth_call=ExecutionReverted(3, "execution reverted", revert_data=b"")
        ),
    )
    yield "end", 200, lambda w: w.post(end, {"room_id": f"live_{w.story.live()}"})
    yield "end", 200, lambda w: w.post(end, {"room_id": f"live_{w.story.live()}", "from": BOB})
    yield "end", 200, lambda w: _pending_end(w, end)
    told = {"about": "Đàn", "lang": "vi", "class": "6A", "starts_at": 1_800_000_000}
    bodies: dict[str, Any] = {
        "describe": {}, "rekey": {"ingest_key": CREATE["ingest_key"]},
        "accept": {"ingest_key": CREATE["ingest_key"], "tag": "0x" + "a1" * 12}, "end": {},
    }  # fmt: skip
    yield "describe", 200, lambda w: w.post(describe, {"room_id": f"live_{w.story.create()}"})
    for name, path in (("describe", describe), ("rekey", rekey), ("accept", accept)):
        asked = {**bodies[name], **(told if name == "describe" else {})}
        yield (
            name,
            200,
            bind(
                (path, asked),
                lambda w, p: w.post(p[0], {"room_id": f"live_{w.story.live()}", **p[1]}),
            ),
        )
    for name, path in (("rekey", rekey), ("accept", accept)):
        yield (
            name,
            409,
            bind(
                (path, bodies[name]),
                lambda w, p: w.post(p[0], {"room_id": f"live_{w.story.create()}", **p[1]}),
            ),
        )
    for name, more in bodies.items():
        yield (
            name,
            404,
            bind(
                (f"{API}/{name}", more), lambda w, p: w.post(p[0], {"room_id": "live_99", **p[1]})
            ),
        )
        yield (
            name,
            410,
            bind(
                (f"{API}/{name}", more),
                lambda w, p: w.post(p[0], {"room_id": f"live_{_ended(w)}", **p[1]}),
            ),
        )
    valid = [(name, f"{API}/{name}", {"room_id": "live_1", **more})
             for name, more in bodies.items()]  # fmt: skip
    for name, path, body in (("create", create, CREATE), *valid):
        yield name, 400, bind(path, lambda w, p: w.post(p, {"nonsense": 1}))
        yield name, 411, bind(path, _in_chunks)
        yield name, 413, bind(path, lambda w, p: w.post(p, {"title": "x" * 20_000}))
        yield name, 415, bind(path, lambda w, p: w.client.post(p, data="title=x"))
        yield name, 429, bind(path, lambda w, p: _limited(w, p, "post"))
        yield name, 500, bind((path, body), _broken_node)
        yield name, 503, bind((path, body), _without_node)


def _of_no_host(world: ApiWorld, path: str) -> Any:
    return world.client.get(path, environ_overrides={"HTTP_HOST": "a b"})


def _in_chunks(world: ApiWorld, path: str) -> Any:
    return world.client.post(path, environ_overrides={"HTTP_TRANSFER_ENCODING": "chunked"})


def _standing(world: ApiWorld, path: str, body: Any, **changed: Any) -> Any:
    """The contract stands otherwise than usual."""
    world.node.creation = world.node.creation._replace(**changed)
    return world.post(path, body)


def _pending_end(world: ApiWorld, path: str) -> Any:
    number = world.story.create()
    pending = Status.PENDING
    world.node.room = world.node.room._replace(status=pending, effective_status=pending)
    return world.post(path, {"room_id": f"live_{number}"})


def _broken_node(world: ApiWorld, asked: tuple[str, Any]) -> Any:
    world.story.live()
    world.node.answers["eth_getBlockByNumber"] = RuntimeError("a secret detail")
    return world.post(*asked)


def _without_node(world: ApiWorld, asked: tuple[str, Any]) -> Any:
    world.story.live()
    world.node.down = True
    return world.post(*asked)


CASES = list(_cases())


@pytest.fixture
def spec(world: ApiWorld) -> dict[str, Any]:
    found: dict[str, Any] = world.get("/openapi.json").get_json()
    return found


def _operations(spec: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        route["operationId"]: route for item in spec["paths"].values() for route in item.values()
    }


@pytest.mark.parametrize(
    ("name", "status", "ask"), CASES, ids=[f"{c[0]}-{c[1]}-{i}" for i, c in enumerate(CASES)]
)
def test_answer__each_documented_one__occurs_and_validates(
    spec: dict[str, Any], make_world: Callable[..., ApiWorld], name: str, status: int, ask: Any
) -> None:
    limited = ("rate_limit", "page_rate_limit") if status == 429 else ()
    limits = dict.fromkeys(limited, "5/minute")
    answer = ask(make_world(**limits))
    assert answer.status_code == status, answer.get_data(as_text=True)
    documented = _operations(spec)[name]["responses"][str(status)]
    for header in documented.get("headers", {}):
        if status != 503 or header != "Index-Position":
            assert header in answer.headers, header
    assert b"secret detail" not in answer.data
    content = documented.get("content", {})
    if not content:
        assert answer.data == b""
        return
    assert answer.mimetype in content
    schema = content[answer.mimetype]["schema"]
    if answer.is_json:
        whole = {**schema, "components": spec["components"]}
        Draft202012Validator(whole).validate(answer.get_json())
        if status >= 400 and "status" in answer.get_json():
            assert answer.get_json()["status"] == status
            anchor = answer.get_json()["type"].partition("#")[2]
            assert anchor


def test_openapi__every_documented_answer__has_a_case(spec: dict[str, Any]) -> None:
    documented = {
        (name, int(status))
        for name, route in _operations(spec).items()
        for status in route["responses"]
    }
    assert documented - {(name, status) for name, status, _ in CASES} == set()


def test_openapi__every_route_of_the_api__is_described(
    world: ApiWorld, spec: dict[str, Any]
) -> None:
    pages = {"page", "docs"}
    served = {
        rule.rule.replace("<", "{").replace(">", "}")
        for rule in world.app.url_map.iter_rules()
        if rule.endpoint.partition(".")[0] not in pages
    }
    assert served <= set(spec["paths"])


def test_openapi__schemas__are_valid_json_schema(spec: dict[str, Any]) -> None:
    for schema in spec["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


TYPES = {
    name.removesuffix("Json"): kind
    for module in (response_types, status_types, transaction_types)
    for name, kind in vars(module).items()
    if name.endswith("Json")
}


@pytest.mark.parametrize("name", sorted(TYPES))
def test_schema__of_each_type_of_answer__is_made_from_it(spec: dict[str, Any], name: str) -> None:
    schema = spec["components"]["schemas"][name]
    assert schema["description"]
    if is_typeddict(kind := TYPES[name]):
        assert list(schema["properties"]) == list(kind.__annotations__)
        assert schema["additionalProperties"] is False


def test_schema__members_that_may_be_missing__are_these(spec: dict[str, Any]) -> None:
    missing = {
        name: set(schema["properties"]) - set(schema.get("required", ()))
        for name, schema in spec["components"]["schemas"].items()
        if "properties" in schema
    }
    assert missing.pop("Problem") == set(response_types.ProblemMembers.__annotations__)
    assert {name: found for name, found in missing.items() if found} == {
        "Transaction": {"from", "nonce"},
        "FieldError": {"parameter", "pointer"},
        "CreateRequest": {"from", "host", "operator_id", "mode", "gate"},
        "DescribeRequest": {"from", "starts_at", "about", "lang", "class"},
        "RekeyRequest": {"from"},
        "AcceptRequest": {"from"},
        "EndRequest": {"from"},
    }


def _refs(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"].removeprefix("#/components/schemas/")
        for inner in value.values():
            yield from _refs(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _refs(inner)


def test_openapi__schemas__each_is_referred_to_and_each_reference_leads_to_one(
    spec: dict[str, Any],
) -> None:
    assert set(_refs(spec)) == set(spec["components"]["schemas"])


def test_openapi__redoclys_rules__nothing_found(spec: dict[str, Any]) -> None:
    command = ["node", str(Path(__file__).with_name("lint_openapi.cjs"))]
    found = subprocess.run(
        command, input=json.dumps(spec), capture_output=True, text=True, check=True, timeout=60
    )
    assert found.stdout == ""


def test_openapi__operations__each_in_one_of_the_described_groups(spec: dict[str, Any]) -> None:
    groups = {tag["name"] for tag in spec["tags"] if tag["description"]}
    used = [route["tags"] for route in _operations(spec).values()]
    assert {name for (name,) in used} == groups


def test_schema__of_bodies__what_may_be_left_out_has_no_default(spec: dict[str, Any]) -> None:
    """Some generators of clients make a member that has one one that must be given."""
    for name, schema in spec["components"]["schemas"].items():
        for member, inner in schema.get("properties", {}).items():
            assert "default" not in inner, f"{name}.{member}"


@pytest.mark.parametrize(
    ("name", "member", "schema"),
    [
        ("Room", "pending_host", {"pattern": "^0x[0-9a-fA-F]{40}$", "type": "string"}),
        ("Room", "rekeyed_at", {"minimum": 0, "type": "integer"}),
        ("Room", "end", {"$ref": "#/components/schemas/End"}),
        ("Recording", "duration_seconds", {"type": "number"}),
    ],
)
def test_schema__of_what_may_be_null__is_that_or_null(
    spec: dict[str, Any], name: str, member: str, schema: dict[str, Any]
) -> None:
    assert spec["components"]["schemas"][name]["properties"][member]["anyOf"] == [
        schema,
        {"type": "null"},
    ]


def test_schema__of_a_member__says_what_it_looks_like(spec: dict[str, Any]) -> None:
    def member(name: str, of: str) -> Any:
        return spec["components"]["schemas"][name]["properties"][of]

    assert member("Join", "status")["enum"] == ["active"]
    assert member("End", "reason")["enum"] == list(EndReason.words())
    assert member("Index", "history")["pattern"] == "^0x[0-9a-f]{46}$"
    assert member("Terms", "fee")["pattern"] == "^(0|[1-9][0-9]*)$"
    assert member("Problem", "status")["maximum"] == 599
    assert member("CreateRequest", "title")["maxLength"] == 96
    assert member("CreateRequest", "mode")["description"] == "Default: webrtc"
    assert "default" not in member("CreateRequest", "gate")
    assert spec["components"]["schemas"]["CreateRequest"]["not"]["required"] == ["from", "host"]
    assert spec["components"]["schemas"]["Mode"]["enum"] == list(Mode.words())


def test_docs__page__has_every_anchor_and_no_script(world: ApiWorld) -> None:
    from api.problems import CATALOGUE

    answer = world.get("/docs")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "<script" not in page
    assert "script" not in answer.headers["Content-Security-Policy"]
    for slug in CATALOGUE:
        assert f'id="{slug}"' in page
    assert "http://" not in page.replace("http(s)://", "")
