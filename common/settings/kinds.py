"""The kinds of values that settings have, and how each is read from text.

Promises: a malformed text raises ValueError that says what is needed and does not quote it.
"""

from __future__ import annotations

import os
import re
import warnings
from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr

ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
DEEPEST_FINALITY = 1900
"""Deeper, the index would never reach the head: see `chain.finality.MOST_UNFINAL`."""


class ContractRef(NamedTuple):
    """A contract to follow: its address (0x, lower case) and the block it was deployed in."""

    address: str
    start_block: int


class Finality(NamedTuple):
    """When a block cannot go away any more: a tag of the node's, or a depth below the head."""

    kind: Literal["finalized", "safe", "depth"]
    depth: int = 0


class Bind(NamedTuple):
    """Where a server listens. As text as a URL wants it: an IPv6 address in brackets."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _split(text: object) -> object:
    return (
        [part.strip() for part in text.split(",") if part.strip()]
        if isinstance(text, str)
        else text
    )


def read_contracts(text: object) -> object:
    refs = []
    for part in str(text).split(","):
        address, _, block = part.strip().partition("@")
        if not ADDRESS.fullmatch(address) or not re.fullmatch(r"[0-9]{1,15}", block):
            raise ValueError("needs address@startblock, several separated by commas")
        refs.append(ContractRef(address.lower(), int(block)))
    if not refs:
        raise ValueError("needs at least one address@startblock")
    return tuple(refs)


def read_finality(text: object) -> object:
    if text in ("finalized", "safe"):
        return Finality(text)
    match = re.fullmatch(r"depth:([1-9]\d{0,17})", str(text))
    if not match:
        raise ValueError("needs finalized, safe or depth:N")
    if int(match[1]) > DEEPEST_FINALITY:
        raise ValueError(
            f"needs a depth of at most {DEEPEST_FINALITY} blocks: with more blocks not final, the "
            "index could never reach the head"
        )
    return Finality("depth", int(match[1]))


def _bind(text: object) -> object:
    host, _, port = str(text).rpartition(":")
    if not host or not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65535:
        raise ValueError("needs host:port, for example 127.0.0.1:8080")
    return Bind(host.strip("[]"), int(port))


def _has_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0  # a port out of range raises ValueError
    except ValueError:
        return False


def _urls(urls: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    for url in urls:
        text = url.get_secret_value()
        if not re.match(r"(https?|wss?)://[^\s/]+", text) or not _has_host(text):
            raise ValueError("needs http(s):// or ws(s):// addresses, separated by commas")
    if not any(u.get_secret_value().startswith("http") for u in urls):
        raise ValueError("needs at least one http(s):// address")
    return urls


def _http_url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s?#]+", text) or not _has_host(text):
        raise ValueError("needs an http(s):// address")
    return text.rstrip("/")


def _url_or_off(text: str) -> str:
    """ "" where it is off."""
    return "" if text == "off" else _http_url(text)


def _user_agent(text: str) -> str:
    if not re.fullmatch(r"[ -~]{1,200}", text) or text != text.strip():
        raise ValueError("needs 1 to 200 printable ASCII characters")
    return text


def _origin(text: str) -> str:
    """As browsers send it: lower case, no path, no default port."""
    parts = urlsplit(text)
    default = {"https": ":443", "http": ":80"}.get(parts.scheme)
    if not re.fullmatch(r"https?://[a-z0-9.\[\]:-]+", text) or not _has_host(text):
        raise ValueError("needs origins like https://rooms.example, without a path")
    if default is not None and text.endswith(default):
        raise ValueError("needs origins as browsers write them: without the usual port")
    return text


def _origins(texts: tuple[str, ...]) -> tuple[str, ...]:
    if not texts:
        raise ValueError("needs at least one origin")
    return tuple(_origin(text) for text in texts)


def _read_services(text: object) -> object:
    """Operators' numbers and addresses: "1=https://play.example,2=..."."""
    if not isinstance(text, str):
        return text
    found: dict[int, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        number, _, url = part.partition("=")
        if not re.fullmatch(r"[1-9][0-9]{0,4}", number.strip()) or int(number) > 65535:
            raise ValueError("needs operator=address, several separated by commas")
        if int(number) in found:
            raise ValueError("names an operator twice")
        found[int(number)] = _http_url(url.strip())
    return found


def _rate(text: str) -> str:
    if not re.fullmatch(r"off|[1-9]\d{0,8} ?(/|per) ?(\d{1,4} ?)?(second|minute|hour|day)s?", text):
        raise ValueError("needs a rate like 600/minute or 20 per second, or off")
    return text


def _mongodb_uri(uri: SecretStr) -> SecretStr:
    text = uri.get_secret_value()
    if not re.match(r"mongodb(\+srv)?://[^\s/]", text):
        raise ValueError("needs mongodb://host or mongodb+srv://host")
    # The other kind's hosts are looked up in DNS, which is for later.
    plain = re.sub(r"(?i)([?&])srv\w+=[^&]*", r"\1", text.replace("mongodb+srv:", "mongodb:", 1))
    # The driver's messages are not passed on: they may quote parts of the password.
    from pymongo import MongoClient
    from pymongo.errors import InvalidURI, PyMongoError

    try:
        with warnings.catch_warnings(action="ignore"):  # options unknown to this driver
            MongoClient(plain, connect=False).close()  # it reads the files that TLS needs
    except OSError as error:
        raise ValueError(
            "names a file for TLS (tlsCAFile, tlsCertificateKeyFile) that user"
            f" {os.geteuid()} cannot use ({error.strerror or type(error).__name__})"
        ) from None
    except (InvalidURI, ValueError, TypeError):
        raise ValueError(
            "is not a MongoDB address: write special characters in user and password as %xx, "
            "and check host and port"
        ) from None
    except PyMongoError as error:
        what = (
            "a password beside the user"
            if "assword is required" in str(error)
            else ("options that fit together: see the driver's list of connection options")
        )
        raise ValueError(f"needs {what}") from None
    return uri


def _database(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,63}", text):
        raise ValueError("needs 1 to 63 letters, digits, _ or -")
    return text


def _address(text: str) -> str:
    if not ADDRESS.fullmatch(text):
        raise ValueError("needs an address: 0x and 40 hex digits")
    return text.lower()


HttpUrl = Annotated[str, AfterValidator(_http_url)]
UrlOrOff = Annotated[str, AfterValidator(_url_or_off)]
UserAgent = Annotated[str, AfterValidator(_user_agent)]
RateLimit = Annotated[str, AfterValidator(_rate)]
MongoUri = Annotated[SecretStr, AfterValidator(_mongodb_uri)]
Database = Annotated[str, AfterValidator(_database)]
Address = Annotated[str, AfterValidator(_address)]
Urls = Annotated[tuple[SecretStr, ...], BeforeValidator(_split), AfterValidator(_urls)]
Listen = Annotated[Bind, BeforeValidator(_bind)]
Origins = Annotated[tuple[str, ...], BeforeValidator(_split), AfterValidator(_origins)]
ServiceAddresses = Annotated[dict[int, str], BeforeValidator(_read_services)]
