"""The webhooks of a sandbox as tests see them."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import overload

import attrs

from lago_async.sandbox._protocol.signatures import CannotSignError
from lago_async.sandbox._protocol.wire import Json, JsonObject, decode
from lago_async.sandbox._server.webhook_sender import WebhookSender, headers_of
from lago_async.sandbox._state.outbox import Webhook, WebhookAttempt, WebhookStatus
from lago_async.sandbox._state.store import Store


@attrs.frozen(kw_only=True)
class WebhookDelivery:
    """A webhook to one endpoint, as it was when it was looked at.

    Attributes:
        type: What happened: ``customer.created``.
        object_type: The name of the object in the payload.
        body: The bytes that are signed and sent.
        url: The endpoint.
        unique_key: The header ``X-Lago-Unique-Key``, the same in all attempts.
        created_at: When it happened, on the sandbox's clock.
        status: ``refused`` is what the sandbox does not send, and ``problem`` says why.
        attempts: What was tried so far.
        next_attempt_at: When it is tried next, on the sandbox's clock.
    """

    type: str
    object_type: str
    body: bytes = attrs.field(repr=False)
    url: str
    unique_key: str
    created_at: datetime
    status: WebhookStatus
    attempts: tuple[WebhookAttempt, ...]
    next_attempt_at: datetime | None
    problem: str | None
    _store: Store = attrs.field(repr=False, eq=False)
    _webhook: Webhook = attrs.field(repr=False, eq=False)

    @property
    def payload(self) -> JsonObject:
        """The body as JSON: ``webhook_type``, ``object_type``, ``organization_id``, and the object."""
        value = decode(self.body)
        return value if isinstance(value, dict) else {}

    @property
    def object(self) -> Json:
        """The object that the webhook is about."""
        return self.payload[self.object_type]

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of each attempt, with the signature.

        Raises:
            RuntimeError: A JWT is asked for, and the package cryptography is not there.
        """
        try:
            with self._store.lock:
                return headers_of(self._store, self._webhook)
        except CannotSignError as error:
            raise RuntimeError(str(error)) from None


class SandboxWebhooks(Sequence[WebhookDelivery]):
    """The webhooks of a sandbox, oldest first. Nothing is rendered while there is no endpoint."""

    def __init__(self, store: Store, sender: WebhookSender) -> None:
        self._store = store
        self._sender = sender
        self._loop: asyncio.AbstractEventLoop | None = None

    def __repr__(self) -> str:
        return f"<SandboxWebhooks: {len(self)}>"

    def __len__(self) -> int:
        with self._store.lock:
            return len(self._store.outbox.webhooks)

    def __iter__(self) -> Iterator[WebhookDelivery]:
        with self._store.lock:
            return iter([self._shown(webhook) for webhook in self._store.outbox.webhooks])

    @overload
    def __getitem__(self, index: int) -> WebhookDelivery: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[WebhookDelivery]: ...
    def __getitem__(self, index: int | slice) -> WebhookDelivery | Sequence[WebhookDelivery]:
        with self._store.lock:
            webhooks = self._store.outbox.webhooks
            if isinstance(index, slice):
                return [self._shown(webhook) for webhook in list(webhooks)[index]]
            return self._shown(webhooks[index])

    def of_type(self, webhook_type: str) -> list[WebhookDelivery]:
        """Return the webhooks of one type."""
        return [webhook for webhook in self if webhook.type == webhook_type]

    async def settled(self) -> None:
        """Wait until everything that is due was tried; what is tried again later waits for the sandbox's clock."""
        loop = self._loop
        if loop is None or loop is asyncio.get_running_loop():
            await self._sender.settled()
        else:
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._sender.settled(), loop))

    def wait_until_settled(self, timeout: float = 60) -> None:
        """Block until everything that is due was tried, for a sandbox that was entered with ``with``.

        Raises:
            TimeoutError: That took longer than ``timeout`` seconds.
            RuntimeError: It is called on the loop of the sandbox, which can't send meanwhile.
        """
        loop = self._loop
        if loop is None:
            return
        try:
            running = asyncio.get_running_loop()
        except RuntimeError:
            running = None
        if running is loop:
            raise RuntimeError("the sandbox sends on this very loop: use `await sandbox.webhooks.settled()`")
        asyncio.run_coroutine_threadsafe(self._sender.settled(), loop).result(timeout)

    def start(self) -> None:
        """Begin to send, on the running loop. The sandbox does this."""
        self._loop = asyncio.get_running_loop()
        self._sender.start()

    async def stop(self) -> None:
        """End sending. The sandbox does this."""
        self._loop = None
        await self._sender.stop()

    def _shown(self, webhook: Webhook) -> WebhookDelivery:
        return WebhookDelivery(
            type=webhook.payload.webhook_type,
            object_type=webhook.payload.object_type,
            body=webhook.payload.body,
            url=str(webhook.endpoint.values["webhook_url"]),
            unique_key=webhook.lago_id,
            created_at=webhook.created_at,
            status=webhook.status,
            attempts=tuple(webhook.attempts),
            next_attempt_at=webhook.due,
            problem=webhook.problem,
            store=self._store,
            webhook=webhook,
        )
