"""The worker that handles kept deliveries on an event loop."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

from anyio import CancelScope, create_task_group

from lago_async.errors import LagoConfigError
from lago_async.webhooks._redelivery import MAX_ATTEMPTS
from lago_async.webhooks._threads import in_thread
from lago_async.webhooks._worker_settings import WorkerSettings

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from lago_async.webhooks._backlog import Backlog, QueueOutcome
    from lago_async.webhooks._deliveries import QueuedDelivery
    from lago_async.webhooks._handlers import WebhookHandlers

_log = logging.getLogger("lago_async.webhooks")


class WebhookWorker:
    """Handles what ``respond="at_once"`` keeps: ``async with WebhookWorker(hooks):`` in the application's lifespan.

    Each delivery is handled at least once, also if the process dies: this worker, the one of another process, or the
    next one takes it again. A handler that raises is called again after 1, 2, 4 seconds and so on, up to an hour. After
    ``max_attempts``, the delivery is set aside, and an error is logged: see ``SqliteDeliveryStore.failed``.

    At the end of the block, handlers that run have ``grace`` seconds. After that they are cancelled, and their
    deliveries are put back.

    Args:
        hooks: The handlers.
        concurrency: How many deliveries this worker handles at a time.
        max_attempts: How often a delivery is tried.
        poll: The seconds after which it looks for deliveries that other processes have kept or put back. A delivery
            that its own process keeps wakes it.
        grace: The seconds that handlers have at the end.

    Raises:
        LagoConfigError: A setting is invalid, or the handlers answer when a delivery is handled.
    """

    def __init__(
        self,
        hooks: WebhookHandlers,
        /,
        *,
        concurrency: int = 8,
        max_attempts: int = MAX_ATTEMPTS,
        poll: float = 1.0,
        grace: float = 30.0,
    ) -> None:
        self._settings = WorkerSettings(concurrency=concurrency, max_attempts=max_attempts, poll=poll, grace=grace)
        self._hooks = hooks
        self._backlog: Backlog = self._settings.backlog_of(hooks.backlog)
        self._in_hand: dict[str, QueuedDelivery] = {}
        self._changed = asyncio.Event()
        self._finished = asyncio.Event()
        self._stopping = False
        self._scope: CancelScope | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self._task is not None:
            raise LagoConfigError("a WebhookWorker is entered once: create another one")
        # A task of its own, because frameworks may end a lifespan in another task than the one that has begun it.
        self._scope = CancelScope()
        self._task = asyncio.create_task(self._run(self._scope), name="lago webhooks")
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        task, scope = self._task, self._scope
        if task is None or scope is None:
            return
        self._stopping = True
        self._changed.set()
        try:
            async with asyncio.timeout(self._settings.grace):
                await asyncio.shield(task)
        except TimeoutError:
            if not task.done():
                _log.warning("handlers of webhooks were cancelled after %g seconds", self._settings.grace)
        finally:
            scope.cancel()  # not the task, because a take that a thread has begun must end
            await asyncio.wait([task])
        task.result()

    async def _run(self, scope: CancelScope) -> None:
        loop = asyncio.get_running_loop()
        unsubscribe = self._backlog.subscribe(partial(_wake, loop, self._changed))
        try:
            with scope:
                await self._work()
        finally:
            unsubscribe()

    async def _work(self) -> None:
        async with create_task_group() as group:
            group.start_soon(self._renew)
            while not self._stopping:
                self._changed.clear()  # before the look, so that nothing is missed
                if len(self._in_hand) < self._settings.concurrency and (delivery := await self._take()) is not None:
                    self._in_hand[delivery.key] = delivery
                    group.start_soon(self._handle, delivery)
                else:
                    await _set_or_late(self._changed, self._settings.poll)
            while self._in_hand:
                self._changed.clear()
                await self._changed.wait()
            self._finished.set()

    async def _take(self) -> QueuedDelivery | None:
        return await in_thread(partial(self._backlog.take, self._settings.max_attempts))

    async def _handle(self, delivery: QueuedDelivery) -> None:
        outcome: QueueOutcome = "interrupted"
        try:
            await self._hooks.handle_queued(delivery)
            outcome = "handled"
        except Exception:  # noqa: BLE001 - logged; it is handled again
            _log.exception("the handler of the webhook %s has failed in attempt %d", delivery.key, delivery.attempts)
            outcome = "failed"
        finally:  # also when it is cancelled
            await in_thread(partial(self._backlog.settle, delivery, outcome, self._settings.max_attempts))
            del self._in_hand[delivery.key]
            self._changed.set()

    async def _renew(self) -> None:
        while not await _set_or_late(self._finished, self._backlog.lease / 3):
            await in_thread(partial(self._backlog.renew, list(self._in_hand.values())))


async def _set_or_late(event: asyncio.Event, seconds: float) -> bool:
    """Wait for an event at most some seconds, and tell whether it has happened."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


def _wake(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(event.set)
