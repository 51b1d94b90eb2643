"""The service's kinds of problems.

Promises: `CATALOGUE` is the whole list, those that every service has among them
(`common.web.problems`); docs, OpenAPI document and the page's words are made from it.
"""

from __future__ import annotations

from common.web.problems import Problem, ProblemKind, catalogue

__all__ = ["CATALOGUE", "Problem", "ProblemKind"]

CATALOGUE = catalogue(
    ProblemKind("invitation-malformed", 400, "The invitation cannot be read",
        "Ask for the link again, and open it whole: it was cut or altered on its way."),
    ProblemKind("session-invalid", 401, "The session is none of this service's",
        "Enter again, with the invitation or the wallet."),
    ProblemKind("session-over", 401, "The session is over",
        "Enter again, with the invitation or the wallet."),
    ProblemKind("origin-refused", 403, "The page is not one of ours",
        "Open the room on the page that its operator names."),
    ProblemKind("proof-invalid", 403, "The signature is not this wallet's",
        "Sign the text as it is, with the wallet whose address it names."),
    ProblemKind("nonce-used", 403, "The text to sign is used or too old",
        "Ask for a new one: each is good once, for five minutes."),
    ProblemKind("not-a-holder", 403, "The wallet does not hold the room's token",
        "Choose a wallet that does. `had`: it did before, in this session."),
    ProblemKind("invitation-invalid", 403, "The invitation is not for this room",
        "Its signatures are not the host's, or it is for another room or class."),
    ProblemKind("invitation-early", 403, "The invitation is for later", "Come again at `from`."),
    ProblemKind("invitation-over", 403, "The invitation's time is over",
        "Ask the host for another one."),
    ProblemKind("invitation-revoked", 403, "The invitation was revoked",
        "Ask the host for another one."),
    ProblemKind("host-changed", 403, "The room has another host",
        "What the former host granted is over: ask the one that the room has now."),
    ProblemKind("host-must-return", 403, "The invitation waits for the host",
        "The service lost its records: once the host has opened the room's page, the link is good "
        "again."),
    ProblemKind("opened-elsewhere", 403, "Opened elsewhere",
        "The link or wallet is open in a newer browser; enter again to have it here."),
    ProblemKind("seats-taken", 403, "All seats are taken",
        "Wait until somebody leaves, or ask the host."),
    ProblemKind("door-closed", 403, "The door is closed",
        "Only who is inside goes on; ask the host to open it."),
    ProblemKind("seat-removed", 403, "The host took this seat away", "Ask the host."),
    ProblemKind("link-waits", 403, "The link waits for the host",
        "It went from browser to browser more than six times within an hour: the host has to allow "
        "it again."),
    ProblemKind("not-the-host", 403, "Not the room's host",
        "Only the wallet that hosts the room now, or a browser that it let, may do this."),
    ProblemKind("room-unknown", 404, "No such room",
        "Check the number. A room created a moment ago is found once its block is indexed."),
    ProblemKind("other-operator", 404, "The room is another operator's",
        "Ask that operator's playback service: `operator_id`."),
    ProblemKind("room-public", 409, "The room is public",
        "Anybody may watch it: the API's `join` says where."),
    ProblemKind("room-ended", 410, "The room has ended", "It cannot be reopened."),
    ProblemKind("index-unavailable", 503, "The index is unavailable",
        "Retry after `Retry-After` seconds."),
    ProblemKind("node-unavailable", 503, "The chain's node is unavailable",
        "Retry after `Retry-After` seconds: the wallet's right cannot be asked for now."),
    ProblemKind("database-unavailable", 503, "The service's database is unavailable",
        "Retry after `Retry-After` seconds."),
    ProblemKind("key-unavailable", 503, "The service has no signing key",
        "Retry after `Retry-After` seconds; the operator has to make one."),
)  # fmt: skip
