"""What a failure of the database means, in one sentence that names the setting to correct.

Promises: `DatabaseErrors.explain` is one line: who was refused, which right lacks, which host is
unknown; without the driver's time-outs and topology dump, and never with the password. A cause that
goes by itself (an election, a stopped server) is told as such. What it does not recognise is the
driver's own first line, after the error's type.
Assumes: errors of pymongo. After a refused login it repeats the refusal inside errors of other
types, so words count as much as codes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import unquote_plus

from pymongo.errors import (
    AutoReconnect,
    ConfigurationError,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)

T = TypeVar("T")
MOST_CHARS = 300
SETTING = "MONGODB_URI"
_LOGIN_REFUSED = (18, 8000, 11)  # AuthenticationFailed, Atlas' own, UserNotFound
FORBIDDEN, _LOGIN_AGAIN, _DISK_FULL = 13, 391, 14031
_URI = re.compile(r"mongodb(?:\+srv)?://(?:(?P<login>[^@/]*)@)?(?P<hosts>[^/?]*)")
_OPTION = re.compile(r"[?&](?P<name>\w+)=(?P<value>[^&]*)")
_WHERE = re.compile(r"(?P<host>\[?[\w.:-]+\]?:\d+): ")
_MAY_NOT = re.compile(
    r"not authorized on (?P<database>\S+) to execute command"
    r"(?: \{ ?(?:explain: \{ ?)?(?P<command>\w+))?"
)
_NO_PRIMARY = re.compile(
    r"not primary|No (?:replica set members match|primary)|node is recovering|quiesce mode"
)
_NO_LOGIN = f"{SETTING}: the database wants a user and a password: write them into the address"
_READS = frozenset({"find", "aggregate", "count", "distinct", "getMore", "listIndexes"})
_WORDS = (
    # words of the driver, what they mean; {host} is the host that they are about
    (
        r"certificate verify failed: (?:IP address|Hostname) mismatch",
        "the certificate of {host} is another host's: write the host as its certificate names it",
    ),
    (
        r"certificate verify failed|self.signed certificate|unable to get local issuer",
        "the certificate of {host} is not trusted: name the file of its authority with tlsCAFile=",
    ),
    (
        r"WRONG_VERSION_NUMBER|SSL handshake failed|UNEXPECTED_EOF|EOF occurred in violation",
        "{host} does not answer in TLS: leave tls=true out, or switch TLS on at the database",
    ),
    (
        r"Name or service not known|nodename nor servname|getaddrinfo failed|No address associated",
        "the host name of {host} is unknown: correct it",
    ),
    (
        r"Temporary failure in name resolution",
        "the host name of {host} cannot be looked up now: check the machine's DNS",
    ),
    (
        r"Connection refused|\[Errno (?:111|61)\] Connect call failed",  # asyncio's words
        "nothing listens at {host}: start the database, or correct the address",
    ),
    (
        r"No route to host|Network is unreachable|Host is unreachable"
        r"|\[Errno (?:101|113|51|65)\] Connect call failed",
        "{host} cannot be reached: check network and address",
    ),
    (
        r"Message length|Got response id|ProtocolError",
        "what answers at {host} is no MongoDB: correct host and port",
    ),
)
_COMPILED = tuple((re.compile(words), meaning) for words, meaning in _WORDS)


@dataclass(frozen=True)
class DatabaseErrors:
    """Explains the errors of a client that was made from one address: `DatabaseErrors.of(uri)`.

    `user`: None if the address names none, "" if the address is not known here.
    """

    user: str | None = ""
    auth_source: str = "admin"
    hosts: str = "the database"
    replica_set: str | None = None
    tls: bool = False
    _secrets: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, uri: str) -> DatabaseErrors:
        """For a well-formed MONGODB_URI."""
        found = _URI.match(uri)
        login = (found["login"] if found else None) or ""
        name, _, password = login.partition(":")
        path = uri[found.end() :].partition("?")[0].strip("/") if found else ""
        options = {m["name"].lower(): unquote_plus(m["value"]) for m in _OPTION.finditer(uri)}
        return cls(
            user=unquote_plus(name) or None,
            auth_source=options.get("authsource") or path or "admin",
            hosts=(found["hosts"] if found else "") or "the database",
            replica_set=options.get("replicaset"),
            tls=options.get("tls", options.get("ssl", "")) == "true" or uri.startswith("mongodb+"),
            _secrets=tuple({text for text in (password, unquote_plus(password)) if text}),
        )

    def explain(self, error: BaseException) -> str:
        """What it means and what to do, in one line."""
        text = _first_line(error)
        said = self._login(error, text) or self._right(error, text) or self._server(error, text)
        name = type(error).__name__
        return said or f"{name}: {self._without_secrets(text)[:MOST_CHARS]}"

    def told(self, question: Callable[[], T], away: Callable[[str, str], Exception]) -> T:
        """What `question` answers. Raises what `away` makes of a failure: a text for anybody, and
        what to do about it."""
        try:
            return question()
        except PyMongoError as error:
            text = f"the database does not answer ({type(error).__name__})"
            raise away(text, f"{text}: {self.explain(error)}") from None

    @property
    def _who(self) -> str:
        return f"user '{self.user}'" if self.user else "the user"

    def _login(self, error: BaseException, text: str) -> str | None:
        """The database does not take who we are."""
        code = _code(error)
        refused = code in _LOGIN_REFUSED or re.search(r"(?i)auth(?:entication)? failed", text)
        again = code == _LOGIN_AGAIN or "requires authentication" in text
        if isinstance(error, ConfigurationError) or not (refused or again):
            return None
        if self.user is None:
            return _NO_LOGIN
        if not refused:
            return f"the database wants {self._who} to log in again: {SETTING} is tried again"
        return (
            f"{SETTING}: the database refuses {self._who} or its password"
            f" (looked up in '{self.auth_source}', authSource=): correct them, or the user there"
        )

    def _right(self, error: BaseException, text: str) -> str | None:
        """It knows us, but we may not do this."""
        if _code(error) != FORBIDDEN and "not authorized" not in text:
            return None
        if self.user is None:
            return _NO_LOGIN
        found = _MAY_NOT.search(text)
        database = f"the database '{found['database']}'" if found else "the database"
        role = "read" if found and found["command"] in _READS else "readWrite"
        does = f" ({found['command']})" if found and found["command"] else ""
        return (
            f"{SETTING}: {self._who} lacks a right on {database}{does}:"
            f" grant it the role {role} there"
        )

    def _server(self, error: BaseException, text: str) -> str | None:
        """It is not there, or not what the address says."""
        if "No replica set members available for replica set name" in text:
            return (
                f"{SETTING}: none of {self.hosts} belongs to the replica set"
                f" '{self.replica_set}' (replicaSet=): correct the name, or leave it out"
            )
        if isinstance(error, ConfigurationError) and "DNS" in text:
            return f"{SETTING}: the DNS has no mongodb+srv entry for {self.hosts}: correct the name"
        if isinstance(error, NotPrimaryError) or _NO_PRIMARY.search(text):
            return "the replica set has no primary now: it elects one, or lacks a majority"
        if _code(error) == _DISK_FULL:
            return f"the disk of {self.hosts} is full: make room"
        host = found["host"] if (found := _WHERE.search(text)) else self.hosts
        for words, meaning in _COMPILED:
            if words.search(text):
                return f"{SETTING}: {meaning.format(host=host)}"
        if isinstance(error, ServerSelectionTimeoutError):
            tls = "it may not speak TLS (tls=true)" if self.tls else "it may want TLS (tls=true)"
            said = self._without_secrets(text)[:MOST_CHARS]
            return (
                f"{SETTING}: no answer from {host} ({said}): start it, correct the address; {tls}"
            )
        if isinstance(error, AutoReconnect):
            how = "does not answer in time" if isinstance(error, NetworkTimeout) else "hung up"
            return f"{SETTING}: {host} {how}: see that it runs; it is tried again"
        return None

    def _without_secrets(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "[hidden]")
        return text


def _first_line(error: BaseException) -> str:
    """Without time-outs, topology dump and the server's whole answer."""
    text = str(error).splitlines()[0] if str(error) else ""
    for rest in (" (configured timeouts", ", Timeout:", ", Topology", ", full error:"):
        text = text.partition(rest)[0]
    return text


def _code(error: BaseException) -> int | None:
    """The server's code, of the error or of what it came from."""
    return next((code for each in _chain(error) if (code := _own_code(each)) is not None), None)


def _own_code(error: BaseException) -> int | None:
    code = error.code if isinstance(error, OperationFailure) else None
    if code is None and isinstance(error, NotPrimaryError):
        code = dict(error.details or {}).get("code")
    return code if isinstance(code, int) else None


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    for _ in range(5):
        if not isinstance(seen, PyMongoError):
            return
        yield seen
        seen = seen.__cause__
