"""What the API needs to know, apart from where its data comes from.

Promises: plain values, made once at start from `common.settings.ApiSettings`; no secret among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from common.settings import LOCAL_CHAIN_ID, ApiSettings, ContractRef

PAGE_FOLDER = Path(__file__).resolve().parent.parent / "dapp" / "dist"


@dataclass(frozen=True)
class ApiConfig:
    """`contracts`: newest last, addresses lower case. `..._limit`: as Flask-Limiter writes it,
    or "off" (see `api.rate_limits`). `listeners`: event streams one process carries,
    `listeners_per_client` of them for one client. `playback_services`: of operators, by number.
    `presence_url`: of `python -m presence`, "": no hints are handed on."""

    chain_id: int
    contracts: tuple[ContractRef, ...]
    confirmations: int = 2
    head_age_blocks: int = 15
    rate_limit: str = "6000/minute"
    page_rate_limit: str = "12000/minute"
    database_rate_limit: str = "600/minute"
    transaction_rate_limit: str = "30/minute"
    trusted_proxies: int = 0
    listeners: int = 2000
    listeners_per_client: int = 600
    public_url: str | None = None
    public_rpc_url: str | None = None
    operator_contact: str | None = None
    page_folder: Path = PAGE_FOLDER
    log_format: str = "json"
    playback_services: Mapping[int, str] = field(default_factory=dict)
    presence_url: str = ""

    @classmethod
    def of(cls, settings: ApiSettings) -> ApiConfig:
        return cls(
            chain_id=settings.chain_id,
            contracts=settings.contracts,
            confirmations=settings.confirmations,
            head_age_blocks=settings.head_age_blocks,
            rate_limit=settings.api_rate_limit,
            page_rate_limit=settings.api_page_rate_limit,
            database_rate_limit=settings.api_database_rate_limit,
            transaction_rate_limit=settings.api_transaction_rate_limit,
            trusted_proxies=settings.api_trusted_proxies,
            listeners=settings.api_stream_listeners,
            listeners_per_client=settings.api_stream_listeners_per_client,
            public_url=settings.public_url,
            public_rpc_url=settings.public_rpc_url,
            operator_contact=settings.operator_contact,
            log_format=settings.log_format,
            playback_services=settings.playback_services,
            presence_url=settings.presence_url,
        )

    @property
    def contract(self) -> str:
        """Where new rooms are created."""
        return self.contracts[-1].address

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(ref.address for ref in self.contracts)

    @property
    def demo(self) -> bool:
        """Whether this is the local chain, whose accounts anybody may use."""
        return self.chain_id == LOCAL_CHAIN_ID
