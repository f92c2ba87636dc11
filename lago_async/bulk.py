"""Many calls at once: side by side up to a bound, streamed, and one that fails does not end the others.

The usage of everybody, page by page, as fast as the rate limit allows and in little memory::

    from lago_async import LagoClient, bulk

    async with LagoClient() as client:
        async for outcome in bulk.past_usage(client, from_datetime=datetime(2025, 1, 1, tzinfo=UTC)):
            if outcome.ok:
                for period in outcome.value.periods:
                    print(outcome.input.external_subscription_id, period.from_datetime, period.total_amount_cents)
            else:
                print(outcome.input.external_subscription_id, "failed:", outcome.error)

Any operation can be run so, each call with an outcome of its own::

    calls = (bulk.prepare(client.customers.find, external_id) for external_id in external_ids)
    async with bulk.run(calls, concurrency=16) as outcomes:
        async for outcome in outcomes:
            print(outcome.input.args, outcome.value.name if outcome.ok else outcome.error)

Results are made only as fast as they are taken: what is under way or waits to be taken is never more than
``concurrency``, so the inputs may be endless. The calls are background work of the client: they are spread over the
rate limit's window and take turns with its other calls.

A ``for`` loop holds an outcome until it is given the next. Where they are large, end its body with ``del outcome``:
then two of them are never alive at once, and the pauses of the garbage collector are shorter.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sized
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, cast
from weakref import WeakKeyDictionary

import attrs

from lago_async._bulk.queries import CONCURRENCY, CurrentUsageQuery, PastUsageQuery, SubscriptionIds, ids_of
from lago_async._bulk.walks import Listing, OneCall, PastUsage, current_usage_walks, past_usage_walks
from lago_async._table.rows import row_of
from lago_async.errors import LagoArgumentError, LagoClosedError

if TYPE_CHECKING:
    from datetime import datetime
    from types import TracebackType
    from typing import Self

    from lago_async._bulk.pool import Pool, Slot
    from lago_async._bulk.walks import Walk
    from lago_async._table.messages import Request, Response
    from lago_async.client import LagoClient
    from lago_async.models import CustomerUsage

__all__ = [
    "Outcome",
    "Outcomes",
    "PastUsage",
    "Prepared",
    "SubscriptionIds",
    "current_usage",
    "past_usage",
    "prepare",
    "run",
]

_In = TypeVar("_In")
_T = TypeVar("_T")
_P = ParamSpec("_P")


@attrs.frozen(eq=False)
class Prepared(Generic[_T]):
    """One call, ready to be sent by ``run``. It is equal to nothing but itself, so it may be the key of a dictionary.

    Attributes:
        request: The call as it will be sent.
        args: The positional arguments that it was prepared with.
        kwargs: The named ones.
    """

    request: Request
    args: tuple[object, ...]
    kwargs: Mapping[str, object]
    client: LagoClient = attrs.field(repr=False)

    def __repr__(self) -> str:
        return described(self.request, self.args, self.kwargs)


def described(request: Request, args: tuple[object, ...], kwargs: Mapping[str, object]) -> str:
    """A prepared call in a repr."""
    shown = [*map(repr, args), *(f"{name}={value!r}" for name, value in kwargs.items())]
    return f"<Prepared {request.endpoint.name}({', '.join(shown)})>"


@attrs.frozen(eq=False, repr=False)
class Outcome(Generic[_In, _T]):
    """What became of one input: a value, or an error.

    Attributes:
        input: What the call was made for.
        error: Why there is no value; None if there is one.
    """

    input: _In
    error: Exception | None = None
    _value: _T | None = None

    @property
    def ok(self) -> bool:
        """Whether there is a value."""
        return self.error is None

    @property
    def value(self) -> _T:
        """What the call returned.

        Raises:
            Exception: The call's own error, if it failed.
        """
        if self.error is not None:
            raise self.error
        return cast("_T", self._value)

    def __repr__(self) -> str:
        return f"<Outcome of {self.input!r}: {self._value if self.error is None else self.error!r}>"


class _Arrival(Generic[_In, _T]):
    """What came back for a call, not decoded yet.

    Its bytes take little room, and the objects that they become much: those are made when the outcome is taken, one
    after another, and are gone before the garbage collector has to look at them twice.
    """

    __slots__ = ("_input", "_read", "_request", "_result", "_walk")

    def __init__(self, given: _In, walk: Walk[_T] | None, result: Response | Exception) -> None:
        from anyio import Event

        self._input = given
        self._walk = walk
        self._result = result
        self._request: Request | None = None
        self._read = Event()

    async def outcome(self) -> Outcome[_In, _T] | None:
        """Decode it; None if there is nothing to be told."""
        result, walk = self._result, self._walk
        outcome: Outcome[_In, _T] | None
        if isinstance(result, Exception) or walk is None:
            outcome = Outcome[_In, _T](self._input, cast("Exception", result))
        else:
            try:
                values, self._request = walk.after(result, await result.request.endpoint.adecode(result))
                outcome = Outcome(self._input, None, values[0]) if values else None
            except Exception as error:  # noqa: BLE001 - it is the outcome's
                outcome = Outcome[_In, _T](self._input, error)
        self._read.set()
        return outcome

    async def next_request(self) -> Request | None:
        """Wait until it is decoded, and what is to be sent is known."""
        await self._read.wait()
        return self._request


class Outcomes(AsyncIterator[Outcome[_In, _T]]):
    """The outcomes of a run, as they come; made by ``run``, ``past_usage`` and ``current_usage``. Sends nothing yet.

    ``async for outcome in outcomes`` walks them. A loop that is left early, by ``break``, by an error or by a
    cancellation, ends the run as soon as nothing refers to it any more; ``async with`` ends it at its own end, and
    waits until no call is under way. Within that, the walk may be taken up again.

    Whoever gives up waiting for the next outcome, as ``asyncio.timeout`` does, loses none and may go on.
    """

    def __init__(self, pool: Pool[Any, _Arrival[_In, _T]], total: int | Listing | None) -> None:
        self._pool = pool
        self._total = total
        self._interrupted: deque[_Arrival[_In, _T]] = deque()  # taken, but not decoded to the end
        self._over = False

    @property
    def total(self) -> int | None:
        """How many inputs there are, if that is known.

        Of all the organisation's subscriptions it is what the server says, once the first page of their list is there:
        a hint, as some may be listed twice.
        """
        return self._total.total if isinstance(self._total, Listing) else self._total

    async def aclose(self) -> None:
        """End the run: calls under way are cancelled and awaited. Closing twice does no harm."""
        self._over = True
        self._interrupted.clear()
        await self._pool.aclose()

    def __aiter__(self) -> Self:
        if self._over:
            raise RuntimeError(
                "the outcomes have been taken, or the run was closed; a run happens once: make a new one"
            )
        return self

    async def __anext__(self) -> Outcome[_In, _T]:
        pool, arrival = self._pool, None
        try:
            while True:
                arrival = self._interrupted.popleft() if self._interrupted else None
                arrival = arrival or (pool.take() if pool.ready else await pool.next())
                if (outcome := await arrival.outcome()) is not None:
                    return outcome
        except BaseException as error:
            if isinstance(error, Exception):
                self._over = True
            elif arrival is not None:
                self._interrupted.append(arrival)
            del self, pool, arrival  # or the error's traceback would keep the run going
            raise

    async def __aenter__(self) -> Self:
        self._pool.start()
        return self

    async def __aexit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def __del__(self) -> None:
        if hasattr(self, "_pool"):
            self._pool.abandon()


def prepare(operation: Callable[_P, Awaitable[_T]], /, *args: _P.args, **kwargs: _P.kwargs) -> Prepared[_T]:
    """A call of an operation, encoded but not sent; of a list, of its first page.

    ``prepare(client.customers.find, "cus_1")`` takes what ``client.customers.find`` takes, and ``run`` sends it with
    the options of that client.

    Raises:
        LagoArgumentError: An argument must not be sent, or ``operation`` is none of a client.
    """
    endpoint = row_of(operation).endpoint
    client = getattr(getattr(operation, "__self__", None), "_client", None)
    if client is None:
        raise LagoArgumentError(f"{endpoint.name}: prepare the operation of a client, such as client.customers.find")
    return Prepared(endpoint.encode(args, kwargs), args, kwargs, cast("LagoClient", client))


def run(
    calls: Iterable[Prepared[_T]] | AsyncIterable[Prepared[_T]],
    *,
    concurrency: int = CONCURRENCY,
    ordered: bool = False,
) -> Outcomes[Prepared[_T], _T]:
    """Send prepared calls, so many at a time.

    Args:
        calls: As many as you like; each is taken when there is a place for it. An async generator is closed at the end.
        concurrency: Calls that are under way or whose outcome waits to be taken, at most.
        ordered: Give the outcomes in the order of the calls instead of as they come.

    Raises:
        ValueError: ``concurrency`` is less than 1.

    Walking the outcomes raises what ``calls`` raises, after what was under way, and ``LagoClosedError`` when a client
    is closed; every other error of a call is its outcome's.
    """
    views: WeakKeyDictionary[LagoClient, LagoClient] = WeakKeyDictionary()

    def begin(call: Prepared[_T]) -> tuple[Prepared[_T], LagoClient, Walk[_T]]:
        if not isinstance(call, Prepared):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"expected what lago_async.bulk.prepare returns, not {call!r}")
        view = views.get(call.client)
        if view is None:
            view = views[call.client] = call.client.with_options(background=True)
        return call, view, OneCall[_T](lambda: call.request)

    return _walk(calls, begin, None, concurrency, ordered=ordered)


def past_usage(
    client: LagoClient,
    subscriptions: Iterable[tuple[str, str]] | AsyncIterable[tuple[str, str]] | None = None,
    *,
    from_datetime: datetime | None = None,
    to_datetime: datetime | None = None,
    periods_count: int | None = None,
    billable_metric_code: str | None = None,
    per_page: int | None = None,
    skip: Callable[[SubscriptionIds], bool] | None = None,
    concurrency: int = CONCURRENCY,
    ordered: bool = False,
) -> Outcomes[SubscriptionIds, PastUsage]:
    """Fetch the billed usage of many subscriptions, an outcome for every page; the newest periods come first.

    The pages of one subscription come in order, and the last one says so. One that fails gives an outcome with the
    error, and is the last. A subscription without periods, or that the server does not know, has one empty page.

    Args:
        client: Sends the calls, in the background of what else it is used for.
        subscriptions: Your ids of customers and subscriptions, as pairs; all active and terminated subscriptions of
            the organisation unless given, each pair once.
        from_datetime: Only periods that begin at this time or later, aware.
        to_datetime: Only periods that begin before this time, aware.
        periods_count: Only the newest so many of them, of each subscription.
        billable_metric_code: Only charges of this metric; the amounts of a period stay those of the whole invoice.
        per_page: Periods on a page; unless given, as many as make about half a megabyte.
        skip: Tells of a subscription whether to leave it out, as one that an earlier run has done.
        concurrency: Pages that are under way or wait to be taken, at most.
        ordered: Give the outcomes in the order of the subscriptions instead of as they come.

    Raises:
        LagoArgumentError: An argument cannot be sent, or a time is not aware.
        ValueError: ``concurrency`` is less than 1.

    Walking the outcomes raises what ``subscriptions`` or ``skip`` raises, or the call that lists them, after what was
    under way, and ``LagoClosedError`` when the client is closed; every other error of a call is its outcome's.
    """
    query = PastUsageQuery(
        from_datetime=from_datetime,
        to_datetime=to_datetime,
        periods_count=periods_count,
        billable_metric_code=billable_metric_code,
        per_page=per_page,
    )
    return _usage(
        client, subscriptions, past_usage_walks(query), skip, ("active", "terminated"), concurrency, ordered=ordered
    )


def current_usage(
    client: LagoClient,
    subscriptions: Iterable[tuple[str, str]] | AsyncIterable[tuple[str, str]] | None = None,
    *,
    billable_metric_code: str | None = None,
    apply_taxes: bool | None = None,
    skip: Callable[[SubscriptionIds], bool] | None = None,
    concurrency: int = CONCURRENCY,
    ordered: bool = False,
) -> Outcomes[SubscriptionIds, CustomerUsage]:
    """Fetch the usage of many subscriptions in the billing period that is running, an outcome for each.

    Args:
        client: Sends the calls, in the background of what else it is used for.
        subscriptions: Your ids of customers and subscriptions, as pairs; all active subscriptions of the organisation
            unless given, each pair once.
        billable_metric_code: Only charges of this metric.
        apply_taxes: False leaves taxes out, and spares calls to a tax provider.
        skip: Tells of a subscription whether to leave it out, as one that an earlier run has done.
        concurrency: Calls that are under way or whose outcome waits to be taken, at most.
        ordered: Give the outcomes in the order of the subscriptions instead of as they come.

    Raises:
        LagoArgumentError: An argument cannot be sent.
        ValueError: ``concurrency`` is less than 1.

    Walking the outcomes raises what ``subscriptions`` or ``skip`` raises, or the call that lists them, after what was
    under way, and ``LagoClosedError`` when the client is closed; every other error of a call is its outcome's.
    """
    query = CurrentUsageQuery(billable_metric_code=billable_metric_code, apply_taxes=apply_taxes)
    return _usage(client, subscriptions, current_usage_walks(query), skip, ("active",), concurrency, ordered=ordered)


def _usage(
    client: LagoClient,
    subscriptions: Iterable[tuple[str, str]] | AsyncIterable[tuple[str, str]] | None,
    begin: Callable[[SubscriptionIds], Walk[_T]],
    skip: Callable[[SubscriptionIds], bool] | None,
    statuses: tuple[str, ...],
    concurrency: int,
    *,
    ordered: bool,
) -> Outcomes[SubscriptionIds, _T]:
    """Usage of each subscription, given or listed."""
    view = client.with_options(background=True)
    listing = None
    if subscriptions is None:
        listing = Listing(statuses)
        subscriptions = _listed(view, listing)

    def begin_pair(pair: tuple[str, str]) -> tuple[SubscriptionIds, LagoClient, Walk[_T]] | None:
        ids = ids_of(pair)
        return None if skip is not None and skip(ids) else (ids, view, begin(ids))

    return _walk(subscriptions, begin_pair, listing, concurrency, ordered=ordered)


def _walk(
    inputs: Iterable[Any] | AsyncIterable[Any],
    begin: Callable[[Any], tuple[_In, LagoClient, Walk[_T]] | None],
    listing: Listing | None,
    concurrency: int,
    *,
    ordered: bool,
) -> Outcomes[_In, _T]:
    """The calls of each input one after another, many inputs side by side."""
    from lago_async._bulk.pool import Pool

    async def work(item: Any, slot: Slot[_Arrival[_In, _T]]) -> None:
        begun = begin(item)
        if begun is None:
            await asyncio.sleep(0)  # a million that are left out must not stall the loop
            return
        given, view, walk = begun
        try:
            request: Request | None = walk.first()
        except Exception as error:  # noqa: BLE001 - it is the outcome's
            await slot.put(_Arrival[_In, _T](given, None, error))
            return
        while request is not None and await slot.regain():
            arrival = await arrive(given, view, walk, request)
            await slot.put(arrival)
            request = await arrival.next_request()

    async def arrive(given: _In, view: LagoClient, walk: Walk[_T], request: Request) -> _Arrival[_In, _T]:
        try:
            return _Arrival(given, walk, await view.send(request))
        except LagoClosedError:
            raise
        except Exception as error:  # noqa: BLE001 - it is the outcome's
            return _Arrival[_In, _T](given, None, error)

    pool = Pool(inputs, work, concurrency=concurrency, ordered=ordered)
    return Outcomes(pool, _count(inputs) if listing is None else listing)


async def _listed(view: LagoClient, listing: Listing) -> AsyncGenerator[SubscriptionIds]:
    """All subscriptions; the next page of their list is fetched while those of this one are worked at."""

    async def fetch(request: Request) -> tuple[list[SubscriptionIds], Request | None]:
        return listing.after(await request.endpoint.adecode(await view.send(request)))

    fetching = asyncio.create_task(fetch(listing.first()))
    try:
        while True:
            fresh, request = await fetching
            if request is not None:
                fetching = asyncio.create_task(fetch(request))
            for ids in fresh:
                yield ids
            if request is None:
                return
    finally:
        fetching.cancel()
        await asyncio.gather(fetching, return_exceptions=True)


def _count(inputs: object) -> int | None:
    return len(inputs) if isinstance(inputs, Sized) else None
