"""Rooms and the oracle's work on them: what hosts wait for, what it earns and costs, Cloudflare."""

from __future__ import annotations

from tools.dashboard.grafana import Panel, Query, Row, Word
from tools.dashboard.queries import ORACLE, increase, quantile, rate, share

ROOMS = Row(
    "Rooms",
    [
        Panel(
            "Rooms that wait",
            "Rooms that need a live input (provision), a new key's credentials (rekey), or to be "
            "cleared away (release).",
            "short",
            [Query(f"oracle_rooms_waiting{{{ORACLE}}}", "{{work}} {{instance}}")],
            ("RoomsWait",),
        ),
        Panel(
            "Oldest room without a live input",
            "How long the host who has waited longest has waited.",
            "s",
            [Query(f"oracle_oldest_pending_seconds{{{ORACLE}}}")],
            ("RoomsWait",),
            limit=120,
        ),
        Panel(
            "Work that waits",
            "How long the pending rooms will take, as measured. Above half the fulfil deadline the "
            "operator closes itself to new rooms, below a quarter it opens again.",
            "s",
            [Query(f"oracle_work_seconds{{{ORACLE}}}")],
        ),
        Panel(
            "From creation to fulfilment",
            "How long hosts waited for their rooms, over an hour; the chain's confirmations count.",
            "s",
            [quantile(part, "oracle_provision_seconds", ORACLE, "1h") for part in (0.5, 0.99)],
            ("RoomsWait", "FeesForfeited"),
        ),
        Panel(
            "Rooms set up in an hour",
            "Rooms that got their live input in the hour before.",
            "short",
            [increase("oracle_provision_seconds_count", ORACLE, "instance", "1h")],
        ),
        Panel(
            "Income of a day",
            "Fees credited to the payee in a day: of provisioned rooms, and forfeited by hosts who "
            "ended theirs before.",
            "suffix: ether",
            [increase("oracle_income_ether_total", ORACLE, "source", "1d")],
            ("FeesForfeited",),
            stacked=True,
        ),
        Panel(
            "Forfeited share of the income",
            "Which part of a day's fees comes from rooms that ended before they were served.",
            "percentunit",
            [share("increase", "oracle_income_ether_total", 'source="forfeited"', ORACLE, "1d")],
            ("FeesForfeited",),
            limit=0.2,
        ),
        Panel(
            "Steps of the oracle",
            "What the oracle did for rooms, by step and result; anything but ok is tried again.",
            "ops",
            [rate("oracle_steps_total", ORACLE, "step, result")],
        ),
        Panel(
            "On the air after their end",
            "Ended rooms into whose live input somebody still broadcasts.",
            "short",
            [Query(f"oracle_still_connected{{{ORACLE}}}")],
            ("StillConnected",),
            limit=1,
        ),
        Panel(
            "Room numbers given out",
            "Which part of the contract's 2^32 room numbers is used.",
            "percentunit",
            [Query(f"oracle_contract_rooms{{{ORACLE}}} / 2^32")],
            ("ContractNeedsSuccessor",),
            limit=0.5,
        ),
    ],
)

TRANSACTIONS = Row(
    "Transactions and money",
    [
        Panel(
            "Transactions in an hour",
            "What became of the operator's transactions; bumped: offered again at a higher price.",
            "short",
            [increase("oracle_transactions_total", ORACLE, "kind, event", "1h")],
            ("RoomsWait",),
            width=6,
        ),
        Panel(
            "Gas fees of a day",
            "Ether paid for gas by final transactions in a day.",
            "suffix: ether",
            [increase("oracle_fees_ether_total", ORACLE, "kind", "1d")],
            ("OracleBalance",),
            width=6,
            stacked=True,
        ),
        Panel(
            "Balance",
            "Ether of the operator's account, which pays the gas.",
            "suffix: ether",
            [Query(f"oracle_balance_ether{{{ORACLE}}}")],
            ("OracleBalance",),
            width=6,
        ),
        Panel(
            "Days that the balance lasts",
            "At the pace of the last week; the oracle starts nothing new when it is used up.",
            "d",
            [Query(f"oracle_balance_days{{{ORACLE}}}")],
            ("OracleBalance",),
            width=6,
            limit=7,
            low=True,
            words={-1: Word("not known yet", "text")},
        ),
    ],
)

CLOUDFLARE = Row(
    "Cloudflare",
    [
        Panel(
            "Calls by result",
            "Calls to Cloudflare; docs/cloudflare.md says what each result other than ok means.",
            "ops",
            [rate("oracle_cloudflare_calls_total", ORACLE, "result")],
            ("RoomsWait", "OracleNotReady"),
            stacked=True,
        ),
        Panel(
            "Calls by operation",
            "What the oracle asks of Cloudflare.",
            "ops",
            [rate("oracle_cloudflare_calls_total", ORACLE, "operation")],
            stacked=True,
        ),
        Panel(
            "Time of a call",
            "How long Cloudflare takes to answer, by operation, over half an hour.",
            "s",
            [
                quantile(p, "oracle_cloudflare_seconds", ORACLE, "30m", "operation")
                for p in (0.5, 0.99)
            ],
        ),
        Panel(
            "Requests left in the window",
            "How many requests may be sent at once before CLOUDFLARE_REQUESTS makes them wait.",
            "short",
            [Query(f"oracle_cloudflare_budget{{{ORACLE}}}")],
            ("RoomsWait",),
        ),
        Panel(
            "Live inputs found by the last sweep",
            "What the account's live inputs are to the oracle; orphan: no room needs it, foreign: "
            "not made by the oracle.",
            "short",
            [Query(f"oracle_orphans{{{ORACLE}}}", "{{finding}} {{instance}}", rare=True)],
            ("OracleOrphans", "ForeignInputs"),
        ),
        Panel(
            "Deleted by sweeps in a day",
            "Live inputs that belonged to no room and were deleted.",
            "short",
            [increase("oracle_swept_total", ORACLE, "instance", "1d")],
            ("OracleOrphans",),
        ),
    ],
)
