"""A pool of workers over an iterator: bounded concurrency, at most one result per slot, and complete cleanup."""

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

__all__ = ["Pool", "Slot"]

_In = TypeVar("_In")
_Out = TypeVar("_Out")


class _End(Enum):
    """The end of an iterator."""

    END = 0


class Slot(Generic[_Out]):
    """One slot of the concurrency limit.

    A worker hands its slot over with each result; the slot is free again when the result is taken. So the calls in
    flight and the results that wait to be taken are together never more than the slots.
    """

    __slots__ = ("_held", "_index", "_pool")

    def __init__(self, pool: Pool[Any, _Out]) -> None:
        self._pool = pool
        self._held = False
        self._index = 0

    async def put(self, result: _Out) -> None:
        """Hand over a result: immediately, or in an ordered pool when its input's turn comes."""
        await self.regain()
        await self._pool.turn_of(self._index)
        self._held = False
        self._pool.deliver(result)

    async def regain(self) -> bool:
        """Acquire the slot again, for a further step of the same input; return False if no further step may begin."""
        if not self._held:
            await self._pool.admit()
            self._held = True
        return not self._pool.failed

    def take(self, index: int) -> None:
        """Start work on the input with this number."""
        self._index = index

    def leave(self) -> None:
        """Release the slot."""
        if self._held:
            self._held = False
            self._pool.release()


class Pool(Generic[_In, _Out]):
    """Workers that call ``work(input, slot)`` for every input, which hands its results to ``slot.put``.

    The pool runs in one task, which begins with the first `next` and ends with the inputs, `aclose` or `abandon`.
    The task holds no reference to the reader of the results, so that the finalizer of a forgotten reader can end it.

    An error of the inputs or of ``work`` ends the run: no further step begins, the steps in flight finish, and then
    `next` raises it. ``LagoClosedError`` also cancels the steps in flight, because all of them would end with it.

    Results are kept in a deque, not a memory stream: a cancelled ``receive()`` drops its item, and a reader that times
    out must not lose one.
    """

    def __init__(
        self,
        inputs: Iterable[_In] | AsyncIterable[_In],
        work: Callable[[_In, Slot[_Out]], Awaitable[None]],
        *,
        concurrency: int,
        ordered: bool = False,
        context: contextvars.Context | None = None,
    ) -> None:
        if concurrency < 1:
            raise ValueError(f"concurrency must be 1 or more, not {concurrency}")
        if not isinstance(inputs, AsyncIterable | Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"the inputs must be an iterable or an async iterable, not {inputs!r}")
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

    # --- for the reader -----------------------------------------------------------------------------------------------

    async def next(self) -> _Out:
        """Wait for a result and take it. A reader that stops waiting loses no result.

        Raises:
            StopAsyncIteration: There are no more results.
            LagoClosedError: The run was closed before its end, or the client was closed.
            Exception: The inputs raised it.
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
        """Whether there is a result that `take` returns immediately."""
        return bool(self._results)

    def take(self) -> _Out:
        """Take a result that is ready."""
        self._slots.release()
        return self._results.popleft()

    def start(self) -> None:
        """Start the pool's task on the running loop."""
        if self._runner is None and not self._closed:
            self._slots = anyio.Semaphore(self._concurrency, fast_acquire=True)
            self._asked = anyio.Semaphore(0, fast_acquire=True)
            self._loop = asyncio.get_running_loop()
            self._runner = self._loop.create_task(self._host(), context=self._context)
            self._runner.add_done_callback(lambda _: self._ring())  # also after a cancellation before its first step

    async def aclose(self) -> None:
        """End the run: cancel the steps in flight, wait for them, and drop the results that were not taken."""
        self._closed = True
        self._results.clear()
        self._ring()
        runner = self._runner
        if runner is not None and not runner.done():
            if not runner.cancelling():  # a second cancellation would keep it from waiting for its workers
                runner.cancel()
            with anyio.CancelScope(shield=True):
                await asyncio.wait([runner])
        if self._at_close is not None:
            error, self._at_close = self._at_close, None
            raise error

    def abandon(self) -> None:
        """End the run without waiting, for finalizers: on any thread, at any time."""
        self._closed = True
        runner = self._runner
        if runner is not None and not runner.done() and self._pid == os.getpid():
            with suppress(RuntimeError):  # the loop is closed, and its tasks have ended
                self._loop.call_soon_threadsafe(runner.cancel)

    def _raise_end(self) -> None:
        if self._failure is not None:
            raise self._failure
        if self._runner is not None and self._runner.done() and not self._runner.cancelled():
            self._runner.result()
        if not self._complete:
            raise LagoClosedError("the run was closed before its end")
        raise StopAsyncIteration

    # --- for the slots ------------------------------------------------------------------------------------------------

    async def admit(self) -> None:
        """Wait for a slot."""
        await self._slots.acquire()

    def release(self) -> None:
        """Release a slot."""
        self._slots.release()

    async def turn_of(self, index: int) -> None:
        """Wait until all earlier inputs are finished, in an ordered pool."""
        if self._ordered and index != self._turn:
            turn = self._turns[index] = anyio.Event()
            await turn.wait()

    def deliver(self, result: _Out) -> None:
        """Make a result available, unless the run was closed."""
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
            # If the inputs raise a cancellation, the run ends as it does at the end of the inputs, without an error.
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

        This runs in its own task, because an async generator serves one caller at a time, may need the same task from
        start to end (as a cancel scope in it does), and may have to wait during its cleanup.
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
        except Exception as error:  # noqa: BLE001 - raised to the reader
            self._fail(error)
        finally:
            supply.close()
            generator = cast("AsyncIterator[_In] | AsyncGenerator[_In, None]", inputs)
            if isinstance(generator, AsyncGenerator):
                try:
                    await generator.aclose()
                except Exception as error:  # noqa: BLE001 - raised to the closer
                    self._at_close = error

    async def _run_worker(self) -> None:
        slot = Slot(self)
        newest = True  # the newest worker starts the next one when it gets an input
        try:
            while not self._no_more:
                await slot.regain()
                try:
                    item = await self._take_input()
                except Exception as error:  # noqa: BLE001 - raised to the reader
                    self._fail(error)
                    return
                if item is _End.END:
                    self._no_more = True
                    return
                index = self._taken
                self._taken += 1
                slot.take(index)
                if newest and self._started < self._concurrency and self._workers is not None:
                    newest = False
                    self._started += 1
                    self._workers.start_soon(self._run_worker)
                try:
                    await self._work(item, slot)
                except Exception as error:  # noqa: BLE001 - raised to the reader
                    self._fail(error)
                del item
                if self._ordered:
                    await self._finish(index)
        finally:
            slot.leave()

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
