"""The playback service on real parts: a chain, the contract, a database, the real indexer, and an
operator's signing key.

Promises: started by `with`; everything but the service, which `service` starts, as often as wanted.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from eth_keys.datatypes import PrivateKey

from chain.calldata import Terms
from common.playback_key import PlaybackKey, PlaybackKeys
from localnet.dev_accounts import CHAIN_ID, cast
from localnet.invitations import HostSigner
from localnet.rooms_on_anvil import TERMS, RoomsOnAnvil
from localnet.runner import Runner
from localnet.services import ServiceProcess, chain_settings, playback_settings
from playback.delegation import RoomRegistry

ORIGIN = "http://127.0.0.1:8080"


class PlaybackSite:
    """`key_file`: the signing key's; `signing_key`: the one that was made first.
    `chain_options`: of anvil's."""

    chain_options: tuple[str, ...] = ()

    def __init__(self, folder: Path, terms: Terms = TERMS) -> None:
        self.runner = Runner(folder)
        self.key_file = folder / "playback-key.json"
        self._folder = folder
        self._terms = terms

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as undo:
            undo.enter_context(self.runner)
            self.node = self.runner.anvil(*self.chain_options)
            self.storage = self.runner.new_folder("data")
            self.mongo = self.runner.mongo(storage=self.storage, sync=True)
            self.rooms = RoomsOnAnvil.deploy(self.node, terms=self._terms)
            self.signing_key = self.new_signing_key("f" * 32)
            self.indexer = self.runner.service("indexer", self._settings())
            self.furnish()
            self.indexer.wait_ready(self.indexer.ready, 60.0)
            undo.pop_all()
        return self

    def __exit__(self, *error: Any) -> None:
        self.runner.stop()

    def furnish(self) -> None:
        """Make rooms, while the indexer starts."""

    def room(self, gate: str = "", title: bytes = b"a class") -> int:
        """A provisioned room of the first host; without `gate` by invitation."""
        room = self.rooms.create(title, gate=gate or self.rooms.address)
        self.rooms.fulfill(room)
        return room

    def host(self) -> HostSigner:
        """The first host in a new browser."""
        registry = RoomRegistry(CHAIN_ID, self.rooms.address)
        return HostSigner(PrivateKey(bytes(cast().host.key)), registry, ORIGIN)

    def new_signing_key(self, kid: str) -> RSAPrivateKey:
        """Puts another key into the file, as a rotation does."""
        key = generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        keys = PlaybackKeys("a" * 32, PlaybackKey(kid, pem.decode(), int(time.time())))
        keys.save(self.key_file, replace=True)
        return key

    def settings(self, **more: str) -> dict[str, str]:
        """The service's."""
        own = playback_settings(
            self._folder, key_file=self.key_file, origins=[ORIGIN], date_url=self.node.url
        )
        return {**self._settings(), **own, **more}

    def service(self, **more: str) -> ServiceProcess:
        """The service, once it answers."""
        service = self.runner.service("playback", self.settings(**more))
        service.wait_ready(service.answers, 60.0)
        return service

    def _settings(self) -> dict[str, str]:
        return chain_settings(
            (self.node.url, self.node.ws_url), [self.rooms.ref], self.mongo.uri,
            FINALITY="depth:64", CONFIRMATIONS="0", LOG_LEVEL="warning",
        )  # fmt: skip
