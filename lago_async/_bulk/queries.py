"""The queries for past and for current usage, as values that check themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Final, Protocol, TypeAlias, TypeVar

import attrs

from lago_async._bulk.ids import SubscriptionIds
from lago_async._bulk.page_size import PageSize
from lago_async._bulk.walks import OneCall, PastUsageWalk
from lago_async._printable import shown
from lago_async._table.rows import row_of
from lago_async.errors import LagoArgumentError

if TYPE_CHECKING:
    from lago_async._bulk.walks import PastUsage, Walk, WalkStart
    from lago_async._table.endpoint import Endpoint
    from lago_async._table.messages import Request
    from lago_async.models import CustomerUsage

_T_co = TypeVar("_T_co", covariant=True)

CONCURRENCY: Final = 64
"""The default number of calls in flight: enough for Lago Cloud's 50 calls per second if a response takes a second."""


_ANY: Final = SubscriptionIds("customer", "subscription")


class Query(Protocol[_T_co]):
    """A query of either kind, as bulk work sees it; the type is that of the values."""

    STATUSES: ClassVar[tuple[str, ...]]

    def walks(self) -> Callable[[SubscriptionIds], Walk[_T_co]]:
        """Return the function that begins the walk of one subscription."""
        ...


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

    STATUSES: ClassVar[tuple[str, ...]] = ("active", "terminated")
    """Of the subscriptions to list."""

    def __attrs_post_init__(self) -> None:
        name = _past_usage_endpoint().name
        for field in ("from_datetime", "to_datetime"):
            value: object = getattr(self, field)
            if value is not None and (not isinstance(value, datetime) or value.utcoffset() is None):
                example = "datetime(2025, 1, 1, tzinfo=UTC)"
                raise LagoArgumentError(
                    f"{name}: {field} must be an aware datetime, such as {example}, not {shown(value)}"
                )
        if self.from_datetime is not None and self.to_datetime is not None and self.from_datetime >= self.to_datetime:
            raise LagoArgumentError(f"{name}: from_datetime must be before to_datetime")
        self.request(_ANY, per_page=self.per_page, periods_count=self.periods_count)

    def request(
        self, ids: SubscriptionIds, *, page: int | None = None, per_page: int | None, periods_count: int | None = None
    ) -> Request:
        """Return the call for one page, without ``periods_count``, which breaks the server's paging."""
        return _past_usage_endpoint().encode(
            (ids.external_customer_id,),
            {
                "external_subscription_id": ids.external_subscription_id,
                "billable_metric_code": self.billable_metric_code,
                "periods_count": periods_count,
                "page": page,
                "per_page": per_page,
            },
        )

    def walks(self) -> Callable[[SubscriptionIds], Walk[PastUsage]]:
        """Return the function that begins the walk of one subscription; all walks of a run share their page size."""
        return self.walks_from({}, PageSize(self.per_page))

    def walks_from(
        self, starts: Mapping[tuple[str, str], WalkStart], page_size: PageSize
    ) -> Callable[[SubscriptionIds], Walk[PastUsage]]:
        """Return the function that begins the walk of one subscription, or resumes it.

        Args:
            starts: Where to resume which subscriptions.
            page_size: The page size of the run.
        """
        return lambda ids: PastUsageWalk(self, page_size, ids, starts.get(ids))


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

    STATUSES: ClassVar[tuple[str, ...]] = ("active",)
    """Of the subscriptions to list."""

    def __attrs_post_init__(self) -> None:
        self.request(_ANY)

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

    def walks(self) -> Callable[[SubscriptionIds], Walk[CustomerUsage]]:
        """Return the function that begins the walk of one subscription: a single call."""
        return lambda ids: OneCall["CustomerUsage"](lambda: self.request(ids))


UsageQuery: TypeAlias = PastUsageQuery | CurrentUsageQuery


@cache
def _past_usage_endpoint() -> Endpoint:
    from lago_async.resources.customers import Customers

    return row_of(Customers.find_all_past_usage).endpoint


@cache
def _current_usage_endpoint() -> Endpoint:
    from lago_async.resources.customers import Customers

    return row_of(Customers.find_current_usage).endpoint
