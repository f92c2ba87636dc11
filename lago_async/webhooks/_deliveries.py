"""The deliveries that were handled, which are not handled again, and those that are still to be handled."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final, Literal, Protocol, TypeAlias, runtime_checkable

import attrs

from lago_async._validation import check_whole_number

ClaimResult: TypeAlias = Literal["new", "done", "busy"]
"""Whether a delivery is to be handled now, was handled, or is being handled elsewhere."""

LEASE: Final = 20.0
"""Seconds. A claim that is older counts as abandoned: its process has died.

Lago's third and last attempt comes 21 to 24 seconds after a process has died. A longer lease would refuse that one.
"""


class DeliveryStore(Protocol):
    """Remembers deliveries by their ``X-Lago-Unique-Key``; write your own for Redis or your database.

    Every method is atomic, also for other processes that share the store, and may block: the asynchronous handlers call
    it on a worker thread.
    """

    def claim(self, key: str, /) -> ClaimResult:
        """Take a delivery to handle it, unless it is done or taken."""
        ...

    def complete(self, key: str, /) -> None:
        """Note that a delivery was handled."""
        ...

    def release(self, key: str, /) -> None:
        """Give a delivery back, because its handler failed."""
        ...


@attrs.frozen(kw_only=True)
class QueuedDelivery:
    """A delivery that was answered and is still to be handled.

    Attributes:
        key: Its ``X-Lago-Unique-Key``.
        body: The bytes of its body, whose signature was verified.
        attempts: How often it was taken to be handled.
    """

    key: str
    body: bytes = attrs.field(repr=False)
    attempts: int


@runtime_checkable
class DeliveryQueue(DeliveryStore, Protocol):
    """A store that also keeps deliveries until they are handled, for ``respond="at_once"``.

    Every method is atomic, also for other processes that share the store. A kept delivery must survive a crash of the
    process and of the machine, because Lago does not send it again. ``complete`` also removes a delivery from the
    queue.
    """

    lease: float
    """Seconds. A delivery that was taken is free again after this time, unless ``renew`` is called."""

    def put(self, key: str, body: bytes, /) -> ClaimResult:
        """Keep a delivery, unless it is in the queue or done ("done"), or is being handled elsewhere ("busy")."""
        ...

    def take(self) -> QueuedDelivery | None:
        """Take the delivery that is due first, and count the attempt; None if no delivery is due."""
        ...

    def renew(self, delivery: QueuedDelivery, /) -> None:
        """Start the lease of a delivery again, unless another process has taken it meanwhile."""
        ...

    def put_back(self, delivery: QueuedDelivery, /, *, delay: float) -> None:
        """Make a delivery due again after ``delay`` seconds, unless another process has taken it meanwhile."""
        ...

    def set_aside(self, delivery: QueuedDelivery, /) -> None:
        """Keep a delivery that has failed too often, and never take it again by itself."""
        ...


class MemoryDeliveryStore:
    """Remembers deliveries in this process, at most ``max_keys``, and forgets the oldest ones first.

    A restart forgets all, and other processes know nothing of it: use ``SqliteDeliveryStore``, or a store of your own,
    if you have several, or if handling a delivery again does harm.
    """

    def __init__(self, *, max_keys: int = 100_000) -> None:
        check_whole_number("max_keys", max_keys, least=1)
        self._max_keys = max_keys
        self._done: OrderedDict[str, None] = OrderedDict()
        self._claimed: set[str] = set()
        self._lock = threading.Lock()

    def claim(self, key: str, /) -> ClaimResult:
        """Take a delivery to handle it, unless it is done or taken."""
        with self._lock:
            if key in self._done:
                return "done"
            if key in self._claimed:
                return "busy"
            self._claimed.add(key)
            return "new"

    def complete(self, key: str, /) -> None:
        """Note that a delivery was handled."""
        with self._lock:
            self._claimed.discard(key)
            self._done[key] = None
            if len(self._done) > self._max_keys:
                self._done.popitem(last=False)

    def release(self, key: str, /) -> None:
        """Give a delivery back, because its handler failed."""
        with self._lock:
            self._claimed.discard(key)
