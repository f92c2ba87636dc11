"""The store in memory: any number of threads add events, and one event loop takes them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice
from typing import Final

from lago_async._ingest.store import BODY, PendingEvent
from lago_async.errors import EventSinkFullError

# pyright knows `tuple.__new__` only in part.
_new: Callable[[type[PendingEvent], tuple[int, str, bytes]], PendingEvent] = tuple.__new__  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
_pending: Final = partial(_new, PendingEvent)  # takes a third of the time of its constructor


class MemoryStore:
    """Events in memory, bounded by their number and by their size.

    One lock guards all of it. It is held for about a microsecond, and for a batch at most some tens of microseconds.

    Attributes:
        added: Events that were accepted so far.
    """

    def __init__(self, *, max_events: int, max_bytes: int) -> None:
        self.added = 0
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        # Two deques of plain values, because a tuple per event would be work for the garbage collector.
        self._ids: deque[str] = deque()
        self._bodies: deque[bytes] = deque()
        self._released: deque[PendingEvent] = deque()  # older than all of `_ids`
        self._next_key = 0  # of the first of `_ids`
        self._count = 0
        self._bytes = 0

    def put_now(self, transaction_id: str, body: bytes) -> int:
        """Accept an event without waiting; return how many events no request holds, or 0 if there is no room."""
        size = len(body)
        with self._lock:
            if self._count >= self._max_events or self._bytes + size > self._max_bytes:
                return 0
            self._ids.append(transaction_id)
            self._bodies.append(body)
            self.added += 1
            self._count += 1
            self._bytes += size
            return len(self._bodies)

    async def put(self, events: Sequence[tuple[str, bytes]]) -> None:
        """Accept all of these events, or none; any thread may call it by `put_all`."""
        self.put_all(events)

    def put_all(self, events: Sequence[tuple[str, bytes]]) -> None:
        """Accept all of these events, or none.

        Raises:
            EventSinkFullError: There is no room for all of them.
        """
        size = sum(len(body) for _, body in events)
        with self._lock:
            if self._count + len(events) > self._max_events or self._bytes + size > self._max_bytes:
                raise EventSinkFullError(
                    f"the sink holds {self._count:,} events of {self._bytes:,} bytes, and may hold "
                    f"{self._max_events:,} of {self._max_bytes:,} bytes: add fewer events, or raise max_events or "
                    "max_bytes"
                )
            self._ids.extend([transaction_id for transaction_id, _ in events])
            self._bodies.extend([body for _, body in events])
            self.added += len(events)
            self._count += len(events)
            self._bytes += size

    async def take(self, limit: int) -> list[PendingEvent]:
        with self._lock:
            released = self._released
            taken = [released.popleft() for _ in range(min(limit, len(released)))]
            key, count = self._next_key, min(limit - len(taken), len(self._ids))
            next_id, next_body = self._ids.popleft, self._bodies.popleft
            ids, bodies = [next_id() for _ in range(count)], [next_body() for _ in range(count)]
            taken += map(_pending, zip(range(key, key + count), ids, bodies, strict=True))
            self._next_key = key + count
            return taken

    async def confirm(self, events: Sequence[PendingEvent]) -> None:
        size = sum(map(len, map(BODY, events)))
        with self._lock:
            self._count -= len(events)
            self._bytes -= size

    async def reject(self, events: Sequence[tuple[PendingEvent, bytes]]) -> None:
        await self.confirm([event for event, _ in events])

    async def release(self, events: Sequence[PendingEvent]) -> None:
        with self._lock:
            self._released = deque(sorted([*self._released, *events]))

    async def discard_oldest(self, count: int) -> int:
        return self.discard(count)

    def discard(self, count: int) -> int:
        """Forget the oldest events that no request holds, at most ``count``, on any thread; return how many."""
        with self._lock:
            released = min(count, len(self._released))
            others = min(count - released, len(self._ids))
            sizes = [len(event.body) for event in islice(self._released, released)]
            sizes += map(len, islice(self._bodies, others))
            for _ in range(released):
                self._released.popleft()
            for _ in range(others):
                self._ids.popleft()
                self._bodies.popleft()
            self._next_key += others
            self._count -= released + others
            self._bytes -= sum(sizes)
            return released + others

    def ready(self) -> int:
        """Return the number of events that no request holds."""
        return len(self._released) + len(self._ids)

    def waiting(self) -> int:
        return self._count

    def waiting_bytes(self) -> int:
        return self._bytes

    async def aclose(self) -> None:
        """Do nothing: nothing is open."""
