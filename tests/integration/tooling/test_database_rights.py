"""deploy/mongodb/users.js: each service can do all it does with its own user, and no more.

A room's life, a reorg, a rebuild and the doctor run against the embedded database with
authentication, each service as the user that the script made. The embedded database knows no rights
on single collections; so what the services sent is held against MongoDB's manual, too.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymongo
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from eth_keys.datatypes import PrivateKey
from pymongo.errors import OperationFailure

from chain.enums import Mode, Status, room_name
from common import base64url
from common.playback_key import PlaybackKey, PlaybackKeys
from localnet.anvil import Anvil
from localnet.dev_accounts import CHAIN_ID, cast
from localnet.invitations import HostSigner, link_of
from localnet.mongo import MongoServer
from localnet.mongo_proxy import MongoProxy
from localnet.rooms_on_anvil import RoomsOnAnvil
from localnet.runner import Runner
from localnet.services import (
    ServiceProcess,
    chain_settings,
    oracle_settings,
    playback_settings,
)
from localnet.stream.control import StandIn
from localnet.waiting import wait_until
from playback.delegation import RoomRegistry
from playback.invitation import InvitationScope
from tests.support.mongodb_privileges import WRITES, Right, granted, missing, needed
from tests.support.mongosh import Mongosh

SERVICES = ("indexer", "oracle", "presence", "api", "playback")
INDEX, ORACLE = "livestream", "livestream_oracle"
PLAYBACK, PRESENCE = "livestream_playback", "livestream_presence"
ADMIN = "admin's secret"
ORIGIN = "https://rooms.example"


def _login(service: str) -> str:
    """As in an address: its password has characters that stand there as %xx."""
    return f"{service}:{service}%25%2F%40s@"


@dataclass
class Users:
    """The embedded database with authentication, and the keys of which its users were made."""

    server: MongoServer
    keys: Path

    def run(self, **changed: str) -> tuple[Mongosh, int, str]:
        """The script as compose.yaml runs it. `changed`: keys that are others, `api__mongodb_uri`
        for api/mongodb_uri."""
        folder = self.keys
        if changed:
            folder = Path(tempfile.mkdtemp(dir=self.keys.parent)) / "keys"
            shutil.copytree(self.keys, folder)
        for name, text in changed.items():
            (folder / name.replace("__", "/", 1)).write_text(text)
        shell = Mongosh(self.server.uri)
        return shell, *shell.run(environment(folder))

    def rights(self) -> dict[str, set[Right]]:
        with self.client("admin", ADMIN) as client:
            roles = client.admin.command({"rolesInfo": 1, "showPrivileges": True})["roles"]
            return {
                name: granted(client.admin.command({"usersInfo": name})["users"][0], roles)
                for name in SERVICES
            }

    def client(self, user: str, password: str) -> pymongo.MongoClient[dict[str, Any]]:
        return pymongo.MongoClient(self.server.uri, username=user, password=password)


def environment(keys: Path) -> dict[str, str]:
    """What compose.yaml gives the script."""
    return {"MONGODB_HOST": "mongodb:27017", "KEYS": str(keys)}


def write_keys(folder: Path) -> None:
    for name in SERVICES:
        (folder / name).mkdir(parents=True)
        uri = f"mongodb://{_login(name)}mongodb:27017/?replicaSet=rs0\n"
        (folder / name / "mongodb_uri").write_text(uri)
    (folder / "mongodb").mkdir()
    (folder / "mongodb" / "admin_password").write_text(ADMIN)


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Users]:
    """A first run on a database without users, then a start with authentication."""
    folder = tmp_path_factory.mktemp("users")
    write_keys(folder / "keys")
    with Runner(folder / "programs") as runner:
        server = runner.mongo(storage=folder / "data", sync=True)
        shell = Mongosh(server.uri)
        code, said = shell.run(environment(folder / "keys"))
        assert code == 0, said
        assert shell.initiated == [{"_id": "rs0", "members": [{"_id": 0, "host": "mongodb:27017"}]}]
        server.close()
        yield Users(runner.mongo(storage=folder / "data", auth=True), folder / "keys")


# --- the script ---------------------------------------------------------------------------------


def test_users__again__updates_what_is_there(users: Users) -> None:
    before = users.rights()
    shell, code, said = users.run()
    assert code == 0, said
    assert said.splitlines() == [
        "indexer: user indexer: readWrite on livestream",
        "oracle: user oracle: readWrite on livestream_oracle, read on livestream",
        "presence: user presence: readWrite on livestream_presence, read on livestream,"
        " livestream_live_status on admin",
        "api: user api: read on livestream, read on livestream_presence,"
        " livestream_recordings on admin",
        "playback: user playback: readWrite on livestream_playback, read on livestream,"
        " livestream_recordings on admin",
    ]
    assert Counter(shell.commands) == {
        "rolesInfo": 2, "updateRole": 2, "usersInfo": 5, "updateUser": 5,
    }  # fmt: skip
    assert users.rights() == before


def test_users__an_address_with_another_password__is_the_users_from_then_on(users: Users) -> None:
    assert users.run(api__mongodb_uri="mongodb://api:another@mongodb:27017/")[1] == 0
    with users.client("api", "another") as client:
        assert client[INDEX]["livestreams"].find_one() is None
    assert users.run()[1] == 0
    with users.client("api", "another") as client, pytest.raises(OperationFailure):
        client[INDEX]["livestreams"].find_one()


def test_users__the_connection_of_an_administrator__is_used_without_a_host(users: Users) -> None:
    """An outside MongoDB: nothing is initiated, no administrator is made."""
    shell = Mongosh(users.server.uri)
    code, said = shell.run({"KEYS": str(users.keys)}, login=("admin", ADMIN))
    assert code == 0, said
    assert not {"replSetInitiate", "createUser", "hello"} & set(shell.commands)


@pytest.mark.parametrize(
    ("key", "text", "told"),
    [
        ("mongodb__admin_password", "wrong", "admin_password is not the password of"),
        ("mongodb__admin_password", "", "admin_password is empty: deploy/keys.sh writes it"),
        ("api__mongodb_uri", "mongodb://db.example/", "needs mongodb://user:password@host/"),
    ],
)
def test_users__a_key_that_cannot_be_right__said_in_one_sentence(
    users: Users, key: str, text: str, told: str
) -> None:
    _, code, said = users.run(**{key: text})
    assert code == 1
    assert told in said and "db.example" not in said


# --- what the services do with them -------------------------------------------------------------


@dataclass
class World:
    """The services, each behind a proxy of its own that knows its login."""

    users: Users
    children: Runner
    anvil: Anvil
    rooms: RoomsOnAnvil
    standin: StandIn
    proxies: dict[str, MongoProxy]
    folder: Path

    def settings(self, name: str) -> dict[str, str]:
        settings = chain_settings(
            (self.anvil.url, self.anvil.ws_url),
            [self.rooms.ref],
            self.proxies[name].uri,
            CONFIRMATIONS="0",
            FINALITY="depth:2",
            POLL_SECONDS="0.2",
        )
        if name == "playback":
            return (
                settings
                | playback_settings(
                    self.folder,
                    key_file=self.folder / "playback-key.json",
                    origins=[ORIGIN],
                    date_url=self.standin.public_base,
                )
                | {"PLAYBACK_WAIT_FOR_HOSTS": "false"}
            )  # no page comes back here
        if name != "oracle":
            return settings
        return settings | oracle_settings(
            self.folder,
            key=bytes(cast().operator.key),
            account=self.standin.account_id,
            token=self.standin.token,
            api_base=self.standin.api_base,
        )

    def start(self) -> dict[str, ServiceProcess]:
        services = {name: self.children.service(name, self.settings(name)) for name in SERVICES}
        for service in services.values():
            service.wait_ready(service.ready, 40)
        return services

    def run(self, *commands: tuple[str, str]) -> None:
        """An operator's commands, side by side."""
        running = [self.children.command(name, self.settings(name), it) for name, it in commands]
        for program in running:
            assert program.wait(90) == 0, program.output()

    def sent(self) -> dict[str, set[Right]]:
        """The rights that each service's commands ask for."""
        return {
            name: set().union(*(needed(command) for command in proxy.commands))
            for name, proxy in self.proxies.items()
        }


