"""The results of a stream of events, for asyncio: one per event, in the order of input."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable, Sized
from contextlib import suppress
from typing import TYPE_CHECKING, cast

import anyio

from lago_async._ingest.acceptance import BATCH
from lago_async._ingest.engine import SinkEngine
from lago_async._ingest.memory import MemoryStore
from lago_async._ingest.outcomes import IngestResult
from lago_async._ingest.result_line import ResultLine, check_iterable, settings_of
from lago_async.errors import LagoClosedError

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from lago_async._ingest.acceptance import UsageEvent
    from lago_async._ingest.batch_route import BatchRoute, OnSettled
    from lago_async._ingest.counters import EventSinkCounters
    from lago_async._ingest.outcomes import IngestStatus

__all__ = ["IngestResults"]


class _Run:
    """The run behind the results: a task that takes the events, and the engine that sends them.

    It does not refer to the results, so that forgotten results can end it.
    """

    def __init__(
        self,
        events: Iterable[UsageEvent] | AsyncIterable[UsageEvent],
        route: Callable[[OnSettled], BatchRoute],
        concurrency: int,
    ) -> None:
        settings, window = settings_of(concurrency)
        self.line = ResultLine(window)
        self.store = MemoryStore(max_events=settings.max_events, max_bytes=settings.max_bytes)
        self.engine = SinkEngine(self.store, route(self._settle), settings, durable=False)
        self.feeder: asyncio.Task[None] | None = None
        self._events = events
        self._room = asyncio.Event()

    def start(self) -> None:
        if self.feeder is None:
            self.engine.start()
            self.feeder = asyncio.get_running_loop().create_task(self._feed())
            self.feeder.add_done_callback(lambda _: self.engine.dispatcher.announce())

    def take(self) -> IngestResult:
        room, self._room = self._room, asyncio.Event()
        room.set()
        return self.line.take()

    async def wait(self) -> None:
        """Wait until the next result is ready.

        Raises:
            StopAsyncIteration: There are no more.
            LagoClosedError: The client was closed.
            Exception: The events raised it.
        """
        while not self.line.ready:
            feeder = self.feeder
            self.engine.check()
            if feeder is not None and feeder.done() and not len(self.line):
                feeder.result()
                raise StopAsyncIteration
            await self.engine.dispatcher.wait_for_change()

    async def stop(self) -> None:
        feeder = self.feeder
        with anyio.CancelScope(shield=True):
            if feeder is not None and not feeder.done():
                feeder.cancel()
                await asyncio.wait([feeder])
            await self.engine.stop()

    def abandon(self) -> None:
        feeder = self.feeder
        self.engine.abandon()
        if feeder is not None and not feeder.done():
            with suppress(RuntimeError):  # the loop is closed, and its tasks have ended
                feeder.get_loop().call_soon_threadsafe(feeder.cancel)

    async def _feed(self) -> None:
        try:
            if isinstance(self._events, AsyncIterable):
                iterator = aiter(self._events)
                try:
                    async for event in iterator:
                        await self._send(event)
                finally:
                    generator = cast("AsyncIterator[UsageEvent] | AsyncGenerator[UsageEvent, None]", iterator)
                    if isinstance(generator, AsyncGenerator):
                        await generator.aclose()
            else:
                for number, event in enumerate(self._events):
                    await self._send(event)
                    if not number % BATCH:
                        await asyncio.sleep(0)  # other tasks have a turn
        finally:
            if self.engine.running:
                self.engine.dispatcher.hurry()

    async def _send(self, event: UsageEvent) -> None:
        while self.line.full:
            await self._room.wait()
        body = self.line.add(event)
        if body is None:
            self.engine.dispatcher.announce()
        else:
            await self.engine.put([body])

    def _settle(self, key: int, status: IngestStatus, reason: bytes | None) -> None:
        self.line.settle(key, status, reason)  # the dispatcher announces it after the batch


class IngestResults(AsyncIterator[IngestResult]):
    """The results of a stream, in the order of the events; made by ``client.events.ingest``, which sends nothing.

    ``async for result in results`` walks them. If a loop ends early, the run ends as soon as nothing refers to it any
    more. ``async with`` ends the run at the end of the block. Events whose results were not taken then may have been
    sent or not.
    """

    def __init__(
        self,
        events: Iterable[UsageEvent] | AsyncIterable[UsageEvent],
        route: Callable[[OnSettled], BatchRoute],
        *,
        concurrency: int,
    ) -> None:
        check_iterable(events, kinds=(Iterable, AsyncIterable))
        self._run = _Run(events, route, concurrency)
        self._total = len(events) if isinstance(events, Sized) else None
        self._over = False

    @property
    def total(self) -> int | None:
        """The number of events, if it is known."""
        return self._total

    @property
    def counters(self) -> EventSinkCounters:
        """The counters of the run now: the progress."""
        return self._run.engine.counters(self._run.store.added)

    async def aclose(self) -> None:
        """End the run: cancel what is in flight, and wait for it. Closing twice has no effect."""
        self._over = True
        await self._run.stop()

    def __aiter__(self) -> Self:
        if self._over:
            raise RuntimeError("the results were already taken, or the run was closed; make a new run")
        return self

    async def __anext__(self) -> IngestResult:
        run = self._run
        if self._over:
            raise LagoClosedError("the run was closed before its end") if len(run.line) else StopAsyncIteration
        run.start()
        try:
            if not run.line.ready:
                await run.wait()
        except Exception:
            await self.aclose()
            raise
        return run.take()

    async def __aenter__(self) -> Self:
        self._run.start()
        return self

    async def __aexit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def __del__(self) -> None:
        if hasattr(self, "_run") and not self._over:
            self._run.abandon()
