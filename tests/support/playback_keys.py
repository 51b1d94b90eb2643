"""RSA keys as Cloudflare gives them out, made once per test run: making one takes a while."""

from __future__ import annotations

from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from common.playback_key import PlaybackKey


def rsa_key(number: int = 0, bits: int = 2048) -> rsa.RSAPrivateKey:
    """Another one for each `number`."""
    return _made(number, bits)


@cache
def _made(_number: int, bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def pem(number: int = 0, bits: int = 2048) -> str:
    """PKCS #1, as Cloudflare's."""
    return (
        rsa_key(number, bits)
        .private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        .decode()
    )


def playback_key(number: int = 0, kid: str = "") -> PlaybackKey:
    return PlaybackKey(kid or f"{number:032x}", pem(number), created=1_700_000_000)
