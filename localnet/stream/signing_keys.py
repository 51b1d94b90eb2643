"""Signing keys of playback tokens: made, listed and revoked by their account.

Promises: RSA of 2048 bits; at most 1,000 an account; a key is shown once and its private part is
not kept: tokens are checked by the public one. A revoked key is gone at once, with every token of
its making.
Assumes (guesses): the code of the refusal of one key too many; revoking an unknown key is 404.
On restart: the keys are in the store.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from common.base64url import encode
from localnet.stream import errors
from localnet.stream.clock import StandInClock
from localnet.stream.model import stamp
from localnet.stream.playback.token_verifier import VerifyingKey
from localnet.stream.store import SigningKeyRow, StandInStore

MOST_KEYS = 1000
ENDPOINT_KID = "standin"
_ENDPOINT_KEY = "endpoint_key"
_LINE_OF_D = 11


@dataclass(frozen=True, slots=True, repr=False)
class IssuedSigningKey:
    """A new key as it is shown, once."""

    row: SigningKeyRow
    pem: str
    jwk: dict[str, str]

    def render(self) -> dict[str, Any]:
        """`pem` and `jwk` are base64 of the PEM and of the JWK's JSON."""
        jwk = json.dumps(self.jwk, separators=(",", ":")).encode()
        return {
            "id": self.row.kid,
            "pem": base64.b64encode(self.pem.encode()).decode(),
            "jwk": base64.b64encode(jwk).decode(),
            "created": stamp(self.row.created),
        }


class SigningKeys:
    """The keys of every account, and the one of the `/token` endpoint."""

    def __init__(
        self, store: StandInStore, clock: StandInClock, random_hex: Callable[[int], str]
    ) -> None:
        self._store = store
        self._clock = clock
        self._random_hex = random_hex

    def issue(self, account: str, private: RSAPrivateKey) -> IssuedSigningKey:
        """Takes `private` (a `fresh_key`) among the account's keys. Raises ApiError 10005 for one
        too many."""
        if len(self._store.signing_keys(account)) >= MOST_KEYS:
            raise errors.bad_request(f"an account may have at most {MOST_KEYS} signing keys")
        kid, pem = self._random_hex(16), _pem(private)
        public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        row = SigningKeyRow(kid, account, self._clock.now(), public.decode())
        jwk = _jwk(kid, private)
        # pieces that any copy of the private part shows, however it is written
        self._store.put_signing_key(row, [pem.splitlines()[_LINE_OF_D], jwk["d"]])
        return IssuedSigningKey(row, pem, jwk)

    def list(self, account: str) -> list[SigningKeyRow]:
        """Oldest first."""
        return self._store.signing_keys(account)

    def revoke(self, account: str, kid: str) -> None:
        """Raises ApiError 10003 for a key that the account does not have."""
        row = self._store.signing_key(kid)
        if row is None or row.account != account:
            raise errors.not_found()
        self._store.drop_signing_key(kid)

    def find(self, kid: str) -> VerifyingKey | None:
        """The public part, by id alone."""
        if kid == ENDPOINT_KID:
            return VerifyingKey(None, self.endpoint().public_key())
        row = self._store.signing_key(kid)
        return None if row is None else VerifyingKey(row.account, _public(row.public_pem))

    def endpoint(self) -> RSAPrivateKey:
        """What the `/token` endpoint signs with; made when it is needed first."""
        known = self._store.fact(_ENDPOINT_KEY)
        if known is None:
            known = _pem(fresh_key())
            self._store.put_fact(_ENDPOINT_KEY, known)
        return _private(known)


def fresh_key() -> RSAPrivateKey:
    """Takes a tenth of a second of the processor, or more."""
    return generate_private_key(public_exponent=65537, key_size=2048)


def _pem(private: RSAPrivateKey) -> str:
    return private.private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    ).decode()


@lru_cache(maxsize=MOST_KEYS)
def _public(pem: str) -> RSAPublicKey:
    return cast(RSAPublicKey, load_pem_public_key(pem.encode()))


@lru_cache(maxsize=1)
def _private(pem: str) -> RSAPrivateKey:
    return cast(RSAPrivateKey, load_pem_private_key(pem.encode(), password=None))


def _jwk(kid: str, private: RSAPrivateKey) -> dict[str, str]:
    numbers = private.private_numbers()
    public = numbers.public_numbers
    values = {
        "n": public.n,
        "e": public.e,
        "d": numbers.d,
        "p": numbers.p,
        "q": numbers.q,
        "dp": numbers.dmp1,
        "dq": numbers.dmq1,
        "qi": numbers.iqmp,
    }
    return {"use": "sig", "kty": "RSA", "kid": kid, "alg": "RS256"} | {
        name: encode(value.to_bytes((value.bit_length() + 7) // 8))
        for name, value in values.items()
    }
