"""The rules for signatures of webhooks, without any network: which are right, and when to fetch the key again."""

from __future__ import annotations

import base64
import hmac
import logging
from typing import TYPE_CHECKING, Final, cast

import attrs

from lago_async._net.options import Secret, WrongType, hidden
from lago_async._printable import printable
from lago_async._validation import check_whole_number
from lago_async.errors import LagoArgumentError, LagoConfigError, WebhookBodyError, WebhookSignatureError
from lago_async.webhooks._parsing import organization_of
from lago_async.webhooks._tokens import RefusedSignatureError, RsaKey, SignedToken, check_rsa_is_installed, read_token

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_log = logging.getLogger("lago_async.webhooks")

MAX_BODY_BYTES: Final = 10 * 1024 * 1024
"""The default limit of a body. The largest of 260 real ones had 20 KB, and an invoice of 10,000 fees has about 8 MB."""

_REFETCH_AFTER: Final = 60.0  # seconds; a sender of wrong signatures must not make us call Lago each time

_RETRY_AFTER: Final = 1.0  # seconds; deliveries that come together share a failure, and Lago repeats them after 3

SIGNATURE: Final = "X-Lago-Signature"
ALGORITHM: Final = "X-Lago-Signature-Algorithm"
UNIQUE_KEY: Final = "X-Lago-Unique-Key"


@attrs.frozen(kw_only=True)
class Signer:
    """Whose JWTs are trusted.

    Attributes:
        key: The server's key.
        issuer: The server's URL, as it knows it itself.
        organization_id: The organisation. The key belongs to the server, which signs for all its organisations.
    """

    key: RsaKey
    issuer: str
    organization_id: str


class SignatureRules:
    """The checks of a verifier, and the signer that it trusts at present."""

    def __init__(
        self,
        *,
        hmac_key: str | None,
        base_url: str | None,
        public_key: str | None,
        issuer: str | None,
        organization_id: str | None,
        max_body_bytes: int,
        clock: Callable[[], float],
    ) -> None:
        hmac_key = hidden(hmac_key)
        for name, value in (("public_key", public_key), ("issuer", issuer), ("organization_id", organization_id)):
            if value is not None and (not isinstance(cast("object", value), str) or not value.strip()):
                raise LagoConfigError(f"{name} must be a text that is not empty")
        check_whole_number("max_body_bytes", max_body_bytes, least=1)
        self._hmac_key = None if hmac_key is None else _checked_key(hmac_key)
        self._takes_jwt = base_url is not None or public_key is not None
        if not self._takes_jwt and hmac_key is None:
            raise LagoConfigError(
                "a verifier needs hmac_key, or a client for JWT signatures. The HMAC key is not the API key: Lago's "
                "dashboard shows it under Developers, Webhooks"
            )
        if self._takes_jwt:
            check_rsa_is_installed()
        if base_url is not None and public_key is not None:
            raise LagoConfigError("pass either a client, which fetches the public key, or public_key")
        self.issuer = issuer or (base_url or "").rstrip("/").removesuffix("/api/v1")
        self.organization_id = organization_id
        self.max_body_bytes = max_body_bytes
        self._clock = clock
        self._next_fetch = 0.0
        self._failure: Exception | None = None
        self.signer: Signer | None = None
        if public_key is not None:
            if issuer is None or organization_id is None:
                raise LagoConfigError(
                    "with public_key, pass issuer (the URL of your Lago) and organization_id too: one key signs the "
                    "webhooks of all organisations of a server"
                )
            self.signer = Signer(key=RsaKey(public_key), issuer=issuer, organization_id=organization_id)
            self._next_fetch = float("inf")

    def token_of(self, body: bytes, headers: Mapping[str, str]) -> SignedToken | None:
        """Check an HMAC, or return the JWT, which is still to be checked.

        Raises:
            WebhookSignatureError: The signature is missing or wrong, or its algorithm is not one that was asked for.
            WebhookBodyError: The body is too large.
            LagoArgumentError: The body is not ``bytes``.
        """
        if not isinstance(cast("object", body), bytes):
            raise LagoArgumentError(
                f"verify: the body must be the bytes that arrived, not {type(body).__name__}: a body that a framework "
                "has decoded, and that is encoded again, has another signature"
            )
        if len(body) > self.max_body_bytes:
            raise WebhookBodyError(f"the body has {len(body)} bytes, and max_body_bytes is {self.max_body_bytes}")
        try:
            return self._token_of(body, header_of(headers, ALGORITHM), header_of(headers, SIGNATURE))
        except RefusedSignatureError as error:
            reason = str(error)
        raise refusal(reason)  # not where the reason is the context of the error

    def _token_of(self, body: bytes, algorithm: str, signature: str) -> SignedToken | None:
        if algorithm == "jwt" and self._takes_jwt:
            return read_token(signature, len(body))
        if algorithm == "hmac" and self._hmac_key is not None:
            if not _fits(self._hmac_key, body, signature):
                raise RefusedSignatureError("the HMAC does not fit the body and the key")
            if self.organization_id is not None:
                _check_organization(body, self.organization_id)
            return None
        taken = " and ".join([*(["hmac"] if self._hmac_key else []), *(["jwt"] if self._takes_jwt else [])])
        raise RefusedSignatureError(f"the algorithm is {printable(repr(algorithm))}, and this verifier takes {taken}")

    def begin_fetch(self) -> None:
        """Note that the signer is fetched now.

        Raises:
            WebhookSignatureError: A signature that does not fit has already made us fetch it within the last minute.
            Exception: The fetch of another delivery has failed with it within the last second, and there is no signer.
        """
        now = self._clock()
        if self.signer is None:
            # Without a key, no delivery can be verified, and Lago gives up after half a minute: a minute is too long.
            if self._failure is not None and now < self._next_fetch:
                raise self._failure.with_traceback(None)
            return
        if now < self._next_fetch:
            raise refusal("the JWT is not signed with the server's key")
        self._next_fetch = now + _REFETCH_AFTER

    def fetch_failed(self, error: Exception) -> None:
        """Note that the signer could not be fetched."""
        if self.signer is None:
            self._failure = error
            self._next_fetch = self._clock() + _RETRY_AFTER

    def fetched(self, public_key: str, organization_id: str) -> Signer:
        """Trust the signer that the server named."""
        signer = Signer(key=RsaKey(public_key), issuer=self.issuer, organization_id=organization_id)
        if self.signer is None:
            self._next_fetch = self._clock() + _REFETCH_AFTER
        self._failure = None
        self.signer = signer
        return signer

    def check(self, token: SignedToken, signer: Signer, body: bytes) -> None:
        """Check a token completely.

        Raises:
            WebhookSignatureError: It is not the signer's, or not that of the body.
        """
        try:
            reason = _difference(token, signer, body)
        except RefusedSignatureError as error:
            reason = str(error)
        if reason is not None:
            raise refusal(reason)


