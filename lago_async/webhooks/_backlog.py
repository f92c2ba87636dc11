"""The deliveries that were answered at once, between the handlers that keep them and the workers that handle them."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable
from typing import Final, Literal, TypeAlias

from lago_async.errors import LagoConfigError
from lago_async.webhooks._deliveries import DeliveryQueue, DeliveryStore, QueuedDelivery
from lago_async.webhooks._redelivery import delay_after
from lago_async.webhooks._responses import BUSY, DONE, FAILED

_log = logging.getLogger("lago_async.webhooks")

Respond: TypeAlias = Literal["when_handled", "at_once"]
"""When a delivery is answered: after its handler has returned, or as soon as the store keeps the delivery."""

QueueOutcome: TypeAlias = Literal["handled", "failed", "interrupted"]

_STATUSES: Final = {"new": DONE, "done": DONE, "busy": BUSY}


class Backlog:
    """A queue whose failures are logged instead of raised, and the workers of this process that wait for it."""

    def __init__(self, queue: DeliveryQueue) -> None:
        self.lease: float = queue.lease
        self._queue = queue
        self._wakers: list[tuple[int, Callable[[], None]]] = []
        # At most one entry. Dictionaries are changed atomically, and a fork can leave no lock of them held.
        self._failing: dict[str, object] = {}

    def put(self, key: str, body: bytes) -> int:
        """Keep a delivery, and return the status to answer with."""
        try:
            kept = self._queue.put(key, body)
        except Exception:  # noqa: BLE001 - logged; whatever it was, Lago delivers again
            _log.exception("a webhook could not be kept")
            return FAILED
        if kept == "new":
            for process_id, wake in list(self._wakers):
                if process_id == os.getpid():  # a forked child inherits wakers, whose locks may be held for ever
                    wake()
        return _STATUSES[kept]

    def subscribe(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Call ``wake`` after each delivery that this process keeps, and return a function that ends this."""
        entry = (os.getpid(), wake)
        self._wakers.append(entry)

        def unsubscribe() -> None:
            self._wakers.remove(entry)

        return unsubscribe

    def take(self, max_attempts: int) -> QueuedDelivery | None:
        """Take the next delivery; None if no delivery is due, or if the queue fails."""
        try:
            delivery = self._queue.take()
            while delivery is not None and delivery.attempts > max_attempts:  # each of them ended its process
                self._set_aside(delivery)
                delivery = self._queue.take()
        except Exception:  # noqa: BLE001 - logged; the worker tries again
            own = object()
            if self._failing.setdefault("take", own) is own:  # once for all threads
                _log.exception("no webhook can be taken from the queue; trying again")
            return None
        if self._failing and self._failing.pop("take", None) is not None:
            _log.warning("webhooks can be taken from the queue again")
        return delivery

    def renew(self, deliveries: Iterable[QueuedDelivery]) -> None:
        """Renew the leases of deliveries that are being handled."""
        for delivery in deliveries:
            try:
                self._queue.renew(delivery)
            except Exception:  # noqa: BLE001 - logged; at worst, it is handled twice
                _log.exception("the lease of the webhook %s could not be renewed", delivery.key)

    def settle(self, delivery: QueuedDelivery, outcome: QueueOutcome, max_attempts: int) -> None:
        """Store what has become of a delivery."""
        try:
            if outcome == "handled":
                self._queue.complete(delivery.key)
            elif outcome == "interrupted":
                self._queue.put_back(delivery, delay=0.0)
            elif delivery.attempts < max_attempts:
                self._queue.put_back(delivery, delay=delay_after(delivery.attempts))
            else:
                self._set_aside(delivery)
        except Exception:  # noqa: BLE001 - logged; the delivery is free again after its lease
            _log.exception("the webhook %s was %s, which could not be stored", delivery.key, outcome)

    def _set_aside(self, delivery: QueuedDelivery) -> None:
        self._queue.set_aside(delivery)
        _log.error("the webhook %s was set aside after %d attempts", delivery.key, delivery.attempts)


def backlog_of(store: DeliveryStore | None, respond: Respond) -> Backlog | None:
    """Return the backlog of a store; None if deliveries are handled before they are answered.

    Raises:
        LagoConfigError: ``respond`` is neither of the two, or the store does not keep deliveries.
    """
    if respond == "when_handled":
        return None
    if respond != "at_once":
        raise LagoConfigError('respond must be "when_handled" or "at_once"')
    if not isinstance(store, DeliveryQueue):
        raise LagoConfigError(
            'respond="at_once" needs a store that keeps deliveries when the process dies: pass '
            "SqliteDeliveryStore(path), or a DeliveryQueue of your own"
        )
    return Backlog(store)
