"""The asynchronous reader of a bulk run: it decodes on the event loop, in turns, and the inputs are taken there."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar, cast

import attrs

from lago_async._bulk.engine import Engine
from lago_async._bulk.outcome import Outcome
from lago_async._bulk.run_plans import PreparedCall, calls_plan, usage_plan
from lago_async._bulk.sources import source_of
from lago_async._table.rows import row_of
from lago_async.errors import LagoArgumentError

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from lago_async._bulk.engine import Pages
    from lago_async._bulk.ids import SubscriptionIds
    from lago_async._bulk.jobs import Arrival
    from lago_async._bulk.queries import Query
    from lago_async._bulk.run_plans import RunPlan
    from lago_async.client import LagoClient

__all__ = ["Outcomes", "Prepared"]

_In = TypeVar("_In")
_T = TypeVar("_T")


@attrs.frozen(eq=False, repr=False)
class Prepared(PreparedCall["LagoClient", _T]):
    """One call, ready to be sent by ``run``. It is equal only to itself, so it may be the key of a dictionary.

    Attributes:
        request: The call as it will be sent.
        args: The positional arguments that it was prepared with.
        kwargs: The named ones.
        client: The client that sends it.
    """


class Outcomes(AsyncIterator[Outcome[_In, _T]]):
    """The outcomes of a run, as they arrive; made by ``run``, ``past_usage`` and ``current_usage``, which send nothing.

    ``async for outcome in outcomes`` walks them. If a loop ends early, by ``break``, an error or a
    cancellation, the run ends as soon as nothing refers to it any more. ``async with`` ends the run at the end of the
    block, and waits until no call is in flight; within the block, a new loop resumes the walk.

    A reader that stops waiting for the next outcome, for example by ``asyncio.timeout``, loses no outcome and can
    resume.
    """

    def __init__(self, plan: RunPlan[_In, _T]) -> None:
        self._total = plan.total
        pages: Pages = asyncio.Queue()
        inputs = _listed(pages, plan.begun) if plan.inputs is None else plan.inputs
        self._engine = Engine(plan, source_of(inputs, plan.begin), pages)
        self._interrupted: deque[Arrival[_In, _T]] = deque()  # taken, but not decoded to the end
        self._over = False

    @property
    def total(self) -> int | None:
        """The number of inputs, if it is known.

        If the run lists all subscriptions of the organisation, this is the server's count after the first page: an
        estimate, because some may be listed twice.
        """
        return self._total()

    async def aclose(self) -> None:
        """End the run: cancel the calls in flight and wait for them. Closing twice has no effect."""
        self._over = True
        self._interrupted.clear()
        await self._engine.aclose()

    def __aiter__(self) -> Self:
        if self._over:
            raise RuntimeError("the outcomes were already taken, or the run was closed; make a new run")
        return self

    async def __anext__(self) -> Outcome[_In, _T]:
        engine, arrival = self._engine, None
        try:
            while True:
                arrival = self._interrupted.popleft() if self._interrupted else None
                arrival = arrival or (engine.take() if engine.ready else await engine.next())
                outcome = await arrival.aoutcome()
                arrival.finish()
                if outcome is not None:
                    return outcome
        except BaseException as error:
            if isinstance(error, Exception):
                self._over = True
            elif arrival is not None:
                self._interrupted.append(arrival)
            del self, engine, arrival  # otherwise the error's traceback would keep the run alive
            raise

    async def __aenter__(self) -> Self:
        self._engine.start()
        return self

    async def __aexit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def __del__(self) -> None:
        if hasattr(self, "_engine"):
            self._engine.abandon()


async def _listed(pages: Pages, begun: Iterable[SubscriptionIds]) -> AsyncGenerator[SubscriptionIds]:
    """Decode the pages of a listing when their inputs are wanted; the next page is then fetched."""
    for ids in begun:
        yield ids
    last = False
    while not last:
        page = await pages.get()
        listed = await page.aread()
        page.finish()
        last = page.following is None
        del page
        for ids in listed:
            yield ids


def prepare_call(
    operation: Callable[..., Awaitable[_T]], args: tuple[object, ...], kwargs: Mapping[str, object]
) -> Prepared[_T]:
    """Return a call of an operation, encoded for ``run``."""
    endpoint = row_of(operation).endpoint
    client = getattr(getattr(operation, "__self__", None), "_client", None)
    if client is None:
        raise LagoArgumentError(f"{endpoint.name}: prepare the operation of a client, such as client.customers.find")
    return Prepared(endpoint.encode(args, kwargs), args, kwargs, cast("LagoClient", client))


def calls_of(
    calls: Iterable[Prepared[_T]] | AsyncIterable[Prepared[_T]], *, concurrency: int, ordered: bool
) -> Outcomes[Prepared[_T], _T]:
    """Return the run of prepared calls."""
    return Outcomes(calls_plan(calls, Prepared, _background, concurrency=concurrency, ordered=ordered))


def usage_of(
    client: LagoClient,
    subscriptions: Iterable[tuple[str, str]] | AsyncIterable[tuple[str, str]] | None,
    query: Query[_T],
    *,
    skip: Callable[[SubscriptionIds], bool] | None,
    concurrency: int,
    ordered: bool,
    begun: Iterable[tuple[str, str]] = (),
) -> Outcomes[SubscriptionIds, _T]:
    """Return the run that fetches the usage of subscriptions, given or listed; ``begun`` come before the list."""
    return Outcomes(
        usage_plan(
            _background(client),
            subscriptions,
            query,
            skip=skip,
            concurrency=concurrency,
            ordered=ordered,
            begun=begun,
        )
    )


def _background(client: LagoClient) -> LagoClient:
    return client.with_options(background=True)
