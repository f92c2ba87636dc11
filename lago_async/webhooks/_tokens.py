"""JSON Web Tokens with RS256, the only kind that Lago signs with, and RSA keys."""

from __future__ import annotations

import base64
import binascii
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import attrs
import msgspec

from lago_async.errors import LagoConfigError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

_SMALLEST_KEY: Final = 2048  # bits

_LARGEST_HEADER: Final = 1_000
"""Characters of the first part of a token; Lago's has 20."""

_LARGEST_SIGNATURE: Final = 4_000
"""Characters; that of the largest RSA key in use, of 16,384 bits, has 2,731."""

_UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""Errors of JSON that is wrong, or nested too deeply."""


def longest_token(body_bytes: int) -> int:
    """Return how many characters the token of a body may have.

    JSON escapes write a byte as six characters at most, and base64 writes three as four. The rest is for the issuer.
    """
    return 8 * body_bytes + _LARGEST_HEADER + _LARGEST_SIGNATURE + 10_000


class RefusedSignatureError(Exception):
    """A signature is refused; the message is for the log only."""


class _Header(msgspec.Struct):
    alg: str
    crit: msgspec.Raw | None = None


class _Claims(msgspec.Struct):
    data: str
    iss: str


@attrs.frozen(kw_only=True, repr=False)
class SignedToken:
    """A token whose header was checked; its claims may be read after its signature.

    Attributes:
        signed: The bytes that are signed.
        signature: The signature.
    """

    signed: bytes
    signature: bytes

    def claims(self) -> _Claims:
        """Return the claims. Check the signature first."""
        try:
            return msgspec.json.decode(_decoded(self.signed.partition(b".")[2]), type=_Claims)
        except _UNREADABLE as error:
            raise RefusedSignatureError("the claims of the JWT are not those of Lago") from error


def read_token(text: str, body_bytes: int) -> SignedToken:
    """Return the token of a header's text.

    Raises:
        RefusedSignatureError: It is not a JWT, its algorithm is not RS256, or it is longer than the token of a body of
            ``body_bytes`` can be.
    """
    if len(text) > longest_token(body_bytes):
        raise RefusedSignatureError("the JWT is too long for the body")
    parts = text.encode("ascii", "replace").split(b".")  # base64url has no "?"
    if len(parts) != 3:
        raise RefusedSignatureError("the signature is not a JWT")
    header, claims, signature = parts
    if len(header) > _LARGEST_HEADER or len(signature) > _LARGEST_SIGNATURE:
        raise RefusedSignatureError("the header or the signature of the JWT is too long")
    try:
        found = msgspec.json.decode(_decoded(header), type=_Header)
    except _UNREADABLE as error:
        raise RefusedSignatureError("the header of the JWT cannot be read") from error
    # Exactly this one: "none", or HS256 with the public key as its secret, are how tokens are forged.
    if found.alg != "RS256" or found.crit is not None:
        raise RefusedSignatureError("the algorithm of the JWT is not RS256")
    return SignedToken(signed=header + b"." + claims, signature=_decoded(signature))


def _decoded(part: bytes) -> bytes:
    """Decode base64url. One byte sequence has one text: the bits that no byte needs must be zero."""
    try:
        decoded = base64.b64decode(part + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise RefusedSignatureError("the JWT is not base64url") from error
    if base64.urlsafe_b64encode(decoded).rstrip(b"=") != part:
        raise RefusedSignatureError("the JWT is not base64url in its only form")
    return decoded


def check_rsa_is_installed() -> None:
    """Check that the library for RSA is there.

    Raises:
        LagoConfigError: It is not.
    """
    if find_spec("cryptography") is None:
        raise LagoConfigError(
            "JWT signatures need the extra `webhooks`: pip install 'lago-async[webhooks]'. HMAC signatures need "
            "nothing: set signature_algo of the webhook endpoint to 'hmac', and pass hmac_key instead"
        )


class RsaKey:
    """A public RSA key, from PEM or from the base64 of PEM, as Lago gives it."""

    def __init__(self, text: str) -> None:
        """Read a key.

        Raises:
            LagoConfigError: The text is not a public RSA key, or one that is too short to be safe.
        """
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
        from cryptography.hazmat.primitives.serialization import load_pem_public_key

        try:
            pem = text.encode()
            if b"-----BEGIN" not in pem:
                pem = base64.b64decode(b"".join(pem.split()), validate=True)
            key = load_pem_public_key(pem)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise LagoConfigError("the public key of the webhooks is neither PEM nor the base64 of PEM") from error
        if not isinstance(key, RSAPublicKey) or key.key_size < _SMALLEST_KEY:
            raise LagoConfigError(f"the public key of the webhooks is not an RSA key of at least {_SMALLEST_KEY} bits")
        self._key: RSAPublicKey = key

    def signed(self, token: SignedToken) -> bool:
        """Tell whether the owner of this key signed a token."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        try:
            self._key.verify(token.signature, token.signed, PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        return True
