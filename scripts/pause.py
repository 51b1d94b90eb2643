"""brownie run pause main from=OWNER switch=on|off

Pauses the creation of rooms, or lets it go on. Nothing else is touched by it.
Also takes chain=ID, contract=0x..., password_file=..., yes. What holds already is not sent.
"""

from __future__ import annotations

from chain import calldata, views
from scripts.support.chainread import read
from scripts.support.cli_args import Words
from scripts.support.plan import Step, carry_out, target


def main(*given: str) -> None:
    """See above."""
    words = Words(given)
    to = target(words)
    on = words.switch("switch")
    words.done()
    now = read(to.wallet, views.read_paused, to.contract)
    text = "pause the creation of rooms" if on else "let rooms be created again"
    carry_out(to, [Step(text, calldata.set_paused(on), done=now == on)], words.yes)
