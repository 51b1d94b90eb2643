"""What the dashboard shows to whoever is on call: first whether all is well, then why not.

Names of metrics are those of metrics.py in indexer, oracle, api, playback and presence.
"""

from __future__ import annotations

from tools.dashboard.grafana import Panel, Query, Row, Word
from tools.dashboard.playback import ADMITTED
from tools.dashboard.presence import ON_AIR
from tools.dashboard.queries import API, BY_JOB, ORACLE, PLAYBACK
from tools.dashboard.rooms import CLOUDFLARE, ROOMS, TRANSACTIONS
from tools.dashboard.services import CHAIN, DATABASE, PROCESSES, READ_API

UID = "livestream-rooms"
TITLE = "Livestream Rooms"
ABOUT = (
    "Rooms, index, oracle, Cloudflare, API, playback and presence. Made by"
    " `python -m tools.dashboard write`."
)

UP_OR_DOWN = {0: Word("down", "red"), 1: Word("up", "green")}
READY_OR_NOT = {0: Word("not ready", "red"), 1: Word("ready", "green")}
HOLDERS = {0: Word("nobody", "red"), 1: Word("held", "green"), 2: Word("two holders", "red")}

WELL = Row(
    "Is it well?",
    [
        Panel(
            "Alerts firing",
            "The rules of monitoring/alerts.yml that fire now; the runbook has an entry for each.",
            "none",
            [
                Query(
                    'max by (alertname, severity, job, instance) (ALERTS{alertstate="firing"})',
                    rare=True,
                )
            ],
            kind="table",
            width=12,
        ),
        Panel(
            "Versions",
            "Which version each service runs; two of one service only during an upgrade.",
            "none",
            [Query("count by (service, version, instance) (livestream_build_info)")],
            kind="table",
            width=12,
        ),
        Panel(
            "Answering",
            "Whether Prometheus reaches each service's /metrics.",
            "none",
            [Query('up{job=~"indexer|oracle|api|playback|presence"}', BY_JOB)],
            ("IndexerDown", "OracleDown", "ApiDown", "PlaybackDown", "PresenceDown"),
            "stat",
            words=UP_OR_DOWN,
        ),
        Panel(
            "Ready",
            "What /readyz of each service answers; a second indexer that waits is not ready.",
            "none",
            [
                Query("indexer_ready", BY_JOB),
                Query(f"oracle_ready{{{ORACLE}}}", BY_JOB),
                Query(f"livestream_api_ready{{{API}}}", BY_JOB),
                Query(f"livestream_playback_ready{{{PLAYBACK}}}", BY_JOB, rare=True),
                Query("presence_ready", BY_JOB, rare=True),
            ],
            (
                "IndexerNotReady",
                "OracleNotReady",
                "ApiNotReady",
                "PlaybackNotReady",
                "PresenceNotReady",
            ),
            "stat",
            words=READY_OR_NOT,
        ),
        Panel(
            "Lease of each operator",
            "How many oracles say that they act for the operator: one, at any time.",
            "none",
            [
                Query(
                    'sum by (chain, contract, operator) (oracle_lease_held{operator=~"$operator"})',
                    "operator {{operator}} on chain {{chain}}",
                )
            ],
            ("NoLeaseHolder", "TwoLeaseHolders"),
            "stat",
            words=HOLDERS,
        ),
    ],
)

ROWS = (
    WELL,
    ROOMS,
    CHAIN,
    TRANSACTIONS,
    CLOUDFLARE,
    READ_API,
    ON_AIR,
    ADMITTED,
    DATABASE,
    PROCESSES,
)
