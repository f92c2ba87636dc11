"""The verifier of webhooks for asyncio."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from lago_async._net.options import hidden
from lago_async.webhooks._signatures import MAX_BODY_BYTES, SignatureRules

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lago_async.client import LagoClient
    from lago_async.webhooks._signatures import Signer


class WebhookVerifier:
    """Tells the webhooks of your organisation from forgeries.

    ``verifier = WebhookVerifier(hmac_key=...)``, then ``await verifier.verify(body, headers)`` with the bytes that
    arrived. One verifier serves a whole application, on any number of event loops.

    Prefer HMAC: set ``signature_algo`` of the webhook endpoint to ``"hmac"``. Its header is short, but a JWT repeats
    the whole payload in a header, and many servers refuse headers of more than 8 KB before your code runs.

    Args:
        hmac_key: The HMAC key of your organisation. It is not the API key, and no response has it: Lago's dashboard
            shows it under Developers, Webhooks.
        client: A client for webhooks that are signed with a JWT (the extra ``webhooks``). It fetches the server's
            public key and the id of your organisation when they are first needed, and again when a signature does not
            fit, at most once a minute. Without it, webhooks with a JWT are refused.
        public_key: The public key as PEM, or the base64 of it, instead of a client.
        issuer: The URL of your Lago as the server knows it (its setting ``LAGO_API_URL``); the URL of the client if not
            given. A JWT of another issuer is refused.
        organization_id: The id of your organisation; that of the client if not given. One server signs the JWTs of all
            its organisations with one key, so a webhook of another organisation is refused.
        max_body_bytes: The limit of a body; a larger one is refused before anything of it is read.
        clock: A clock in seconds, for tests.

    Raises:
        LagoConfigError: A setting is missing or invalid, or the extra ``webhooks`` is not installed.
    """

    def __init__(
        self,
        *,
        hmac_key: str | None = None,
        client: LagoClient | None = None,
        public_key: str | None = None,
        issuer: str | None = None,
        organization_id: str | None = None,
        max_body_bytes: int = MAX_BODY_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        hmac_key = hidden(hmac_key)  # first, so that no traceback that shows local variables shows it
        self._client = client
        self._rules = SignatureRules(
            hmac_key=hmac_key,
            base_url=None if client is None else client.base_url,
            public_key=public_key,
            issuer=issuer,
            organization_id=organization_id,
            max_body_bytes=max_body_bytes,
            clock=clock,
        )
        self._locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()

    @property
    def max_body_bytes(self) -> int:
        """The limit of a body."""
        return self._rules.max_body_bytes

    async def verify(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Check that a webhook is one of your organisation, and that its body is as it was sent.

        The header ``X-Lago-Unique-Key`` is not signed.

        Args:
            body: The bytes of the body, exactly as they arrived.
            headers: The headers; their names may be in any case.

        Raises:
            WebhookSignatureError: The signature is missing or wrong: do not trust the body. Answer with 401.
            WebhookBodyError: The body is larger than ``max_body_bytes``, or it is signed and not a webhook.
            LagoCallError: The public key could not be fetched: the webhook may be right. Answer with 500, so that Lago
                delivers it again.
        """
        token = self._rules.token_of(body, headers)
        if token is None:
            return
        signer = self._rules.signer
        if signer is None or not signer.key.signed(token):
            signer = await self._newer_than(signer)
        self._rules.check(token, signer, body)

    async def _newer_than(self, signer: Signer | None) -> Signer:
        """Fetch the signer, unless another task has done so meanwhile."""
        async with self._locks.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
            newer = self._rules.signer
            if newer is not None and newer is not signer:
                return newer
            self._rules.begin_fetch()
            if self._client is None:  # then there is a public key, and `begin_fetch` has refused
                raise AssertionError
            try:
                fetched = await self._client.webhooks.fetch_json_public_key()
                organization_id = self._rules.organization_id or (await self._client.organizations.find()).lago_id
                return self._rules.fetched(fetched.public_key, organization_id)
            except Exception as error:
                self._rules.fetch_failed(error)
                raise
