"""A pool of workers over an iterator: so many at a time, never more results than places, and nothing left behind."""

from __future__ import annotations

import asyncio
import contextvars
import os
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import anyio

from lago_async.errors import LagoClosedError

if TYPE_CHECKING:
    from anyio.abc import TaskGroup
    from anyio.streams.memory import MemoryObjectSendStream

__all__ = ["Place", "Pool"]

_In = TypeVar("_In")
_Out = TypeVar("_Out")


class _End(Enum):
    """What an iterator gives when it has no more."""

    END = 0


class Place(Generic[_Out]):
    """A worker's right to be at work. It goes with each result, and there is one again when a result has been taken.

    So what is being worked at and what waits to be taken are never more than there are places.
    """

    __slots__ = ("_held", "_index", "_pool")

    def __init__(self, pool: Pool[Any, _Out]) -> None:
        self._pool = pool
        self._held = False
        self._index = 0

    async def put(self, result: _Out) -> None:
        """Hand in a result: at once, or in an ordered pool when its input's turn has come."""
        await self.regain()
        await self._pool.turn_of(self._index)
        self._held = False
        self._pool.deliver(result)

    async def regain(self) -> bool:
        """Have a place again, for a further step at the same input; False if no further step is to be begun."""
        if not self._held:
            await self._pool.admit()
            self._held = True
        return not self._pool.failed

    def take(self, index: int) -> None:
        """Be at work for this input."""
        self._index = index

    def leave(self) -> None:
        """Give the place up."""
        if self._held:
            self._held = False
            self._pool.release()


