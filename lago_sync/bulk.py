"""Many calls at once: side by side up to a bound, streamed, and one that fails does not end the others.

The usage of everybody, page by page, as fast as the rate limit allows and in little memory::

    from lago_sync import LagoClient, bulk

    with LagoClient() as client:
        for outcome in bulk.past_usage(client, from_datetime=datetime(2025, 1, 1, tzinfo=UTC)):
            if outcome.ok:
                for period in outcome.value.periods:
                    print(outcome.input.external_subscription_id, period.from_datetime, period.total_amount_cents)
            else:
                print(outcome.input.external_subscription_id, "failed:", outcome.error)

Any operation can be run so, each call with an outcome of its own::

    calls = (bulk.prepare(client.customers.find, external_id) for external_id in external_ids)
    with bulk.run(calls, concurrency=16) as outcomes:
        for outcome in outcomes:
            print(outcome.input.args, outcome.value.name if outcome.ok else outcome.error)

Results are made only as fast as they are taken: what is under way or waits to be taken is never more than
``concurrency``, so the inputs may be endless. The calls are background work of the client: they are spread over the
rate limit's window and take turns with its other calls.

A ``for`` loop holds an outcome until it is given the next. Where they are large, end its body with ``del outcome``:
then two of them are never alive at once, and the pauses of the garbage collector are shorter.

Calls are sent on the client's background thread and handed over in batches; the inputs are taken, and the answers
decoded, on the thread that walks the outcomes. Any number of threads may each walk a run of their own.
"""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator, Mapping, Sized
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeAlias, TypeVar, cast, overload
from weakref import WeakKeyDictionary

import attrs

from lago_async._bulk.queries import CONCURRENCY, CurrentUsageQuery, PastUsageQuery, SubscriptionIds, ids_of
from lago_async._bulk.walks import Listing, OneCall, PastUsage, current_usage_walks, past_usage_walks
from lago_async._table.rows import row_of
from lago_async.bulk import Outcome, described
from lago_async.errors import LagoArgumentError, LagoClosedError, LagoConfigError
from lago_sync._resource import Resource

if TYPE_CHECKING:
    from datetime import datetime
    from types import TracebackType
    from typing import Self

    from lago_async._bulk.pool import Pool, Slot
    from lago_async._bulk.walks import Walk
    from lago_async._table.messages import Request, Response
    from lago_async._table.pages import Page
    from lago_async.models import CustomerUsage
    from lago_sync.client import LagoClient
    from lago_sync.pager import Pager

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

_Send: TypeAlias = "Callable[[Request], Awaitable[Response]]"
_LISTING = -1  # where the number of an input stands: the answer is a page of the list of inputs
_PATIENCE = 0.01  # seconds to take inputs for, while there may be something to send or to hand out


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


class _Exchange:
    """The side of a run that is on the loop thread: it takes requests and gives answers, a batch at a time."""

    def __init__(self, concurrency: int) -> None:
        self._concurrency = concurrency
        self._context = contextvars.copy_context()
        self._pool: Pool[tuple[int, _Send, Request], tuple[int, Response | Exception]] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._requests: asyncio.Queue[tuple[int, _Send, Request]] | None = None

    async def swap(
        self, requests: list[tuple[int, _Send, Request]], *, wait: bool
    ) -> list[tuple[int, Response | Exception]]:
        """Take requests, and give the answers that there are; with ``wait``, at least one."""
        loop = asyncio.get_running_loop()
        if self._pool is None or self._requests is None:
            from lago_async._bulk.pool import Pool

            self._loop = loop
            self._requests = asyncio.Queue()
            self._pool = Pool(
                self._each(self._requests), self._send, concurrency=self._concurrency, context=self._context
            )
            self._pool.start()
        elif self._loop is not loop:
            raise LagoClosedError("the run belongs to the process that began it; begin another one here")
        for request in requests:
            self._requests.put_nowait(request)
        pool = self._pool
        answers = [await pool.next()] if wait else []
        while pool.ready:
            answers.append(pool.take())
        return answers

    async def aclose(self) -> None:
        """Cancel what is under way, and wait for it."""
        if self._pool is not None and self._loop is asyncio.get_running_loop():
            await self._pool.aclose()

    def abandon(self) -> None:
        """Cancel what is under way without waiting, for finalizers."""
        if self._pool is not None:
            self._pool.abandon()

    @staticmethod
    async def _each(requests: asyncio.Queue[_T]) -> AsyncGenerator[_T]:
        while True:
            yield await requests.get()

    @staticmethod
    async def _send(call: tuple[int, _Send, Request], slot: Slot[tuple[int, Response | Exception]]) -> None:
        number, send, request = call
        result: Response | Exception
        try:
            result = await send(request)
        except Exception as error:  # noqa: BLE001 - it is the outcome's
            result = error
        await slot.put((number, result))


