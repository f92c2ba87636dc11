"""The pages of one list that are fetched concurrently; pure, and shared by both pagers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from lago_async._table.messages import Request
    from lago_async._table.page_requests import PageRequests
    from lago_async._table.pages import Page

_T = TypeVar("_T")


class PageWindow(Generic[_T]):
    """Chooses which pages of a list to fetch, a bounded number at a time, and keeps their items.

    The totals of a response are a hint: they say how far to look ahead. The list ends with the first page that no other
    page follows, so at most ``concurrency`` requests go beyond it. A page that fails ends the list, too, unless an
    earlier page does: a walk page by page would not have asked for it.
    """

    def __init__(self, requests: PageRequests[_T], *, limit: int | None, concurrency: int) -> None:
        self._requests = requests
        self._limit = limit
        self._concurrency = concurrency
        self._next = requests.start
        self._foreseen = requests.start  # the last page that may exist
        self._stop: int | None = None  # the number after the last page
        self._failure: Exception | None = None  # of the page at `_stop`
        self._in_flight: set[int] = set()
        self._items: dict[int, list[_T]] = {}
        self._count = 0
        self._largest = 0

    def take(self) -> list[tuple[int, Request]]:
        """Return the numbers and requests of the pages to fetch now, in addition to those in flight."""
        taken: list[tuple[int, Request]] = []
        while len(self._in_flight) < self._concurrency and self._may_take():
            self._in_flight.add(self._next)
            taken.append((self._next, self._requests.at(self._next)))
            self._next += 1
        return taken

    @property
    def waits(self) -> bool:
        """Whether pages are in flight that the result needs."""
        return any(self._needs(number) for number in self._in_flight)

    def put(self, number: int, page: Page[_T]) -> None:
        """Take a page that has arrived."""
        self._in_flight.discard(number)
        if not self._needs(number):
            return
        self._items[number] = page.items
        self._count += len(page.items)
        self._largest = max(self._largest, len(page.items))
        following = self._requests.after(number, page)
        if following is None:
            self._end(number + 1, None)
        else:
            announced = page.meta.total_pages
            self._foreseen = max(self._foreseen, following, announced or following)

    def fail(self, number: int, error: Exception) -> None:
        """Take the error of a page that has not arrived."""
        if self._needs(number):
            self._end(number, error)

    def result(self) -> list[_T]:
        """Return the items of all pages up to the limit, in the server's order.

        Raises:
            Exception: A page failed that the result needs.
        """
        items: list[_T] = []
        for number in range(self._requests.start, self._next if self._stop is None else self._stop):
            items += self._items[number]
        if self._failure is not None and not self._is_enough(len(items)):
            raise self._failure
        return items[: self._limit]

    def _may_take(self) -> bool:
        expected = self._count + len(self._in_flight) * self._largest
        return self._needs(self._next) and self._next <= self._foreseen and not self._is_enough(expected)

    def _needs(self, number: int) -> bool:
        return self._stop is None or number < self._stop

    def _is_enough(self, count: int) -> bool:
        return self._limit is not None and count >= self._limit

    def _end(self, stop: int, failure: Exception | None) -> None:
        if self._stop is None or stop <= self._stop:
            self._stop = stop
            self._failure = failure