class Pool(Generic[_In, _Out]):
    """Workers that call ``work(input, place)`` for every input, which hands its results to ``place.put``.

    All of it lives in one task, which begins with the first `next` and ends with the inputs, `aclose` or `abandon`.
    Nothing in there refers to who reads the results: a reader that is dropped can tell so in its finalizer.

    What the inputs raise, or ``work``, ends the run: no further step is begun, what is under way is finished, and then
    `next` raises it. ``LagoClosedError`` also ends what is under way, as all of it would end so.

    Results do not go through a memory stream: a cancelled ``receive`` loses what it was just handed, and who gives up
    waiting for a moment shall find everything later.
    """

    def __init__(
        self,
        inputs: Iterable[_In] | AsyncIterable[_In],
        work: Callable[[_In, Place[_Out]], Awaitable[None]],
        *,
        concurrency: int,
        ordered: bool = False,
        context: contextvars.Context | None = None,
    ) -> None:
        if concurrency < 1:
            raise ValueError(f"concurrency must be 1 or more, not {concurrency}")
        if not isinstance(inputs, AsyncIterable | Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"the inputs must be something to iterate over, not {inputs!r}")
        self.failed: bool = False
        self._inputs = inputs
        self._iterator: Iterator[_In] | None = None
        self._work = work
        self._concurrency = concurrency
        self._ordered = ordered
        self._context = context or contextvars.copy_context()
        self._pid = os.getpid()
        self._results: deque[_Out] = deque()
        self._news: anyio.Event | None = None
        self._runner: asyncio.Task[None] | None = None
        self._workers: TaskGroup | None = None
        self._started = 1
        self._taken = 0
        self._no_more = False
        self._exhausted = False
        self._complete = False
        self._closed = False
        self._failure: Exception | None = None
        self._at_close: Exception | None = None
        self._turn = 0
        self._turns: dict[int, anyio.Event] = {}

    # --- for who reads ------------------------------------------------------------------------------------------------

    async def next(self) -> _Out:
        """Wait for a result and take it. To give up waiting loses none.

        Raises:
            StopAsyncIteration: There are no more.
            LagoClosedError: The run was closed before its end; or a call found the client closed.
            Exception: What the inputs raised.
        """
        while not self._results:
            if self._closed or (self._runner is not None and self._runner.done()):
                self._raise_end()
            self.start()
            if self._news is None:
                self._news = anyio.Event()
            await self._news.wait()
        return self.take()

    @property
    def ready(self) -> bool:
        """Whether there is a result that `take` gives at once."""
        return bool(self._results)

    def take(self) -> _Out:
        """Take a result that is ready."""
        self._places.release()
        return self._results.popleft()

    def start(self) -> None:
        """Begin, on the running loop."""
        if self._runner is None and not self._closed:
            self._places = anyio.Semaphore(self._concurrency, fast_acquire=True)
            self._asked = anyio.Semaphore(0, fast_acquire=True)
            self._loop = asyncio.get_running_loop()
            self._runner = self._loop.create_task(self._host(), context=self._context)
            self._runner.add_done_callback(lambda _: self._ring())  # also if it was cancelled before its first step

    async def aclose(self) -> None:
        """End it: cancel what is under way, wait until nothing is left of it, and drop what was not taken."""
        self._closed = True
        self._results.clear()
        self._ring()
        runner = self._runner
        if runner is not None and not runner.done():
            if not runner.cancelling():  # a second one would not let it wait for what it cancels
                runner.cancel()
            with anyio.CancelScope(shield=True):
                await asyncio.wait([runner])
        if self._at_close is not None:
            error, self._at_close = self._at_close, None
            raise error

    def abandon(self) -> None:
        """End it without waiting, for finalizers: on any thread, at any moment."""
        self._closed = True
        runner = self._runner
        if runner is not None and not runner.done() and self._pid == os.getpid():
            with suppress(RuntimeError):  # the loop is closed, and what was on it has ended
                self._loop.call_soon_threadsafe(runner.cancel)

    def _raise_end(self) -> None:
        if self._failure is not None:
            raise self._failure
        if self._runner is not None and self._runner.done() and not self._runner.cancelled():
            self._runner.result()
        if not self._complete:
            raise LagoClosedError("the run was closed before its end")
        raise StopAsyncIteration

    # --- for the places -----------------------------------------------------------------------------------------------

    async def admit(self) -> None:
        """Wait for a place."""
        await self._places.acquire()

    def release(self) -> None:
        """Give a place back."""
        self._places.release()

    async def turn_of(self, index: int) -> None:
        """Wait until all earlier inputs are done with, if that matters."""
        if self._ordered and index != self._turn:
            turn = self._turns[index] = anyio.Event()
            await turn.wait()

    def deliver(self, result: _Out) -> None:
        """Let a result be taken, unless nobody wants it any more."""
        if not self._closed:
            self._results.append(result)
            self._ring()

    def _ring(self) -> None:
        if (news := self._news) is not None:
            self._news = None
            news.set()

    # --- the tasks ----------------------------------------------------------------------------------------------------

    async def _host(self) -> None:
        supply, self._supply = anyio.create_memory_object_stream[_In](self._concurrency)
        feeder = None
        try:
            if isinstance(self._inputs, AsyncIterable):
                feeder = asyncio.create_task(self._feed(aiter(self._inputs), supply))
            else:
                self._iterator = iter(self._inputs)
            async with anyio.create_task_group() as workers:
                self._workers = workers
                workers.start_soon(self._run_worker)
            # What is cancelled out of the inputs ends as quietly as the end of the inputs does.
            self._complete = self._exhausted and not workers.cancel_scope.cancel_called
        finally:
            self._workers = None
            if feeder is not None:
                feeder.cancel()
                await asyncio.wait([feeder])
            supply.close()
            self._supply.close()

    async def _feed(self, inputs: AsyncIterator[_In], supply: MemoryObjectSendStream[_In]) -> None:
        """Take an input whenever a worker asks for one.

        In a task of its own, because an async generator serves one caller at a time, may need the same one from its
        beginning to its end (as a cancel scope in it does), and may have to wait while it tidies up.
        """
        try:
            while True:
                await self._asked.acquire()
                try:
                    item = await anext(inputs)
                except StopAsyncIteration:
                    self._exhausted = True
                    return
                supply.send_nowait(item)
        except Exception as error:  # noqa: BLE001 - it goes to who reads
            self._fail(error)
        finally:
            supply.close()
            generator = cast("AsyncIterator[_In] | AsyncGenerator[_In, None]", inputs)
            if isinstance(generator, AsyncGenerator):
                try:
                    await generator.aclose()
                except Exception as error:  # noqa: BLE001 - it goes to who closes
                    self._at_close = error

    async def _run_worker(self) -> None:
        place = Place(self)
        newest = True  # it starts the next worker when it has found something to do
        try:
            while not self._no_more:
                await place.regain()
                try:
                    item = await self._take_input()
                except Exception as error:  # noqa: BLE001 - it goes to who reads
                    self._fail(error)
                    return
                if item is _End.END:
                    self._no_more = True
                    return
                index = self._taken
                self._taken += 1
                place.take(index)
                if newest and self._started < self._concurrency and self._workers is not None:
                    newest = False
                    self._started += 1
                    self._workers.start_soon(self._run_worker)
                try:
                    await self._work(item, place)
                except Exception as error:  # noqa: BLE001 - it goes to who reads
                    self._fail(error)
                del item
                if self._ordered:
                    await self._finish(index)
        finally:
            place.leave()

    async def _take_input(self) -> _In | _End:
        if self._no_more:
            return _End.END
        if self._iterator is not None:
            item = next(self._iterator, _End.END)
            self._exhausted = item is _End.END
            return item
        self._asked.release()
        try:
            return await self._supply.receive()
        except anyio.EndOfStream:
            return _End.END

    async def _finish(self, index: int) -> None:
        await self.turn_of(index)
        self._turn += 1
        if (turn := self._turns.pop(self._turn, None)) is not None:
            turn.set()

    def _fail(self, error: Exception) -> None:
        self._no_more = self.failed = True
        self._failure = self._failure or error
        if isinstance(error, LagoClosedError) and not self._ordered and self._workers is not None:
            self._workers.cancel_scope.cancel()