@pytest.fixture
def world(
    users: Users, anvil_factory: Callable[..., Anvil], children: Runner, tmp_path: Path
) -> Iterator[World]:
    proxies = {
        name: MongoProxy(users.server.port, credentials=_login(name)).__enter__()
        for name in SERVICES
    }
    try:
        with StandIn.start(tmp_path / "stream") as standin:
            anvil = anvil_factory()
            rooms = RoomsOnAnvil.deploy(anvil, standin.public_base)
            made = World(users, children, anvil, rooms, standin, proxies, tmp_path)
            private = generate_private_key(public_exponent=65537, key_size=2048)
            pem = private.private_bytes(
                Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
            ).decode()
            keys = PlaybackKeys(standin.account_id, PlaybackKey("f" * 32, pem, int(time.time())))
            keys.save(tmp_path / "playback-key.json", replace=False)
            yield made
    finally:
        for proxy in proxies.values():
            proxy.__exit__(None, None, None)


def test_rights__a_rooms_life_and_an_operators_commands__all_that_is_needed_and_no_more(
    world: World,
) -> None:
    services = world.start()
    rooms, api = world.rooms, services["api"]
    first = rooms.create(mode=Mode.BROADCAST)
    second = rooms.create(host=1)
    third = rooms.create(mode=Mode.BROADCAST, gate=rooms.address)
    wait_until(
        lambda: {rooms.room(room).status for room in (first, second, third)} == {Status.ACTIVE},
        30,
        "the rooms are active",
    )
    enters = entry(rooms, third)
    session = wait_until(lambda: enters(services["playback"], "playback"), 20, "a viewer is in")
    assert (
        services["playback"]
        .post("/api/playback/renew", {}, Origin=ORIGIN, Authorization=f"Bearer {session}")
        .is_success
    )
    wait_until(lambda: api.answers(f"/api/livestream/join?room_id=live_{first}"), 20, "join")
    world.standin.control.add_recording(world.standin.control.inputs()[0]["uid"])
    rooms.rekey(second, host=1)
    world.anvil.reorg(1)
    rooms.end(first)
    rooms.end(third)
    for _ in range(3):
        world.anvil.mine(5)
    _read(api, first)

    def released() -> bool:
        world.anvil.mine()
        return rooms.room(first).released

    wait_until(released, 30, "released")
    assert api.answers(f"/api/livestream/rooms/live_{first}/recordings")
    wait_until(lambda: enters(services["playback"], "recordings"), 20, "recordings are told")
    services["indexer"].stop()
    world.run(
        ("indexer", "rebuild"), ("oracle", "doctor"), ("api", "--check"), ("presence", "--check")
    )

    rights, sent = world.users.rights(), world.sent()
    for name in SERVICES:
        assert missing(sent[name], rights[name]) == set(), name
    # nothing is granted in a database that a service does not use
    for name in SERVICES:
        assert {right.database for right in rights[name]} == {it.database for it in sent[name]}
    writes = {name: {it for it in rights[name] if it.action in WRITES} for name in SERVICES}
    assert {it.database for it in writes["indexer"]} == {INDEX}
    assert {it.database for it in writes["oracle"]} == {ORACLE}
    assert {it.database for it in writes["playback"]} == {PLAYBACK}
    assert {it.database for it in writes["presence"]} == {PRESENCE}
    assert writes["api"] == set()
    for name, collection in (("api", "oracle_recordings"), ("presence", "oracle_live_status")):
        assert {it for it in rights[name] if it.database == ORACLE} == {
            Right(ORACLE, collection, "find")
        }


