"""The worker that handles kept deliveries on threads."""

from __future__ import annotations

import logging
import os
import threading
import time
from typing import TYPE_CHECKING

from lago_async.errors import LagoConfigError
from lago_async.webhooks._redelivery import MAX_ATTEMPTS
from lago_async.webhooks._worker_settings import WorkerSettings

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from lago_async.webhooks._backlog import Backlog, QueueOutcome
    from lago_async.webhooks._deliveries import QueuedDelivery
    from lago_sync._webhook_handlers import WebhookHandlers

_log = logging.getLogger("lago_async.webhooks")


class WebhookWorker:
    """Handles what ``respond="at_once"`` keeps, on threads: ``with WebhookWorker(hooks):`` around the server.

    Where there is no such place, call ``start()`` in each process after it was forked, and ``close()`` at its end. Or
    run one worker in a process of its own. The process that forgets to close it loses no delivery: the lease of what
    was being handled ends, and the next worker takes it.

    Each delivery is handled at least once, also if the process dies: this worker, the one of another process, or the
    next one takes it again. A handler that raises is called again after 1, 2, 4 seconds and so on, up to an hour. After
    ``max_attempts``, the delivery is set aside, and an error is logged: see ``SqliteDeliveryStore.failed``.

    Args:
        hooks: The handlers.
        concurrency: How many deliveries this worker handles at a time: the number of its threads.
        max_attempts: How often a delivery is tried.
        poll: The seconds after which it looks for deliveries that other processes have kept or put back. A delivery
            that its own process keeps wakes it.
        grace: The seconds that ``close`` waits for handlers that run. A thread cannot be cancelled: what runs longer is
            left to end by itself.

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
        self._run: _Run | None = None

    def start(self) -> None:
        """Start the threads; in a forked child, its own ones.

        Raises:
            LagoConfigError: It runs already in this process.
        """
        if self._run is not None and self._run.process_id == os.getpid():
            raise LagoConfigError("the WebhookWorker runs already in this process")
        self._run = _Run(self._hooks, self._backlog, self._settings)

    def close(self) -> None:
        """Take no more deliveries, and wait for the handlers that run, at most ``grace`` seconds."""
        run, self._run = self._run, None
        if run is not None and run.process_id == os.getpid():
            run.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class _Run:
    """The threads of a worker in one process, from their start to their end."""

    def __init__(self, hooks: WebhookHandlers, backlog: Backlog, settings: WorkerSettings) -> None:
        self.process_id = os.getpid()
        self._hooks = hooks
        self._backlog = backlog
        self._settings = settings
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)  # something to take, or the end
        self._ended = threading.Condition(self._lock)  # the end of a handler
        self._signals = 0
        self._stopping = False
        self._in_hand: dict[str, QueuedDelivery] = {}
        self._unsubscribe = backlog.subscribe(self._wake)
        # Daemons: a handler that hangs must not keep the interpreter from its exit.
        self._threads = [
            threading.Thread(target=self._work, name=f"lago webhooks {number}", daemon=True)
            for number in range(settings.concurrency)
        ]
        self._renewer = threading.Thread(target=self._renew, name="lago webhooks leases", daemon=True)
        for thread in (*self._threads, self._renewer):
            thread.start()

    def close(self) -> None:
        """End the threads."""
        self._unsubscribe()
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            self._ended.notify_all()
        until = time.monotonic() + self._settings.grace
        others = [thread for thread in (*self._threads, self._renewer) if thread is not threading.current_thread()]
        for thread in others:
            thread.join(max(0.0, until - time.monotonic()))
        with self._lock:
            left = len(self._in_hand)
        if left:
            _log.warning("%d handlers of webhooks still run after %g seconds", left, self._settings.grace)

    def _wake(self) -> None:
        with self._changed:
            self._signals += 1
            self._changed.notify()

    def _work(self) -> None:
        while True:
            with self._changed:
                if self._stopping:
                    return
                seen = self._signals
            delivery = self._backlog.take(self._settings.max_attempts)
            if delivery is not None:
                self._handle(delivery)
                continue
            with self._changed:
                if self._signals == seen and not self._stopping:
                    self._changed.wait(self._settings.poll)

    def _handle(self, delivery: QueuedDelivery) -> None:
        with self._lock:
            self._in_hand[delivery.key] = delivery
        outcome: QueueOutcome = "failed"
        try:
            self._hooks.handle_queued(delivery)
            outcome = "handled"
        except BaseException:  # noqa: BLE001 - logged; it is handled again, and SystemExit must not end this thread
            _log.exception("the handler of the webhook %s has failed in attempt %d", delivery.key, delivery.attempts)
        self._backlog.settle(delivery, outcome, self._settings.max_attempts)
        with self._lock:
            del self._in_hand[delivery.key]
            self._ended.notify()

    def _renew(self) -> None:
        due = time.monotonic() + self._backlog.lease / 3
        while True:
            with self._ended:
                if self._stopping and not self._in_hand:
                    return
                self._ended.wait(max(0.0, due - time.monotonic()))
                in_hand = list(self._in_hand.values())
            if time.monotonic() >= due:
                self._backlog.renew(in_hand)
                due = time.monotonic() + self._backlog.lease / 3
