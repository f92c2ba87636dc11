"""Pages of a list, and the pure rules of which request comes next; both pagers follow them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Generic, TypeVar

import attrs

if TYPE_CHECKING:
    from lago_async._table.endpoint import Endpoint
    from lago_async._table.messages import Request

__all__ = ["Page", "PageMeta"]

_T = TypeVar("_T")


@attrs.define(kw_only=True)
class PageMeta:
    """The position of a page in its list. Totals may be stale: the server caches some for up to 30 minutes.

    Attributes:
        current_page: The page asked for; 0 when the list is empty.
        next_page: None on the last page.
        prev_page: None on the first page.
        total_pages: How many pages of this size the list has.
        total_count: How many items the list has.
    """

    current_page: int | None = None
    next_page: int | None = None
    prev_page: int | None = None
    total_pages: int | None = None
    total_count: int | None = None


@attrs.define
class Page(Generic[_T]):
    """One page of a list.

    Attributes:
        items: The items on the page.
        meta: The position of the page; None if the server did not send it.
    """

    items: list[_T]
    meta: PageMeta | None = None

    def __iter__(self) -> Iterator[_T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


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
            missing = max(0, limit - len(page.items))
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
