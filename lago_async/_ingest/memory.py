"""The store in memory: any number of threads add events, and one event loop takes them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence

from lago_async._ingest.acceptance import BATCH
from lago_async._ingest.store import EventBatch, PendingEvent, size_of
from lago_async.errors import EventSinkFullError


class MemoryStore:
    """Events in memory, bounded by their number and by their size.

    Events are kept in the batches in which they will be sent, so that a batch is taken and confirmed in a few steps,
    however many events it has. One lock guards all of it, and is held for about a microsecond.

    Args:
        max_events: The most events that wait.
        max_bytes: The most bytes of their JSON.
        batch: The events of a batch; taking another number at a time works, and costs more.

    Attributes:
        added: Events that were accepted so far.
    """

    def __init__(self, *, max_events: int, max_bytes: int, batch: int = BATCH) -> None:
        self.added = 0
        self._batch = batch
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        # The newest events: two lists of plain values, because a tuple per event would be work for the garbage
        # collector. A full batch goes to `_full`.
        self._ids: list[str] = []
        self._bodies: list[bytes] = []
        self._full: deque[EventBatch] = deque()
        self._released: deque[PendingEvent] = deque()  # older than all of these
        # Each count of all events so far, so that an event that comes changes no count of those that leave.
        self._size = 0  # the bytes of the accepted events
        self._size_of_batches = 0  # the same, without those of `_bodies`
        self._taken = 0  # events that are held, or have left
        self._gone = 0  # events that have left
        self._size_gone = 0
        self._most_added = max_events
        self._most_size = max_bytes

    def put_now(self, transaction_id: str, body: bytes) -> int:
        """Accept an event without waiting; return how many events no request holds, or 0 if there is no room."""
        with self._lock:
            added, size = self.added, self._size + len(body)
            if added >= self._most_added or size > self._most_size:
                return 0
            bodies = self._bodies
            bodies.append(body)
            self._ids.append(transaction_id)
            self._size = size
            self.added = added = added + 1
            if len(bodies) >= self._batch:
                self._end_batch()
            return added - self._taken

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
            waiting, waiting_bytes = self.waiting(), self.waiting_bytes()
            if waiting + len(events) > self._max_events or waiting_bytes + size > self._max_bytes:
                raise EventSinkFullError(
                    f"the sink holds {waiting:,} events of {waiting_bytes:,} bytes, and may hold "
                    f"{self._max_events:,} of {self._max_bytes:,} bytes: add fewer events, or raise max_events or "
                    "max_bytes"
                )
            start = 0
            while start < len(events):
                part = events[start : start + self._batch - len(self._bodies)]
                start += len(part)
                self._ids += [transaction_id for transaction_id, _ in part]
                self._bodies += [body for _, body in part]
                self._size += sum([len(body) for _, body in part])
                self.added += len(part)
                if len(self._bodies) >= self._batch:
                    self._end_batch()

    async def take(self, limit: int) -> Sequence[PendingEvent]:
        with self._lock:
            if not self._released and self._full and len(self._full[0]) == limit:
                self._taken += limit
                return self._full.popleft()  # nearly always
            return self._take(limit)

    async def confirm(self, events: Sequence[PendingEvent]) -> None:
        with self._lock:
            self._leave(len(events), size_of(events))

    async def reject(self, events: Sequence[tuple[PendingEvent, bytes]]) -> None:
        await self.confirm([event for event, _ in events])

    async def release(self, events: Sequence[PendingEvent]) -> None:
        with self._lock:
            self._taken -= len(events)
            self._released = deque(sorted([*self._released, *events]))

    async def discard_oldest(self, count: int) -> int:
        return self.discard(count)

    def discard(self, count: int) -> int:
        """Forget the oldest events that no request holds, at most ``count``, on any thread; return how many."""
        with self._lock:
            oldest = self._take(count)
            self._leave(len(oldest), size_of(oldest))
            return len(oldest)

    def ready(self) -> int:
        """Return the number of events that no request holds."""
        return self.added - self._taken

    def waiting(self) -> int:
        return self.added - self._gone

    def waiting_bytes(self) -> int:
        return self._size - self._size_gone

    async def aclose(self) -> None:
        """Do nothing: nothing is open."""

    # --- with the lock ------------------------------------------------------------------------------------------------

    def _end_batch(self) -> None:
        """Begin a new batch; the present one is not changed any more."""
        count = len(self._bodies)
        keys = range(self.added - count, self.added)
        self._full.append(EventBatch(keys, self._bodies, self._ids, self._size - self._size_of_batches))
        self._size_of_batches = self._size
        self._ids, self._bodies = [], []

    def _take(self, limit: int) -> Sequence[PendingEvent]:
        """Take the oldest events from wherever they are."""
        released = [self._released.popleft() for _ in range(min(limit, len(self._released)))]
        room = limit - len(released)
        parts: list[EventBatch] = []
        while room and (self._full or self._bodies):
            if not self._full:
                self._end_batch()
            batch = self._full.popleft()
            if len(batch) > room:
                self._full.appendleft(batch[room:])
                batch = batch[:room]
            parts.append(batch)
            room -= len(batch)
        new = parts[0] if len(parts) == 1 else EventBatch.joined(parts)
        self._taken += len(released) + len(new)
        return [*released, *new] if released else new

    def _leave(self, count: int, size: int) -> None:
        self._gone += count
        self._size_gone += size
        self._most_added += count
        self._most_size += size