def entry(rooms: RoomsOnAnvil, room: int) -> Callable[[ServiceProcess, str], str]:
    """`entry(...)(service, what)`: a viewer's session, by a link of the first host, once it is told
    what they may have; "" before."""
    signer = HostSigner(
        PrivateKey(bytes(cast().host.key)), RoomRegistry(CHAIN_ID, rooms.address), ORIGIN
    )
    now = int(time.time())
    granted = signer.delegate(InvitationScope.of_room(room), now, now + 3600)
    body = {
        "room_id": room_name(room),
        "browser": base64url.encode(bytes(16)),
        "invitation": signer.invite(granted, link_of(now, now + 3600)).encode(),
    }

    def enter(service: ServiceProcess, what: str) -> str:
        answer = service.post("/api/playback/session", body, Origin=ORIGIN)
        told = answer.json() if answer.is_success else {}
        return str(told["session"]) if told.get(what) is not None else ""

    return enter


def _read(api: ServiceProcess, room: int) -> None:
    """Every route that reads the database."""
    for path in (
        "rooms", "rooms?q=room", "rooms?status=active", "operators", "status",
        f"rooms/live_{room}", f"rooms/live_{room}/events", f"rooms/live_{room}/ingest",
        f"rooms/live_{room}/recordings",
    ):  # fmt: skip
        answer = api.get(f"/api/livestream/{path}")
        assert answer.status_code < 500, f"{path}: {answer.text}"
