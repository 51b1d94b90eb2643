"""Gates and wallets that are contracts, on a real chain: honest ones and hostile ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest
from eth_abi.abi import encode

from chain.hexes import hex_data, keccak, to_bytes
from chain.rpc.blocking import BlockingNode
from common.clock import SystemClock
from localnet.anvil import Anvil
from localnet.runner import Runner
from playback.counterfactual import SUFFIX
from playback.gate import Gate, GateAnswer
from playback.wallet_proof import ProofUnavailable, WalletProofs
from tests.support.playback.contract_calls import call
from tests.support.playback.inviting import InvitingHost
from tools.compiled import compiled

OWNER, OTHER = InvitingHost(11), InvitingHost(12)
DIGEST = keccak(b"a text to sign")
HOLDER = "0x" + "ab" * 20
CONFIRMATIONS = 2


class Place:
    """A chain with what a test deploys on it, and who asks it."""

    def __init__(self, chain: Anvil) -> None:
        self.chain = chain
        self.sender = chain.accounts[0]
        self.clock: SystemClock = SystemClock()
        self.limited = 0
        self.nodes: list[BlockingNode] = []

    def deploy(self, name: str, *values: object) -> str:
        """A contract of contracts/test; its address."""
        found = compiled(name)
        types = [
            one["type"] for e in found.abi if e["type"] == "constructor" for one in e["inputs"]
        ]
        data = found.bytecode + encode(types, list(values))
        receipt = self.chain.receipt(self.chain.send(self.sender, None, data))
        return str(receipt["contractAddress"]).lower()

    def send(self, to: str, signature: str, *values: object, sender: str = "") -> None:
        self.chain.receipt(self.chain.send(sender or self.sender, to, call(signature, *values)))

    def node(self, *urls: str) -> BlockingNode:
        asked = urls or (self.chain.url,)
        made = BlockingNode(asked, self.clock, random.Random(1), timeout=10.0, chain_id=31337)
        self.nodes.append(made)
        return made

    def gate(self, *urls: str, block_seconds: float | None = None) -> Gate:
        return Gate(
            self.node(*urls), self.clock, confirmations=CONFIRMATIONS, head_age_blocks=15,
            block_seconds=lambda: block_seconds,
        )  # fmt: skip

    def signed(self, address: str, signature: bytes, digest: bytes = DIGEST) -> bool:
        def limited() -> None:
            self.limited += 1

        return WalletProofs(self.node()).holds(address, digest, signature, limited)


@pytest.fixture
def place(anvil: Anvil) -> Iterator[Place]:
    kept = anvil.rpc("evm_snapshot")
    made = Place(anvil)
    yield made
    for node in made.nodes:
        node.close()
    anvil.rpc("evm_revert", kept)


def test_gate__of_a_token__is_asked_below_the_head(place: Place) -> None:
    token = place.deploy("CountedToken")
    place.chain.mine(CONFIRMATIONS)
    assert place.gate().holds(token, HOLDER) is GateAnswer.NO
    place.send(token, "give(address,uint256)", HOLDER, 1)
    assert place.gate().holds(token, HOLDER) is GateAnswer.NO  # it may yet be undone
    place.chain.mine(CONFIRMATIONS)
    assert place.gate().holds(token, HOLDER) is GateAnswer.YES
    assert place.gate().holds(token, "0x" + "cd" * 20) is GateAnswer.NO


def test_gate__that_is_no_contract__is_a_no(place: Place) -> None:
    place.chain.mine(CONFIRMATIONS)
    assert place.gate().holds("0x" + "ee" * 20, HOLDER) is GateAnswer.NO


@pytest.mark.parametrize("kind", range(7))
def test_scenario_34__gate_that_reverts_burns_gas_or_answers_other_bytes__is_a_no(
    place: Place, kind: int
) -> None:
    """Nor is the node held for bad: another question is answered at once."""
    hostile, token = place.deploy("HostileGate", kind), place.deploy("CountedToken")
    place.send(token, "give(address,uint256)", HOLDER, 1)
    place.chain.mine(CONFIRMATIONS)
    gate = place.gate()
    for _ in range(4):
        assert gate.holds(hostile, HOLDER) is GateAnswer.NO
    assert gate.holds(token, HOLDER) is GateAnswer.YES


def test_scenario_34__node_away_or_without_the_block__is_no_answer(
    place: Place, free_port: Callable[[], int]
) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    assert place.gate(nowhere).holds(HOLDER, HOLDER) is GateAnswer.AWAY


def test_gate__whose_head_is_too_old__is_away(place: Place) -> None:
    token = place.deploy("CountedToken")
    place.send(token, "give(address,uint256)", HOLDER, 1)
    place.chain.mine(CONFIRMATIONS)
    at = place.chain.block_time()
    place.clock = ClockAt(at + 15)
    assert place.gate(block_seconds=1.0).holds(token, HOLDER) is GateAnswer.YES
    place.clock = ClockAt(at + 16)
    assert place.gate(block_seconds=1.0).holds(token, HOLDER) is GateAnswer.AWAY
    assert place.gate(block_seconds=60.0).holds(token, HOLDER) is GateAnswer.YES


class ClockAt(SystemClock):
    """Shows one moment."""

    def __init__(self, moment: float) -> None:
        self.moment = moment

    def now(self) -> float:
        return self.moment


def test_scenario_34__no_of_one_node__is_held_against_the_other(
    place: Place, children: Runner
) -> None:
    """A node whose state lacks the token (another chain of the same id) keeps nobody out."""
    token = place.deploy("CountedToken")
    place.send(token, "give(address,uint256)", HOLDER, 1)
    place.chain.mine(CONFIRMATIONS + 40)
    other = children.anvil()
    other.rpc("anvil_setCode", token, "0x60006000f3")  # answers nothing
    other.mine(place.chain.block_number())
    assert place.gate(other.url, place.chain.url).holds(token, HOLDER) is GateAnswer.YES
    assert place.gate(other.url).holds(token, HOLDER) is GateAnswer.NO


def test_wallet__of_a_contract__is_asked_for_its_key(place: Place) -> None:
    wallet = place.deploy("KeyWallet", OWNER.address)
    assert place.signed(wallet, OWNER.sign_digest(DIGEST))
    assert place.signed(wallet, OWNER.sign_digest(DIGEST) + b"\x00" * 300)
    assert not place.signed(wallet, OTHER.sign_digest(DIGEST))
    assert not place.signed(wallet, OWNER.sign_digest(DIGEST), keccak(b"another text"))
    assert place.limited == 4
    assert place.signed(OWNER.account, OWNER.sign_digest(DIGEST)) and place.limited == 4


def test_scenario_34__contract_that_answers_anything__is_right_for_its_own_address_alone(
    place: Place,
) -> None:
    anything = place.deploy("AnythingWallet")
    wallet = place.deploy("KeyWallet", OWNER.address)
    assert place.signed(anything, b"whatever")
    assert not place.signed(wallet, OTHER.sign_digest(DIGEST))
    assert not place.signed(OWNER.account, b"whatever")


@pytest.mark.parametrize("kind", range(4))
def test_scenario_34__contract_that_answers_a_signature_badly__has_not_signed(
    place: Place, kind: int
) -> None:
    hostile = place.deploy("HostileWallet", kind)
    for signature in (b"whatever", wrapped(hostile, b"", b"whatever")):
        assert not place.signed(hostile, signature)


def wrapped(factory: str, deploy: bytes, signature: bytes) -> bytes:
    """By ERC-6492."""
    return encode(["address", "bytes", "bytes"], [factory, deploy, signature]) + SUFFIX


def planned(place: Place, owner: InvitingHost) -> tuple[str, str, bytes]:
    """Factory, the wallet's future address, and the factory's call."""
    factory = place.deploy("WalletFactory")
    asked = place.chain.call(factory, call("placeOf(address)", owner.address))
    return factory, hex_data(asked[-20:]), call("deploy(address)", owner.address)


def test_scenario_34__wallet_that_is_not_deployed__is_deployed_for_the_question_alone(
    place: Place,
) -> None:
    factory, wallet, deploy = planned(place, OWNER)
    right = wrapped(factory, deploy, OWNER.sign_digest(DIGEST))
    assert place.signed(wallet, right)
    assert place.chain.rpc("eth_getCode", wallet, "latest") == "0x"
    assert not place.signed(wallet, OWNER.sign_digest(DIGEST))  # without its factory
    assert not place.signed(wallet, wrapped(factory, deploy, OTHER.sign_digest(DIGEST)))
    assert not place.signed(wallet, wrapped(factory, b"\x01\x02", OWNER.sign_digest(DIGEST)))
    # a factory that deploys another's wallet says nothing of this address
    theirs = call("deploy(address)", OTHER.address)
    assert not place.signed(wallet, wrapped(factory, theirs, OTHER.sign_digest(DIGEST)))
    place.send(factory, "deploy(address)", OWNER.address)
    assert place.signed(wallet, right)  # still right, once it is there


def test_scenario_34__made_up_factory_call__does_not_change_a_wallet_that_is_there(
    place: Place,
) -> None:
    wallet = place.deploy("KeyWallet", OWNER.address)
    take = call("take(address)", OTHER.address)
    assert not place.signed(wallet, wrapped(wallet, take, OTHER.sign_digest(DIGEST)))
    assert place.signed(wallet, wrapped(wallet, take, OWNER.sign_digest(DIGEST)))


@pytest.mark.parametrize("cut", [b"", b"\x00" * 95, b"\xff" * 96, b"\x00" * 32 + b"\xff" * 64])
def test_scenario_34__wrapping_that_is_none__is_refused(place: Place, cut: bytes) -> None:
    assert not place.signed(place.deploy("KeyWallet", OWNER.address), cut + SUFFIX)


def test_scenario_34__account_with_code_and_a_key__is_right_both_ways(place: Place) -> None:
    """EIP-7702: the account's code is another contract's, its key goes on."""
    code = place.deploy("AnythingWallet")
    place.chain.rpc("anvil_setCode", OWNER.address, "0xef0100" + to_bytes(code).hex())
    assert place.signed(OWNER.account, OWNER.sign_digest(DIGEST)) and place.limited == 0
    assert place.signed(OWNER.account, b"as the code says")
    assert not place.signed(OTHER.account, b"as the code says")


def test_wallet__whose_node_is_away__is_not_judged(
    place: Place, free_port: Callable[[], int]
) -> None:
    proofs = WalletProofs(place.node(f"http://127.0.0.1:{free_port()}"))
    with pytest.raises(ProofUnavailable):
        proofs.holds(HOLDER, DIGEST, b"whatever", lambda: None)
    assert not proofs.holds(HOLDER, DIGEST, b"x" * 8193, lambda: None)
