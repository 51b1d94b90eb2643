"""brownie run pause main from=OWNER switch=on|off

Pauses the creation of rooms, or resumes it. It changes nothing else.
Also takes chain=ID, contract=0x..., password_file=..., yes, and if it sends print=call (then
`from` may be an address). Steps already done are skipped.
"""

from __future__ import annotations

from chain import calldata, views
from scripts.support.chain_reads import read
from scripts.support.cli_args import CliArgs
from scripts.support.plan import PlannedTransaction, carry_out, target


def main(*given: str) -> None:
    """See above."""
    words = CliArgs(given)
    to = target(words)
    on = words.switch("switch")
    words.done()
    now = read(to.wallet, views.read_paused, to.contract)
    text = "pause the creation of rooms" if on else "resume the creation of rooms"
    carry_out(to, [PlannedTransaction(text, calldata.set_paused(on), done=now == on)], words.yes)
