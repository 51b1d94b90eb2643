"""Who is who on the local chain: the accounts of anvil's well-known development mnemonic.

Their keys are public. They are worth nothing anywhere else, and everything here refuses other
chains than 31337.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from eth_account import Account
from eth_account.signers.local import LocalAccount

MNEMONIC = "test test test test test test test test test test test junk"
CHAIN_ID = 31337


class Cast(NamedTuple):
    """The accounts by their part."""

    owner: LocalAccount
    operator: LocalAccount
    moderator: LocalAccount
    host: LocalAccount
    payee: LocalAccount


@cache  # a tenth of a second's work
def cast() -> Cast:
    """The first accounts of the mnemonic, in order."""
    Account.enable_unaudited_hdwallet_features()
    accounts = (
        Account.from_mnemonic(MNEMONIC, account_path=f"m/44'/60'/0'/0/{i}")
        for i in range(len(Cast._fields))
    )
    return Cast(*accounts)
