"""Rooms for some only: who is let in, and what the playback service needs for it. Where it does not
run, these panels are empty."""

from __future__ import annotations

from tools.dashboard.grafana import Panel, Query, Row, Word
from tools.dashboard.queries import PLAYBACK, increase, quantile, rate

KEY_OR_NOT = {0: Word("no key", "red"), 1: Word("has a key", "green")}

ADMITTED = Row(
    "Rooms for some only",
    [
        Panel(
            "Viewers let in",
            "Entries and renewals a second, by the role that gave the right.",
            "ops",
            [rate("livestream_playback_admissions_total", PLAYBACK, "act, role", rare=True)],
            ("PlaybackDown",),
            stacked=True,
        ),
        Panel(
            "Refused, by kind",
            "Answers a second that are problems; those that end in -unavailable are ours to mend.",
            "ops",
            [rate("livestream_playback_refusals_total", PLAYBACK, "problem", rare=True)],
            ("PlaybackNotReady", "PlaybackKeyMissing"),
            stacked=True,
        ),
        Panel(
            "Playback: time to answer",
            "Seconds from a request's headers to its answer: median and slowest hundredth.",
            "s",
            [
                quantile(part, "livestream_playback_request_seconds", PLAYBACK)
                for part in (0.5, 0.99)
            ],
        ),
        Panel(
            "Playback: signing key",
            "Whether there is a key that tokens can be signed with.",
            "none",
            [Query(f"livestream_playback_key{{{PLAYBACK}}}")],
            ("PlaybackKeyMissing",),
            "stat",
            words=KEY_OR_NOT,
        ),
        Panel(
            "Playback: error of the clock",
            "How far this machine's clock is from Cloudflare's, which decides when a token ends.",
            "s",
            [Query(f"abs(livestream_playback_clock_error_seconds{{{PLAYBACK}}})")],
            ("PlaybackClock",),
            limit=10,
        ),
        Panel(
            "Playback: calls to the nodes",
            "What nodes are asked about gates and contract wallets, by result.",
            "ops",
            [rate("livestream_playback_node_calls_total", PLAYBACK, "method, result", rare=True)],
            ("PlaybackNotReady",),
        ),
        Panel(
            "Playback: workers replaced",
            "Workers whose event loop stood still for a minute, in an hour.",
            "short",
            [increase("livestream_playback_stuck_workers_total", PLAYBACK, "instance", "1h")],
            ("PlaybackWorkerStuck",),
            limit=1,
        ),
    ],
)
