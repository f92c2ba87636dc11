"""The work of a bulk run, as a value that the readers of both faces take."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable, Mapping, Sized
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from weakref import WeakKeyDictionary

import attrs

from lago_async._bulk.ids import ids_of
from lago_async._bulk.jobs import Job
from lago_async._bulk.listing import Listing
from lago_async._bulk.walks import OneCall
from lago_async._validation import check_whole_number
from lago_async.errors import LagoArgumentError

if TYPE_CHECKING:
    from lago_async._bulk.ids import SubscriptionIds
    from lago_async._bulk.queries import Query
    from lago_async._net.flow import Flow
    from lago_async._table.messages import Request
    from lago_async.client import LagoClient

_In = TypeVar("_In")
_T = TypeVar("_T")
_Client = TypeVar("_Client")


@attrs.frozen(eq=False)
class PreparedCall(Generic[_Client, _T]):
    """One call of either face, encoded but not sent; each face has a class of its own, for the type of its client."""

    request: Request
    args: tuple[object, ...]
    kwargs: Mapping[str, object]
    client: _Client = attrs.field(repr=False)

    def __repr__(self) -> str:
        shown = [*map(repr, self.args), *(f"{name}={value!r}" for name, value in self.kwargs.items())]
        return f"<Prepared {self.request.endpoint.name}({', '.join(shown)})>"


@attrs.frozen(kw_only=True, eq=False)
class RunPlan(Generic[_In, _T]):
    """A bulk run before it begins.

    Attributes:
        inputs: The inputs; None for those that the listing returns.
        begin: Makes a job of an input; None for an input that is skipped.
        listing: The walk that lists the inputs; None if they are given.
        total: Returns the number of inputs, or None while it is unknown.
        concurrency: The maximum of calls in flight and unread arrivals together.
        ordered: Whether to hand out the outcomes in the order of the inputs.
        flow: The flow of all calls, if walks have several: then a walk begins when none of them waits.
        begun: The inputs to take before those that the listing returns; ``begin`` skips them there.

    Raises:
        LagoArgumentError: ``concurrency`` is not a whole number, 1 or more.
    """

    inputs: Iterable[Any] | AsyncIterable[Any] | None
    begin: Callable[[Any], Job[_In, _T] | None]
    listing: Job[None, SubscriptionIds] | None
    total: Callable[[], int | None]
    concurrency: int
    ordered: bool
    flow: Flow | None = None
    begun: Iterable[Any] = ()

    def __attrs_post_init__(self) -> None:
        check_whole_number("concurrency", self.concurrency, least=1, error=LagoArgumentError)


def calls_plan(
    calls: Iterable[PreparedCall[_Client, _T]] | AsyncIterable[PreparedCall[_Client, _T]],
    kind: type[PreparedCall[_Client, Any]],
    background: Callable[[_Client], LagoClient],
    *,
    concurrency: int,
    ordered: bool,
) -> RunPlan[Any, _T]:
    """Return the plan that sends prepared calls of one face.

    Args:
        calls: The calls.
        kind: The class of the face's calls.
        background: Returns the view of a client that sends its calls as background work.
        concurrency: See `RunPlan`.
        ordered: See `RunPlan`.
    """
    views: WeakKeyDictionary[_Client, LagoClient] = WeakKeyDictionary()

    def begin(call: PreparedCall[_Client, _T]) -> Job[PreparedCall[_Client, _T], _T]:
        if not isinstance(call, kind):
            package = kind.__module__.partition(".")[0]
            raise TypeError(f"expected the result of {package}.bulk.prepare, not {call!r}")
        view = views.get(call.client)
        if view is None:
            view = views[call.client] = background(call.client)
        return Job(call, view.send, OneCall[_T](lambda: call.request))

    return RunPlan(
        inputs=calls,
        begin=begin,
        listing=None,
        total=lambda: _count(calls),
        concurrency=concurrency,
        ordered=ordered,
    )


def usage_plan(
    view: LagoClient,
    subscriptions: Iterable[tuple[str, str]] | AsyncIterable[tuple[str, str]] | None,
    query: Query[_T],
    *,
    skip: Callable[[SubscriptionIds], bool] | None,
    concurrency: int,
    ordered: bool,
    begun: Iterable[tuple[str, str]] = (),
) -> RunPlan[SubscriptionIds, _T]:
    """Return the plan that fetches the usage of subscriptions, given or listed.

    Args:
        view: The view of a client that sends the calls as background work.
        subscriptions: Pairs of ids; None for all subscriptions that the query covers.
        query: The usage to fetch of each subscription.
        skip: Decides whether to skip a subscription.
        concurrency: See `RunPlan`.
        ordered: See `RunPlan`.
        begun: See `RunPlan`.
    """
    walk_of = query.walks()

    def begin(pair: tuple[str, str]) -> Job[SubscriptionIds, _T] | None:
        ids = ids_of(pair)
        return None if skip is not None and skip(ids) else Job(ids, view.send, walk_of(ids))

    listing = Listing(query.STATUSES) if subscriptions is None else None
    return RunPlan(
        inputs=subscriptions,
        begin=begin,
        listing=None if listing is None else Job(None, view.send, listing),
        total=lambda: listing.total if listing is not None else _count(subscriptions),
        concurrency=concurrency,
        ordered=ordered,
        flow=view._options.flow,  # pyright: ignore[reportPrivateUsage]
        begun=begun,
    )


def _count(inputs: object) -> int | None:
    return len(inputs) if isinstance(inputs, Sized) else None
