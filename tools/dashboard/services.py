"""What the services stand on: chain, nodes, index, database, processes; and the API's visitors."""

from __future__ import annotations

from tools.dashboard.grafana import Panel, Query, Row, Word
from tools.dashboard.queries import (
    API,
    BY_JOB,
    ORACLE,
    PROGRAMS,
    increase,
    quantile,
    rate,
    share,
)

STOPPED_OR_NOT = {0: Word("runs", "green"), 1: Word("stopped", "red")}
FAILURES = "oracle_job_failures_total"
USED_OR_NOT = {0: Word("left out", "orange"), 1: Word("in use", "green")}

CHAIN = Row(
    "Chain and index",
    [
        Panel(
            "Age of the newest block",
            "How old the newest block is that each service knows, and from when that is too old.",
            "s",
            [
                Query("indexer_head_age_seconds", "indexer {{instance}}"),
                Query("indexer_head_age_limit_seconds", "limit of indexer {{instance}}"),
                Query(f"oracle_head_age_seconds{{{ORACLE}}}", "oracle {{instance}}"),
                Query(f"livestream_api_head_age_seconds{{{API}}}", "API {{instance}}"),
            ],
            ("ChainStandsStill",),
        ),
        Panel(
            "Index behind the chain",
            "How many blocks the index lacks, as the indexer and as the API see it.",
            "short",
            [
                Query("indexer_head_block - indexer_block", "indexer {{instance}} {{contract}}"),
                Query(f"livestream_api_index_lag_blocks{{{API}}}", "API {{instance}}"),
            ],
            ("IndexStale",),
            limit=20,
        ),
        Panel(
            "Since the indexer read the chain",
            "How long ago the indexer last looked at the chain, as the API finds it in the index.",
            "s",
            [Query(f"livestream_api_index_lag_seconds{{{API}}}")],
            ("IndexStale", "IndexerNotReady"),
            limit=60,
        ),
        Panel(
            "Index",
            "Whether the index of each contract goes on, or has stopped until an operator acts.",
            "none",
            [Query("indexer_stopped", "{{contract}}")],
            ("IndexStopped",),
            "stat",
            words=STOPPED_OR_NOT,
        ),
        Panel(
            "Nodes in use",
            "Whether each node of RPC_URLS gets requests.",
            "none",
            [Query("rpc_endpoint_healthy", "{{endpoint}}")],
            ("NodeLeftOut",),
            "stat",
            words=USED_OR_NOT,
        ),
        Panel(
            "Events in the index",
            "How many of the contract's events are indexed.",
            "short",
            [Query("indexer_events", "{{contract}}")],
            kind="stat",
        ),
        Panel(
            "Nodes: time to answer",
            "How long each node takes for an answer, smoothed.",
            "s",
            [Query("rpc_endpoint_latency_seconds", "{{endpoint}} {{instance}}")],
        ),
        Panel(
            "Nodes: failed calls",
            "Calls that a node failed, and answers that made no sense.",
            "ops",
            [rate("rpc_endpoint_errors_total", "", "endpoint, instance")],
            ("NodeLeftOut",),
        ),
        Panel(
            "Nodes: age of the head",
            "How old each node's newest block is; one that stands alone lags behind the others.",
            "s",
            [Query("rpc_endpoint_head_age_seconds", "{{endpoint}} {{instance}}")],
            ("NodeLeftOut", "ChainStandsStill"),
        ),
    ],
)

READ_API = Row(
    "API",
    [
        Panel(
            "Requests by status",
            "Answers a second; 503: the index cannot be read, 429: a client asks too much.",
            "reqps",
            [rate("livestream_api_requests_total", API, "status")],
            ("ApiNotReady",),
            stacked=True,
        ),
        Panel(
            "Requests by route",
            "Answers a second, by route.",
            "reqps",
            [rate("livestream_api_requests_total", API, "route")],
            stacked=True,
        ),
        Panel(
            "Refused as too many",
            "Answers 429: which limit it was is in the answer, whose it was in the access log.",
            "reqps",
            [rate("livestream_api_requests_total", f'status="429", {API}', "route", rare=True)],
        ),
        Panel(
            "Time to answer",
            "Seconds from a request's headers to its answer: median and slowest hundredth.",
            "s",
            [quantile(part, "livestream_api_request_seconds", API) for part in (0.5, 0.99)],
        ),
        Panel(
            "Time to answer by route",
            "The slowest hundredth of each route, over half an hour.",
            "s",
            [quantile(0.99, "livestream_api_request_seconds", API, "30m", "route")],
        ),
        Panel(
            "Answered from memory",
            "Which part of the questions needed no database.",
            "percentunit",
            [share("rate", "livestream_api_memory_lookups_total", 'result="hit"', API)],
        ),
        Panel(
            "Open event streams",
            "Pages that are told of changes at this moment.",
            "short",
            [Query(f"livestream_api_stream_listeners{{{API}}}")],
        ),
        Panel(
            "Calls to the node",
            "What the API asks the chain's node for hosts who are about to send a transaction.",
            "ops",
            [rate("livestream_api_node_calls_total", API, "method, result", rare=True)],
        ),
        Panel(
            "Workers replaced",
            "Workers of the API whose event loop stood still for a minute, in an hour.",
            "short",
            [increase("livestream_api_stuck_workers_total", API, "instance", "1h")],
            ("ApiWorkerStuck",),
            limit=1,
        ),
    ],
)

