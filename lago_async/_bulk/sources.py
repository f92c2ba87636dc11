"""The sources of a bulk run's jobs: an iterable, an asynchronous iterable, or another thread."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable
from enum import Enum
from math import inf
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypeVar, cast

import anyio

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lago_async._bulk.jobs import Job

_In = TypeVar("_In")
_T = TypeVar("_T")


class _End(Enum):
    END = 0


END = _End.END
"""What `Source.take` returns when there are no more jobs."""

JobOrEnd: TypeAlias = "Job[_In, _T] | Literal[_End.END]"
Taken: TypeAlias = "JobOrEnd[_In, _T] | None"


class SupplyError(Exception):
    """The inputs failed on the thread that supplies them; that thread has the error itself."""


class Source(ABC, Generic[_In, _T]):
    """Jobs for the workers of one run; all methods run on the event loop.

    Attributes:
        exhausted: Whether the inputs are at their end.
        error_at_close: The error that the inputs raised when they were closed.
    """

    exhausted: bool = False
    error_at_close: Exception | None = None

    @abstractmethod
    async def take(self) -> Taken[_In, _T]:
        """Return the next job; None for an input that is skipped; END if there are no more.

        Raises:
            Exception: The inputs raised it.
        """

    @abstractmethod
    def stop(self) -> None:
        """Take no more inputs: workers that wait in `take` get END."""

    def start(self) -> None:
        """Start, in the task of the run."""

    async def aclose(self) -> None:
        """Close the inputs, and wait until they are closed."""


class IteratorSource(Source[_In, _T]):
    """The jobs of an iterable; each input is taken when a worker is free."""

    def __init__(self, inputs: Iterable[Any], begin: Callable[[Any], Job[_In, _T] | None]) -> None:
        self._inputs = inputs
        self._begin = begin
        self._iterator: Iterator[Any] | None = None

    async def take(self) -> Taken[_In, _T]:
        if self._iterator is None:
            self._iterator = iter(self._inputs)
        item = next(self._iterator, END)
        if item is END:
            self.exhausted = True
            return END
        return self._begin(item)

    def stop(self) -> None:
        """Do nothing, because no worker ever waits here."""


class AsyncSource(Source[_In, _T]):
    """The jobs of an asynchronous iterable; each input is taken when a worker is free.

    The iterable is walked in its own task, because an async generator serves one caller at a time, may need the same
    task from start to end (as a cancel scope in it does), and may have to wait during its cleanup.
    """

    def __init__(self, inputs: AsyncIterable[Any], begin: Callable[[Any], Job[_In, _T] | None]) -> None:
        self._inputs = inputs
        self._begin = begin
        self._error: Exception | None = None
        self._walker: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._wanted = anyio.Semaphore(0, fast_acquire=True)
        self._supply, self._supplied = anyio.create_memory_object_stream[Any](inf)
        self._walker = asyncio.create_task(self._walk(aiter(self._inputs)))

    async def take(self) -> Taken[_In, _T]:
        self._wanted.release()
        try:
            item = await self._supplied.receive()
        except anyio.EndOfStream:
            error, self._error = self._error, None
        else:
            return self._begin(item)
        if error is not None:
            raise error
        return END

    def stop(self) -> None:
        self._supply.close()

    async def aclose(self) -> None:
        if self._walker is not None:
            self._walker.cancel()
            await asyncio.wait([self._walker])
            self._supply.close()
            self._supplied.close()

    async def _walk(self, inputs: AsyncIterator[Any]) -> None:
        try:
            while True:
                await self._wanted.acquire()
                try:
                    item = await anext(inputs)
                except StopAsyncIteration:
                    self.exhausted = True
                    return
                self._supply.send_nowait(item)
        except anyio.ClosedResourceError:
            return  # stopped
        except Exception as error:  # noqa: BLE001 - `take` raises it
            self._error = error
        finally:
            self._supply.close()
            generator = cast("AsyncIterator[Any] | AsyncGenerator[Any, None]", inputs)
            if isinstance(generator, AsyncGenerator):
                try:
                    await generator.aclose()
                except Exception as error:  # noqa: BLE001 - raised to the closer
                    self.error_at_close = error


class Feed(Source[_In, _T]):
    """Jobs that another thread begins, and gives in batches."""

    def __init__(self) -> None:
        self._jobs: asyncio.Queue[Job[_In, _T] | SupplyError | Literal[_End.END]] = asyncio.Queue()

    def give(self, jobs: Iterable[Job[_In, _T]]) -> None:
        """Add jobs."""
        for job in jobs:
            self._jobs.put_nowait(job)

    def end(self, *, failed: bool) -> None:
        """Announce that no more jobs follow, and whether that is because the inputs failed."""
        self.exhausted = not failed
        self._jobs.put_nowait(SupplyError() if failed else END)

    def stop(self) -> None:
        self._jobs.put_nowait(END)

    async def take(self) -> Taken[_In, _T]:
        job = await self._jobs.get()
        if job is END or isinstance(job, SupplyError):
            self._jobs.put_nowait(END)  # for the other workers
            if isinstance(job, SupplyError):
                raise job
        return job


def source_of(
    inputs: Iterable[Any] | AsyncIterable[Any], begin: Callable[[Any], Job[_In, _T] | None]
) -> Source[_In, _T]:
    """Return the source for inputs of either kind.

    Raises:
        TypeError: They are of neither kind.
    """
    if isinstance(inputs, AsyncIterable):
        return AsyncSource(inputs, begin)
    if not isinstance(inputs, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"the inputs must be an iterable or an async iterable, not {inputs!r}")
    return IteratorSource(inputs, begin)
