"""The service on real parts.

Promises: `build_service` asks nobody anything: database and nodes are reached when they are needed.
`session_key` is the secret that all processes of the service share, from a file that only its owner
may read.
"""

from __future__ import annotations

import random
from pathlib import Path

from chain.service_node import node_of
from common.clock import SystemClock
from common.database_errors import DatabaseErrors
from common.playback_key import PlaybackKeyFile
from common.private_file import PrivateFileError, read_private
from common.settings import PlaybackSettings
from common.task_keeper import TaskKeeper
from common.web.database import connect
from playback.gate import Gate
from playback.index_view import MongoPlaybackIndex, RoomsView
from playback.metrics import PlaybackMetrics
from playback.mongo_store import MongoPlaybackStore
from playback.proofs import EntryLimits
from playback.service import PlaybackConfig, PlaybackService
from playback.wallet_proof import PATIENCE, WalletProofs

LEAST_KEY = 32


def session_key(path: Path) -> bytes:
    """Raises PrivateFileError."""
    key = read_private(path)
    if len(key) < LEAST_KEY:
        raise PrivateFileError(
            f"{path} needs {LEAST_KEY} random bytes or more: head -c 32 /dev/urandom > {path}"
        )
    return key


def build_service(
    settings: PlaybackSettings, limits: EntryLimits, metrics: PlaybackMetrics
) -> PlaybackService:
    """For one process; made after the fork. Raises PrivateFileError."""
    uri = settings.mongodb_uri.get_secret_value()
    clock, rng, errors = SystemClock(), random.Random(), DatabaseErrors.of(uri)  # noqa: S311
    contracts = tuple(ref.address for ref in settings.contracts)
    index = RoomsView(
        MongoPlaybackIndex(
            connect(uri, "playback"), settings.mongodb_database, contracts,
            oracle_database=settings.oracle_database, errors=errors,
        ),
        clock, settings.chain_id, contracts,
    )  # fmt: skip
    gate_node, proof_node = node_of(settings), node_of(settings, timeout=PATIENCE)
    gate_node.on_call = proof_node.on_call = metrics.node_call

    def release() -> None:
        gate_node.close()
        proof_node.close()

    gate = Gate(
        gate_node, clock,
        confirmations=settings.confirmations, head_age_blocks=settings.head_age_blocks,
        block_seconds=index.block_seconds,
    )  # fmt: skip
    config = PlaybackConfig(
        operator_id=settings.playback_operator_id,
        chain_id=settings.chain_id,
        contracts=contracts,
        origins=settings.playback_origins,
        session_key=session_key(settings.playback_session_key_file),
        token_seconds=settings.playback_token_seconds,
        attendance_days=settings.attendance_days,
        wait_for_hosts=settings.playback_wait_for_hosts,
    )
    return PlaybackService(
        config,
        index,
        MongoPlaybackStore(connect(uri, "playback"), settings.playback_database, errors=errors),
        gate,
        WalletProofs(proof_node),
        PlaybackKeyFile(settings.playback_key_file, clock.now),
        limits,
        clock,
        rng,
        keeper=TaskKeeper(clock, rng, count=metrics.task_restarts),
        release=release,
    )
