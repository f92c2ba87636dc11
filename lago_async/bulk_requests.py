"""Which request of a bulk job is next: pure rules, the same for both faces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache, partial
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar, cast

import attrs

from lago_async.endpoint import row_of
from lago_async.errors import LagoArgumentError
from lago_async.pager import PageRequests

if TYPE_CHECKING:
    from lago_async.endpoint import Answer, Endpoint, Request
    from lago_async.models import CustomerUsage, Subscription, UsagePeriod
    from lago_async.pager import Page

__all__ = ["PastUsage", "SubscriptionIds"]

CONCURRENCY = 64
"""Calls of bulk work at once by default: they use up Lago Cloud's 50 a second even where answers take a second."""

_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)


class SubscriptionIds(NamedTuple):
    """Your own ids of a customer and of one of their subscriptions, by which the API tells usage.

    Attributes:
        external_customer_id: Your id of the customer.
        external_subscription_id: Your id of the subscription.
    """

    external_customer_id: str
    external_subscription_id: str


def ids_of(pair: Sequence[str]) -> SubscriptionIds:
    """The pair as it was given, with names. The ids themselves are looked at when they are encoded.

    Raises:
        TypeError: It is no pair.
    """
    if isinstance(pair, str) or len(pair) != 2:
        raise TypeError(f"expected a pair (external_customer_id, external_subscription_id), not {pair!r}")
    return SubscriptionIds(*pair)


@attrs.frozen
class PastUsage:
    """One page of the billed periods of one subscription.

    Attributes:
        periods: Those in the range asked for, the newest first; may be empty.
        last: No further page of this subscription follows.
    """

    periods: list[UsagePeriod]
    last: bool


class Walk(Protocol[_T_co]):
    """The calls that one input is made of, one after another."""

    def first(self) -> Request:
        """The first of them.

        Raises:
            LagoArgumentError: The ids cannot be sent.
        """
        ...

    def after(self, answer: Answer, decoded: Any, /) -> tuple[tuple[_T_co, ...], Request | None]:
        """What an answer brings, if anything, and the next call, if any."""
        ...


@attrs.frozen(eq=False)
class OneCall(Generic[_T]):
    """A call that is the only one of its input."""

    _make: Callable[[], Request]

    def first(self) -> Request:
        """The call."""
        return self._make()

    def after(self, answer: Answer, decoded: _T, /) -> tuple[tuple[_T], None]:  # noqa: ARG002
        """Its result, and no further call."""
        return (decoded,), None


class PageSize:
    """How many periods to ask for at once, so that one answer stays near half a megabyte.

    A period is half a kilobyte or five megabytes, as the organisation's plans have it: what a job sees of them is what
    it goes by.
    """

    TARGET = 512 * 1024  # bytes of an answer
    FIRST = 3  # periods, before anything is known
    MOST = 100  # periods
    MEMORY = 0.9  # what an answer's weight is multiplied by with each later one

    def __init__(self, fixed: int | None = None) -> None:
        self._fixed = fixed
        self._limit: int | None = None
        self._periods = 0.0
        self._bytes = 0.0

    @property
    def wanted(self) -> int:
        """Periods to ask for, if nothing stands in the way."""
        if self._fixed is not None:
            wanted = self._fixed
        elif self._periods:
            wanted = max(1, min(self.MOST, int(self.TARGET * self._periods / max(1.0, self._bytes))))
        else:
            wanted = self.FIRST
        return wanted if self._limit is None else min(wanted, self._limit)

    def learn(self, periods: int, size: int) -> None:
        """Take an answer's number of periods and of bytes into account."""
        if periods:
            self._periods = self._periods * self.MEMORY + periods
            self._bytes = self._bytes * self.MEMORY + size

    def limit(self, periods: int) -> None:
        """Never ask for more than this: the server does not give it."""
        self._limit = periods

    @staticmethod
    def aligned(offset: int, wanted: int) -> int:
        """The largest size up to ``wanted`` in which the page that begins at ``offset`` is a whole number of pages on.

        The server knows no offsets, only numbers of pages of one size.
        """
        return next(size for size in range(min(wanted, offset or wanted), 0, -1) if offset % size == 0)


