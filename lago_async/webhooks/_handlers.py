"""The handlers of webhooks for asyncio: from a delivery to the status of its response."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from lago_async._validation import check_seconds
from lago_async.errors import LagoArgumentError, WebhookBodyError, WebhookSignatureError
from lago_async.webhooks._backlog import Backlog, Respond, backlog_of
from lago_async.webhooks._claim import Claim
from lago_async.webhooks._deliveries import DeliveryStore, MemoryDeliveryStore
from lago_async.webhooks._parsing import parse
from lago_async.webhooks._registration import TypedRegistry
from lago_async.webhooks._responses import BAD, DONE, FAILED, TOO_LARGE, UNSIGNED, check_age, unique_key_of
from lago_async.webhooks._threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lago_async.webhooks._deliveries import QueuedDelivery
    from lago_async.webhooks._types import Webhook
    from lago_async.webhooks._verifier import WebhookVerifier

_log = logging.getLogger("lago_async.webhooks")

_T = TypeVar("_T")


class WebhookHandlers(TypedRegistry[Awaitable[object]]):
    """Verifies deliveries, and calls the handler of each once.

    ``@hooks.on("invoice.created")`` registers ``async def created(webhook)``, whose argument type checkers know.
    Webhooks without a handler are accepted and dropped.

    Args:
        verifier: The check of signatures.
        store: The deliveries that were handled; a ``MemoryDeliveryStore`` if not given.
        respond: With "when_handled", a delivery is answered after its handler, and Lago repeats it if the handler
            fails. With "at_once", it is answered as soon as the store keeps it, and a ``WebhookWorker`` of this or
            another process handles it, also after a crash: pass a ``SqliteDeliveryStore``.
        max_age: The number of seconds after which a delivery is too old, where its payload has the time: new objects
            and alerts. Lago repeats deliveries within half a minute, and people may do so later.
        clock: A clock of the time of day in seconds, for tests.

    Raises:
        LagoConfigError: A setting is invalid, or the store does not keep deliveries for ``respond="at_once"``.
    """

    def __init__(
        self,
        verifier: WebhookVerifier,
        /,
        *,
        store: DeliveryStore | None = None,
        respond: Respond = "when_handled",
        max_age: float | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__()
        check_seconds("max_age", max_age, positive=True, optional=True)
        self.verifier = verifier
        self.backlog: Backlog | None = backlog_of(store, respond)
        self._store: DeliveryStore = MemoryDeliveryStore() if store is None else store
        self._max_age = max_age
        self._clock = clock

    def on_other(self, handler: Callable[[Webhook], Awaitable[object]], /) -> Callable[[Webhook], Awaitable[object]]:
        """Register the handler of all webhooks that have no other one, also of unknown types: ``@hooks.on_other``."""
        return self.register(None)(handler)

    async def handle(self, body: bytes, headers: Mapping[str, str]) -> int:
        """Handle a delivery, and return the status to answer with.

        200: the handler has returned, now or in an earlier delivery of the same key, or there is none, or the delivery
        is kept for a worker. Lago takes the other statuses as failures, and repeats the delivery twice: after about 3
        and 20 seconds. 500: the handler, the store or the fetch of the public key has failed, which is logged. 409: the
        same delivery is being handled. 401: the signature is wrong. 400: it is not a webhook, is too old, or has no
        ``X-Lago-Unique-Key``. 413: it is too large.

        Args:
            body: The bytes of the body, exactly as they arrived.
            headers: The headers; their names may be in any case.
        """
        if len(body) > self.verifier.max_body_bytes:
            return TOO_LARGE
        try:
            await self.verifier.verify(body, headers)
            key = unique_key_of(headers)
            webhook = parse(body, unique_key=key)
            check_age(webhook, self._max_age, self._clock())
        except WebhookSignatureError:
            return UNSIGNED
        except WebhookBodyError as error:
            _log.warning("a signed webhook was refused: %s", error)
            return BAD
        except Exception:  # noqa: BLE001 - logged; whatever it was, Lago delivers again
            _log.exception("the signature of a webhook could not be checked")
            return FAILED
        handler = self.handler_of(webhook)
        if handler is None:
            return DONE
        if self.backlog is not None:
            return await self._in_store(partial(self.backlog.put, key, body))
        return await self._once(key, handler, webhook)

    async def handle_queued(self, delivery: QueuedDelivery) -> None:
        """Call the handler of a delivery that was kept; for workers of your own.

        Raises:
            LagoArgumentError: The webhook has no handler here.
            Exception: Whatever the handler raises.
        """
        webhook = parse(delivery.body, unique_key=delivery.key)
        handler = self.handler_of(webhook)
        if handler is None:
            raise LagoArgumentError(
                f"handle_queued: {webhook.webhook_type or 'a webhook of another type'} was kept for a handler, and has "
                "none here: register it where the worker runs, too"
            )
        await handler(webhook)

    async def _once(self, key: str, handler: Callable[..., Awaitable[object]], webhook: Webhook) -> int:
        claim = Claim(self._store, key)
        try:
            status = await self._in_store(claim.take)
            if status is not None:
                return status
            await handler(webhook)
            claim.handled = True
        except Exception:  # noqa: BLE001 - logged; whatever it was, Lago delivers again
            _log.exception("the handler of %s has failed", webhook.webhook_type or "other webhooks")
        finally:  # also when it is cancelled
            await self._in_store(claim.settle)
        return DONE if claim.handled else FAILED

    async def _in_store(self, method: Callable[[], _T]) -> _T:
        if isinstance(self._store, MemoryDeliveryStore):
            return method()
        return await in_thread(method)
