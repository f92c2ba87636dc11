"""The blocking pager: it fetches whole pages through the bridge, and decodes them on the caller's thread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Generic, TypeVar

from lago_async._table.page_requests import PageRequests, check_collect

if TYPE_CHECKING:
    from lago_async._table.endpoint import Endpoint
    from lago_async._table.messages import Request
    from lago_async._table.pages import Page
    from lago_sync._sender import Sender

__all__ = ["Pager"]

_T = TypeVar("_T")


class Pager(Generic[_T]):
    """A list that is fetched on demand; creating the pager sends no request.

    ``pager.page()`` fetches the first page; iterating walks the items of all pages, ``.pages()`` the pages;
    ``.collect()`` gathers the items in a list. Each use starts again from the beginning.
    """

    def __init__(
        self, client: Sender, endpoint: Endpoint, args: tuple[object, ...], kwargs: Mapping[str, object]
    ) -> None:
        self._client = client
        self._requests = PageRequests[_T](endpoint, args, kwargs)

    def page(self) -> Page[_T]:
        """Fetch the first page."""
        return self._fetch(self._requests.first)

    def __iter__(self) -> Iterator[_T]:
        for page in self.pages():
            yield from page.items
            del page

    def pages(self) -> Iterator[Page[_T]]:
        """Fetch page after page."""
        request: Request | None = self._requests.first
        while request is not None:
            page = self._fetch(request)
            number = self._requests.after(page)
            request = None if number is None else self._requests.at(number)
            yield page
            del page  # free it before fetching the next page; keeping it makes 32 threads a quarter slower

    def collect(self, *, limit: int | None = None, concurrency: int = 1) -> list[_T]:
        """Return the items of all pages in a list, in the server's order.

        Args:
            limit: Stop after this many items.
            concurrency: Fetch this many pages at a time, once the first has shown how many there are.

        Raises:
            LagoArgumentError: ``limit`` is not a whole number, 0 or more, or ``concurrency`` is not one, 1 or more.
        """
        check_collect(limit, concurrency)
        if limit == 0:
            return []
        page = self.page()
        items = list(page.items)
        while concurrency > 1 and (
            numbers := self._requests.foreseen(page, None if limit is None else limit - len(items), concurrency)
        ):
            for response in self._client.send_all(
                [self._requests.at(number) for number in numbers], concurrency=concurrency
            ):
                page = response.request.endpoint.decode(response)
                items += page.items
        while (limit is None or len(items) < limit) and (number := self._requests.after(page)) is not None:
            page = self._fetch(self._requests.at(number))
            items += page.items
        return items[:limit]

    def _fetch(self, request: Request) -> Page[_T]:
        page: Page[_T] = request.endpoint.decode(self._client.send(request))
        return page

    def __repr__(self) -> str:
        return f"<Pager of {self._requests.endpoint.name}>"