@attrs.frozen(eq=False)
class PastUsageJob:
    """The billed periods of many subscriptions: what was asked for, and what was learnt on the way."""

    from_datetime: datetime | None
    to_datetime: datetime | None
    periods_count: int | None
    billable_metric_code: str | None
    page_size: PageSize

    @classmethod
    def of(
        cls,
        from_datetime: datetime | None,
        to_datetime: datetime | None,
        periods_count: int | None,
        billable_metric_code: str | None,
        per_page: int | None,
    ) -> PastUsageJob:
        """A job with its arguments checked, so that they are refused where they are written.

        Raises:
            LagoArgumentError: One of them cannot be.
        """
        endpoint = _past_usage()
        for name, moment in (("from_datetime", from_datetime), ("to_datetime", to_datetime)):
            if moment is not None and (not isinstance(moment, datetime) or moment.utcoffset() is None):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise LagoArgumentError(
                    f"{endpoint.name}: {name} must be an aware datetime, such as datetime(2025, 1, 1, tzinfo=UTC), "
                    f"not {moment!r}"
                )
        if from_datetime is not None and to_datetime is not None and from_datetime >= to_datetime:
            raise LagoArgumentError(f"{endpoint.name}: from_datetime must be before to_datetime")
        endpoint.encode(
            ("customer",),
            {
                "external_subscription_id": "subscription",
                "billable_metric_code": billable_metric_code,
                "periods_count": periods_count,
                "per_page": per_page,
            },
        )
        return cls(from_datetime, to_datetime, periods_count, billable_metric_code, PageSize(per_page))

    def begin(self, ids: SubscriptionIds) -> PastUsageWalk:
        """Walk through the pages of one subscription."""
        return PastUsageWalk(self, ids)


class PastUsageWalk:
    """The pages of one subscription's billed periods, in sizes that may change on the way."""

    __slots__ = ("_ids", "_job", "_kept", "_offset", "_seen", "_size")

    def __init__(self, job: PastUsageJob, ids: SubscriptionIds) -> None:
        self._job = job
        self._ids = ids
        self._offset = 0
        self._size = 0
        self._kept = 0
        self._seen: set[tuple[object, ...]] = set()

    def first(self) -> Request:
        """The request for the newest periods."""
        return self._request()

    def after(self, answer: Answer, decoded: Page[UsagePeriod], /) -> tuple[tuple[PastUsage, ...], Request | None]:
        """What is in the range asked for, and the request for what follows. ``next_page`` decides, as for any pager."""
        job, items = self._job, decoded.items
        more = bool(items) and decoded.meta is not None and decoded.meta.next_page is not None
        job.page_size.learn(len(items), len(answer.body))
        if more and len(items) < self._size:
            # It gives less on a page than was asked for: then the page began elsewhere, too, unless it was the first.
            job.page_size.limit(len(items))
            if self._offset:
                return (), self._request()
        self._offset += len(items)
        periods, enough = self._select(items, more=more)
        request = self._request() if more and not enough else None
        return (PastUsage(periods, request is None),), request

    def _request(self) -> Request:
        """The periods from the offset on. ``periods_count`` is never sent: it breaks the server's paging."""
        job = self._job
        wanted = job.page_size.wanted
        if job.periods_count is not None and (self._kept or job.to_datetime is None):
            wanted = min(wanted, job.periods_count - self._kept)  # from here on all of them are in the range
        self._size = PageSize.aligned(self._offset, wanted)
        customer, subscription = self._ids
        return _past_usage().encode(
            (customer,),
            {
                "external_subscription_id": subscription,
                "billable_metric_code": job.billable_metric_code,
                "page": self._offset // self._size + 1,
                "per_page": self._size,
            },
        )

    def _select(self, items: list[UsagePeriod], *, more: bool) -> tuple[list[UsagePeriod], bool]:
        """Those that were asked for, and whether these were the last of them."""
        job = self._job
        periods: list[UsagePeriod] = []
        enough = False
        for period in items:
            start = cast("datetime | None", period.from_datetime)  # absent is possible, as in every answer
            if start is not None:
                if job.from_datetime is not None and start < job.from_datetime:
                    enough = True  # all that follow are older
                    continue
                if job.to_datetime is not None and start >= job.to_datetime:
                    continue
            if self._seen and _identity(period) in self._seen:
                continue  # a period was billed meanwhile, and pushed this one on to another page
            periods.append(period)
            self._kept += 1
            if self._kept == job.periods_count:
                enough = True
                break
        if more and not enough:
            self._seen.update(_identity(period) for period in items if period.lago_invoice_id)
        return periods, enough


