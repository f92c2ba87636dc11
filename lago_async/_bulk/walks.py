"""The rules that choose the next request of a bulk run; pure, and shared by both faces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

import attrs

from lago_async._bulk.page_size import PageSize
from lago_async._bulk.queries import SubscriptionIds, past_usage_endpoint
from lago_async._table.page_requests import PageRequests
from lago_async._table.rows import row_of

if TYPE_CHECKING:
    from lago_async._bulk.queries import CurrentUsageQuery, PastUsageQuery
    from lago_async._table.messages import Request, Response
    from lago_async._table.pages import Page
    from lago_async.models import CustomerUsage, Subscription, UsagePeriod

__all__ = ["PastUsage"]

_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)


@attrs.frozen
class PastUsage:
    """One page of the billed periods of one subscription.

    Attributes:
        periods: The periods in the requested range, newest first; may be empty.
        last: Whether this is the subscription's last page.
    """

    periods: list[UsagePeriod]
    last: bool


class Walk(Protocol[_T_co]):
    """The calls for one input, one at a time."""

    def first(self) -> Request:
        """Return the first call.

        Raises:
            LagoArgumentError: The ids cannot be sent.
        """
        ...

    def after(self, response: Response, decoded: Any, /) -> tuple[tuple[_T_co, ...], Request | None]:
        """Return the values of a response, if any, and the next call, if any."""
        ...


@attrs.frozen(eq=False)
class OneCall(Generic[_T]):
    """The walk of an input that needs only one call."""

    _make: Callable[[], Request]

    def first(self) -> Request:
        """Return the call."""
        return self._make()

    def after(self, response: Response, decoded: _T, /) -> tuple[tuple[_T], None]:  # noqa: ARG002
        """Return its result, and no further call."""
        return (decoded,), None


def past_usage_walks(query: PastUsageQuery) -> Callable[[SubscriptionIds], Walk[PastUsage]]:
    """Return the function that begins the walk of one subscription; all walks of a run share their page size."""
    page_size = PageSize(query.per_page)
    return lambda ids: PastUsageWalk(query, page_size, ids)


def current_usage_walks(query: CurrentUsageQuery) -> Callable[[SubscriptionIds], Walk[CustomerUsage]]:
    """Return the function that begins the walk of one subscription: a single call."""
    return lambda ids: OneCall["CustomerUsage"](lambda: query.request(ids))


class PastUsageWalk:
    """The pages of one subscription's billed periods; the page size may change during the walk."""

    __slots__ = ("_ids", "_kept", "_offset", "_page_size", "_query", "_seen", "_size")

    def __init__(self, query: PastUsageQuery, page_size: PageSize, ids: SubscriptionIds) -> None:
        self._query = query
        self._page_size = page_size
        self._ids = ids
        self._offset = 0
        self._size = 0
        self._kept = 0
        self._seen: set[tuple[object, ...]] = set()

    def first(self) -> Request:
        """Return the request for the newest periods."""
        return self._request()

    def after(self, response: Response, decoded: Page[UsagePeriod], /) -> tuple[tuple[PastUsage, ...], Request | None]:
        """Return the periods in the range, and the next request. ``next_page`` decides, as in any pager."""
        items, page_size = decoded.items, self._page_size
        more = bool(items) and decoded.meta is not None and decoded.meta.next_page is not None
        page_size.learn(len(items), len(response.body))
        if more and len(items) < self._size:
            # The server sends fewer items per page than requested. So this page also began at another offset, except 0.
            page_size.limit(len(items))
            if self._offset:
                return (), self._request()
        self._offset += len(items)
        periods, enough = self._select(items, more=more)
        request = self._request() if more and not enough else None
        return (PastUsage(periods, request is None),), request

    def _request(self) -> Request:
        """Return the request for the page at the offset, but not ``periods_count``: it breaks the server's paging."""
        query = self._query
        wanted = self._page_size.wanted
        if query.periods_count is not None and (self._kept or query.to_datetime is None):
            wanted = min(wanted, query.periods_count - self._kept)  # all further periods are in the range
        self._size = PageSize.aligned(self._offset, wanted)
        customer, subscription = self._ids
        return past_usage_endpoint().encode(
            (customer,),
            {
                "external_subscription_id": subscription,
                "billable_metric_code": query.billable_metric_code,
                "page": self._offset // self._size + 1,
                "per_page": self._size,
            },
        )

    def _select(self, items: list[UsagePeriod], *, more: bool) -> tuple[list[UsagePeriod], bool]:
        """Return the requested periods, and whether no further ones can follow."""
        query = self._query
        periods: list[UsagePeriod] = []
        enough = False
        for period in items:
            start = cast("datetime | None", period.from_datetime)  # any field of a response may be absent
            if start is not None:
                if query.from_datetime is not None and start < query.from_datetime:
                    enough = True  # all further periods are older
                    continue
                if query.to_datetime is not None and start >= query.to_datetime:
                    continue
            if self._seen and _identity(period) in self._seen:
                continue  # a period was billed during the walk, and moved this one to the next page
            periods.append(period)
            self._kept += 1
            if self._kept == query.periods_count:
                enough = True
                break
        if more and not enough:
            self._seen.update(_identity(period) for period in items if period.lago_invoice_id)
        return periods, enough


def _identity(period: UsagePeriod) -> tuple[object, ...]:
    return period.lago_invoice_id, period.from_datetime, period.to_datetime


class Listing:
    """All subscriptions of the organisation, page by page; each pair of ids once.

    A subscription that changed its plan is listed with the same ids as its predecessor. A list that grows during the
    walk repeats some of its items.

    Attributes:
        total: The server's count of subscriptions; None before the first page.
    """

    PER_PAGE = 100

    def __init__(self, statuses: Sequence[str]) -> None:
        from lago_async.resources.subscriptions import Subscriptions

        endpoint = row_of(Subscriptions.find_all).endpoint
        self.total: int | None = None
        self._requests: PageRequests[Subscription] = PageRequests(
            endpoint, (), {"status": statuses, "per_page": self.PER_PAGE}
        )
        self._seen: set[bytes] = set()  # digests, because they take 16 bytes for ids of any length

    def first(self) -> Request:
        """Return the request for the first page."""
        return self._requests.first

    def after(self, page: Page[Subscription]) -> tuple[list[SubscriptionIds], Request | None]:
        """Return the new pairs, and the request for the next page."""
        if self.total is None and page.meta is not None:
            self.total = page.meta.total_count
        fresh: list[SubscriptionIds] = []
        for subscription in page.items:
            ids = SubscriptionIds(subscription.external_customer_id, subscription.external_id)
            if self._is_new(ids):
                fresh.append(ids)
        number = self._requests.after(page)
        return fresh, None if number is None else self._requests.at(number)

    def _is_new(self, ids: SubscriptionIds) -> bool:
        # Never deduplicate a missing id: each one must be reported as a failure of its own.
        customer, subscription = (part.encode(errors="surrogatepass") if part is not None else b"" for part in ids)  # pyright: ignore[reportUnnecessaryComparison]
        if not customer or not subscription:
            return True
        digest = blake2b(b"%d %b%b" % (len(customer), customer, subscription), digest_size=16).digest()
        if digest in self._seen:
            return False
        self._seen.add(digest)
        return True