class _Inputs(Generic[_In]):
    """What there is to be done: an iterable."""

    def __init__(self, inputs: Iterable[_In]) -> None:
        self.total: int | None = len(inputs) if isinstance(inputs, Sized) else None
        self.over: bool = False
        self._iterator = iter(inputs)

    def take(self) -> tuple[_In] | None:
        """The next one, in a tuple; None: not now, and if ``over``, never."""
        for item in self._iterator:
            return (item,)
        self.over = True
        return None

    def request(self) -> Request | None:
        """What to send so that there will be more."""
        return None

    def receive(self, answer: Response | Exception) -> None:
        """Take what came back for that; an error is raised by ``take``, when it has nothing else."""


class _Listed(_Inputs[tuple[str, str]]):
    """All subscriptions; the next page of their list is fetched while those of this one are worked at."""

    def __init__(self, listing: Listing) -> None:
        super().__init__(iter(()))
        self._listing = listing
        self._next: Request | None = listing.first()
        self._waiting = False
        self._error: Exception | None = None
        self._ready: deque[SubscriptionIds] = deque()

    def take(self) -> tuple[tuple[str, str]] | None:
        if self._ready:
            return (self._ready.popleft(),)
        if self._error is not None:
            raise self._error
        self.over = self._next is None and not self._waiting
        return None

    def request(self) -> Request | None:
        if self._waiting or len(self._ready) > Listing.PER_PAGE:
            return None
        request, self._next = self._next, None
        self._waiting = request is not None
        return request

    def receive(self, answer: Response | Exception) -> None:
        self._waiting = False
        if isinstance(answer, Exception):
            self._error = answer
            return
        try:
            fresh, self._next = self._listing.after(answer.request.endpoint.decode(answer))
        except Exception as error:  # noqa: BLE001 - `take` raises it
            self._error = error
        else:
            self._ready.extend(fresh)
            self.total = self._listing.total


