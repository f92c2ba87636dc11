"""Which request of a list comes next: pure rules, followed by both pagers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Generic, TypeVar

import attrs

if TYPE_CHECKING:
    from lago_async._table.endpoint import Endpoint
    from lago_async._table.messages import Request
    from lago_async._table.pages import Page

_T = TypeVar("_T")


@attrs.frozen
class PageRequests(Generic[_T]):
    """The requests for the pages of one list. Creating it checks the arguments.

    Attributes:
        endpoint: The list operation.
        args: Its positional arguments.
        kwargs: Its keyword arguments.
        first: The request for the page that the caller asked for; for the first page by default.
    """

    endpoint: Endpoint
    args: tuple[object, ...]
    kwargs: Mapping[str, object]
    first: Request = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "first", self.endpoint.encode(self.args, self.kwargs))  # it is frozen

    def at(self, number: int) -> Request:
        """Return the request for the page with this number."""
        return self.endpoint.encode(self.args, {**self.kwargs, "page": number})

    def after(self, page: Page[_T]) -> int | None:
        """Return the number of the page that follows, or None.

        ``next_page`` decides, not the totals: those may be stale. A server that leads in circles is not followed.
        """
        meta, breaker = page.meta, self.endpoint.disables_paging
        if breaker is not None and self.kwargs.get(breaker) is not None:
            return None  # the server offsets by one page size and limits by another
        if meta is None or meta.next_page is None or not page.items:
            return None
        return meta.next_page if meta.next_page > (meta.current_page or 0) else None

    def foreseen(self, page: Page[_T], limit: int | None) -> range:
        """Return the numbers of the pages that may be fetched concurrently, as the first page tells how many exist."""
        start = self.after(page)
        if start is None or page.meta is None:
            return range(0)
        last = page.meta.total_pages or start
        if limit is not None:
            missing = limit - len(page.items)
            last = min(last, start - 1 + -(-missing // len(page.items)))
        return range(start, last + 1)


def check_collect(limit: int | None, concurrency: int) -> None:
    """Check the arguments of a pager's ``collect``.

    Raises:
        ValueError: ``limit`` is negative or ``concurrency`` less than 1.
    """
    if limit is not None and limit < 0:
        raise ValueError(f"limit must not be negative, not {limit}")
    if concurrency < 1:
        raise ValueError(f"concurrency must be 1 or more, not {concurrency}")
