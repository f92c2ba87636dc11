"""The rules that choose the next request of a bulk run; pure, and shared by both faces."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

import attrs

from lago_async._bulk.page_size import PageSize
from lago_async._table.positions import ListEnd, another_follows

if TYPE_CHECKING:
    from datetime import datetime

    from lago_async._bulk.ids import SubscriptionIds
    from lago_async._table.messages import Request, Response
    from lago_async._table.pages import Page
    from lago_async.models import UsagePeriod

__all__ = ["PastUsage"]

_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)


@attrs.frozen
class PastUsage:
    """One page of the billed periods of one subscription.

    Attributes:
        periods: The periods in the requested range, newest first; may be empty.
        last: Whether this is the subscription's last page.
        position: The number of periods that were walked with this page, those outside of the range included.
    """

    periods: list[UsagePeriod]
    last: bool
    position: int = attrs.field(default=0, eq=False, kw_only=True)


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


class PastPeriods(Protocol):
    """The part of a query for past usage that a walk needs."""

    @property
    def from_datetime(self) -> datetime | None:
        """Only periods that begin at this time or later."""
        ...

    @property
    def to_datetime(self) -> datetime | None:
        """Only periods that begin before this time."""
        ...

    @property
    def periods_count(self) -> int | None:
        """At most this many periods per subscription."""
        ...

    def request(self, ids: SubscriptionIds, *, page: int, per_page: int) -> Request:
        """Return the call for one page."""
        ...


@attrs.frozen
class WalkStart:
    """Where an interrupted walk is resumed.

    Attributes:
        position: The periods that were walked, those outside of the range included.
        kept: How many of them were in the range.
        seen: The identities of those, as `identity` returns them.
    """

    position: int
    kept: int
    seen: frozenset[tuple[object, ...]]


class PastUsageWalk:
    """The pages of one subscription's billed periods; the page size may change during the walk.

    Args:
        query: The periods to fetch.
        page_size: The page size of the run.
        ids: The subscription.
        start: Where to resume; None for the newest period.
    """

    __slots__ = ("_begin", "_end", "_ids", "_kept", "_offset", "_page_size", "_query", "_seen", "_size")

    def __init__(
        self, query: PastPeriods, page_size: PageSize, ids: SubscriptionIds, start: WalkStart | None = None
    ) -> None:
        self._query = query
        self._page_size = page_size
        self._ids = ids
        self._offset = 0
        self._begin = 0  # the position of the first period on the page that was requested
        self._size = 0
        self._kept = 0
        self._end = ListEnd("periods")
        self._seen: set[tuple[object, ...]] = set()
        if start is not None:
            self._offset, self._kept = start.position, start.kept
            self._seen.update(start.seen)

    def first(self) -> Request:
        """Return the request for the newest periods, or for those where the walk is resumed."""
        return self._request()

    def after(self, response: Response, decoded: Page[UsagePeriod], /) -> tuple[tuple[PastUsage, ...], Request | None]:
        """Return the periods in the range, and the next request.

        Raises:
            LagoPageError: The list ends before the total that it says.
        """
        items, page_size = decoded.items, self._page_size
        more = another_follows(decoded, first=self._offset == 0)
        page_size.learn(len(items), len(response.body))
        if more and len(items) < self._size:
            # The server sends fewer items per page than requested. So this page also began at another offset, except 0.
            page_size.limit(len(items))
            if self._begin:
                return (), self._request()
        end = self._begin + len(items)
        self._end.learn(decoded)
        if not more and not self._end.is_reached(response, decoded, end):
            return (), self._request()
        periods, enough = self._select(items[max(0, self._offset - self._begin) :], more=more)
        self._offset = max(self._offset, end)
        request = self._request() if more and not enough else None
        return (PastUsage(periods, request is None, position=self._offset),), request

    def _request(self) -> Request:
        """Return the request for the page at the offset, but not ``periods_count``: it breaks the server's paging."""
        query = self._query
        wanted = self._page_size.wanted
        if query.periods_count is not None and (self._kept or query.to_datetime is None):
            wanted = min(wanted, query.periods_count - self._kept)  # all further periods are in the range
        self._size = PageSize.covering(self._offset, wanted)
        page = self._offset // self._size + 1
        self._begin = self._offset - self._offset % self._size
        return query.request(self._ids, page=page, per_page=self._size)

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
            if self._seen and identity(period) in self._seen:
                continue  # a period was billed during the walk, and moved this one to the next page
            periods.append(period)
            self._kept += 1
            if self._kept == query.periods_count:
                enough = True
                break
        if more and not enough:
            self._seen.update(identity(period) for period in items if period.lago_invoice_id)
        return periods, enough


def identity(period: UsagePeriod) -> tuple[object, ...]:
    """Return what tells a period from all others of its subscription."""
    return period.lago_invoice_id, period.from_datetime, period.to_datetime
