"""What a playback token must be, to be taken: a JWT as Cloudflare documents it.

Promises: pure. RS256 and nothing else (`ALGORITHMS`); `kid` in header and payload the same, of a
known key whose signature it bears; `sub` one uid; `exp` a number, at most 24 hours after the
signing; `nbf` honoured; at most five `accessRules`, each of a known form; every part base64url
without padding, written in the one way. Whatever differs raises `BadTokenError`.
Assumes: when a token was signed is what its `iat` says, if it is not in the future, else now.
"""

import ipaddress
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from common.base64url import decode

UID = re.compile(r"[0-9a-f]{32}")
LONGEST_SECONDS = 86_400.0
MOST_RULES = 5
MOST_CHARS = 8192
_ACTIONS = ("allow", "block")
_COUNTRY = re.compile(r"[A-Z]{2}")


class BadTokenError(Exception):
    """The segment is no good token, or a plain uid where a token is needed. Answered with 401."""


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """The public part of a signing key. `account` None: the `/token` endpoint's own, which plays
    what any account owns, but not by WHEP."""

    account: str | None
    public: RSAPublicKey


@dataclass(frozen=True, slots=True)
class AccessRule:
    """`networks` and `countries` of the rule's kind; both empty: any viewer."""

    action: str
    kind: str
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()
    countries: tuple[str, ...] = ()

    def concerns(self, address: str, country: str | None) -> bool:
        """Whether it speaks of a viewer at `address`; `country` None: not known."""
        if self.kind == "any":
            return True
        if self.kind == "ip.geoip.country":
            return country in self.countries
        viewer = ipaddress.ip_address(address)
        return any(viewer in network for network in self.networks)


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """A token that is good now. `exp` in unix seconds."""

    uid: str
    exp: float
    key: VerifyingKey
    rules: tuple[AccessRule, ...]

    def admits(self, address: str, country: str | None = None) -> bool:
        """By its access rules: the first that concerns the viewer, else yes."""
        for rule in self.rules:
            if rule.concerns(address, country):
                return rule.action == "allow"
        return True


def verified(token: str, now: float, key_of: Callable[[str], VerifyingKey | None]) -> VerifiedToken:
    """What the token says, if it is good at `now` (unix seconds). Raises BadTokenError."""
    signed, head, claims, signature = _parts(token)
    takes = ALGORITHMS.get(str(head.get("alg")))
    if takes is None:
        raise BadTokenError("alg is not RS256")
    kid = head.get("kid")
    if not isinstance(kid, str) or claims.get("kid") != kid:
        raise BadTokenError("kid differs between header and payload")
    key = key_of(kid)
    if key is None:
        raise BadTokenError("no such key")
    if not takes(key.public, signed, signature):
        raise BadTokenError("signature")
    expires = _moment(claims, "exp")
    signed_at = min(now, _moment(claims, "iat")) if "iat" in claims else now
    if expires > signed_at + LONGEST_SECONDS:
        raise BadTokenError("exp lies more than 24 hours after the signing")
    if now >= expires:
        raise BadTokenError("exp")
    if "nbf" in claims and now < _moment(claims, "nbf"):
        raise BadTokenError("nbf")
    return VerifiedToken(_uid(claims), expires, key, access_rules(claims.get("accessRules", [])))


def named_uid(token: str) -> str:
    """The uid that a token names, whoever made it and however old it is. Raises BadTokenError."""
    return _uid(_parts(token)[2])


def access_rules(given: Any) -> tuple[AccessRule, ...]:
    """The rules of a claim. Raises BadTokenError for more than five, or one of another form."""
    if not isinstance(given, list) or len(given) > MOST_RULES:
        raise BadTokenError(f"accessRules: a list of at most {MOST_RULES}")
    return tuple(map(_rule, given))


def _rs256(public: RSAPublicKey, signed: bytes, signature: bytes) -> bool:
    try:
        public.verify(signature, signed, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


ALGORITHMS: Mapping[str, Callable[[RSAPublicKey, bytes, bytes], bool]] = {"RS256": _rs256}
"""`alg` of a header -> whether the key signed these bytes so. `none` is none of them, and no
algorithm with a shared secret may join: the public key would be that secret."""


def _parts(token: str) -> tuple[bytes, dict[str, Any], dict[str, Any], bytes]:
    """What was signed, header, payload, signature."""
    parts = token.split(".")
    if len(parts) != 3 or len(token) > MOST_CHARS:
        raise BadTokenError("form")
    try:
        head, claims, signature = map(decode, parts)
    except ValueError:
        raise BadTokenError("base64url") from None
    return token.rpartition(".")[0].encode(), _object(head), _object(claims), signature


def _object(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise BadTokenError("JSON") from None
    if not isinstance(found, dict):
        raise BadTokenError("JSON")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _uid(claims: Mapping[str, Any]) -> str:
    uid = claims.get("sub")
    if not isinstance(uid, str) or not UID.fullmatch(uid):
        raise BadTokenError("sub is no uid")
    return uid


def _moment(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadTokenError(f"{name} is no number")
    try:
        moment = float(value)
    except OverflowError:
        raise BadTokenError(f"{name} is no moment") from None
    if not math.isfinite(moment):
        raise BadTokenError(f"{name} is no moment")
    return moment


def _rule(given: Any) -> AccessRule:
    if not isinstance(given, dict) or given.get("action") not in _ACTIONS:
        raise BadTokenError("accessRules: action is allow or block")
    action, kind = str(given["action"]), given.get("type")
    if kind == "any":
        return AccessRule(action, kind)
    if kind == "ip.src":
        return AccessRule(action, kind, networks=tuple(map(_network, _texts(given, "ip"))))
    if kind == "ip.geoip.country":
        countries = tuple(_texts(given, "country"))
        if all(_COUNTRY.fullmatch(country) for country in countries):
            return AccessRule(action, kind, countries=countries)
    raise BadTokenError("accessRules: no such rule")


def _texts(given: Mapping[str, Any], name: str) -> list[str]:
    values = given.get(name)
    if not isinstance(values, list) or not values or not all(isinstance(v, str) for v in values):
        raise BadTokenError(f"accessRules: {name} is a list of texts")
    return values


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        raise BadTokenError("accessRules: no network") from None
