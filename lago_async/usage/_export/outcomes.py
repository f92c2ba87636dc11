"""The subscriptions that an export still has to fetch, and the recording of each outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    from lago_async.bulk import Outcome, SubscriptionIds
    from lago_async.models.customer_usage import CustomerUsage


def remaining(request: ExportRequest, sink: Sink) -> list[Pair] | None:
    """Return the subscriptions that are left to fetch; None if they are only known while they are iterated over."""
    pairs = request.pairs if sink.missing is None else sink.missing
    return None if pairs is None else [pair for pair in pairs if not sink.is_known(pair)]


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
        if isinstance(value, PastUsage):
            sink.add(outcome.input, value.periods, last=value.last)
        else:
            sink.add(outcome.input, (value,))
    elif request.subscriptions is None and _is_ended(error):
        sink.add(outcome.input, ())
        sink.ended += 1
    elif _concerns_all(error):
        raise error
    else:
        sink.fail(outcome.input, error)


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
