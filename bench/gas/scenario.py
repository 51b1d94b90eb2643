"""The steps that are measured, on the contract and on the naive one.

Fixed inputs: a title of 40 bytes, random keys and uids, 350 sealed bytes, URLs of Cloudflare's true
length, batches of 50 rooms; every account, operator and payee has acted before ("later rooms"), as
is the rule in a running system. The first room of a host is measured beside it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

from bench.gas.floor import Floor, floor
from bench.gas.gas_chain import GasChain, GasReceipt
from chain import abi, calldata
from chain.contract import ContractCodec
from chain.event_codec import decode
from chain.events import RoomCreated, RoomRekeyed, RoomTransferred
from chain.hexes import ZERO_ADDRESS
from tools.compiled import compiled

BATCH = 50
SEALED_BYTES = 350
TITLE = b"Ho Chi Minh City traffic, live right now"
BASE = "https://customer-m033z5x00ks6nunl.cloudflarestream.com"
TERMS = calldata.Terms(10**15, 2 * 10**14, 86_400, 600, 50, 200, 60)
DETAILS = (0, 200, 1024)  # bytes of describeRoom
PRICE = TERMS.deposit + TERMS.fee

OWNER, OPERATOR, MODERATOR, PAYEE = (f"0x{n:040x}" for n in (0xA11CE, 0x0B0B, 0xC0DE, 0xFEE5))


LIFE = ("createRoom", f"fulfill, share of {BATCH}", "endRoom", f"release, share of {BATCH}")
"""A room's whole life."""


class GasStep(NamedTuple):
    """A step's gas per room, and its floor where one is defined."""

    name: str
    gas: float
    floor: Floor | None


class GasRoom(NamedTuple):
    number: int
    host: str
    tag: bytes


class Contract:
    """LivestreamRooms with terms, an operator and a moderator."""

    def __init__(self, world: GasChain, rng: random.Random) -> None:
        self.world, self.rng = world, rng
        code = abi.load().bytecode + calldata.constructor(OWNER, 1, TERMS)
        deployed = world.send(OWNER, None, code)
        self.address, self.deployment_gas = deployed.contract, deployed.gas
        self.send(OWNER, calldata.add_operator(OPERATOR, PAYEE, BASE))
        self.send(OWNER, calldata.set_moderator(MODERATOR, True))

    def send(self, sender: str, data: bytes, value: int = 0) -> GasReceipt:
        return self.world.send(sender, self.address, data, value)

    def create(self, host: str, value: int = PRICE) -> tuple[GasRoom, GasReceipt]:
        key = self.rng.randbytes(32)
        sent = self.send(host, calldata.create_room(1, 1, 0, ZERO_ADDRESS, key, TITLE), value)
        return self.room(sent), sent

    def room(self, sent: GasReceipt) -> GasRoom:
        for log in sent.logs:
            event = decode(log)
            if isinstance(event, RoomCreated | RoomRekeyed | RoomTransferred):
                return GasRoom(event.room_id, event.actor, event.tag)
        raise AssertionError("no room in the logs")

    def fulfill(self, rooms: list[GasRoom]) -> GasReceipt:
        entries = [
            calldata.Fulfillment(
                r.number, r.tag, self.rng.randbytes(16), self.rng.randbytes(SEALED_BYTES)
            )
            for r in rooms
        ]
        return self.send(OPERATOR, calldata.fulfill(entries))

    def rooms(self, count: int = BATCH, first_host: int = 0x1000) -> list[GasRoom]:
        """Rooms of ten hosts who have each had one before."""
        hosts = [f"0x{first_host + i % 10:040x}" for i in range(count)]
        for host in sorted(set(hosts)):
            self.create(host)
        return [self.create(host)[0] for host in hosts]


def contract_steps(world: GasChain) -> Iterator[GasStep]:
    """Every step of a room's life, and the others that a host or operator pays for."""
    c = Contract(world, random.Random(7))
    yield GasStep("deploy", c.deployment_gas, None)
    host, other = f"0x{0xBEEF:040x}", f"0x{0xCAFE:040x}"
    yield GasStep("createRoom, a host's first", c.create(host)[1].gas, None)
    room, sent = c.create(host)
    core_link = {"core": "new", "link": "new"}
    mine = {"terms": "read", "operator": "read", "account": "write", "head": "write"}
    yield _step("createRoom", sent, core_link | mine)

    c.fulfill([c.create(host)[0]])  # the payee has had a fee before
    c.create(other)
    rooms = c.rooms()
    sent = c.fulfill(rooms)
    yield _batch(
        f"fulfill, share of {BATCH}",
        sent,
        {"core": "read", "link": "write"},
        {"terms": "read", "operator": "read", "payee": "read", "account": "write", "head": "write"},
    )
    yield GasStep("fulfill, alone", c.fulfill([room]).gas, None)

    open_room = {"core": "read", "link": "write", "terms": "read", "operator": "read"}
    open_room["head"] = "write"
    sent = c.send(host, calldata.update_room(room.number, TITLE))
    yield _step("updateRoom", sent, open_room)
    for size in DETAILS:
        details = bytes(c.rng.randrange(1, 256) for _ in range(size))
        sent = c.send(host, calldata.describe_room(room.number, 1_800_000_000, details))
        yield _step(f"describeRoom, {size:,} bytes", sent, open_room)
    rekeyed = c.send(host, calldata.rekey_room(room.number, c.rng.randbytes(32)))
    yield _step("rekeyRoom", rekeyed, open_room | {"core": "write"})
    world.later(TERMS.rekey_cooldown)
    sent = c.send(host, calldata.transfer_room(room.number, other))
    yield _step("transferRoom", sent, open_room | {"pending host": "new"})
    tag = c.room(rekeyed).tag
    sent = c.send(other, calldata.accept_room(room.number, tag, c.rng.randbytes(32)))
    taken = c.room(sent)
    accepted = {"core": "write", "pending host": "clear", "from": "write", "account": "write"}
    yield _step("acceptRoom", sent, open_room | accepted)

    ended = {"core": "read", "link": "write", "terms": "read", "account": "write", "head": "write"}
    c.send(rooms[0].host, calldata.end_room(rooms[0].number))
    for name, sender, data in (
        ("endRoom", rooms[1].host, calldata.end_room(rooms[1].number)),
        ("takeDown", MODERATOR, calldata.take_down(rooms[2].number, 1)),
    ):
        yield _step(name, c.send(sender, data), ended | _moderator(name))
    for one in rooms[3:]:
        c.send(one.host, calldata.end_room(one.number))
    room, sent = c.create(rooms[0].host, 0)
    yield _step("createRoom, from credit", sent, core_link | mine)
    sent = c.send(room.host, calldata.end_room(room.number))
    payee = {"operator": "read", "payee": "read", "payee's account": "write"}
    yield _step("endRoom, the fee forfeited", sent, ended | payee)
    sent = c.send(OPERATOR, calldata.release([calldata.Release(r.number, r.tag) for r in rooms]))
    yield _batch(
        f"release, share of {BATCH}",
        sent,
        {"link": "write"},
        {"operator": "read", "head": "write"},
    )
    c.send(other, calldata.end_room(taken.number))
    alone = c.send(OPERATOR, calldata.release([calldata.Release(taken.number, taken.tag)]))
    yield GasStep("release, alone", alone.gas, None)
    yield from _money(c, host)
    yield from _filled(c)


