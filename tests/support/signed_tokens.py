"""Playback tokens of any form, good and bad, for those who look at what takes them."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from common.base64url import encode


class SigningPen:
    """Signs what it is given with one key, as Cloudflare shows it: base64 of the PEM."""

    def __init__(self, kid: str, pem: str) -> None:
        key = load_pem_private_key(base64.b64decode(pem), password=None)
        assert isinstance(key, RSAPrivateKey)
        self.kid, self.private = kid, key

    def token(self, uid: str, exp: Any, head: Mapping[str, Any] = {}, **claims: Any) -> str:
        """A good one, but for what `head` and `claims` say."""
        payload = {"sub": uid, "kid": self.kid, "exp": exp} | claims
        return self.sign({"alg": "RS256", "kid": self.kid} | dict(head), payload)

    def sign(self, head: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
        signed = unsigned(head, claims)
        return f"{signed}.{encode(self.private.sign(signed.encode(), PKCS1v15(), SHA256()))}"


def unsigned(head: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    """Header and payload of a token."""
    return ".".join(encode(json.dumps(part).encode()) for part in (head, claims))
