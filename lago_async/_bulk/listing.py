"""The list of all subscriptions, as a walk whose values are the inputs of a run."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, cast

from lago_async._bulk.ids import SubscriptionIds
from lago_async._table.page_requests import PageRequests
from lago_async._table.positions import ListEnd
from lago_async._table.rows import row_of
from lago_async._table.stable_pages import StablePages

if TYPE_CHECKING:
    from lago_async._table.messages import Request, Response
    from lago_async._table.pages import Page
    from lago_async.models import Subscription


class Listing:
    """The walk through all subscriptions of the organisation, page by page; each pair of ids comes once.

    Subscriptions that end during the walk leave the list of active ones, so it is a stable walk. A subscription that
    changed its plan is listed with the same ids as its predecessor.

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
        self._pages = StablePages(self._requests, _key)
        self._end = ListEnd("subscriptions")
        self._seen: set[bytes] = set()  # digests, because they take 16 bytes for ids of any length
        self._nameless: set[Hashable] = set()

    def first(self) -> Request:
        """Return the request for the first page."""
        return self._pages.first

    def after(
        self, response: Response, decoded: Page[Subscription], /
    ) -> tuple[tuple[SubscriptionIds, ...], Request | None]:
        """Return the new pairs, and the request for the next page.

        Raises:
            LagoPageError: The list ends before the total that it says, or its pages do not fit together.
        """
        if self.total is None:
            self.total = decoded.meta.total_count
        fresh: list[SubscriptionIds] = []
        found, following = self._pages.take(response, decoded)
        for key, subscription in found:
            ids = SubscriptionIds(subscription.external_customer_id, subscription.external_id)
            if self._is_new(ids, key):
                fresh.append(ids)
        self._end.learn(decoded)
        if following is None and not self._end.is_reached(response, decoded, self._pages.end):
            self._pages = StablePages(self._requests, _key)
            following = self._pages.first
        return tuple(fresh), following

    def _is_new(self, ids: SubscriptionIds, key: Hashable) -> bool:
        # A missing id is reported as a failure of its own each time, but once per subscription.
        customer, subscription = (part.encode(errors="surrogatepass") if part is not None else b"" for part in ids)  # pyright: ignore[reportUnnecessaryComparison]
        if not customer or not subscription:
            new = key not in self._nameless
            if isinstance(key, str):
                self._nameless.add(key)
            return new
        digest = blake2b(b"%d %b%b" % (len(customer), customer, subscription), digest_size=16).digest()
        if digest in self._seen:
            return False
        self._seen.add(digest)
        return True


def _key(subscription: Subscription) -> Hashable:
    # Servers of tests often send no lago_id.
    return cast("str | None", subscription.lago_id) or (subscription.external_customer_id, subscription.external_id)