def _money(c: Contract, host: str) -> Iterator[GasStep]:
    # The last entries of a batch end rooms of accounts that the batch has touched already: ten
    # hosts for fifty rooms, so a fifth of an account's slot each.
    batch_slots = {"core": "read", "link": "write"}
    shared = {"terms": "read", "head": "write"}
    rooms = c.rooms()
    entries = [calldata.Declination(r.number, r.tag, 3) for r in rooms]
    sent = c.send(OPERATOR, calldata.decline(entries))
    hosts = {f"account {i}": "write" for i in range(10)}
    declined = shared | hosts | {"operator": "read"}
    yield _batch(f"decline, share of {BATCH}", sent, batch_slots, declined)
    rooms = c.rooms()
    c.world.later(TERMS.fulfill_deadline_seconds)
    sent = c.send(host, calldata.expire([r.number for r in rooms]))
    yield _batch(f"expire, share of {BATCH}", sent, batch_slots, shared | hosts)
    payee = rooms[0].host
    c.create(payee)  # so that the account's slot stays
    sent = c.send(payee, calldata.withdraw_to(payee))
    yield _step("withdrawTo", sent, {"account": "write", "head": "write"}, payment=True)


def _filled(c: Contract) -> Iterator[GasStep]:
    """What it costs to use up rooms and events, as cheaply as can be."""
    filler, count = compiled("Filler"), 100
    codec = ContractCodec(filler.abi)
    code = filler.bytecode + codec.encode_constructor(c.address)
    address = c.world.send(OWNER, None, code).contract
    c.send(OWNER, calldata.set_operator_account(1, address))

    def each(name: str, price: int, *args: int) -> float:
        """Of the calls in one transaction, those beyond the first few, when all slots are warm."""
        few, many = (
            c.world.send(OWNER, address, codec.encode(name, n, *args), n * price).gas
            for n in (10, 10 + count)
        )
        return (many - few) / count

    yield GasStep("a room created and ended, in a loop", each("useUpRooms", PRICE, PRICE), None)
    yield GasStep("an event, in a loop", each("useUpEvents", 0), None)


def naive_life(world: GasChain, name: str, deposit: int) -> dict[str, float]:
    """The same life on a naive contract: step -> gas."""
    contract = world.send(OPERATOR, None, compiled(name).bytecode).contract
    host = f"0x{0xBEEF:040x}"
    uid, secret = "b236bde30eb07b9d01318940e5fc3eda", "ke34a3efb3896e18f2dc277ce6cc993ad"
    urls = (f"{BASE}/{uid}{secret}/webRTC/publish", f"{BASE}/{uid}/webRTC/play")

    def send(sender: str, data: bytes, value: int = 0) -> float:
        return world.send(sender, contract, data, value).gas

    naive = ContractCodec(compiled(name).abi)
    create = naive.encode("createRoom", TITLE.decode())
    send(host, create, deposit)
    steps = (
        (host, create, deposit),
        (OPERATOR, naive.encode("setUrls", 2, *urls), 0),
        (host, naive.encode("endRoom", 2), 0),
        (OPERATOR, naive.encode("releaseRoom", 2), 0),
    )
    return {step: send(*sent) for step, sent in zip(LIFE, steps, strict=True)}


def _moderator(name: str) -> dict[str, str]:
    return {"moderator": "read"} if name == "takeDown" else {}


def _step(name: str, sent: GasReceipt, slots: dict[str, str], *, payment: bool = False) -> GasStep:
    return GasStep(name, sent.gas, floor(sent.calldata, sent.logs, slots, payment=payment))


def _batch(name: str, sent: GasReceipt, slots: dict[str, str], shared: dict[str, str]) -> GasStep:
    lowest = floor(sent.calldata, sent.logs, slots, shared=shared, entries=BATCH)
    return GasStep(name, sent.gas / BATCH, lowest)
