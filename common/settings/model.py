"""Every setting of every service, typed and explained.

Promises: a field's name in upper case is the environment's; its description is what `.env.example`
and an error say of it; a field of type `SecretStr` is a secret.
Assumes: `common.settings.loading.load` makes the models; `cross_check` sees the texts as given, so
that its problems are reported together with the others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from common.settings.kinds import (
    Address,
    Bind,
    ContractRef,
    Database,
    Finality,
    HttpUrl,
    Listen,
    MongoUri,
    Origins,
    RateLimit,
    ServiceAddresses,
    UrlOrOff,
    Urls,
    UserAgent,
    read_contracts,
    read_finality,
)

LOCAL_CHAIN_ID = 31337
PLAYBACK_KEY_FILE = "keys/playback-key.json"


class Common(BaseModel):
    """What every service shares: how it logs."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    log_format: Literal["json", "console"] = Field(
        "json", description="json, or console for reading in a terminal"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="lowest level that is logged"
    )

    @classmethod
    def cross_check(cls, values: Mapping[str, str]) -> list[str]:
        """Problems that concern several settings together. Keys are field names."""
        return []


class ChainSettings(Common):
    """Where the chain and the index are. Common to all services."""

    chain_id: int = Field(ge=1, description="the chain's id; a node of another chain is refused")
    rpc_urls: Urls = Field(
        description="nodes, best first, comma-separated; ws(s):// announces its host's new heads"
    )
    contracts: Annotated[tuple[ContractRef, ...], BeforeValidator(read_contracts)] = Field(
        description="address@startblock of LivestreamRooms; several: comma-separated, newest last"
    )
    confirmations: int = Field(
        2, ge=0, le=1000, description="blocks on top before the oracle creates or disables anything"
    )
    finality: Annotated[Finality, BeforeValidator(read_finality)] = Field(
        Finality("finalized"),
        description="finalized, safe, or depth:N (up to 1900) on a chain without those tags",
    )
    poll_seconds: float = Field(
        1.0,
        gt=0,
        le=60,
        description="seconds between polls of the head while no ws address announces it",
    )
    head_age_blocks: int = Field(
        15,
        ge=2,
        le=100_000,
        description="block times without a new block after which /readyz notes that the chain"
        " stands still; a block time is measured, and 15 s pass in any case",
    )
    rpc_timeout_seconds: float = Field(
        10.0, gt=0, le=120, description="timeout of one request to a node"
    )
    mongodb_uri: MongoUri = Field(
        description="MongoDB, for example mongodb://user:pw@host/?replicaSet=rs0"
    )
    mongodb_database: Database = Field("livestream", description="database of the index")

    @property
    def contract(self) -> ContractRef:
        """The contract in which new rooms are created: the last one named."""
        return self.contracts[-1]


class IndexerSettings(ChainSettings):
    """python -m indexer."""

    indexer_http: Listen = Field(
        Bind("127.0.0.1", 9101), description="host:port of /healthz, /readyz and /metrics"
    )
    verify_seconds: float = Field(
        60.0,
        gt=0,
        description="seconds between comparisons of the history hash with the contract's",
    )