DATABASE = Row(
    "Database",
    [
        Panel(
            "Since the API read the index",
            "Grows while the database does not answer the API.",
            "s",
            [Query(f"livestream_api_view_age_seconds{{{API}}}")],
            ("ApiNotReady",),
            limit=60,
        ),
        Panel(
            "Indexer: failed cycles",
            "Looks at the chain that failed, by kind of error; StoreError is the database.",
            "ops",
            [rate("indexer_failures_total", "", "kind, instance", rare=True)],
            ("IndexerNotReady",),
        ),
        Panel(
            "Oracle: jobs that fail",
            "Failed runs of the oracle's jobs in five minutes, by job.",
            "short",
            [increase(FAILURES, ORACLE, "exported_job, instance", "5m", rare=True)],
            ("OracleJobFails",),
        ),
        Panel(
            "Oracle: lease won and lost",
            "How often an oracle won or lost its lease in an hour: at a start or stop, or when the "
            "database is away.",
            "short",
            [increase("oracle_lease_changes_total", ORACLE, "event, instance", "1h")],
            ("NoLeaseHolder", "TwoLeaseHolders"),
        ),
        Panel(
            "Oracle: last run of each job",
            "How long each job's last run took; a slow database or node shows here first.",
            "s",
            [Query(f"oracle_job_seconds{{{ORACLE}}}", "{{exported_job}} {{instance}}")],
            ("OracleJobFails",),
        ),
        Panel(
            "Indexer: last cycle",
            "How long the last look at the chain took, with what it wrote.",
            "s",
            [Query("indexer_cycle_seconds")],
        ),
    ],
)

PROCESSES = Row(
    "Processes",
    [
        Panel(
            "Memory",
            "Resident memory of indexer, oracle and presence; the engine tells the others'.",
            "bytes",
            [Query(f"process_resident_memory_bytes{{{PROGRAMS}}}", BY_JOB)],
        ),
        Panel(
            "Processor time",
            "Processors in use, 1 being a whole one.",
            "short",
            [rate("process_cpu_seconds_total", PROGRAMS, "job, instance")],
        ),
        Panel(
            "Open files",
            "Files and connections that indexer, oracle and presence hold open.",
            "short",
            [Query(f"process_open_fds{{{PROGRAMS}}}", BY_JOB)],
        ),
        Panel(
            "Starts in a quarter of an hour",
            "How often indexer, oracle and presence were started again.",
            "short",
            [Query(f"changes(process_start_time_seconds{{{PROGRAMS}}}[15m])", BY_JOB)],
            ("ServiceRestarts",),
            limit=3,
        ),
        Panel(
            "Event loop silent",
            "For how long the event loop has stood still; after 120 s the process ends by itself.",
            "s",
            [
                Query("indexer_heartbeat_age_seconds", BY_JOB),
                Query(f"oracle_heartbeat_age_seconds{{{ORACLE}}}", BY_JOB),
                Query("presence_heartbeat_age_seconds", BY_JOB, rare=True),
            ],
            ("EventLoopStuck",),
            limit=30,
        ),
        Panel(
            "Tasks restarted",
            "Parts of a service that died of a bug and were started anew, in a quarter of an hour.",
            "short",
            [
                increase(
                    f"{service}_task_restarts_total", "", "job, instance, task", "15m", rare=rare
                )
                for service, rare in (
                    ("indexer", False),
                    ("oracle", False),
                    ("livestream_api", False),
                    ("livestream_playback", True),  # its task begins with the first viewer
                    ("presence", True),
                )
            ],
            ("TaskRestarts",),
            limit=1,
        ),
    ],
)
