"""The engine of a bulk run: bounded concurrency, order, the next call of each walk, failure, and the end."""

from __future__ import annotations

import asyncio
import contextvars
import os
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Generic, TypeAlias, TypeVar

import anyio

from lago_async._bulk.jobs import Arrival
from lago_async._bulk.sources import END
from lago_async.errors import LagoClosedError

if TYPE_CHECKING:
    from anyio.abc import TaskGroup

    from lago_async._bulk.ids import SubscriptionIds
    from lago_async._bulk.jobs import Job
    from lago_async._bulk.run_plans import RunPlan
    from lago_async._bulk.sources import JobOrEnd, Source
    from lago_async._table.messages import Request, Response

_In = TypeVar("_In")
_T = TypeVar("_T")

Pages: TypeAlias = "asyncio.Queue[Arrival[None, SubscriptionIds]]"
"""The pages of the listing that are fetched and not decoded."""

_LISTING: Final = -1  # instead of the number of an input
_SKIPPED_AT_ONCE: Final = 64


class Engine(Generic[_In, _T]):
    """Workers that send the calls of a run, and a queue of arrivals for the one reader that decodes them.

    Each worker takes a job, sends its request, puts the arrival into the queue and waits until the reader is finished
    with it; then it sends the walk's next request, or takes the next job. So the workers are the concurrency limit:
    the calls in flight and the arrivals that are not read yet are together never more than the workers.

    A walk of usage begins when no call of the run waits for the rate limit. So the pages of walks that have begun go
    before new walks, and an interrupted run leaves few of them half done. Its input is taken and its first request is
    encoded only then, when the responses so far have shown the right page size.

    The pages of a listing of inputs go to ``pages`` instead. The next page is requested as soon as one is decoded, so
    it is fetched while the inputs of that one are worked on.

    The engine runs in one task, which begins with the first `next` and ends with the inputs, `aclose` or `abandon`.
    The task holds no reference to the reader, so that the finalizer of a forgotten reader can end it.

    An error of the inputs ends the run: no further call begins, the calls in flight finish, and then `next` raises it.
    ``LagoClosedError`` also cancels the calls in flight, because all of them would end with it.

    Arrivals are kept in a deque, not a memory stream: a cancelled ``receive()`` drops its item, and a reader that times
    out must not lose one.
    """

    def __init__(self, plan: RunPlan[_In, _T], source: Source[_In, _T], pages: Pages) -> None:
        self._pages = pages
        self._source = source
        self._listing = plan.listing
        self._concurrency = plan.concurrency
        self._ordered = plan.ordered
        self._flow = plan.flow
        self._door = asyncio.Lock()
        self._context = contextvars.copy_context()
        self._pid = os.getpid()
        self._arrivals: deque[Arrival[_In, _T]] = deque()
        self._news: anyio.Event | None = None
        self._runner: asyncio.Task[None] | None = None
        self._workers: TaskGroup | None = None
        self._started = 1
        self._taken = 0
        self._no_more = False
        self._failed = False
        self._complete = False
        self._closed = False
        self._failure: Exception | None = None
        self._turn = 0
        self._turns: dict[int, anyio.Event] = {}

    # --- for the reader -----------------------------------------------------------------------------------------------

    async def next(self) -> Arrival[_In, _T]:
        """Wait for an arrival and take it. A reader that stops waiting loses no item.

        Raises:
            StopAsyncIteration: There are no more.
            LagoClosedError: The run was closed before its end, or the client was closed.
            Exception: The inputs raised it.
        """
        while not self._arrivals:
            await self._changed()
        return self._arrivals.popleft()

    async def wait(self) -> None:
        """Wait until there is an arrival or a page of the listing; raise what `next` raises."""
        while not self._arrivals and self._pages.empty():
            await self._changed()

    @property
    def ready(self) -> bool:
        """Whether there is an arrival that `take` returns immediately."""
        return bool(self._arrivals)

    def take(self) -> Arrival[_In, _T]:
        """Take an arrival that is ready."""
        return self._arrivals.popleft()

    def start(self) -> None:
        """Start the engine's task on the running loop."""
        if self._runner is None and not self._closed:
            self._loop = asyncio.get_running_loop()
            self._runner = self._loop.create_task(self._host(), context=self._context)
            self._runner.add_done_callback(lambda _: self._ring())  # also after a cancellation before its first step

    async def aclose(self) -> None:
        """End the run: cancel the calls in flight, wait for them, and drop the arrivals that were not taken."""
        self._closed = True
        self._arrivals.clear()
        self._ring()
        runner = self._runner
        if runner is not None and not runner.done():
            if not runner.cancelling():  # a second cancellation would keep it from waiting for its workers
                runner.cancel()
            with anyio.CancelScope(shield=True):
                await asyncio.wait([runner])
        error, self._source.error_at_close = self._source.error_at_close, None
        if error is not None:
            raise error

    def abandon(self) -> None:
        """End the run without waiting, for finalizers: on any thread, at any time."""
        self._closed = True
        runner = self._runner
        if runner is not None and not runner.done() and self._pid == os.getpid():
            with suppress(RuntimeError):  # the loop is closed, and its tasks have ended
                self._loop.call_soon_threadsafe(runner.cancel)

    async def _changed(self) -> None:
        if self._closed or (self._runner is not None and self._runner.done()):
            self._raise_end()
        self.start()
        if self._news is None:
            self._news = anyio.Event()
        await self._news.wait()

    def _ring(self) -> None:
        if (news := self._news) is not None:
            self._news = None
            news.set()

    def _raise_end(self) -> None:
        if self._failure is not None:
            raise self._failure
        if self._runner is not None and self._runner.done() and not self._runner.cancelled():
            self._runner.result()
        if not self._complete:
            raise LagoClosedError("the run was closed before its end")
        raise StopAsyncIteration

    # --- the tasks ----------------------------------------------------------------------------------------------------

    async def _host(self) -> None:
        lister = None if self._listing is None else asyncio.create_task(self._list(self._listing))
        self._source.start()
        try:
            async with anyio.create_task_group() as workers:
                self._workers = workers
                workers.start_soon(self._run_worker)
            # If the inputs raise a cancellation, the run ends as it does at the end of the inputs, without an error.
            self._complete = self._source.exhausted and not workers.cancel_scope.cancel_called
        finally:
            self._workers = None
            if lister is not None:
                lister.cancel()
                await asyncio.wait([lister])
            await self._source.aclose()

    async def _run_worker(self) -> None:
        newest = True  # the newest worker starts the next one when it gets a job
        while not self._no_more:
            try:
                job = await self._next_job()
            except Exception as error:  # noqa: BLE001 - raised to the reader
                self._fail(error)
                return
            if job is END:
                self._no_more = True
                return
            number = self._taken
            self._taken += 1
            if newest and self._started < self._concurrency and self._workers is not None:
                newest = False
                self._started += 1
                self._workers.start_soon(self._run_worker)
            try:
                await self._walk(job, number)
            except Exception as error:  # noqa: BLE001 - raised to the reader
                self._fail(error)
            del job
            if self._ordered:
                await self._turn_of(number)
                self._turn += 1
                if (turn := self._turns.pop(self._turn, None)) is not None:
                    turn.set()

    async def _list(self, job: Job[None, SubscriptionIds]) -> None:
        try:
            await self._walk(job, _LISTING)
        except LagoClosedError as error:
            await self._hand_over(self._arrival(job, error), _LISTING)

    async def _next_job(self) -> JobOrEnd[_In, _T]:
        """Take the next job when its walk may begin."""
        if self._flow is None:
            return await self._take()
        async with self._door:  # one at a time, because each may be the next that waits
            await self._flow.until_none_waits()
            job = await self._take()
            await self._flow.until_none_waits()  # others may have begun to wait for it while the inputs were slow
            return END if self._closed else job  # a call that is cancelled leaves the queue, too

    async def _take(self) -> JobOrEnd[_In, _T]:
        skipped = 0
        while not (self._no_more or self._closed):
            job = await self._source.take()
            if job is not None:
                return job
            skipped += 1
            if skipped % _SKIPPED_AT_ONCE == 0:
                await asyncio.sleep(0)  # a million that are skipped must not stall the loop
        return END

    async def _walk(self, job: Job[Any, Any], number: int) -> None:
        first = job.first()
        if isinstance(first, Exception):
            await self._hand_over(self._arrival(job, first), number)
            return
        request: Request | None = first
        while request is not None and not self._failed:
            # No variable for the arrival, because it would keep the bytes until the next one arrives.
            request = await self._hand_over(await self._fetch(job, request), number)

    async def _fetch(self, job: Job[Any, Any], request: Request) -> Arrival[Any, Any]:
        try:
            return self._arrival(job, await job.send(request))
        except LagoClosedError:
            raise
        except Exception as error:  # noqa: BLE001 - the outcome has it
            return self._arrival(job, error)

    def _arrival(self, job: Job[Any, Any], result: Response | Exception) -> Arrival[Any, Any]:
        return Arrival(job, result, self._loop.create_future())

    async def _hand_over(self, arrival: Arrival[Any, Any], number: int) -> Request | None:
        """Wait until the reader has taken the arrival and is finished with it; return the request that follows."""
        done = arrival.done
        if number == _LISTING:
            self._pages.put_nowait(arrival)
        else:
            await self._turn_of(number)
            self._arrivals.append(arrival)
        del arrival
        self._ring()
        return await done

    async def _turn_of(self, number: int) -> None:
        """Wait until all earlier inputs are finished, in an ordered run."""
        if self._ordered and number != self._turn:
            turn = self._turns[number] = anyio.Event()
            await turn.wait()

    def _fail(self, error: Exception) -> None:
        self._no_more = self._failed = True
        self._failure = self._failure or error
        self._source.stop()
        if isinstance(error, LagoClosedError) and not self._ordered and self._workers is not None:
            self._workers.cancel_scope.cancel()