def _identity(period: UsagePeriod) -> tuple[object, ...]:
    return period.lago_invoice_id, period.from_datetime, period.to_datetime


@attrs.frozen(eq=False)
class CurrentUsageJob:
    """The running periods of many subscriptions."""

    billable_metric_code: str | None
    apply_taxes: bool | None

    @classmethod
    def of(cls, billable_metric_code: str | None, apply_taxes: bool | None) -> CurrentUsageJob:  # noqa: FBT001
        """A job with its arguments checked, so that they are refused where they are written.

        Raises:
            LagoArgumentError: One of them cannot be sent.
        """
        job = cls(billable_metric_code, apply_taxes)
        job.begin(SubscriptionIds("customer", "subscription")).first()
        return job

    def begin(self, ids: SubscriptionIds) -> OneCall[CustomerUsage]:
        """The one call for a subscription."""
        return OneCall(partial(self._request, *ids))

    def _request(self, customer: str, subscription: str) -> Request:
        return _current_usage().encode(
            (customer,),
            {
                "external_subscription_id": subscription,
                "billable_metric_code": self.billable_metric_code,
                "apply_taxes": self.apply_taxes,
            },
        )


class Listing:
    """All subscriptions of the organisation, page by page; each pair of ids once.

    A subscription that changed its plan is listed with the same ids as the one it took over from, and a list that
    grows while it is walked has some of its items twice.

    Attributes:
        total: How many the server says there are; none before the first page.
    """

    PER_PAGE = 100

    def __init__(self, statuses: Sequence[str]) -> None:
        from lago_async.resources.subscriptions import Subscriptions

        endpoint = row_of(Subscriptions.find_all).endpoint
        self.total: int | None = None
        self._requests: PageRequests[Subscription] = PageRequests(
            endpoint, (), {"status": statuses, "per_page": self.PER_PAGE}
        )
        self._seen: set[bytes] = set()  # digests, as they take the same small place whatever the ids are

    def first(self) -> Request:
        """The request for the first page."""
        return self._requests.first

    def after(self, page: Page[Subscription]) -> tuple[list[SubscriptionIds], Request | None]:
        """The pairs that are new, and the request for the next page."""
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
        # One that is None is no id: it will be refused when it is encoded, each time, so that nobody misses it.
        customer, subscription = (each.encode(errors="surrogatepass") if each is not None else b"" for each in ids)  # pyright: ignore[reportUnnecessaryComparison]
        if not customer or not subscription:
            return True
        digest = blake2b(b"%d %b%b" % (len(customer), customer, subscription), digest_size=16).digest()
        if digest in self._seen:
            return False
        self._seen.add(digest)
        return True


@cache
def _past_usage() -> Endpoint:
    from lago_async.resources.customers import Customers

    return row_of(Customers.find_all_past_usage).endpoint


@cache
def _current_usage() -> Endpoint:
    from lago_async.resources.customers import Customers

    return row_of(Customers.find_current_usage).endpoint
