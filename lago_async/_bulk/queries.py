"""The requests of bulk work as values: the ids of subscriptions, and the queries for past and for current usage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import attrs

from lago_async._table.rows import row_of
from lago_async.errors import LagoArgumentError

if TYPE_CHECKING:
    from lago_async._table.endpoint import Endpoint
    from lago_async._table.messages import Request

__all__ = ["SubscriptionIds"]

CONCURRENCY: Final = 64
"""The default number of calls in flight: enough for Lago Cloud's 50 calls per second if a response takes a second."""


class SubscriptionIds(NamedTuple):
    """Your own ids of a customer and of one of their subscriptions, which identify usage in the API.

    Attributes:
        external_customer_id: Your id of the customer.
        external_subscription_id: Your id of the subscription.
    """

    external_customer_id: str
    external_subscription_id: str


def ids_of(pair: Sequence[str]) -> SubscriptionIds:
    """Return a given pair as a named tuple. The ids themselves are checked when they are encoded.

    Raises:
        TypeError: The argument is not a pair.
    """
    if isinstance(pair, str) or len(pair) != 2:
        raise TypeError(f"expected a pair (external_customer_id, external_subscription_id), not {pair!r}")
    return SubscriptionIds(*pair)


@attrs.frozen(kw_only=True)
class PastUsageQuery:
    """The billed periods to fetch of each subscription. Creating a query checks it.

    Attributes:
        from_datetime: Only periods that begin at this time or later, aware.
        to_datetime: Only periods that begin before this time, aware.
        periods_count: At most this many periods per subscription, newest first.
        billable_metric_code: Only charges of this metric.
        per_page: Periods per page; None for as many as fit in about half a megabyte.

    Raises:
        LagoArgumentError: A value cannot be sent, or a time is not aware.
    """

    from_datetime: datetime | None = None
    to_datetime: datetime | None = None
    periods_count: int | None = None
    billable_metric_code: str | None = None
    per_page: int | None = None

    def __attrs_post_init__(self) -> None:
        name = past_usage_endpoint().name
        for field in ("from_datetime", "to_datetime"):
            value: object = getattr(self, field)
            if value is not None and (not isinstance(value, datetime) or value.utcoffset() is None):
                example = "datetime(2025, 1, 1, tzinfo=UTC)"
                raise LagoArgumentError(f"{name}: {field} must be an aware datetime, such as {example}, not {value!r}")
        if self.from_datetime is not None and self.to_datetime is not None and self.from_datetime >= self.to_datetime:
            raise LagoArgumentError(f"{name}: from_datetime must be before to_datetime")
        past_usage_endpoint().encode(
            ("customer",),
            {
                "external_subscription_id": "subscription",
                "billable_metric_code": self.billable_metric_code,
                "periods_count": self.periods_count,
                "per_page": self.per_page,
            },
        )


@attrs.frozen(kw_only=True)
class CurrentUsageQuery:
    """The usage to fetch of each subscription's running period. Creating a query checks it.

    Attributes:
        billable_metric_code: Only charges of this metric.
        apply_taxes: False omits taxes, and avoids calls to a tax provider.

    Raises:
        LagoArgumentError: A value cannot be sent.
    """

    billable_metric_code: str | None = None
    apply_taxes: bool | None = None

    def __attrs_post_init__(self) -> None:
        self.request(SubscriptionIds("customer", "subscription"))

    def request(self, ids: SubscriptionIds) -> Request:
        """Return the one call for a subscription."""
        return _current_usage_endpoint().encode(
            (ids.external_customer_id,),
            {
                "external_subscription_id": ids.external_subscription_id,
                "billable_metric_code": self.billable_metric_code,
                "apply_taxes": self.apply_taxes,
            },
        )


UsageQuery: TypeAlias = PastUsageQuery | CurrentUsageQuery


@cache
def past_usage_endpoint() -> Endpoint:
    """Return the operation that lists billed periods."""
    from lago_async.resources.customers import Customers

    return row_of(Customers.find_all_past_usage).endpoint


@cache
def _current_usage_endpoint() -> Endpoint:
    from lago_async.resources.customers import Customers

    return row_of(Customers.find_current_usage).endpoint