def _difference(token: SignedToken, signer: Signer, body: bytes) -> str | None:
    """Return what is wrong with a token; None if it is right."""
    if not signer.key.signed(token):
        return "the JWT is not signed with the server's key"
    claims = token.claims()
    if not hmac.compare_digest(claims.data.encode("utf-8", "surrogatepass"), body):
        return "the JWT is not that of the body"
    if claims.iss.rstrip("/") != signer.issuer.rstrip("/"):
        _log.warning(
            "a webhook is signed by the issuer %s instead of %s: if that is your Lago, pass it as issuer",
            printable(repr(claims.iss)),
            printable(repr(signer.issuer)),
        )
        return "the issuer is another one"
    _check_organization(body, signer.organization_id)
    return None


def _fits(key: str, body: bytes, signature: str) -> bool:
    """Tell whether an HMAC is right. The right one is in no frame that an error shows."""
    # The texts are compared, because several texts are decoded to the same bytes.
    right = base64.b64encode(hmac.digest(key.encode(), body, "sha256"))
    return hmac.compare_digest(right, signature.encode("ascii", "replace"))  # base64 has no "?"


def header_of(headers: Mapping[str, str], name: str) -> str:
    """Return a header, whose name may be in any case.

    Raises:
        RefusedSignatureError: There is none, or there are two that differ.
    """
    found = {value for key, value in headers.items() if key.lower() == name.lower()}
    if len(found) != 1:
        raise RefusedSignatureError(f"the header {name} {'is missing' if not found else 'has two values'}")
    (value,) = found
    return value


def refusal(reason: str) -> WebhookSignatureError:
    """Log the reason, and return an error that does not say it."""
    _log.info("a webhook was refused: %s", reason)
    return WebhookSignatureError("the signature of the webhook is not valid")


def _check_organization(body: bytes, organization_id: str) -> None:
    found = organization_of(body)
    if found != organization_id:
        _log.warning(
            "a webhook of the organisation %s was refused: it is signed, and not of the organisation %s",
            printable(repr(found)),
            printable(organization_id),
        )
        raise RefusedSignatureError("the organisation is another one")


def _checked_key(key: Secret) -> Secret:
    if isinstance(key, WrongType):
        raise LagoConfigError(f"hmac_key must be text, not {key!s}")
    if not key or not key.isascii() or key.split() != [key]:
        raise LagoConfigError(
            "hmac_key is empty or has characters that no key has: copy it from Lago's dashboard again"
        )
    return key
