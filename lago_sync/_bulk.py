"""The blocking reader of a bulk run: it takes the inputs and decodes on the thread that walks the outcomes.

``lago_async._bulk.engine`` runs on the loop thread, where decoding would delay all other threads.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import attrs

from lago_async._bulk.exchange import Delivery, Exchange
from lago_async._bulk.outcome import Outcome
from lago_async._bulk.run_plans import PreparedCall, calls_plan, usage_plan
from lago_async._table.rows import row_of
from lago_async.errors import LagoArgumentError, LagoClosedError, LagoConfigError
from lago_sync._resource import Resource

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from lago_async._bulk.ids import SubscriptionIds
    from lago_async._bulk.jobs import Arrival, Job
    from lago_async._bulk.queries import Query
    from lago_async._bulk.run_plans import RunPlan
    from lago_async.client import LagoClient as AsyncLagoClient
    from lago_sync.client import LagoClient

__all__ = ["Outcomes", "Prepared"]

_In = TypeVar("_In")
_T = TypeVar("_T")

_PATIENCE: Final = 0.01  # seconds to take inputs for, while there may be items to send or to hand out


class _Input(Enum):
    """Instead of an input."""

    NONE_YET = 0
    END = 1


@attrs.frozen(eq=False, repr=False)
class Prepared(PreparedCall["LagoClient", _T]):
    """One call, ready to be sent by ``run``. It is equal only to itself, so it may be the key of a dictionary.

    Attributes:
        request: The call as it will be sent.
        args: The positional arguments that it was prepared with.
        kwargs: The named ones.
        client: The client that sends it.
    """


class _Listed:
    """The inputs of a listing; each page is decoded when its inputs are wanted, and the next one is then fetched."""

    def __init__(self, begun: Iterable[SubscriptionIds]) -> None:
        self._begun = begun
        self.page: Arrival[None, SubscriptionIds] | None = None
        self.finished: list[Arrival[None, SubscriptionIds]] = []

    def __iter__(self) -> Iterator[SubscriptionIds | _Input]:
        yield from self._begun
        last = False
        while not last:
            while self.page is None:
                yield _Input.NONE_YET
            page, self.page = self.page, None
            listed = page.read()
            self.finished.append(page)
            last = page.following is None
            del page
            yield from listed


class Outcomes(Iterator[Outcome[_In, _T]]):
    """The outcomes of a run, as they arrive; made by ``run``, ``past_usage`` and ``current_usage``, which send nothing.

    ``for outcome in outcomes`` walks them. If a loop ends early, by ``break`` or an error, the run ends as
    soon as nothing refers to it any more. ``with`` ends the run at the end of the block, and waits until no call is in
    flight; within the block, a new loop resumes the walk.
    """

    def __init__(self, plan: RunPlan[_In, _T], client: LagoClient | None) -> None:
        self._plan = plan
        self._client = client  # its loop thread runs the engine, so it is kept open; None: the client of the first call
        self._listed = _Listed(plan.begun)
        self._inputs: Iterator[Any] = iter(cast("Iterable[Any]", self._listed if plan.inputs is None else plan.inputs))
        self._exchange = Exchange(plan)
        self._arrived: deque[Arrival[_In, _T]] = deque()  # not decoded yet, so they take little memory
        self._open = 0  # inputs that were begun, and whose last arrival is not decoded yet
        self._in_flight = 0
        self._jobs: list[Job[_In, _T]] = []  # to be handed over
        self._finished: list[Arrival[Any, Any]] = []  # the same
        self._continued = 0  # those of them that have a following request
        self._no_more = False
        self._told_end = False
        self._slow = False
        self._busy = False
        self._crossed = False
        self._over = False
        self._closed = False
        self._failure: Exception | None = None

    @property
    def total(self) -> int | None:
        """The number of inputs, if it is known.

        If the run lists all subscriptions of the organisation, this is the server's count after the first page: an
        estimate, because some may be listed twice.
        """
        return self._plan.total()

    def close(self) -> None:
        """End the run: cancel the calls in flight and wait for them. Closing twice has no effect."""
        if self._closed:
            return
        self._end()
        if self._client is None or not self._crossed or self._over:
            return
        try:
            self._client._owner.lease.run(self._exchange.aclose)  # pyright: ignore[reportPrivateUsage]
        except (LagoClosedError, LagoConfigError):
            self._exchange.abandon()  # the client is closed, or this is the loop thread
        except BaseException:
            self._exchange.abandon()
            raise

    def __iter__(self) -> Self:
        if self._closed:
            raise RuntimeError("the outcomes were already taken, or the run was closed; make a new run")
        return self

    def __next__(self) -> Outcome[_In, _T]:
        if self._closed:
            self._raise_end()
        if self._busy:
            raise RuntimeError(
                "another thread, or the iterable of inputs, already walks these outcomes; start a run per walk"
            )
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
        if hasattr(self, "_closed") and not self._closed:
            self._exchange.abandon()

    # --- the next step ------------------------------------------------------------------------------------------------

    def _next(self) -> Outcome[_In, _T]:
        while True:
            if not self._over and self._may_cross():
                self._refill()
                self._cross()
            if self._arrived:
                arrival = self._arrived.popleft()
                outcome = arrival.outcome()
                self._finished.append(arrival)
                if arrival.following is None:
                    self._open -= 1
                else:
                    self._continued += 1
                if outcome is not None:
                    return outcome
            elif self._over:
                self._raise_end()

    def _may_cross(self) -> bool:
        """Tell whether to cross to the loop thread: nothing is left to decode, or a quarter of the slots is unused."""
        if not self._arrived:
            return True
        idle = self._plan.concurrency - self._in_flight - len(self._arrived)
        return idle >= max(1, self._plan.concurrency // 4) and not self._slow

    def _refill(self) -> None:
        """Take inputs while slots are free, but only briefly while there are items to send or to hand out."""
        until = time.monotonic() + _PATIENCE
        self._slow = False
        while not self._no_more and not self._slow and self._open < self._plan.concurrency:
            try:
                item = next(self._inputs, _Input.END)
                if item is _Input.NONE_YET:
                    return
                job = None if item is _Input.END else self._plan.begin(item)
            except Exception as error:  # noqa: BLE001 - raised when the calls in flight have been handed out
                self._failure = error
                self._no_more = True
                return
            if item is _Input.END:
                self._no_more = True
                return
            self._slow = time.monotonic() > until
            if job is not None:
                self._client = self._client or cast("Prepared[_T]", item).client
                self._jobs.append(job)
                self._open += 1

    def _cross(self) -> None:
        """Hand over new items, and fetch those that have arrived; wait for them if there is nothing else to do."""
        wait = not self._arrived and not self._slow
        begun = len(self._jobs) + self._continued
        if not (begun or self._listed.finished or wait):
            return
        if self._client is None or not (self._crossed or begun or self._plan.listing):
            self._over = self._no_more  # without a single call
            return
        self._crossed = True
        delivery = Delivery(
            jobs=self._jobs,
            finished=self._finished + self._listed.finished,
            end=self._no_more and not self._told_end,
            failed=self._failure is not None,
        )
        self._jobs, self._finished, self._listed.finished = [], [], []
        self._in_flight += begun
        self._continued = 0
        self._told_end = self._no_more
        try:
            batch = self._client._owner.lease.run(self._exchange.swap, delivery, wait=wait)  # pyright: ignore[reportPrivateUsage]
        except LagoClosedError as error:
            self._exchange.abandon()
            self._failure = self._failure or error
            self._over = True
            return
        self._in_flight -= len(batch.arrivals)
        self._arrived.extend(batch.arrivals)
        self._listed.page = batch.page or self._listed.page
        self._over = batch.over

    def _end(self) -> None:
        self._closed = True
        self._arrived.clear()

    def _raise_end(self) -> None:
        if self._failure is not None:
            raise self._failure
        if not self._over:
            raise LagoClosedError("the run was closed before its end")
        raise StopIteration


def prepare_call(
    operation: Callable[..., Any], args: tuple[object, ...], kwargs: Mapping[str, object]
) -> Prepared[Any]:
    """Return a call of an operation, encoded for ``run``."""
    endpoint = row_of(Resource.async_method(operation)).endpoint
    resource = getattr(operation, "__self__", None)
    if not isinstance(resource, Resource):
        raise LagoArgumentError(f"{endpoint.name}: prepare the operation of a client, such as client.customers.find")
    client = cast("LagoClient", cast("Resource[object]", resource)._client)  # pyright: ignore[reportPrivateUsage]
    return Prepared(endpoint.encode(args, kwargs), args, kwargs, client)


def calls_of(calls: Iterable[Prepared[_T]], *, concurrency: int, ordered: bool) -> Outcomes[Prepared[_T], _T]:
    """Return the run of prepared calls."""
    return Outcomes(calls_plan(calls, Prepared, _background, concurrency=concurrency, ordered=ordered), None)


def usage_of(
    client: LagoClient,
    subscriptions: Iterable[tuple[str, str]] | None,
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
        ),
        client,
    )


def _background(client: LagoClient) -> AsyncLagoClient:
    return client.with_options(background=True)._async  # pyright: ignore[reportPrivateUsage]
