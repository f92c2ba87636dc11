"""The store in memory: any number of threads add events, and one event loop takes them."""

from __future__ import annotations

import threading
from array import array
from collections import deque
from collections.abc import Sequence

from lago_async._ingest.acceptance import BATCH
from lago_async._ingest.store import BEGIN, END, EventBatch, PackedBatch, PendingEvent
from lago_async.errors import EventSinkFullError, LagoClosedError


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
        self._sealed = False
        # The newest events, as the beginning of a request; a full batch goes to `_full`.
        self._newest = _new_batch()
        self._before = 0  # events that were accepted before them
        self._full: deque[EventBatch] = deque()
        self._released = EventBatch()  # older than all of these
        # Each count of all events so far, so that an event that comes changes no count of those that leave.
        self._size = 0  # the bytes of the accepted events
        self._taken = 0  # events that are held, or have left
        self._gone = 0  # events that have left
        self._size_gone = 0
        self._most_added = max_events
        self._most_size = max_bytes

    def put_now(self, body: bytes) -> int:
        """Accept an event without waiting; return how many events no request holds, or 0 if there is no room."""
        with self._lock:
            size = self._size + len(body)
            if self.added >= self._most_added or size > self._most_size or self._sealed:
                return 0
            self._size = size
            self._append(body)
            return self.added - self._taken

    async def put(self, bodies: Sequence[bytes]) -> None:
        """Accept all of these events, or none; any thread may call it by `put_all`."""
        self.put_all(bodies)

    def put_all(self, bodies: Sequence[bytes]) -> None:
        """Accept all of these events, or none.

        Raises:
            EventSinkFullError: There is no room for all of them.
            LagoClosedError: The store was sealed.
        """
        size = sum(map(len, bodies))
        with self._lock:
            if self._sealed:
                raise LagoClosedError("the sink is closed; make a new one")
            waiting, waiting_bytes = self.waiting(), self.waiting_bytes()
            if waiting + len(bodies) > self._max_events or waiting_bytes + size > self._max_bytes:
                raise EventSinkFullError(
                    f"the sink holds {waiting:,} events of {waiting_bytes:,} bytes, and may hold "
                    f"{self._max_events:,} of {self._max_bytes:,} bytes: add fewer events, or raise max_events or "
                    "max_bytes"
                )
            self._size += size
            for body in bodies:
                self._append(body)

    def could_hold(self, bodies: Sequence[bytes]) -> bool:
        return len(bodies) <= self._max_events and sum(map(len, bodies)) <= self._max_bytes

    def surplus(self, bodies: Sequence[bytes]) -> int:
        return max(1, self.waiting() + len(bodies) - self._max_events)

    def seal(self) -> None:
        """Accept no more events, from any thread: those that were accepted are all that there will be."""
        with self._lock:
            self._sealed = True

    async def take(self, limit: int) -> EventBatch:
        with self._lock:
            return self._take(limit)

    def take_now(self, limit: int) -> EventBatch | None:
        with self._lock:
            if self._released or not self._full or len(self._full[0].keys) != limit:
                return None
            self._taken += limit
            return self._full.popleft()

    def confirm(self, events: EventBatch) -> None:
        with self._lock:
            self._leave(len(events.keys), events.size)

    async def reject(self, events: Sequence[tuple[PendingEvent, bytes]]) -> None:
        self.confirm(EventBatch.of(event for event, _ in events))

    async def release(self, events: EventBatch) -> None:
        with self._lock:
            self._taken -= len(events)
            self._released = EventBatch.of(sorted([*self._released, *events]))

    async def discard_oldest(self, count: int) -> int:
        return self.discard(count)

    def discard(self, count: int) -> int:
        """Forget the oldest events that no request holds, at most ``count``, on any thread; return how many."""
        with self._lock:
            oldest = self._take(count)
            self._leave(len(oldest), oldest.size)
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

    def _append(self, body: bytes) -> None:
        text, ends = self._newest
        # This overwrites whatever an interrupted call (Ctrl-C) has left behind the last end.
        if ends:
            text[ends[-1] :] = b"," + body
        else:
            text[len(BEGIN) :] = body
        ends.append(len(text))
        self.added = self._before + len(ends)
        if len(ends) >= self._batch:
            self._end_batch()

    def _end_batch(self) -> None:
        """Begin a new batch; the present one is not changed any more."""
        text, ends = self._newest
        text[ends[-1] :] = END
        self._full.append(PackedBatch(range(self._before, self.added), bytes(text), ends))
        self._before = self.added
        self._newest = _new_batch()  # in one step, see `_append`

    def _take(self, limit: int) -> EventBatch:
        """Take the oldest events from wherever they are."""
        released, self._released = self._released[:limit], self._released[limit:]
        room = limit - len(released)
        parts = [released] if released else []
        while room and (self._full or self._newest[1]):
            if not self._full:
                self._end_batch()
            batch = self._full.popleft()
            if len(batch) > room:
                self._full.appendleft(batch[room:])
                batch = batch[:room]
            parts.append(batch)
            room -= len(batch)
        taken = parts[0] if len(parts) == 1 else EventBatch.joined(parts)
        self._taken += len(taken)
        return taken

    def _leave(self, count: int, size: int) -> None:
        self._gone += count
        self._size_gone += size
        self._most_added += count
        self._most_size += size


def _new_batch() -> tuple[bytearray, array[int]]:
    """Return the beginning of a request, and where its events end.

    These are plain numbers: objects would be work for the garbage collector.
    """
    return bytearray(BEGIN), array("Q")
