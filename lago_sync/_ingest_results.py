"""The results of a stream of events, for blocking code: the events are taken on the thread that walks the results."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from lago_async._ingest.acceptance import BATCH
from lago_async._ingest.engine import SinkEngine
from lago_async._ingest.memory import MemoryStore
from lago_async._ingest.outcomes import IngestResult
from lago_async._ingest.result_line import ResultLine, check_iterable, settings_of
from lago_async.errors import LagoClosedError, LagoConfigError

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from lago_async._ingest.acceptance import UsageEvent
    from lago_async._ingest.batch_route import BatchRoute, OnSettled
    from lago_async._ingest.counters import EventSinkCounters
    from lago_async._ingest.outcomes import IngestStatus
    from lago_sync._runtime import Lease

__all__ = ["IngestResults"]

_PATIENCE: Final = 0.01  # seconds to take events for, while there may be results to hand out


class _Run:
    """The run behind the results. It does not refer to the results, so that forgotten results can end it.

    The walking thread adds to the line and takes from it; the loop thread sets the status of an entry, as the last
    thing that it does with it.
    """

    def __init__(self, route: Callable[[OnSettled], BatchRoute], concurrency: int) -> None:
        settings, window = settings_of(concurrency)
        self.line = ResultLine(window)
        self.store = MemoryStore(max_events=settings.max_events, max_bytes=settings.max_bytes)
        self.engine = SinkEngine(self.store, route(self._settle), settings, durable=False)

    async def wait(self, bodies: list[bytes], *, hurry: bool, wait: bool) -> None:
        """Send events; with ``wait``, wait until the next result is ready. On the loop thread.

        Raises:
            LagoClosedError: The client was closed.
        """
        self.engine.start()
        for start in range(0, len(bodies), BATCH):  # no more at once than there is room for
            await self.engine.put(bodies[start : start + BATCH])
        if hurry:
            self.engine.dispatcher.hurry()
        while wait and not self.line.ready:
            self.engine.check()
            await self.engine.dispatcher.wait_for_change()

    def _settle(self, key: int, status: IngestStatus, reason: bytes | None) -> None:
        self.line.settle(key, status, reason)


class IngestResults(Iterator[IngestResult]):
    """The results of a stream, in the order of the events; made by ``client.events.ingest``, which sends nothing.

    ``for result in results`` walks them. If a loop ends early, the run ends as soon as nothing refers to it any more.
    ``with`` ends the run at the end of the block. Events whose results were not taken then may have been sent or not.
    """

    def __init__(
        self, events: Iterable[UsageEvent], route: Callable[[OnSettled], BatchRoute], lease: Lease, *, concurrency: int
    ) -> None:
        check_iterable(events, kinds=(Iterable,))
        self._lease = lease
        self._run = _Run(route, concurrency)
        self._total = len(events) if isinstance(events, Sized) else None
        self._events = iter(events)
        self._no_more = False
        self._told_end = False
        self._failure: Exception | None = None
        self._busy = False
        self._over = False

    @property
    def total(self) -> int | None:
        """The number of events, if it is known."""
        return self._total

    @property
    def counters(self) -> EventSinkCounters:
        """The counters of the run now: the progress."""
        return self._run.engine.counters(self._run.store.added)

    def close(self) -> None:
        """End the run: cancel what is in flight, and wait for it. Closing twice has no effect."""
        if self._over:
            return
        self._over = True
        try:
            self._lease.run(self._run.engine.stop)
        except (LagoClosedError, LagoConfigError):
            self._run.engine.abandon()  # the client is closed, or this is the loop thread

    def __iter__(self) -> Self:
        if self._over:
            raise RuntimeError("the results were already taken, or the run was closed; make a new run")
        return self

    def __next__(self) -> IngestResult:
        if self._busy:
            raise RuntimeError("another thread, or the iterable of events, already walks these results")
        self._busy = True
        try:
            return self._next()
        except Exception:
            self.close()
            raise
        except BaseException:
            self._over = True
            self._run.engine.abandon()
            raise
        finally:
            self._busy = False

    def _next(self) -> IngestResult:
        line = self._run.line
        if self._over:
            raise LagoClosedError("the run was closed before its end") if len(line) else StopIteration
        while not line.ready:
            if self._no_more and not len(line):
                if self._failure is not None:
                    raise self._failure
                raise StopIteration
            bodies, slow = self._take()
            wait = not slow and (line.full or self._no_more) and bool(len(line))
            hurry, self._told_end = self._no_more and not self._told_end, self._no_more
            if bodies or wait or hurry:
                self._lease.run(self._run.wait, bodies, hurry=hurry, wait=wait)
        return line.take()

    def _take(self) -> tuple[list[bytes], bool]:
        """Take events while there is room, but only briefly; return their JSON, and whether they come slowly."""
        line = self._run.line
        bodies: list[bytes] = []
        until = time.monotonic() + _PATIENCE
        while not self._no_more and not line.full:
            try:
                event = next(self._events)
            except StopIteration:
                self._no_more = True
            except Exception as error:  # noqa: BLE001 - raised after the results of the events before it
                self._no_more, self._failure = True, error
            else:
                if (body := line.add(event)) is not None:
                    bodies.append(body)
                if time.monotonic() > until:
                    return bodies, True
        return bodies, False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_over") and not self._over:
            with suppress(Exception):
                self._run.engine.abandon()
