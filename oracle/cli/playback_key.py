"""`python -m oracle playback-key ...`: the signing key of rooms for some only.

    create              makes a key at Cloudflare and writes PLAYBACK_KEY_FILE
    list                Cloudflare's keys beside the file's
    rotate              makes another key and puts it first in the file
    delete KID [--now]  deletes a former key, once no token of it can be alive
    prove               makes a gated live input, tries it with and without a token, deletes it

Promises: no key is written over another; a key that is not in the file is never touched unless it
is named with `--now`, and the one in use not at all. What is made at Cloudflare and could not be
kept is said, with the command that deletes it. No private key is in a text.
Assumes: one Cloudflare account an operator, used by nothing else; whoever rotates does so once at a
time. No lease is needed: no room's live input is touched.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import httpx
import orjson

from common.clock import Clock
from common.playback_key import PlaybackKey, PlaybackKeyError, PlaybackKeys
from common.playback_token import LONGEST_SECONDS
from common.private_file import PrivateFileError, write_private
from common.settings import OracleSettings
from oracle.cli.commands import CommandResult
from oracle.cli.table import age, table
from oracle.cloudflare.client import CloudflareClient
from oracle.cloudflare.errors import CloudflareError, RequestRefused
from oracle.cloudflare.models import IssuedKey, ListedKey
from oracle.cloudflare.response_classifier import HttpAnswer
from oracle.cloudflare.transport import Transport
from oracle.playback_proof import ProofVerdict, prove

ACTIONS = ("create", "list", "rotate", "delete", "prove")
SAFE_SECONDS = LONGEST_SECONDS + 120
"""How long a service must have named a new key before the one before it may go."""
PROOF_BODY = orjson.dumps(
    {
        "meta": {"name": "proof of gated playback (python -m oracle playback-key prove)"},
        "recording": {"mode": "off", "requireSignedURLs": True},
    }
)
_ASK_SECONDS = 10.0
_MAX_BYTES = 1 << 16
_COMMAND = "python -m oracle playback-key"


class KeyRequest(NamedTuple):
    """What was asked for. `service`: the playback service's address, "" for the setting's."""

    action: str
    kid: str = ""
    now: bool = False
    service: str = ""


class KeyRefused(Exception):
    """Nothing was changed, or what the text says; it says what to do, too."""


class KeyCommands:
    """The actions over one client and one file."""

    def __init__(
        self,
        settings: OracleSettings,
        client: CloudflareClient,
        http: httpx.AsyncClient,
        clock: Clock,
    ) -> None:
        self._client = client
        self._transport = Transport(http, clock)
        self._clock = clock
        self._path = Path(settings.playback_key_file)
        self._account = settings.cloudflare_account_id
        self._service = settings.playback_service_url or ""

    async def run(self, request: KeyRequest) -> CommandResult:
        """Raises CloudflareError where Cloudflare refuses; repeating is safe."""
        try:
            if request.action == "create":
                return CommandResult(await self._create(), 0)
            if request.action == "list":
                return await self._list()
            if request.action == "rotate":
                return CommandResult(await self._rotate(), 0)
            if request.action == "delete":
                return CommandResult(await self._delete(request), 0)
            return await self._prove()
        except (KeyRefused, PlaybackKeyError) as error:
            return CommandResult(str(error), 1)

    async def _create(self) -> str:
        if self._path.exists():
            raise KeyRefused(
                f"{self._path} exists already: `{_COMMAND} list` shows what it holds,"
                f" `{_COMMAND} rotate` puts another key in its place."
            )
        before = await self._issue_ready()
        key = await self._issue(before)
        await self._keep(PlaybackKeys(self._account, key), replace=False)
        lines = [
            f"Key {key.kid} is in {self._path}. Give the file to `python -m playback`"
            " (PLAYBACK_KEY_FILE) and keep it from everybody else: it plays everything in"
            " this account."
        ]
        return "\n".join(lines + _strangers(before))

    async def _rotate(self) -> str:
        keys = self._load()
        before = await self._issue_ready()
        key = await self._issue(before)
        await self._keep(keys.rotated(key, self._clock.now()), replace=True)
        return (
            f"Key {key.kid} is now first in {self._path}; the playback service reads it by"
            f" itself and signs with it from then on. Key {keys.current.kid} stays good for"
            f" the tokens it has signed. In {age(SAFE_SECONDS)} or later:"
            f" {_COMMAND} delete {keys.current.kid}\n"
            f"If it was stolen: {_COMMAND} delete {keys.current.kid} --now"
        )

    async def _list(self) -> CommandResult:
        keys = PlaybackKeys.load(self._path) if self._path.exists() else None
        listed = await self._client.keys()
        ours = {} if keys is None else {former.kid: former for former in keys.former}
        rows, strangers = [], []
        for entry in listed:
            if keys is not None and entry.kid == keys.current.kid:
                what = f"in use ({self._path})"
            elif entry.kid in ours:
                what = f"former, replaced {_moment(ours[entry.kid].replaced_at)}: delete it"
            else:
                what = "not in the file"
                strangers.append(entry)
            rows.append((entry.kid, _created(entry), what))
        lines = [table(("key", "created", "what"), rows) if rows else "No signing keys."]
        if keys is None:
            lines.append(f"There is no {self._path}: `{_COMMAND} create` makes it.")
        elif keys.account != self._account:
            raise KeyRefused(self._foreign(keys))
        lines += _strangers(strangers)
        known = {entry.kid for entry in listed}
        if keys is not None and keys.current.kid not in known:
            lines.append(
                f"Key {keys.current.kid} of {self._path} is not at Cloudflare: every token of it"
                f" is refused. `{_COMMAND} rotate` makes another."
            )
            return CommandResult("\n".join(lines), 1)
        return CommandResult("\n".join(lines), 0)

    async def _delete(self, request: KeyRequest) -> str:
        kid = request.kid
        # a key that was made and could not be kept may go before there is a file
        keys = self._load() if self._path.exists() else None
        if keys is not None and kid == keys.current.kid:
            raise KeyRefused(
                f"{kid} is the key in use: `{_COMMAND} rotate` first, then delete it"
                " (with --now if it was stolen)."
            )
        former = keys is not None and kid in {former.kid for former in keys.former}
        if not former and not request.now:
            raise KeyRefused(
                f"{kid} is not in {self._path}: it may be another program's. If nobody holds it:"
                f" {_COMMAND} delete {kid} --now"
            )
        if keys is not None and not request.now:
            await self._check_unused(keys, request.service or self._service)
        existed = await self._client.delete_key(kid)
        if former:
            self._load().without(kid).save(self._path, replace=True)
        done = f"Key {kid} is deleted." if existed else f"Key {kid} was gone already."
        if not request.now:
            return f"{done} No token of it was alive."
        return (
            f"{done} Every token of it is dead: whoever watches by one is out until their page"
            " renews it, at most one token life. WHEP connections that run may go on at"
            " Cloudflare: to be sure, end the room."
        )

    async def _check_unused(self, keys: PlaybackKeys, service: str) -> None:
        """Raises KeyRefused while a token of a former key may be alive."""
        if not service:
            raise KeyRefused(
                "Name the playback service (--service URL, or PLAYBACK_SERVICE_URL): it tells"
                " which key it signs with. --now deletes without asking: viewers are out until"
                " they renew."
            )
        status = await self._asked(f"{service.rstrip('/')}/api/playback/status")
        kid, since, told = (status.get(name) for name in ("kid", "kid_since", "server_time"))
        if kid != keys.current.kid:
            raise KeyRefused(
                f"The playback service does not sign with {keys.current.kid} yet: is its"
                f" PLAYBACK_KEY_FILE {self._path}? Nothing is deleted."
            )
        if not isinstance(since, int | float) or not isinstance(told, int | float):
            raise KeyRefused("The playback service does not say since when. Nothing is deleted.")
        left = since + SAFE_SECONDS - told
        if left > 0:
            raise KeyRefused(
                f"Tokens of the former key may be alive for {int(left) + 1} s more: the service"
                f" signs with {kid} since {_moment(since)}. Nothing is deleted."
            )

    async def _asked(self, url: str) -> dict[str, object]:
        outcome = await self._transport.send(
            "GET", url, headers={}, seconds=_ASK_SECONDS, max_bytes=_MAX_BYTES
        )
        if isinstance(outcome, HttpAnswer) and outcome.status == 200:
            try:
                found = orjson.loads(outcome.body)
            except ValueError:
                found = None
            if isinstance(found, dict) and found.get("service") == "playback":
                return found
        why = f"HTTP {outcome.status}" if isinstance(outcome, HttpAnswer) else str(outcome)
        raise KeyRefused(f"No playback service answers at {url} ({why}). Nothing is deleted.")

    async def _prove(self) -> CommandResult:
        keys = self._load()
        made = (await self._client.create(PROOF_BODY, uuid.uuid4().hex)).input
        try:
            found = await prove(self._transport, made, keys.current, self._clock.now())
        finally:
            try:
                await self._client.delete(made.uid)
            except CloudflareError as error:
                raise KeyRefused(f"{error}. Delete the live input {made.uid} yourself.") from None
        lines = [f"{way}: {verdict} ({why})" for way, verdict, why in found]
        if not made.recording.require_signed_urls:
            lines.insert(0, "wrong: Cloudflare did not take requireSignedURLs")
        wrong = any(finding.verdict is ProofVerdict.WRONG for finding in found)
        return CommandResult("\n".join(lines), int(wrong or not made.recording.require_signed_urls))

    # --- making a key and keeping it --------------------------------------------------------

    async def _issue_ready(self) -> tuple[ListedKey, ...]:
        """The account's keys before one is made, and it could be kept. Raises KeyRefused."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            trial = self._path.with_name(f".{self._path.name}.trial")
            write_private(trial, b"", replace=True)
            trial.unlink()
        except (OSError, PrivateFileError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            raise KeyRefused(
                f"{self._path} could not be written: {why}. No key was made."
            ) from None
        return await self._client.keys()

    async def _issue(self, before: Sequence[ListedKey]) -> PlaybackKey:
        """A new key. Raises KeyRefused if there may be one now that nobody holds."""
        try:
            issued = await self._client.create_key()
        except RequestRefused as error:
            why = f"Cloudflare makes no key (an account may have 1,000): {error.detail}"
            raise KeyRefused(why) from None
        except CloudflareError as error:
            if not error.effect_unknown:
                raise
            raise KeyRefused(f"{error}\n{await self._lost(before)}") from None
        return await self._read(issued)

    async def _read(self, issued: IssuedKey) -> PlaybackKey:
        created = issued.created.timestamp() if issued.created else self._clock.now()
        try:
            return PlaybackKey(issued.kid, issued.pem.reveal(), int(created))
        except PlaybackKeyError as error:
            raise KeyRefused(f"{error}\n{await self._taken_back(issued.kid)}") from None

    async def _keep(self, keys: PlaybackKeys, *, replace: bool) -> None:
        try:
            keys.save(self._path, replace=replace)
        except PlaybackKeyError as error:
            raise KeyRefused(f"{error}\n{await self._taken_back(keys.current.kid)}") from None

    async def _taken_back(self, kid: str) -> str:
        """A key that could not be kept is deleted again."""
        try:
            await self._client.delete_key(kid)
        except CloudflareError as error:
            return f"{error}\nNobody holds key {kid}: {_COMMAND} delete {kid} --now"
        return f"Key {kid} was deleted again at Cloudflare: nothing has changed."

    async def _lost(self, before: Sequence[ListedKey]) -> str:
        """What to do after an answer that was lost."""
        try:
            after = await self._client.keys()
        except CloudflareError:
            return (
                "Cloudflare may have made a key all the same, which nobody holds:"
                f" `{_COMMAND} list` will show it."
            )
        known = {entry.kid for entry in before}
        fresh = [entry.kid for entry in after if entry.kid not in known]
        if not fresh:
            return "No key was made: try again."
        return "\n".join(
            f"Cloudflare made key {kid}, but it never arrived: nobody holds it."
            f" {_COMMAND} delete {kid} --now; then try again."
            for kid in fresh
        )

    def _load(self) -> PlaybackKeys:
        if not self._path.exists():
            raise KeyRefused(f"There is no {self._path}: `{_COMMAND} create` makes it.")
        keys = PlaybackKeys.load(self._path)
        if keys.account != self._account:
            raise KeyRefused(self._foreign(keys))
        return keys

    def _foreign(self, keys: PlaybackKeys) -> str:
        return (
            f"{self._path} is of the Cloudflare account {keys.account}, the settings name"
            f" {self._account}: correct PLAYBACK_KEY_FILE or CLOUDFLARE_ACCOUNT_ID."
        )


def _strangers(entries: Sequence[ListedKey]) -> list[str]:
    """A line for keys that the file does not hold."""
    if not entries:
        return []
    kids = ", ".join(entry.kid for entry in entries)
    return [
        f"Not in the file: {kids}. Nobody holds such a key, unless another program uses this"
        f" account; then leave it alone, else: {_COMMAND} delete KID --now"
    ]


def _created(entry: ListedKey) -> str:
    return "-" if entry.created is None else _moment(entry.created.timestamp())


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
