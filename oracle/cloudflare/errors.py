"""Every way a call to Cloudflare can fail, each with exactly one action.

Promises: a class stands for one next step (`action`), for whom it holds (`scope`) and, in `advice`,
what a person should do. The texts never quote a body or a secret: `detail` is scrubbed before it
gets here. Which answer gives which class is the table in `response_classifier`. Source: facts
measured on real accounts and Cloudflare's OpenAPI; docs/cloudflare.md says what is not confirmed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from oracle.cloudflare.operations import Operation


class Action(StrEnum):
    """The one next step."""

    RETRY = "retry"  # the same call again, after a backoff
    WAIT = "wait"  # the same call again, not before `until`
    HUMAN = "human"  # no retry helps before an operator acts; `advice` says how
    DONE = "done"  # what the call addresses does not exist (any more)
    CONFLICT = "conflict"  # the idempotency key is spent: look before anything is created again


class Scope(StrEnum):
    """What an error says something about."""

    ACCOUNT = "account"  # every call with these credentials
    REQUEST = "request"  # this call, or calls with this body


class CloudflareError(Exception):
    """A call failed. Subclasses only; see `Action`.

    Attributes: `operation`; `detail` (scrubbed); `status` (HTTP) and `code` (Cloudflare's) where
    there was an answer; `ray`, Cloudflare's request id; `until`, unix seconds before which another
    try is useless, or None; `effect_unknown`, True where the call may have had its effect all the
    same.
    """

    action: ClassVar[Action]
    scope: ClassVar[Scope] = Scope.REQUEST
    advice: ClassVar[str] = ""

    def __init__(
        self,
        operation: Operation,
        detail: str,
        *,
        status: int | None = None,
        code: int | None = None,
        ray: str | None = None,
        until: float | None = None,
        effect_unknown: bool = False,
    ) -> None:
        super().__init__(operation, detail)
        self.operation = operation
        self.detail = detail
        self.status = status
        self.code = code
        self.ray = ray
        self.until = until
        self.effect_unknown = effect_unknown

    @classmethod
    def label(cls) -> str:
        """The error's name in metrics and logs."""
        return cls.__name__.removeprefix("Cloudflare")

    def __str__(self) -> str:
        facts = [
            f"HTTP {self.status}" if self.status is not None else "",
            f"code {self.code}" if self.code is not None else "",
            f"cf-ray {self.ray}" if self.ray else "",
        ]
        where = ", ".join(fact for fact in facts if fact)
        text = f"{self.operation}: {self.detail}" + (f" ({where})" if where else "")
        return f"{text}. {self.advice}" if self.advice else text


class Unreachable(CloudflareError):
    """No connection: nothing was sent."""

    action = Action.RETRY


class AnswerLost(CloudflareError):
    """Sent, but no whole answer came back in time: the effect is unknown."""

    action = Action.RETRY


class ServerTrouble(CloudflareError):
    """5xx, or an internal error under another status."""

    action = Action.RETRY


class UnexpectedAnswer(CloudflareError):
    """Not the API's form: an HTML page, a truncated body, a missing field. Nothing is concluded."""

    action = Action.RETRY


class Busy(CloudflareError):
    """409 on something else than a create: it is being changed just now."""

    action = Action.RETRY


class CloudflareRateLimited(CloudflareError):
    """429 or code 971. `until` is always set. Metrics and logs call it RateLimited."""

    action = Action.WAIT
    scope = Scope.ACCOUNT


class VideoLive(CloudflareError):
    """409 / 10046: a recording cannot be deleted while its broadcast runs. `until` is set."""

    action = Action.WAIT


class BudgetExhausted(CloudflareError):
    """No place within the rate limit in time; nothing was sent. `until` is set."""

    action = Action.WAIT


class CircuitOpen(CloudflareError):
    """The breaker lets nothing through for now; nothing was sent. `until` is set."""

    action = Action.WAIT
    scope = Scope.ACCOUNT


class HeldForOperator(CloudflareError):
    """An operator must act first (see `detail`); nothing was sent. `until`: next probe."""

    action = Action.WAIT
    scope = Scope.ACCOUNT


class NotActing(CloudflareError):
    """This process may not act (it does not hold the lease long enough); nothing was sent."""

    action = Action.RETRY


class Gone(CloudflareError):
    """404 / 10003 in the API's own form: the live input or video does not exist (any more)."""

    action = Action.DONE


class IdempotencyConflict(CloudflareError):
    """409 on create: the key belongs to an input that was deleted within the last six hours."""

    action = Action.CONFLICT


class HumanError(CloudflareError):
    """Base of what an operator must fix. `advice` says how, and what needs a restart."""

    action = Action.HUMAN


class TokenInvalid(HumanError):
    """The token is wrong, expired, revoked, or locked after repeated failures."""

    scope = Scope.ACCOUNT
    advice = (
        "Create an API token with Account > Stream > Edit in the Cloudflare dashboard (My Profile "
        "> API Tokens) and write it to the token file, which is reloaded automatically; a token in "
        "the environment needs a restart"
    )


class NotPermitted(HumanError):
    """The credentials are valid but may not do this on this account."""

    scope = Scope.ACCOUNT
    advice = (
        "Give the API token the permission Account > Stream > Edit for this account; a new token "
        "may get this error for up to a minute"
    )


class NoSubscription(HumanError):
    """Stream is not enabled on the account."""

    scope = Scope.ACCOUNT
    advice = "Enable Stream for this account in the Cloudflare dashboard (Stream > Plans)"


class CredentialsRefused(HumanError):
    """An authentication header is missing or malformed."""

    scope = Scope.ACCOUNT
    advice = (
        "Check the configured credentials: either an API token, or an email with its Global API "
        "Key, without spaces or line breaks; their files are reloaded automatically"
    )


class UnknownKey(HumanError):
    """The Global API Key does not belong to the email."""

    scope = Scope.ACCOUNT
    advice = (
        "Check the configured email and Global API Key: Cloudflare does not know this pair; a new "
        "email needs a restart"
    )


class WrongAccount(HumanError):
    """No route: the account id, or the base URL, is wrong."""

    scope = Scope.ACCOUNT
    advice = (
        "Check the configured account id (32 hex digits, on the right of the dashboard's account "
        "page) and the API's base URL; a change of either needs a restart"
    )


class RequestRefused(HumanError):
    """400-like: this body or path will be refused again."""

    advice = (
        "Check the recording settings (a change needs a restart); if they are right, this is a bug "
        "in the oracle: report it with the cf-ray"
    )


class RetentionRefused(HumanError):
    """10060: `deleteRecordingAfterDays` outside 30..1096."""

    advice = "Set RECORDING_RETENTION_DAYS to 0 or to 30 to 1096 days, and restart"
