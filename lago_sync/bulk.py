# GENERATED from lago_async/bulk.py by `python -m tools.generate`. Do not edit.
"""Many calls concurrently, up to a limit; the outcomes are streamed, and a call that fails does not end the others.

The usage of all subscriptions, page by page, as fast as the rate limit allows and in little memory::

    from lago_sync import LagoClient, bulk

    with LagoClient() as client:
        for outcome in bulk.past_usage(client, from_datetime=datetime(2025, 1, 1, tzinfo=UTC)):
            if outcome.ok:
                for period in outcome.value.periods:
                    print(outcome.input.external_subscription_id, period.from_datetime, period.total_amount_cents)
            else:
                print(outcome.input.external_subscription_id, "failed:", outcome.error)

Any operation can be called this way, and each call has an outcome of its own::

    calls = (bulk.prepare(client.customers.find, external_id) for external_id in external_ids)
    with bulk.run(calls, concurrency=16) as outcomes:
        for outcome in outcomes:
            print(outcome.input.args, outcome.value.name if outcome.ok else outcome.error)

Calls are sent only as fast as outcomes are taken: the calls in flight and the outcomes that wait to be taken are
together never more than ``concurrency``, so the inputs may be endless. The calls are background work of the client:
they are spread over the rate limit's window and take turns with its other calls.

A loop holds an outcome until it receives the next one. If outcomes are large, end the body of the loop with
``del outcome``: then only one is in memory at a time, and the pauses of the garbage collector are shorter.

Calls are sent on the client's background thread and handed over in batches; the inputs are taken, and the responses
decoded, on the thread that walks the outcomes. Any number of threads may each walk a run of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, overload

from lago_async._bulk.ids import SubscriptionIds
from lago_async._bulk.outcome import Outcome
from lago_async._bulk.queries import CONCURRENCY, CurrentUsageQuery, PastUsageQuery
from lago_async._bulk.walks import PastUsage
from lago_sync._bulk import Outcomes, Prepared, calls_of, prepare_call, usage_of

if TYPE_CHECKING:
    from datetime import datetime

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

_T = TypeVar("_T")
_P = ParamSpec("_P")


@overload
def prepare(operation: Callable[_P, Pager[_T]], /, *args: _P.args, **kwargs: _P.kwargs) -> Prepared[Page[_T]]: ...


@overload
def prepare(operation: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Prepared[_T]: ...


def prepare(operation: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Prepared[Any]:
    """Encode a call of an operation without sending it; for a list, the call of its first page.

    ``prepare(client.customers.find, "cus_1")`` takes the arguments of ``client.customers.find``, and ``run`` sends the
    call with the options of that client.

    Raises:
        LagoArgumentError: An argument is invalid, or ``operation`` is not an operation of a client.
    """
    return prepare_call(operation, args, kwargs)


def run(
    calls: Iterable[Prepared[_T]],
    *,
    concurrency: int = CONCURRENCY,
    ordered: bool = False,
) -> Outcomes[Prepared[_T], _T]:
    """Send prepared calls, ``concurrency`` at a time.

    Args:
        calls: Any number of calls; each is taken when a slot is free.
        concurrency: At most this many calls are in flight or have an outcome that waits to be taken.
        ordered: Return the outcomes in the order of the calls instead of as they arrive.

    Raises:
        LagoArgumentError: ``concurrency`` is not a whole number, 1 or more.

    Walking the outcomes raises the errors of ``calls``, after the outcomes of the calls in flight, and
    ``LagoClosedError`` when a client is closed. Every other error of a call is in its outcome.
    """
    return calls_of(calls, concurrency=concurrency, ordered=ordered)


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
    """Fetch the billed usage of many subscriptions, with an outcome per page; the newest periods come first.

    The pages of one subscription come in order, and the last one is marked. A page that fails has an outcome with
    the error, and no further page of that subscription follows. A subscription that has no periods, or that the server
    does not know, has one empty page.

    Args:
        client: The client that sends the calls, as background work in turns with its other calls.
        subscriptions: Your ids of customers and subscriptions, as pairs. The default is all active and terminated
            subscriptions of the organisation, each pair once.
        from_datetime: Only periods that begin at this time or later, aware.
        to_datetime: Only periods that begin before this time, aware.
        periods_count: At most this many periods per subscription, newest first.
        billable_metric_code: Only charges of this metric; the amounts of a period are still those of the whole invoice.
        per_page: Periods per page; by default as many as fit in about half a megabyte.
        skip: Tells whether to skip a subscription, for example because an earlier run has fetched it.
        concurrency: At most this many pages are in flight or wait to be taken.
        ordered: Return the outcomes in the order of the subscriptions instead of as they arrive.

    Raises:
        LagoArgumentError: An argument cannot be sent, or a time is not aware.
        LagoArgumentError: ``concurrency`` is not a whole number, 1 or more.

    Walking the outcomes raises the errors of ``subscriptions``, of ``skip`` and of the call that lists subscriptions,
    after the outcomes of the calls in flight, and ``LagoClosedError`` when the client is closed. Every other error of
    a call is in its outcome.
    """
    query = PastUsageQuery(
        from_datetime=from_datetime,
        to_datetime=to_datetime,
        periods_count=periods_count,
        billable_metric_code=billable_metric_code,
        per_page=per_page,
    )
    return usage_of(client, subscriptions, query, skip=skip, concurrency=concurrency, ordered=ordered)


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
    """Fetch the usage of many subscriptions in the running billing period, with an outcome per subscription.

    Args:
        client: The client that sends the calls, as background work in turns with its other calls.
        subscriptions: Your ids of customers and subscriptions, as pairs. The default is all active subscriptions of the
            organisation, each pair once.
        billable_metric_code: Only charges of this metric.
        apply_taxes: False omits taxes, and avoids calls to a tax provider.
        skip: Tells whether to skip a subscription, for example because an earlier run has fetched it.
        concurrency: At most this many calls are in flight or have an outcome that waits to be taken.
        ordered: Return the outcomes in the order of the subscriptions instead of as they arrive.

    Raises:
        LagoArgumentError: An argument cannot be sent.
        LagoArgumentError: ``concurrency`` is not a whole number, 1 or more.

    Walking the outcomes raises the errors of ``subscriptions``, of ``skip`` and of the call that lists subscriptions,
    after the outcomes of the calls in flight, and ``LagoClosedError`` when the client is closed. Every other error of
    a call is in its outcome.
    """
    query = CurrentUsageQuery(billable_metric_code=billable_metric_code, apply_taxes=apply_taxes)
    return usage_of(client, subscriptions, query, skip=skip, concurrency=concurrency, ordered=ordered)
