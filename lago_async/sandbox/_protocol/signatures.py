"""Signatures of webhooks: HMAC with the key of the organization, or a JWT with the RSA key of the server."""

import base64
import hashlib
import hmac
import json
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_KEY_BITS = 2048
_JWT_HEADER = '{"alg":"RS256"}'

NEEDS_CRYPTOGRAPHY = (
    "a JWT is signed with RSA, which needs the package cryptography: install lago-async[webhooks], or create the "
    "endpoint with signature_algo='hmac'"
)

# A real key. Nothing is signed with it, and its private key does not exist any more.
_UNUSED_PUBLIC_KEY = """-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA8fMxHcf7yUqFGoCxE59+
9ZevRy+SslU/Lx0hlRLCHfQYTr5yWoxlxXs3Q/tOqIUExhUFgidvJWlbi7/e0Gxg
TB4M+2EVfDsEOj9wAXljF2FhJzWGP7BtIizsOUKsTrtspJDOnvalHHPtjQVIl9l4
dajN5OyqjnI4W9JJy+/Wt8wjsi/mM7RBU/L5QpVUd+LOH1ozDbmfNRh1/U9MvAYL
+92xbcK+dDj1XiTkFOnVd3YawAFY9k8/A1gIWulw91BaYxuD6m5YvcBuSHtqCukl
1U3JaYTrcg58d/y2atzmdB0LBoDMyGBKav3wc5zJN1g1UUNa5i7S/mCj1ALgyLPq
9QIDAQAB
-----END PUBLIC KEY-----
"""


class CannotSignError(Exception):
    """A signature that was asked for can't be made here; the message says what helps."""


@cache
def _private_key() -> "RSAPrivateKey":
    """Return the key of this process. It is made when it is first needed, which takes a tenth of a second."""
    try:
        from cryptography.hazmat.primitives.asymmetric import rsa
    except ModuleNotFoundError:
        raise CannotSignError(NEEDS_CRYPTOGRAPHY) from None
    return rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)


def public_key() -> str:
    """Return the public key of the JWTs as PEM; where none can be signed, a key that nothing is signed with."""
    try:
        key = _private_key().public_key()
    except CannotSignError:
        return _UNUSED_PUBLIC_KEY
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def hmac_signature(key: str, body: bytes) -> str:
    """Return the signature of a body with the key of the organization."""
    return base64.b64encode(hmac.digest(key.encode(), body, hashlib.sha256)).decode()


def jwt_input(body: bytes, issuer: str) -> str:
    """Return what is signed: the header, and the claims with the whole body."""
    claims = json.dumps({"data": body.decode(), "iss": issuer}, separators=(",", ":"), ensure_ascii=False)
    return f"{_base64url(_JWT_HEADER.encode())}.{_base64url(claims.encode())}"


def jwt(body: bytes, issuer: str) -> str:
    """Return the JWT for a body.

    Raises:
        CannotSignError: The package cryptography is not there.
    """
    key, text = _private_key(), jwt_input(body, issuer)
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    return f"{text}.{_base64url(key.sign(text.encode(), PKCS1v15(), SHA256()))}"


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
