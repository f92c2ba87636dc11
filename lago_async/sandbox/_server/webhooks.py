"""The webhooks of a sandbox as tests see them."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from datetime import datetime
from typing import overload

import attrs

from lago_async.sandbox._protocol.signatures import CannotSignError
from lago_async.sandbox._protocol.wire import Json, decode
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
    _sign: Callable[[], Mapping[str, str]] = attrs.field(alias="sign", repr=False, eq=False)

    @property
    def payload(self) -> dict[str, Json]:
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
        return self._sign()


class SandboxWebhooks(Sequence[WebhookDelivery]):
    """The newest 10,000 webhooks of a sandbox, oldest first. Without an endpoint there are none.

    Args:
        read: Returns all webhooks as they are now.
        settled: Returns when nothing is due or on its way. It runs on the loop of the sandbox.
    """

    def __init__(
        self, read: Callable[[], Sequence[WebhookDelivery]], settled: Callable[[], Coroutine[object, object, None]]
    ) -> None:
        self._read = read
        self._settled = settled
        self._loop: asyncio.AbstractEventLoop | None = None

    def __repr__(self) -> str:
        return f"<SandboxWebhooks: {len(self)}>"

    def __len__(self) -> int:
        return len(self._read())

    def __iter__(self) -> Iterator[WebhookDelivery]:
        return iter(self._read())

    @overload
    def __getitem__(self, index: int) -> WebhookDelivery: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[WebhookDelivery]: ...
    def __getitem__(self, index: int | slice) -> WebhookDelivery | Sequence[WebhookDelivery]:
        return self._read()[index]

    def of_type(self, webhook_type: str) -> list[WebhookDelivery]:
        """Return the webhooks of one type."""
        return [webhook for webhook in self if webhook.type == webhook_type]

    async def settled(self) -> None:
        """Wait until everything that is due was tried; what is tried again later waits for the sandbox's clock."""
        loop = self._loop
        if loop is None or loop is asyncio.get_running_loop():
            await self._settled()
        else:
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._settled(), loop))

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
        asyncio.run_coroutine_threadsafe(self._settled(), loop).result(timeout)

    def serve_on(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """Note the loop that sends. The sandbox does this."""
        self._loop = loop


def _shown(store: Store, webhook: Webhook) -> WebhookDelivery:
    def sign() -> Mapping[str, str]:
        try:
            with store.lock:
                return headers_of(store, webhook)
        except CannotSignError as error:
            raise RuntimeError(str(error)) from None

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
        sign=sign,
    )


def webhooks_of(store: Store, sender: WebhookSender) -> SandboxWebhooks:
    """Return the webhooks of a store."""

    def read() -> list[WebhookDelivery]:
        with store.lock:
            return [_shown(store, webhook) for webhook in store.outbox.webhooks]

    return SandboxWebhooks(read, sender.settled)
