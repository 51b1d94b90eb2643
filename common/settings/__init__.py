"""Every setting of every service, in one typed place: `model` has them all.

`load(OracleSettings)` reads the environment over `.env` and raises `SettingsError` with every
problem at once.
"""

from common.settings.kinds import Bind, ContractRef, Finality
from common.settings.loading import SettingsError, is_secret, load, reread
from common.settings.model import (
    LOCAL_CHAIN_ID,
    SERVICES,
    ApiSettings,
    ChainSettings,
    Common,
    IndexerSettings,
    OracleSettings,
    PlaybackSettings,
    PresenceSettings,
)

__all__ = [
    "LOCAL_CHAIN_ID",
    "SERVICES",
    "ApiSettings",
    "Bind",
    "ChainSettings",
    "Common",
    "ContractRef",
    "Finality",
    "IndexerSettings",
    "OracleSettings",
    "PlaybackSettings",
    "PresenceSettings",
    "SettingsError",
    "is_secret",
    "load",
    "reread",
]