class OracleSettings(ChainSettings):
    """python -m oracle."""

    oracle_operator_id: int = Field(ge=1, le=65535, description="the operator this oracle acts for")
    oracle_keystore: Path | None = Field(
        None, description="encrypted keystore of the operator's account"
    )
    oracle_keystore_password_file: Path | None = Field(
        None, description="file with the keystore's password"
    )
    oracle_private_key: SecretStr | None = Field(
        None, description="plain key, on chain 31337 only (or ORACLE_PRIVATE_KEY_FILE)"
    )
    oracle_signer_url: HttpUrl | None = Field(
        None, description="a remote signer that speaks web3signer's API"
    )
    oracle_signer_address: Address | None = Field(
        None, description="the account that the remote signer signs for"
    )
    cloudflare_account_id: str = Field(
        min_length=1, max_length=32, pattern=r"^\w+$", description="the Cloudflare account"
    )
    cloudflare_api_token: SecretStr | None = Field(
        None, description="API token with Stream:Edit (or CLOUDFLARE_API_TOKEN_FILE)"
    )
    cloudflare_email: str | None = Field(
        None, description="instead of a token: the account's email"
    )
    cloudflare_api_key: SecretStr | None = Field(
        None, description="instead of a token: the global API key (or CLOUDFLARE_API_KEY_FILE)"
    )
    cloudflare_api_base: HttpUrl = Field(
        "https://api.cloudflare.com/client/v4", description="Cloudflare's API"
    )
    cloudflare_requests: int = Field(
        1200, ge=1, description="requests the account may make in one window"
    )
    cloudflare_window_seconds: float = Field(
        300.0, gt=0, description="length of that window in seconds"
    )
    cloudflare_timeout_seconds: float = Field(
        15.0, gt=0, le=120, description="timeout of one request to Cloudflare"
    )
    playback_key_file: str = Field(
        PLAYBACK_KEY_FILE,
        min_length=1,
        description="file that python -m oracle playback-key keeps the signing key of rooms for"
        " some only in; python -m playback reads it",
    )
    playback_service_url: HttpUrl | None = Field(
        None,
        description="this operator's playback service, for playback-key delete: it asks which key"
        " is in use",
    )
    recording_retention_days: int = Field(
        45,
        ge=0,
        le=1096,
        description="days to keep recordings of BROADCAST rooms, 30 to 1096; 0: delete at the end",
    )
    oracle_database: Database = Field(
        "livestream_oracle", description="database of the oracle's journal and lease"
    )
    oracle_http: Listen = Field(
        Bind("127.0.0.1", 9102), description="host:port of /healthz, /readyz and /metrics"
    )
    oracle_lease_seconds: float = Field(
        12.0,
        ge=3,
        le=12,
        description="seconds without renewal after which an oracle's lease expires",
    )
    max_fee_gwei: float = Field(
        100.0,
        gt=0,
        description="highest price per unit of gas; above it the oracle waits and reports it",
    )
    max_tip_gwei: float = Field(
        50.0,
        gt=0,
        description="highest tip (priority fee) within MAX_FEE_GWEI: no node can suggest or demand"
        " more; Polygon wants 25",
    )
    min_tip_gwei: float = Field(0.01, ge=0, description="lowest tip, whatever less a node suggests")
    oracle_self_closing: Literal["on", "off"] = Field(
        "on",
        description="on: an operator with more than half a fulfil deadline's work takes no new"
        " rooms until it has less than a quarter",
    )
    oracle_live_status: Literal["auto", "off"] = Field(
        "auto",
        description="auto: notes for the presence service which WEBRTC rooms Cloudflare says are on"
        " air, at most one request a second; off: none",
    )

    @classmethod
    def cross_check(cls, values: Mapping[str, str]) -> list[str]:
        problems = []
        if not values.get("cloudflare_api_token"):
            if not values.get("cloudflare_email") and not values.get("cloudflare_api_key"):
                problems.append(
                    "CLOUDFLARE_API_TOKEN: missing (or CLOUDFLARE_EMAIL with CLOUDFLARE_API_KEY)"
                )
            elif not values.get("cloudflare_email"):
                problems.append("CLOUDFLARE_EMAIL: missing; CLOUDFLARE_API_KEY needs it")
            elif not values.get("cloudflare_api_key"):
                problems.append("CLOUDFLARE_API_KEY: missing; CLOUDFLARE_EMAIL needs it")
        days = values.get("recording_retention_days", "")
        if days.isdigit() and 0 < int(days) < 30:
            problems.append("RECORDING_RETENTION_DAYS: Cloudflare's minimum is 30 days; or set 0")
        return problems + _fee_problems(values) + _signer_problems(values)


def _fee_problems(values: Mapping[str, str]) -> list[str]:
    """Limits that contradict each other. A default gives way to the limit above it."""
    limits: dict[str, float] = {}
    above = math.inf
    for name in ("max_fee_gwei", "max_tip_gwei", "min_tip_gwei"):
        default = float(OracleSettings.model_fields[name].default)
        try:
            limits[name] = float(values[name])
        except (KeyError, ValueError):
            limits[name] = min(default, above)
        above = limits[name]
    return [
        f"{low.upper()}: {limits[low]:g} is above {high.upper()} ({limits[high]:g}): lower it, or"
        f" raise {high.upper()}"
        for high, low in pairwise(limits)
        if limits[low] > limits[high]
    ]