class Outcomes(Iterator[Outcome[_In, _T]]):
    """The outcomes of a run, as they come; made by ``run``, ``past_usage`` and ``current_usage``. Sends nothing yet.

    ``for outcome in outcomes`` walks them. A loop that is left early, by ``break`` or an error, ends the run as soon as
    nothing refers to it any more; ``with`` ends it at its own end, and waits until no call is under way. Within that,
    the walk may be taken up again.
    """

    def __init__(
        self,
        inputs: _Inputs[Any],
        begin: Callable[[Any], tuple[_In, LagoClient, _Send, Walk[_T]] | None],
        listing: tuple[LagoClient, _Send] | None,
        *,
        concurrency: int,
        ordered: bool,
    ) -> None:
        if concurrency < 1:
            raise ValueError(f"concurrency must be 1 or more, not {concurrency}")
        self._inputs = inputs
        self._begin = begin
        self._listing = listing
        self._client: LagoClient | None = None if listing is None else listing[0]  # whose thread it is; kept open
        self._concurrency = concurrency
        self._ordered = ordered
        self._exchange = _Exchange(concurrency if listing is None else concurrency + 1)
        self._cases: dict[int, tuple[_In, _Send, Walk[_T]]] = {}  # inputs of which something is still to be taken
        self._to_send: list[tuple[int, _Send, Request]] = []
        self._under_way = 0
        self._arrived: deque[tuple[int, Response | Exception]] = deque()  # not decoded yet, so they take little
        self._early: dict[int, Response | Exception] = {}  # the same, of an ordered run
        self._outcomes: deque[Outcome[_In, _T]] = deque()
        self._taken = 0
        self._turn = 0
        self._no_more = False
        self._slow = False
        self._busy = False
        self._over = False
        self._complete = False
        self._failure: Exception | None = None

    @property
    def total(self) -> int | None:
        """How many inputs there are, if that is known.

        Of all the organisation's subscriptions it is what the server says, once the first page of their list is there:
        a hint, as some may be listed twice.
        """
        return self._inputs.total

    def close(self) -> None:
        """End the run: calls under way are cancelled and awaited. Closing twice does no harm."""
        if self._over:
            return
        self._end()
        if self._client is None:
            return
        try:
            self._client._owner.lease.run(self._exchange.aclose)  # pyright: ignore[reportPrivateUsage]
        except (LagoClosedError, LagoConfigError):
            self._exchange.abandon()  # the client is closed, or this is the loop thread
        except BaseException:
            self._exchange.abandon()
            raise

    def __iter__(self) -> Self:
        if self._over:
            raise RuntimeError(
                "the outcomes have been taken, or the run was closed; a run happens once: make a new one"
            )
        return self

    def __next__(self) -> Outcome[_In, _T]:
        if self._over:
            self._raise_end()
        if self._busy:
            raise RuntimeError("another thread, or the iterable of inputs, walks these outcomes already")
        self._busy = True
        try:
            return self._next()
        except Exception:
            self.close()
            raise
        except BaseException:
            self._end()
            self._exchange.abandon()
            raise
        finally:
            self._busy = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_over") and not self._over:
            self._exchange.abandon()

    # --- what is next -------------------------------------------------------------------------------------------------

    def _next(self) -> Outcome[_In, _T]:
        while True:
            if self._outcomes:
                return self._outcomes.popleft()
            if self._may_send():
                self._refill()
                if self._to_send or (self._under_way and not self._deliverable):
                    self._swap(wait=not self._deliverable and not self._slow)
            if self._arrived:
                self._read(*self._arrived.popleft())
            elif self._turn in self._early:
                self._read(self._turn, self._early.pop(self._turn))
            elif isinstance(self._failure, LagoClosedError) or (
                self._no_more and not self._under_way and not self._to_send
            ):
                self._complete = self._failure is None
                self._raise_end()

    @property
    def _deliverable(self) -> bool:
        return bool(self._arrived) or self._turn in self._early

    def _may_send(self) -> bool:
        """Whether to send something now: when there is nothing else to do, or when much of the room is unused."""
        if not self._deliverable:
            return True
        idle = self._concurrency - self._under_way - len(self._arrived) - len(self._early)
        return idle >= max(1, self._concurrency // 4) and not self._slow

    def _refill(self) -> None:
        """Take inputs while there is room, but not for long while there is something to send or to hand out."""
        until = time.monotonic() + _PATIENCE
        self._slow = False
        while not self._no_more and not self._slow and len(self._cases) < self._concurrency:
            try:
                if self._listing is not None and (request := self._inputs.request()) is not None:
                    self._to_send.append((_LISTING, self._listing[1], request))
                item = self._inputs.take()
                if item is None:
                    self._no_more = self._inputs.over
                    return
                begun = self._begin(item[0])
            except Exception as error:  # noqa: BLE001 - it is raised when what is under way has been handed out
                self._fail(error)
                return
            self._slow = time.monotonic() > until
            if begun is None:
                continue
            given, client, send, walk = begun
            number = self._taken
            self._taken += 1
            self._cases[number] = given, send, walk
            self._client = self._client or client
            try:
                self._to_send.append((number, send, walk.first()))
            except Exception as error:  # noqa: BLE001 - it is the outcome's
                self._arrive(number, error)

    def _swap(self, *, wait: bool) -> None:
        """Hand over what is to be sent, and fetch what has come."""
        if self._client is None:
            return
        requests, self._to_send = self._to_send, []
        self._under_way += len(requests)
        try:
            answers = self._client._owner.lease.run(self._exchange.swap, requests, wait=wait)  # pyright: ignore[reportPrivateUsage]
        except LagoClosedError as error:
            self._under_way = 0
            self._fail(error)
            return
        self._under_way -= len(answers)
        for number, answer in answers:
            if number == _LISTING:
                self._inputs.receive(answer)
            else:
                self._arrive(number, answer)

    def _arrive(self, number: int, answer: Response | Exception) -> None:
        if self._ordered:
            self._early[number] = answer
        else:
            self._arrived.append((number, answer))

    def _read(self, number: int, answer: Response | Exception) -> None:
        """Make an outcome of an answer, and perhaps another request."""
        given, send, walk = self._cases[number]
        request = None
        if isinstance(answer, LagoClosedError):
            self._fail(answer)
        elif isinstance(answer, Exception):
            self._outcomes.append(Outcome(given, answer))
        else:
            try:
                values, request = walk.after(answer, answer.request.endpoint.decode(answer))
                self._outcomes.extend(Outcome(given, None, value) for value in values)
            except Exception as error:  # noqa: BLE001 - it is the outcome's
                self._outcomes.append(Outcome(given, error))
        if request is not None and self._failure is None:
            self._to_send.append((number, send, request))
        else:
            del self._cases[number]
            self._turn += self._ordered

    def _fail(self, error: Exception) -> None:
        """End the run when what is under way has been handed out; at once if that will not come."""
        self._failure = self._failure or error
        self._no_more = True
        if isinstance(error, LagoClosedError):
            self._failure = error
            self._to_send.clear()

    def _end(self) -> None:
        self._over = True
        for each in self._outcomes, self._arrived, self._early, self._cases, self._to_send:
            each.clear()

    def _raise_end(self) -> None:
        if self._failure is not None:
            raise self._failure
        if not self._complete:
            raise LagoClosedError("the run was closed before its end")
        raise StopIteration


def _view(client: LagoClient) -> _Send:
    """What sends a run's calls on the loop thread."""
    return client.with_options(background=True)._async.send  # pyright: ignore[reportPrivateUsage]


@overload
def prepare(operation: Callable[_P, Pager[_T]], /, *args: _P.args, **kwargs: _P.kwargs) -> Prepared[Page[_T]]: ...


@overload
def prepare(operation: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Prepared[_T]: ...


def prepare(operation: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Prepared[Any]:
    """A call of an operation, encoded but not sent; of a list, of its first page.

    ``prepare(client.customers.find, "cus_1")`` takes what ``client.customers.find`` takes, and ``run`` sends it with
    the options of that client.

    Raises:
        LagoArgumentError: An argument must not be sent, or ``operation`` is none of a client.
    """
    endpoint = row_of(Resource.async_method(operation)).endpoint
    resource = getattr(operation, "__self__", None)
    if not isinstance(resource, Resource):
        raise LagoArgumentError(f"{endpoint.name}: prepare the operation of a client, such as client.customers.find")
    client = cast("LagoClient", cast("Resource[object]", resource)._client)  # pyright: ignore[reportPrivateUsage]
    return Prepared(endpoint.encode(args, kwargs), args, kwargs, client)


def run(
    calls: Iterable[Prepared[_T]], *, concurrency: int = CONCURRENCY, ordered: bool = False
) -> Outcomes[Prepared[_T], _T]:
    """Send prepared calls, so many at a time.

    Args:
        calls: As many as you like; each is taken when there is a place for it, on the thread that walks the outcomes.
        concurrency: Calls that are under way or whose outcome waits to be taken, at most.
        ordered: Give the outcomes in the order of the calls instead of as they come.

    Raises:
        ValueError: ``concurrency`` is less than 1.

    Walking the outcomes raises what ``calls`` raises, after what was under way, and ``LagoClosedError`` when a client
    is closed; every other error of a call is its outcome's.
    """
    views: WeakKeyDictionary[LagoClient, _Send] = WeakKeyDictionary()

    def begin(call: Prepared[_T]) -> tuple[Prepared[_T], LagoClient, _Send, Walk[_T]]:
        if not isinstance(call, Prepared):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"expected what lago_sync.bulk.prepare returns, not {call!r}")
        send = views.get(call.client)
        if send is None:
            send = views[call.client] = _view(call.client)
        return call, call.client, send, OneCall[_T](lambda: call.request)

    return Outcomes(_Inputs(calls), begin, None, concurrency=concurrency, ordered=ordered)


def past_usage(
    client: LagoClient,
    subscriptions: Iterable[tuple[str, str]] | None = None,
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
    return _walk(
        client, subscriptions, past_usage_walks(query), skip, ("active", "terminated"), concurrency, ordered=ordered
    )


def current_usage(
    client: LagoClient,
    subscriptions: Iterable[tuple[str, str]] | None = None,
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
    return _walk(client, subscriptions, current_usage_walks(query), skip, ("active",), concurrency, ordered=ordered)


def _walk(
    client: LagoClient,
    subscriptions: Iterable[tuple[str, str]] | None,
    begin: Callable[[SubscriptionIds], Walk[_T]],
    skip: Callable[[SubscriptionIds], bool] | None,
    statuses: tuple[str, ...],
    concurrency: int,
    *,
    ordered: bool,
) -> Outcomes[SubscriptionIds, _T]:
    """The calls of each subscription one after another, many subscriptions side by side."""
    send = _view(client)

    def begin_pair(pair: tuple[str, str]) -> tuple[SubscriptionIds, LagoClient, _Send, Walk[_T]] | None:
        ids = ids_of(pair)
        return None if skip is not None and skip(ids) else (ids, client, send, begin(ids))

    inputs = _Listed(Listing(statuses)) if subscriptions is None else _Inputs(subscriptions)
    listing = (client, send) if subscriptions is None else None
    return Outcomes(inputs, begin_pair, listing, concurrency=concurrency, ordered=ordered)
