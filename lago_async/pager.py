"""Pages: what a list comes in, the pager that fetches them, and the pure rules of which request is next."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import attrs

if TYPE_CHECKING:
    from lago_async.endpoint import Answer, Endpoint, Request


class Sender(Protocol):
    """What sends a prepared request: a client."""

    async def send(self, request: Request, /) -> Answer:
        """Send it, and return the answer of whatever status."""
        ...


__all__ = ["Page", "PageMeta", "Pager"]

_T = TypeVar("_T")


@attrs.define(kw_only=True)
class PageMeta:
    """Where a page stands. Totals may be stale: the server keeps those of invoices and fees for up to 30 minutes.

    Attributes:
        current_page: The page asked for; 0 when there is nothing at all.
        next_page: None on the last page.
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
        items: What stands on the page.
        meta: Where the page stands; None if the server did not say.
    """

    items: list[_T]
    meta: PageMeta | None = None

    def __iter__(self) -> Iterator[_T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


# --- which request is next: pure, and shared with the blocking pager --------------------------------------------------


@attrs.frozen
class PageRequests(Generic[_T]):
    """The requests that a list is made of. Making them refuses wrong arguments, where they are written.

    Attributes:
        first: For the page that the caller asked for, the first one by default.
    """

    endpoint: Endpoint
    args: tuple[object, ...]
    kwargs: Mapping[str, object]
    first: Request = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "first", self.endpoint.encode(self.args, self.kwargs))  # it is frozen

    def at(self, number: int) -> Request:
        """The request for another page."""
        return self.endpoint.encode(self.args, {**self.kwargs, "page": number})

    def after(self, page: Page[_T]) -> int | None:
        """The number of the page that follows, or None.

        ``next_page`` decides, not the totals: those may be stale. A server that leads in circles is not followed.
        """
        meta, breaker = page.meta, self.endpoint.unpaged_by
        if breaker is not None and self.kwargs.get(breaker) is not None:
            return None  # the server offsets by one page size and limits by another
        if meta is None or meta.next_page is None or not page.items:
            return None
        return meta.next_page if meta.next_page > (meta.current_page or 0) else None

    def foreseen(self, page: Page[_T], limit: int | None) -> range:
        """The numbers of the pages that may be fetched side by side, once one page has said how many there are."""
        start = self.after(page)
        if start is None or page.meta is None:
            return range(0)
        last = page.meta.total_pages or start
        if limit is not None:
            missing = max(0, limit - len(page.items))
            last = min(last, start - 1 + -(-missing // len(page.items)))
        return range(start, last + 1)


class AsyncPager(Generic[_T]):
    """A list that has not been fetched yet. Making one sends nothing.

    ``await pager`` fetches the first page; ``async for item in pager`` walks the items of all pages, ``.pages()`` the
    pages; ``.collect()`` gathers the items in a list. Each use starts again from the beginning.
    """

    def __init__(
        self, client: Sender, endpoint: Endpoint, args: tuple[object, ...], kwargs: Mapping[str, object]
    ) -> None:
        self._client = client
        self._requests = PageRequests[_T](endpoint, args, kwargs)

    def __await__(self) -> Generator[Any, Any, Page[_T]]:
        return self._fetch(self._requests.first).__await__()

    async def __aiter__(self) -> AsyncIterator[_T]:
        async for page in self.pages():
            for item in page.items:
                yield item
            del page

    async def pages(self) -> AsyncIterator[Page[_T]]:
        """Fetch page after page."""
        request: Request | None = self._requests.first
        while request is not None:
            page = await self._fetch(request)
            number = self._requests.after(page)
            request = None if number is None else self._requests.at(number)
            yield page
            del page  # or it is held while the next is waited for: 32 threads that do so are a quarter slower

    async def collect(self, *, limit: int | None = None, concurrency: int = 1) -> list[_T]:
        """Gather the items of all pages, in the server's order.

        Args:
            limit: Stop after so many items.
            concurrency: Fetch so many pages side by side, once the first has said how many there are.

        Raises:
            ValueError: ``limit`` is negative or ``concurrency`` less than 1.
        """
        check_collect(limit, concurrency)
        if limit == 0:
            return []
        page = await self
        items = list(page.items)
        if concurrency > 1 and (numbers := self._requests.foreseen(page, limit)):
            pages = await side_by_side(self._fetch, [self._requests.at(number) for number in numbers], concurrency)
            items += [item for each in pages for item in each.items]
            page = pages[-1]
        while (limit is None or len(items) < limit) and (number := self._requests.after(page)) is not None:
            page = await self._fetch(self._requests.at(number))
            items += page.items
        return items[:limit]

    async def _fetch(self, request: Request) -> Page[_T]:
        page: Page[_T] = await request.endpoint.adecode(await self._client.send(request))
        return page

    def __repr__(self) -> str:
        return f"<AsyncPager of {self._requests.endpoint.name}>"


Pager = AsyncPager
"""The name that both faces have for their pager."""


def check_collect(limit: int | None, concurrency: int) -> None:
    """Refuse numbers that mean nothing."""
    if limit is not None and limit < 0:
        raise ValueError(f"limit must not be negative, not {limit}")
    if concurrency < 1:
        raise ValueError(f"concurrency must be 1 or more, not {concurrency}")


_In = TypeVar("_In")
_Out = TypeVar("_Out")


async def side_by_side(
    function: Callable[[_In], Awaitable[_Out]], arguments: Sequence[_In], concurrency: int
) -> list[_Out]:
    """Call ``function`` for all arguments, ``concurrency`` at a time; results in order.

    The first error cancels the others and is raised as it is, not in a group.
    """
    import anyio

    results: dict[int, _Out] = {}
    waiting = iter(enumerate(arguments))
    failures: list[Exception] = []

    async def work() -> None:
        for index, argument in waiting:
            try:
                results[index] = await function(argument)
            except Exception as error:  # noqa: BLE001 - kept, and raised below
                failures.append(error)
                tasks.cancel_scope.cancel()
                return

    async with anyio.create_task_group() as tasks:
        for _ in range(min(concurrency, len(arguments))):
            tasks.start_soon(work)
    if failures:
        raise failures[0]
    return [results[index] for index in range(len(arguments))]