def _signer_problems(values: Mapping[str, str]) -> list[str]:
    names = ("oracle_keystore", "oracle_private_key", "oracle_signer_url")
    given = [name for name in names if values.get(name)]
    if len(given) > 1:
        return [f"{' and '.join(n.upper() for n in given)}: set only one of them"]
    if not given:
        return [
            "ORACLE_KEYSTORE: missing (or ORACLE_SIGNER_URL; on chain 31337 ORACLE_PRIVATE_KEY)"
        ]
    if given == ["oracle_keystore"] and not values.get("oracle_keystore_password_file"):
        return ["ORACLE_KEYSTORE_PASSWORD_FILE: missing; ORACLE_KEYSTORE needs it"]
    if given == ["oracle_signer_url"] and not values.get("oracle_signer_address"):
        return ["ORACLE_SIGNER_ADDRESS: missing; ORACLE_SIGNER_URL needs it"]
    if given == ["oracle_private_key"] and values.get("chain_id") not in (
        None,
        str(LOCAL_CHAIN_ID),
    ):
        return ["ORACLE_PRIVATE_KEY: only on chain 31337; use ORACLE_KEYSTORE or ORACLE_SIGNER_URL"]
    return []


class ApiSettings(ChainSettings):
    """python -m api."""

    api_bind: Listen = Field(Bind("127.0.0.1", 8080), description="host:port the API listens on")
    api_workers: int = Field(2, ge=1, le=64, description="worker processes")
    api_connections: int = Field(
        8000, ge=10, le=50_000, description="maximum of open connections per worker process"
    )
    api_connections_per_client: int = Field(
        2400,
        ge=1,
        le=50_000,
        description="maximum of these per client: a school of 300 browsers with six each, and a"
        " third more; not counted behind a proxy",
    )
    api_trusted_proxies: int = Field(
        0,
        ge=0,
        le=5,
        description="number of proxies in front, each adding the address it was asked from to"
        " X-Forwarded-For; with 0 behind a proxy all visitors count as one client",
    )
    api_patience_seconds: int = Field(
        20,
        ge=1,
        le=300,
        description="seconds to wait for headers, a body, the next request, or a stalled client",
    )
    api_rate_limit: RateLimit = Field(
        "6000/minute",
        description="questions per client, in Flask-Limiter's notation, or off: the busiest minute"
        " of a school of 300 browsers behind one address, 3,800, and half as many again",
    )
    api_page_rate_limit: RateLimit = Field(
        "12000/minute",
        description="the page's documents, files and settings per client, apart from these: 300"
        " browsers with empty caches, twice",
    )
    api_database_rate_limit: RateLimit = Field(
        "600/minute",
        description="of the questions those that read the database, since memory has no answer:"
        " what a crowd asks alike counts once, a search for ever new words each time",
    )
    api_transaction_rate_limit: RateLimit = Field(
        "30/minute", description="of these for transactions (create, end ...), which call the node"
    )
    api_stream_listeners: int = Field(
        2000, ge=1, le=50_000, description="maximum of open event streams per worker process"
    )
    api_stream_listeners_per_client: int = Field(
        600,
        ge=1,
        le=50_000,
        description="maximum of these per client: a school of 300 fits into one worker process,"
        " reloads included",
    )
    public_url: HttpUrl | None = Field(
        None,
        description="public URL of the API; share links, their pictures and docs point there",
    )
    public_rpc_url: HttpUrl | None = Field(
        None, description="a node for browsers; sent to every visitor, so it must not contain a key"
    )
    oracle_database: Database = Field(
        "livestream_oracle", description="database with the list of recordings"
    )
    presence_database: Database = Field(
        "livestream_presence", description="database of who is on air; python -m presence writes it"
    )
    presence_url: UrlOrOff = Field(
        "http://127.0.0.1:9103",
        description="python -m presence, which hints are passed on to; off: none are",
    )
    operator_contact: str | None = Field(
        None,
        max_length=200,
        description="where viewers report a room: an https: or mailto: address",
    )
    playback_services: ServiceAddresses = Field(
        {},
        description="where rooms for some only are watched: operator=public address of its playback"
        " service, comma-separated; without one such a room cannot be watched",
    )


LEAST_TOKEN_SECONDS = 300
LEAST_LOCAL_TOKEN_SECONDS = 20


