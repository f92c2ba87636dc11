"""The rules that choose the next request of a list; pure, and shared by both pagers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import attrs

from lago_async._validation import check_whole_number
from lago_async.errors import LagoArgumentError

if TYPE_CHECKING:
    from lago_async._table.endpoint import Endpoint
    from lago_async._table.messages import Request
    from lago_async._table.pages import Page

_T = TypeVar("_T")

_ROUNDS: Final = 16  # of concurrent pages in a batch; only the last round waits for its slowest page


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
        object.__setattr__(self, "first", self.endpoint.encode(self.args, self.kwargs))  # the class is frozen

    def at(self, number: int) -> Request:
        """Return the request for the page with this number."""
        return self.endpoint.encode(self.args, {**self.kwargs, "page": number})

    def after(self, page: Page[_T]) -> int | None:
        """Return the number of the page that follows, or None.

        ``next_page`` decides, because the totals may be stale. If a server's pages form a cycle, the walk ends.
        """
        meta, breaker = page.meta, self.endpoint.disables_paging
        if breaker is not None and self.kwargs.get(breaker) is not None:
            return None  # the server offsets by one page size and limits by another
        if meta is None or meta.next_page is None or not page.items:
            return None
        return meta.next_page if meta.next_page > (meta.current_page or 0) else None

    def foreseen(self, page: Page[_T], missing: int | None, concurrency: int) -> range:
        """Return the numbers of the next pages that can be fetched concurrently, by the total in the last page.

        They are at most some rounds of ``concurrency``: we must not prepare a huge number of requests if a server
        reports a huge total, and the pages of one batch show whether more follow.

        Args:
            page: The last fetched page.
            missing: The number of items that are still wanted; None for all.
            concurrency: The number of pages that are fetched at a time.
        """
        start = self.after(page)
        if start is None or page.meta is None:
            return range(0)
        last = page.meta.total_pages or start
        if missing is not None:
            last = min(last, start - 1 + -(-missing // len(page.items)))
        return range(start, min(last, start - 1 + _ROUNDS * concurrency) + 1)


def check_collect(limit: int | None, concurrency: int) -> None:
    """Check the arguments of a pager's ``collect``.

    Raises:
        LagoArgumentError: ``limit`` is not a whole number, 0 or more, or ``concurrency`` is not one, 1 or more.
    """
    if limit is not None:
        check_whole_number("collect: limit", limit, least=0, error=LagoArgumentError)
    check_whole_number("collect: concurrency", concurrency, least=1, error=LagoArgumentError)
