"""The subscriptions that an export still has to fetch, and the recording of each outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, get_args

import attrs

from lago_async._bulk.queries import PastUsageQuery
from lago_async._bulk.walks import PastUsage
from lago_async._table.refusals import is_no_route
from lago_async.errors import (
    ForbiddenError,
    LagoApiError,
    LagoClosedError,
    LagoError,
    NotAllowedError,
    UnauthorizedError,
)
from lago_async.usage._export.pairs import Pair
from lago_async.usage._export.request import ExportRequest
from lago_async.usage._export.sink import Sink

if TYPE_CHECKING:
    from lago_async._bulk.page_size import PageSize
    from lago_async._bulk.queries import Query
    from lago_async._bulk.walks import Walk, WalkStart
    from lago_async._table.pages import Page
    from lago_async.bulk import Outcome, SubscriptionIds
    from lago_async.models import Subscription
    from lago_async.models.customer_usage import CustomerUsage

_Call = TypeVar("_Call")


def remaining(request: ExportRequest, sink: Sink) -> list[Pair] | None:
    """Return the subscriptions that are left to fetch; None if they are only known while they are iterated over.

    Those that an earlier run has begun come first.
    """
    pairs = request.pairs if sink.missing is None else sink.missing
    if pairs is None:
        return None
    return sorted((pair for pair in pairs if not sink.is_known(pair)), key=lambda pair: pair not in sink.starts)


def query_of(request: ExportRequest, sink: Sink) -> Query[PastUsage | CustomerUsage]:
    """Return the query of an export, whose walks begin where an earlier run has stopped, with its page size."""
    query = request.query
    if not isinstance(query, PastUsageQuery):
        return query
    return _ResumedQuery(query, sink.starts, sink.page_size(query.per_page))


@attrs.frozen
class _ResumedQuery:
    """A query for past usage whose walks are resumed."""

    STATUSES: ClassVar[tuple[str, ...]] = PastUsageQuery.STATUSES

    query: PastUsageQuery
    starts: Mapping[Pair, WalkStart]
    page_size: PageSize

    def walks(self) -> Callable[[SubscriptionIds], Walk[PastUsage]]:
        return self.query.walks_from(self.starts, self.page_size)


def record(
    outcome: Outcome[SubscriptionIds, PastUsage | CustomerUsage],
    *,
    request: ExportRequest,
    sink: Sink,
) -> None:
    """Put an outcome into the export: its usage, or its failure.

    Raises:
        LagoError: The error concerns all subscriptions.
    """
    error = outcome.error
    if error is None:
        value = outcome.value
        if not isinstance(value, PastUsage):
            sink.add(outcome.input, (value,))
            return
        if value.last and not value.position:
            if request.subscriptions is not None:
                sink.doubted.append(outcome.input)  # the server answers so for ids that it does not know, too
                return
            sink.reasons.unbilled += 1
        elif value.last:
            sink.reasons.walked += value.position
        sink.add(outcome.input, value.periods, last=value.last, position=value.position)
    elif request.subscriptions is None and _is_ended(error):
        sink.add(outcome.input, ())
        sink.ended += 1
    elif _concerns_all(error):
        raise error
    else:
        sink.fail(outcome.input, error)


def look_up(prepare: Callable[..., _Call], operation: Callable[..., object], pairs: Iterable[Pair]) -> Iterator[_Call]:
    """Return the calls that look up whether subscriptions exist.

    Args:
        prepare: Prepares a call of the face.
        operation: The operation of the face that lists subscriptions.
        pairs: The subscriptions.
    """
    from lago_async.models import SubscriptionStatus

    for customer, subscription in pairs:
        arguments = {
            "external_customer_id": customer,
            "external_id": subscription,
            "status": get_args(SubscriptionStatus),
        }
        yield prepare(operation, (), arguments)


def record_look_up(outcome: Outcome[Any, Any], *, sink: Sink) -> None:
    """Put a subscription without billed periods into the export, or record that it does not exist.

    Raises:
        LagoError: The error concerns all subscriptions.
    """
    arguments: Mapping[str, Any] = outcome.input.kwargs
    pair = arguments["external_customer_id"], arguments["external_id"]
    error = outcome.error
    if error is not None and not isinstance(error, ForbiddenError):  # the key may not list subscriptions
        if _concerns_all(error):
            raise error
        sink.fail(pair, error)
        return
    if error is None:
        page: Page[Subscription] = outcome.value
        more = page.meta.next_page is not None  # an older server ignores the subscription
        if not more and all(item.external_id != pair[1] for item in page.items):
            sink.fail_unknown(pair)
            return
    sink.reasons.unbilled += 1
    sink.add(pair, ())


def _is_ended(error: Exception) -> bool:
    """Return whether a subscription ended after it was listed, and so has no current usage."""
    return isinstance(error, NotAllowedError) and error.code == "no_active_subscription"


def _concerns_all(error: Exception) -> bool:
    return (
        isinstance(error, UnauthorizedError | ForbiddenError | LagoClosedError)
        or not isinstance(error, LagoError)
        or (isinstance(error, LagoApiError) and (error.code == "billable_metric_not_found" or _is_wrong_server(error)))
    )


def _is_wrong_server(error: LagoApiError) -> bool:
    """Return whether base_url leads elsewhere. For current usage, the code of a missing route is a customer's, too."""
    return is_no_route(error) and (error.code is None or error.operation == "find_all_customer_past_usage")
