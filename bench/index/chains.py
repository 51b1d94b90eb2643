"""The benchmark's chains: made once, kept as anvil state files under `build/`, loaded after that.

The file ends `TAIL` blocks before the head; these are mined when it is loaded, so that the node has
the state of its last blocks, as every real node does. (A file with the states in it is huge.)

Promises: `open_chain` gives a running anvil that holds the chain; a file made of another contract,
story or anvil is not used. Every log is accounted for: the contract's own count of its history is
compared with the story.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

from bench.index import story
from bench.index.maker import Maker
from bench.out import Out
from chain import abi
from localnet.anvil import Node
from localnet.process import ROOT
from localnet.rooms_on_anvil import RoomsOnAnvil
from localnet.runner import Runner

CACHE = ROOT / "build" / "bench-chains"
ACCOUNTS = 202
GENESIS = 1_750_000_000
OPTIONS = (
    *("--accounts", str(ACCOUNTS), "--balance", "10000000", "--no-mining", "--timestamp"),
    *(str(GENESIS), "--gas-limit", "300000000", "--block-base-fee-per-gas", "1"),
    *("--chain-id", str(story.CHAIN_ID)),
)
TAIL = 64
LOADING_SECONDS = 180.0
FORMAT = 1  # another one for files that differ in a way that the story does not show
# Without states while the chain is made; with those of the last blocks once it is loaded.
_MAKING = ("--prune-history",)
_SERVING = ("--prune-history", "48")


class Shape(NamedTuple):
    """A chain's name and size."""

    name: str
    blocks: int
    events: int


SPARSE = Shape("sparse", 5000, 10)
DENSE = Shape("dense", 3000, 100)


class Chain(NamedTuple):
    """A running chain. `events`: all of the contract's; `last`: the newest block."""

    url: str
    ws_url: str
    contract: str
    start_block: int
    last: int
    events: int
    rooms: int

    @property
    def contracts(self) -> str:
        """As the setting CONTRACTS wants it."""
        return f"{self.contract}@{self.start_block}"


def open_chain(runner: Runner, out: Out, shape: Shape) -> Chain:
    """The chain of that shape, running in `runner`; made first if there is no file of it."""
    state, about = _files(shape)
    if not about.exists():
        _make(out, shape, state, about)
    known = json.loads(about.read_text())
    options = (*OPTIONS, *_SERVING, "--load-state", str(state))
    node = runner.anvil(*options, name=f"anvil-{shape.name}", start=LOADING_SECONDS)
    contract, events = known["contract"], 3 + shape.blocks * shape.events
    maker = Maker(node)
    for txs in known.pop("tail"):
        maker.mine([story.Tx(tx[0], bytes.fromhex(tx[1]), tx[2]) for tx in txs], contract)
    count = RoomsOnAnvil(node, contract, known["start_block"]).history().count
    last = node.block_number()
    if count != events:
        about.unlink()
        raise RuntimeError(f"the kept {shape.name} chain is broken and was dropped: run again")
    return Chain(node.url, node.ws_url, last=last, events=events, **known)


def _files(shape: Shape) -> tuple[Path, Path]:
    mark = hashlib.sha256(abi.load().bytecode)
    mark.update(Path(story.__file__).read_bytes())
    mark.update(repr((FORMAT, OPTIONS, TAIL)).encode())
    stem = f"{shape.name}-{shape.blocks}x{shape.events}-{mark.hexdigest()[:12]}"
    return CACHE / f"{stem}.state.json", CACHE / f"{stem}.about.json"


def _make(out: Out, shape: Shape, state: Path, about: Path) -> None:
    out.say(f"making the {shape.name} chain: {shape.blocks} blocks of {shape.events} events")
    CACHE.mkdir(parents=True, exist_ok=True)
    for old in CACHE.glob(f"{shape.name}-{shape.blocks}x{shape.events}-*"):
        old.unlink()
    with Runner(out.folder) as runner:
        options = (*OPTIONS, *_MAKING, "--dump-state", str(state))
        node = runner.anvil(*options, name=f"make-{shape.name}")
        known = _tell(node, shape)
        node.stop(300.0)  # it writes the file now
    about.write_text(json.dumps(known))
    out.say(f"the {shape.name} chain is kept in {state} ({state.stat().st_size / 1e6:.0f} MB)")


def _tell(node: Node, shape: Shape) -> dict[str, Any]:
    """Deploy and tell the story but for its tail, which is returned with the rest."""
    maker = Maker(node)
    rooms = maker.deploy()
    contract = rooms.address
    tale = story.Story(contract, maker.accounts, shape.events)
    tail = []
    for number, txs in enumerate(tale.blocks(shape.blocks)):
        if number < shape.blocks - TAIL:
            maker.mine(txs, contract)
        else:
            tail.append([(tx.sender, tx.data.hex(), tx.value) for tx in txs])
    return {
        "contract": contract,
        "start_block": rooms.start_block,
        "rooms": tale.rooms,
        "tail": tail,
    }
