"""brownie run verification [main]

Writes what a block explorer asks for to verify the source of the deployment on the connected chain:

deployments/<chain id>.verification/standard-input.json   the compiler's whole input
deployments/<chain id>.verification/constructor.txt       the constructor's arguments, ABI-encoded
deployments/<chain id>.verification/README.txt            what to choose in the explorer's form

Sends nothing. It stops if the source at hand is not what was deployed.
"""

from __future__ import annotations

import json
from pathlib import Path

from scripts.support.cli_args import CliArgs, Stop
from scripts.support.code_check import same_code
from scripts.support.deployment_records import load, path_of
from scripts.support.plan import target
from scripts.support.sources import compiler_version, standard_json_input


def main(*given: str) -> None:
    """See above."""
    words = CliArgs(given)
    to = target(words, sends=False)
    words.done()
    record = load(to.chain)
    difference = same_code(to.wallet, to.contract, record["constructor"]["firstRoomId"])
    if difference is not None:
        raise Stop(f"the source here does not match the code at {to.contract}: {difference}")
    folder = path_of(to.chain, "verification")
    for path in write(folder, record["constructor"]["encoded"], to.contract):
        print(path)


def write(folder: Path, constructor: str, address: str) -> list[Path]:
    """Write the three files; their paths."""
    request = standard_json_input()
    request["settings"]["outputSelection"] = {"*": {"*": ["abi", "evm.bytecode", "metadata"]}}
    settings = request["settings"]
    texts = {
        "standard-input.json": json.dumps(request, indent=1) + "\n",
        "constructor.txt": constructor.removeprefix("0x") + "\n",
        "README.txt": (
            f"address      {address}\n"
            "contract     contracts/LivestreamRooms.sol:LivestreamRooms\n"
            f"compiler     {compiler_version()}\n"
            "input        Solidity, standard JSON: standard-input.json\n"
            "constructor  constructor.txt\n"
            f"settings     in the input: optimizer {settings['optimizer']['runs']} runs, via IR,"
            f" {settings['evmVersion']}\n"
        ),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in texts]
