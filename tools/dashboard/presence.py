"""On the air: what presence knows, and what it asks the playback hosts for that. Where it does not
run, these panels are empty."""

from __future__ import annotations

from tools.dashboard.grafana import Panel, Query, Row
from tools.dashboard.queries import API, ORACLE, PRESENCE, quantile, rate

ON_AIR = Row(
    "On the air",
    [
        Panel(
            "Rooms on the air",
            "Active rooms, by what is said of them: on the air, off, or unknown.",
            "short",
            [Query(f"sum by (live) (presence_rooms{{{PRESENCE}}})", "{{live}}", rare=True)],
            ("PresenceDown",),
            stacked=True,
        ),
        Panel(
            "Rooms on the air, as the API tells",
            "Rooms that the API calls live; none while presence is down and all are unknown.",
            "short",
            [Query(f"livestream_api_rooms_live{{{API}}}")],
            ("PresenceNotReady",),
        ),
        Panel(
            "Presence: since the last beat",
            "From half a minute on, the API calls every room unknown.",
            "s",
            [
                Query(
                    f"time() - max by (job) (presence_last_beat_timestamp_seconds{{{PRESENCE}}})",
                    "{{job}}",
                )
            ],
            ("PresenceNotReady",),
            limit=60,
        ),
        Panel(
            "Questions to playback hosts",
            "Questions a second, by what came of them; slow_down: 429, room: nothing on that room.",
            "ops",
            [rate("presence_questions_total", PRESENCE, "outcome", rare=True)],
            ("PresenceRefused",),
            stacked=True,
        ),
        Panel(
            "Playback hosts that fail",
            "How many playback hosts refuse, or do not answer; their rooms become unknown.",
            "short",
            [Query(f"presence_hosts_failing{{{PRESENCE}}}")],
            ("PresenceRefused",),
            limit=1,
        ),
        Panel(
            "Oldest look",
            "How long ago the last of each kind was looked at; hot ones may change any moment.",
            "s",
            [
                Query(
                    f"presence_oldest_look_seconds{{{PRESENCE}}}",
                    "{{kind}} {{instance}}",
                    rare=True,
                )
            ],
            ("PresenceBehind",),
            limit=30,
        ),
        Panel(
            "Pace of the looks",
            "Seconds between two looks at a room, by its kind, that presence aims at with so many.",
            "s",
            [Query(f"presence_interval_seconds{{{PRESENCE}}}", "{{kind}} {{instance}}", rare=True)],
            ("PresenceBehind",),
        ),
        Panel(
            "Playback hosts: time to answer",
            "Seconds from a question to its answer: median and slowest hundredth.",
            "s",
            [quantile(part, "presence_question_seconds", PRESENCE) for part in (0.5, 0.99)],
        ),
        Panel(
            "The oracle's notes",
            "Questions a second whether a WEBRTC room is on the air, of each oracle, by result.",
            "ops",
            [rate("oracle_live_status_total", ORACLE, "result", rare=True)],
        ),
        Panel(
            "Hints",
            "Rooms a second that pages gave a hint about, and whether it was of use.",
            "ops",
            [rate("presence_hints_total", PRESENCE, "taken", rare=True)],
        ),
    ],
)
