"""The rules that choose the next request of a list; pure, and shared by both pagers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Generic, TypeVar, cast

import attrs

from lago_async._table.positions import another_follows
from lago_async._validation import check_whole_number
from lago_async.errors import LagoArgumentError

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
        object.__setattr__(self, "first", self.endpoint.encode(self.args, self.kwargs))  # the class is frozen

    @property
    def start(self) -> int:
        """The number of the first page to fetch."""
        return cast("int | None", self.kwargs.get("page")) or 1

    def at(self, number: int, per_page: int | None = None) -> Request:
        """Return the request for the page with this number; ``per_page`` replaces the caller's page size."""
        if number == self.start and per_page is None:
            return self.first
        size = {} if per_page is None else {"per_page": per_page}
        return self.endpoint.encode(self.args, {**self.kwargs, "page": number, **size})

    def after(self, number: int, page: Page[_T]) -> int | None:
        """Return the number of the page that follows the one with this number, or None."""
        breaker = self.endpoint.disables_paging
        if breaker is not None and self.kwargs.get(breaker) is not None:
            return None  # the server offsets by one page size and limits by another
        return number + 1 if another_follows(page, first=number == self.start) else None


def check_collect(limit: int | None, concurrency: int) -> None:
    """Check the arguments of a pager's ``collect``.

    Raises:
        LagoArgumentError: ``limit`` is not a whole number, 0 or more, or ``concurrency`` is not one, 1 or more.
    """
    if limit is not None:
        check_whole_number("collect: limit", limit, least=0, error=LagoArgumentError)
    check_whole_number("collect: concurrency", concurrency, least=1, error=LagoArgumentError)
