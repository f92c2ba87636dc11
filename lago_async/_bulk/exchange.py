"""A bulk run that is read on another thread: jobs in and arrivals out, a batch at a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

from lago_async._bulk.engine import Engine
from lago_async._bulk.sources import Feed, SupplyError
from lago_async.errors import LagoClosedError

if TYPE_CHECKING:
    from lago_async._bulk.engine import Pages
    from lago_async._bulk.ids import SubscriptionIds
    from lago_async._bulk.jobs import Arrival, Job
    from lago_async._bulk.run_plans import RunPlan

_In = TypeVar("_In")
_T = TypeVar("_T")


@attrs.frozen(kw_only=True)
class Delivery(Generic[_In, _T]):
    """The items that the reader hands over.

    Attributes:
        jobs: New jobs.
        finished: Arrivals and pages that are decoded.
        end: Whether no more jobs follow.
        failed: Whether that is because the inputs failed.
    """

    jobs: list[Job[_In, _T]]
    finished: list[Arrival[Any, Any]]
    end: bool
    failed: bool


@attrs.frozen(kw_only=True)
class Batch(Generic[_In, _T]):
    """The items that the reader receives.

    Attributes:
        arrivals: The arrivals to decode.
        page: A page of the listing of inputs to decode, if any.
        over: Whether the run is over: no more arrivals follow.
    """

    arrivals: list[Arrival[_In, _T]]
    page: Arrival[None, SubscriptionIds] | None
    over: bool


class Exchange(Generic[_In, _T]):
    """The engine of a run and the feed of its jobs. Only `__init__` and `abandon` run on the reader's thread."""

    def __init__(self, plan: RunPlan[_In, _T]) -> None:
        self._feed: Feed[_In, _T] = Feed()
        self._pages: Pages = asyncio.Queue()
        self._engine = Engine(plan, self._feed, self._pages)
        self._loop: asyncio.AbstractEventLoop | None = None

    async def swap(self, delivery: Delivery[_In, _T], *, wait: bool) -> Batch[_In, _T]:
        """Take a delivery, and return what has arrived; with ``wait``, wait until something has, or the run is over.

        Raises:
            LagoClosedError: The run was closed before its end, or the client was closed.
        """
        loop = asyncio.get_running_loop()
        if self._loop is None:
            self._loop = loop
        elif self._loop is not loop:
            raise LagoClosedError("the run belongs to the process that began it; begin a new run in this process")
        engine = self._engine
        engine.start()
        for arrival in delivery.finished:
            arrival.finish()
        self._feed.give(delivery.jobs)
        if delivery.end:
            self._feed.end(failed=delivery.failed)
        over = False
        if wait:
            try:
                await engine.wait()
            except (StopAsyncIteration, SupplyError):
                over = True
        arrivals: list[Arrival[_In, _T]] = []
        while engine.ready:
            arrivals.append(engine.take())
        page = None if self._pages.empty() else self._pages.get_nowait()
        return Batch(arrivals=arrivals, page=page, over=over)

    async def aclose(self) -> None:
        """Cancel the calls in flight, and wait for it."""
        if self._loop is asyncio.get_running_loop():
            await self._engine.aclose()

    def abandon(self) -> None:
        """Cancel the calls in flight without waiting, for finalizers."""
        self._engine.abandon()