class PlaybackSettings(ChainSettings):
    """python -m playback."""

    playback_bind: Listen = Field(
        Bind("127.0.0.1", 8090), description="host:port the playback service listens on"
    )
    playback_operator_id: int = Field(
        ge=1, le=65535, description="the one operator whose rooms it plays"
    )
    playback_key_file: Path = Field(
        Path(PLAYBACK_KEY_FILE),
        description="file with that operator's signing key (python -m oracle playback-key create);"
        " read again when it changes",
    )
    playback_session_key_file: Path = Field(
        description="file of 32 random bytes or more, mode 0600, that sessions are signed with"
    )
    playback_origins: Origins = Field(
        description="origins of the pages that may ask, comma-separated; the first is the page's"
    )
    playback_database: Database = Field(
        "livestream_playback", description="database of seats, revocations and attendance"
    )
    playback_token_seconds: int = Field(
        600,
        ge=LEAST_LOCAL_TOKEN_SECONDS,
        le=900,
        description="life of a playback token, 300 to 900 seconds; from 20 on chain 31337",
    )
    playback_wait_for_hosts: bool = Field(
        True,
        description="with a fresh database refuse older invitations until their host has been back,"
        " who brings the revocations",
    )
    attendance_days: int = Field(
        30, ge=1, le=365, description="days to keep who was there, for the room's host of that time"
    )
    playback_workers: int = Field(2, ge=1, le=64, description="worker processes")
    playback_connections: int = Field(
        8000, ge=10, le=50_000, description="maximum of open connections per worker process"
    )
    playback_connections_per_client: int = Field(
        2400,
        ge=1,
        le=50_000,
        description="maximum of these per client, as the API's; not counted behind a proxy",
    )
    playback_trusted_proxies: int = Field(
        0, ge=0, le=5, description="number of proxies in front, as the API's"
    )
    playback_patience_seconds: int = Field(
        20, ge=1, le=300, description="seconds to wait for a peer, as the API's"
    )
    playback_entry_rate_limit: RateLimit = Field(
        "300/minute",
        description="entries per client, once their proof held: a school of 300 is one address",
    )
    playback_failure_rate_limit: RateLimit = Field(
        "300/minute", description="refused entries per client, counted apart; over it none is read"
    )
    playback_rate_limit: RateLimit = Field(
        "6000/minute",
        description="everything else per client: renewals, the host's page; as the API's",
    )
    playback_wallet_rate_limit: RateLimit = Field(
        "30/minute", description="entries of one wallet, once its signature held"
    )
    playback_link_rate_limit: RateLimit = Field(
        "600/minute",
        description="entries by one link, once its signature held: a link may have 500 seats",
    )
    playback_proof_rate_limit: RateLimit = Field(
        "60/minute",
        description="signatures of contract wallets per client, which nodes are asked about",
    )
    playback_cloudflare_date_url: HttpUrl = Field(
        "https://videodelivery.net",
        description="an address of Cloudflare Stream's, whose Date header tells this clock's error",
    )
    oracle_database: Database = Field(
        "livestream_oracle", description="database with the list of recordings"
    )

    @classmethod
    def cross_check(cls, values: Mapping[str, str]) -> list[str]:
        seconds = values.get("playback_token_seconds", "")
        local = values.get("chain_id") in (None, str(LOCAL_CHAIN_ID))
        if seconds.isdigit() and int(seconds) < LEAST_TOKEN_SECONDS and not local:
            return [
                f"PLAYBACK_TOKEN_SECONDS: needs {LEAST_TOKEN_SECONDS} at least; only chain"
                f" {LOCAL_CHAIN_ID} may have less"
            ]
        return []


class PresenceSettings(ChainSettings):
    """python -m presence."""

    presence_http: Listen = Field(
        Bind("127.0.0.1", 9103),
        description="host:port of /healthz, /readyz, /metrics and of the API's hints",
    )
    presence_database: Database = Field(
        "livestream_presence", description="database of who is on air, and of its lease"
    )
    presence_lease_seconds: float = Field(
        12.0,
        ge=3,
        le=12,
        description="seconds without renewal after which presence's lease expires",
    )
    presence_questions_per_second: int = Field(
        20, ge=1, le=20, description="most questions to Cloudflare's playback hosts in any second"
    )
    presence_user_agent: UserAgent | None = Field(
        None,
        description="what these hosts are told of who asks; by default our name and version, with"
        " OPERATOR_CONTACT",
    )
    oracle_database: Database = Field(
        "livestream_oracle", description="database with the oracle's notes on who is on air"
    )
    operator_contact: str | None = Field(
        None, max_length=200, description="whom the owner of those hosts may write to"
    )


SERVICES: tuple[type[Common], ...] = (
    IndexerSettings,
    OracleSettings,
    ApiSettings,
    PlaybackSettings,
    PresenceSettings,
)
